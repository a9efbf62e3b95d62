//! Recordings: what a file holds, its samples, and other sampling rates.
//!
//! [`AudioReader`] decodes a file of any length block by block, [`Resampler`]
//! changes the rate of a stream, `play` makes it heard, [`AudioWriter`] writes it to a file, and
//! [`Waveform`] holds a short recording whole.
//! Sample `i` of a decoded file is at `i / rate_hz` seconds of the sound that was
//! encoded: what encoders put in front of it is trimmed.

use std::path::Path;

mod caf;
mod cancellation;
mod conform;
mod container;
mod decoder;
mod error;
mod file_map;
mod flac;
mod gapless;
mod iff;
mod info;
mod matroska;
mod mixdown;
mod mp4;
mod ogg;
mod packet_clock;
mod patched;
#[cfg(feature = "gui")]
pub mod play;
mod queue;
mod quicktime;
mod reader;
mod rereadable;
mod resample;
mod sniff;
mod tags;
mod tracks;
mod trim;
mod trouble;
mod waveform;
pub mod write;

/// Endings of files that may hold a recording, in lower case.
pub const EXTENSIONS: [&str; 33] = [
    "wav", "wave", "bwf", "rf64", "aif", "aiff", "aifc", "flac", "mp3", "mp2", "mp1", "mpga",
    "ogg", "oga", "ogv", "ogx", "opus", "m4a", "m4b", "m4p", "m4r", "m4v", "mp4", "mov", "qt",
    "3gp", "3g2", "aac", "caf", "mka", "mkv", "webm", "weba",
];

/// Whether a file's ending is one of [`EXTENSIONS`].
pub fn is_recording(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| {
        EXTENSIONS
            .iter()
            .any(|known| ending.eq_ignore_ascii_case(known))
    })
}

pub use cancellation::CancellationMeter;
pub use error::AudioError;
pub use info::{AudioInfo, TrackSelection};
pub use mixdown::{ChannelMixer, Mixdown, Turn};
pub use reader::AudioReader;
pub use rereadable::Rereadable;
pub use resample::Resampler;
pub use waveform::{Waveform, downmix};
pub use write::{AudioWriter, SoundFormat};
