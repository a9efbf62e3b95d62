//! What a network reads of a recording, with its settings.

use serde::{Deserialize, Serialize};

use super::{
    CfpConfig, DspError, LogMelConfig, LogSpectrumConfig, MelodyBands, ScoreConfig, StftConfig,
    WaveFrames,
};
use crate::melody::{FrameGrid, PitchAxis};

/// Features, as a network's `config.json` has them: training and analysis cannot drift apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Features {
    /// Spectrum, GCoS and cepstrum: `[3, rows, frames]`.
    Cfp(CfpConfig),
    /// GCoS times cepstrum, as they are: `[1, rows, frames]`.
    Salience(CfpConfig),
    /// Which keys of a score sound: `[1, 88, steps]`.
    Score(ScoreConfig),
    /// Log-mel bands, and the power along a melody and between its harmonics: `[1, rows, frames]`.
    MelodyBands(LogMelConfig),
    /// Magnitudes of the short-time spectrum, of a recording whose root mean square is 1:
    /// `[1, rows, frames]`.
    Spectrum(StftConfig),
    /// Frames of samples, each less its mean and over its deviation: `[1, samples, frames]`.
    WaveFrames(WaveFrames),
    /// Log-frequency spectra in decibels: `[1, rows, frames]`.
    LogSpectrum(LogSpectrumConfig),
    /// Log-mel bands as Kaldi has them: `[1, rows, frames]`.
    KaldiMel(LogMelConfig),
}

/// Features without their settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeatureKind {
    /// [`Features::Cfp`].
    Cfp,
    /// [`Features::Salience`].
    Salience,
    /// [`Features::Score`].
    Score,
    /// [`Features::MelodyBands`].
    MelodyBands,
    /// [`Features::Spectrum`].
    Spectrum,
    /// [`Features::WaveFrames`].
    WaveFrames,
    /// [`Features::LogSpectrum`].
    LogSpectrum,
    /// [`Features::KaldiMel`].
    KaldiMel,
}

impl Features {
    /// Which they are.
    pub fn kind(&self) -> FeatureKind {
        match self {
            Features::Cfp(_) => FeatureKind::Cfp,
            Features::Salience(_) => FeatureKind::Salience,
            Features::Score(_) => FeatureKind::Score,
            Features::MelodyBands(_) => FeatureKind::MelodyBands,
            Features::Spectrum(_) => FeatureKind::Spectrum,
            Features::WaveFrames(_) => FeatureKind::WaveFrames,
            Features::LogSpectrum(_) => FeatureKind::LogSpectrum,
            Features::KaldiMel(_) => FeatureKind::KaldiMel,
        }
    }

    /// Channels of a frame.
    pub fn n_channels(&self) -> usize {
        match self {
            Features::Cfp(_) => 3,
            _ => 1,
        }
    }

    /// Rows of a channel.
    pub fn n_rows(&self) -> usize {
        match self {
            Features::Cfp(config) | Features::Salience(config) => config.axis().n_rows,
            Features::Score(config) => config.axis().n_rows,
            Features::MelodyBands(config) => MelodyBands::n_rows(config),
            Features::Spectrum(config) => config.n_rows(),
            Features::WaveFrames(config) => config.frame,
            Features::LogSpectrum(config) => config.n_rows,
            Features::KaldiMel(config) => config.n_bands,
        }
    }

    /// Times of the frames.
    pub fn grid(&self) -> FrameGrid {
        match self {
            Features::Cfp(config) | Features::Salience(config) => config.grid(),
            Features::Score(config) => config.grid(),
            Features::MelodyBands(config) | Features::KaldiMel(config) => config.grid(),
            Features::Spectrum(config) => config.grid(),
            Features::WaveFrames(config) => config.grid(),
            Features::LogSpectrum(config) => config.frames.grid(),
        }
    }

    /// What the rows are in Hz, where they are pitches.
    pub fn axis(&self) -> Option<PitchAxis> {
        match self {
            Features::Cfp(config) | Features::Salience(config) => Some(config.axis()),
            Features::Score(config) => Some(config.axis()),
            Features::LogSpectrum(config) => Some(config.axis()),
            Features::MelodyBands(_)
            | Features::KaldiMel(_)
            | Features::Spectrum(_)
            | Features::WaveFrames(_) => None,
        }
    }

    /// Checks that they can be computed.
    ///
    /// # Errors
    /// [`DspError`] names the setting that is out of range.
    pub fn check(&self) -> Result<(), DspError> {
        match self {
            Features::Cfp(config) | Features::Salience(config) => config.check(),
            Features::Score(_) => Ok(()),
            Features::MelodyBands(config) | Features::KaldiMel(config) => config.check(),
            Features::Spectrum(config) => config.check(),
            Features::WaveFrames(config) => config.check(),
            Features::LogSpectrum(config) => config.check(),
        }
    }
}
