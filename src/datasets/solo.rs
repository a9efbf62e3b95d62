//! Solo singing without f0 labels: tracked by [`super::yin`] on the dry voice.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::recording::{read_mono, stem};
use super::yin::{DryTrack, FrameState, track};
use super::{DatasetError, Example, Voice};

/// Reads and labels dry recordings; `singer` tells who sings in one of a name.
///
/// # Errors
/// [`DatasetError::Audio`] of the first recording that cannot be decoded.
pub fn voices(
    corpus: &str,
    paths: &[PathBuf],
    singer: impl Fn(&str) -> String + Sync,
) -> Result<Vec<Example>, DatasetError> {
    let read = |path: &PathBuf| {
        let recording = stem(path);
        let samples = read_mono(path)?;
        let voice = labeled(corpus, &recording, singer(&recording), samples);
        Ok(Example::Voice(voice))
    };
    paths.par_iter().map(read).collect()
}

/// A voice alone with the f0 that the tracker finds; frames it doubts do not count.
pub fn labeled(corpus: &str, recording: &str, singer: String, samples: Vec<f32>) -> Voice {
    let DryTrack { f0_hz, states, .. } = track(&samples);
    Voice {
        id: format!("{corpus}/{recording}"),
        singer,
        samples,
        f0_hz,
        mask: states.iter().map(|&s| s != FrameState::Doubtful).collect(),
        accompaniment: None,
    }
}

/// Name of the folder a recording lies in.
pub fn parent_name(path: &Path) -> String {
    path.parent().map(stem).unwrap_or_default()
}
