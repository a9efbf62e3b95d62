//! Recordings: what a file holds, its samples, and other sampling rates.
//!
//! [`AudioReader`] decodes a file of any length block by block, [`Resampler`]
//! changes the rate of a stream, `play` makes it heard, and [`Waveform`] holds a short recording whole.
//! Sample `i` of a decoded file is at `i / rate_hz` seconds of the sound that was
//! encoded: what encoders put in front of it is trimmed.

use std::path::Path;

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
#[cfg(feature = "gui")]
pub mod play;
mod queue;
mod reader;
mod resample;
mod sniff;
mod trim;
mod trouble;
mod waveform;

/// Endings of files that may hold a recording, in lower case.
pub const EXTENSIONS: [&str; 19] = [
    "wav", "wave", "aif", "aiff", "aifc", "flac", "mp3", "mp2", "ogg", "oga", "opus", "m4a", "m4b",
    "mp4", "aac", "caf", "mka", "mkv", "webm",
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

pub use error::AudioError;
pub use info::AudioInfo;
pub use reader::AudioReader;
pub use resample::Resampler;
pub use waveform::{Waveform, downmix};
