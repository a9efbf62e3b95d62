//! A clip and what is known of it.

use std::path::PathBuf;

use super::DatasetError;
use crate::datasets::recording::{read_mono, read_stereo};
use crate::datasets::{HOP, RATE_HZ, Score};
use crate::melody::Note;

/// A clip by name; its sound is read or made when it is opened.
pub struct Clip {
    /// Its name within the set.
    pub id: String,
    open: Box<Opener>,
}

type Opener = dyn Fn() -> Result<OpenClip, DatasetError> + Send + Sync;

/// What a clip sounds like, and what is right.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenClip {
    /// The mixture.
    pub sound: ClipSound,
    /// What is known of its melody.
    pub reference: Reference,
    /// What of the mixture is the voice, where that is known.
    pub voice: Option<ClipVoice>,
}

/// The voice of a mixture, in a file or made.
#[derive(Clone, Debug, PartialEq)]
pub enum ClipVoice {
    /// Half of a stereo recording's right channel, whose mixture is the mean of both.
    RightChannel(PathBuf),
    /// 16 kHz mono.
    Samples(Vec<f32>),
}

/// A mixture, in a file or made.
#[derive(Clone, Debug, PartialEq)]
pub enum ClipSound {
    /// A recording of any rate; its mixture is the mean of its channels.
    File(PathBuf),
    /// 16 kHz mono.
    Samples(Vec<f32>),
    /// Symbolic music, which has no sound.
    Score(Score),
}

/// A melody to compare with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reference {
    /// Times in seconds.
    pub times: Vec<f64>,
    /// Hz at each time; 0 where nobody sings. With [`LabelKind::Voicing`] any value above 0 is a voice.
    pub f0_hz: Vec<f64>,
    /// Which times count; all where it is `None`.
    pub counts: Option<Vec<bool>>,
    /// What of it is known.
    pub known: LabelKind,
    /// Notes, with [`LabelKind::Notes`] alone.
    pub notes: Vec<Note>,
}

/// What a reference tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LabelKind {
    /// Pitch and voicing.
    #[default]
    Melody,
    /// Pitch where it counts; elsewhere nothing.
    Pitch,
    /// Voicing; the pitch is not known.
    Voicing,
    /// That nobody sings.
    NoVoice,
    /// Its notes; the contour is not known.
    Notes,
}

impl Clip {
    /// A clip that `open` reads or makes.
    pub fn new(
        id: impl Into<String>,
        open: impl Fn() -> Result<OpenClip, DatasetError> + Send + Sync + 'static,
    ) -> Self {
        Self {
            id: id.into(),
            open: Box::new(open),
        }
    }

    /// Its sound and reference.
    ///
    /// # Errors
    /// [`DatasetError`] of a recording or label file.
    pub fn open(&self) -> Result<OpenClip, DatasetError> {
        (self.open)()
    }
}

impl ClipVoice {
    /// The voice as 16 kHz mono, as loud as it is in the mixture.
    ///
    /// # Errors
    /// [`DatasetError`] of a file that cannot be decoded, or has one channel.
    pub fn samples(self) -> Result<Vec<f32>, DatasetError> {
        match self {
            Self::RightChannel(path) => {
                let (_, voice) = read_stereo(&path)?;
                Ok(voice.into_iter().map(|x| 0.5 * x).collect())
            }
            Self::Samples(samples) => Ok(samples),
        }
    }
}

impl ClipSound {
    /// The mixture as 16 kHz mono; nothing of a score.
    ///
    /// # Errors
    /// [`DatasetError::Audio`] of a file that cannot be decoded.
    pub fn samples(self) -> Result<Vec<f32>, DatasetError> {
        match self {
            Self::File(path) => read_mono(&path),
            Self::Samples(samples) => Ok(samples),
            Self::Score(_) => Ok(Vec::new()),
        }
    }
}

/// Times of the first `n` frames of 16 kHz recordings, in seconds.
pub fn frame_times(n: usize) -> Vec<f64> {
    let hop_secs = HOP as f64 / f64::from(RATE_HZ);
    (1..=n).map(|frame| frame as f64 * hop_secs).collect()
}
