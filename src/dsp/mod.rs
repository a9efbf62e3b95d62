//! Samples in, time-frequency representations out.
//!
//! - [`config`]: the settings of a CFP, and the published sets of them.
//! - [`window`]: the window functions.
//! - `framing`: which samples a frame sees, through which window taps.
//! - `elementwise`: fast powers and logarithms of whole slices.
//! - `cosine`: the transform of a real, even sequence.
//! - [`filterbank`]: triangular filters on log-spaced rows.
//! - [`layers`]: what a CFP gives.
//! - [`cfp`]: combined frequency and periodicity of a whole recording.
//! - [`stream`]: the same, block by block.
//! - [`score`]: what a network reads of a score.
//! - [`stack`]: layers → network input.
//! - [`kaldi_mel`]: the log-mel spectrogram of Kaldi, which the singing detector reads.
//! - [`log_mel`]: the log-mel spectrogram of the voicing network; [`log_mel_config`]: its settings
//!   and bands.
//! - [`pitch_input`]: what pitch networks of clean voices read.
//! - [`stft`]: the short-time Fourier transform and its inverse, masks, their gradients.
//! - [`timbre`]: the power along a pitch's harmonics, and between them.
//! - [`melody_bands`]: both, and the pitch: what the voicing network reads.
//! - [`features`]: what a network reads, with its settings.

pub mod cfp;
pub mod config;
mod cosine;
mod elementwise;
mod error;
pub mod features;
pub mod filterbank;
mod framing;
pub mod kaldi_mel;
pub mod layers;
pub mod log_mel;
pub mod log_mel_config;
pub mod melody_bands;
pub mod pitch_input;
pub mod score;
pub mod stack;
pub mod stft;
pub mod stream;
pub mod timbre;
mod whistle;
pub mod window;

pub use cfp::Cfp;
pub use config::CfpConfig;
pub use error::DspError;
pub use features::{FeatureKind, Features};
pub use kaldi_mel::{KaldiMel, KaldiMelStream, Stretches};
pub use layers::Layers;
pub use log_mel::{LogMel, LogMelStream, MelFrames};
pub use log_mel_config::LogMelConfig;
pub use melody_bands::{Contour, MelodyBands};
pub use pitch_input::{LogSpectrum, LogSpectrumConfig, WaveFrames};
pub use score::{ScoreConfig, ScoreStep};
pub use stack::{FeatureScale, normalized_stack};
pub use stft::{InverseStream, Spectrum, Stft, StftConfig, StftStream};
pub use stream::CfpStream;
pub use timbre::Timbre;
pub use window::WindowKind;
