//! Recordings: what a file holds, its samples, and other sampling rates.
//!
//! [`AudioReader`] decodes a file of any length block by block, [`Resampler`]
//! changes the rate of a stream, and [`Waveform`] holds a short recording whole.
//! Sample `i` of a decoded file is at `i / rate_hz` seconds of the sound that was
//! encoded: what encoders put in front of it is trimmed.

mod caf;
mod clock;
mod container;
mod error;
mod iff;
mod info;
mod matroska;
mod mp4;
mod outline;
mod patched;
mod queue;
mod reader;
mod resample;
mod sniff;
mod trim;
mod trouble;
mod waveform;

pub use error::AudioError;
pub use info::AudioInfo;
pub use reader::AudioReader;
pub use resample::Resampler;
pub use waveform::{Waveform, downmix};
