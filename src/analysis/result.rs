//! What an analysis is.

use std::path::PathBuf;

use super::Picture;
use crate::audio::{AudioError, AudioInfo};
use crate::dsp::DspError;
use crate::melody::{ClassTrack, F0Track, Note};
use crate::models::ModelError;
use crate::progress::Cancelled;

/// Everything the networks say of one recording. Derived and immutable: recomputed, never edited.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// The recording.
    pub path: PathBuf,
    /// Its rate, channels, duration and tags.
    pub audio: AudioInfo,
    /// Names of the networks that made it: pitch, then voicing if one was used.
    pub models: Vec<String>,
    /// Contour with confidence, also where unvoiced.
    pub f0: F0Track,
    /// Harmonic and sub-harmonic classes on the same grid.
    pub classes: ClassTrack,
    /// Notes of the voiced contour.
    pub notes: Vec<Note>,
    /// Root mean square of each frame's hop, from which repeated notes are told apart.
    pub level: Vec<f32>,
    /// The spectrogram.
    pub picture: Picture,
    /// What went less than well, one sentence each (a truncated file, for one).
    pub warnings: Vec<String>,
}

/// Why there is no analysis.
#[derive(Debug, thiserror::Error)]
pub enum AnalysisError {
    /// The recording could not be read.
    #[error(transparent)]
    Audio(#[from] AudioError),
    /// The recording could not be transformed.
    #[error(transparent)]
    Dsp(#[from] DspError),
    /// A network could not be loaded or run.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The user stopped it.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}
