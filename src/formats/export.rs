//! What is written to a file.

use std::borrow::Cow;
use std::path::Path;

use crate::analysis::{Analysis, Picture};
use crate::annotation::Annotation;
use crate::audio::AudioInfo;
use crate::melody::{ClassTrack, F0Track, Note};

/// Tempo of files that count in beats, unless another is asked for.
const DEFAULT_TEMPO_BPM: f64 = 120.0;

/// A recording and its melody, for a format to take from what it holds.
#[derive(Clone, Copy, Debug)]
pub struct Export<'a> {
    /// The recording.
    pub path: &'a Path,
    /// Its rate and tags.
    pub audio: &'a AudioInfo,
    /// Names of the networks.
    pub models: &'a [String],
    /// The contour.
    pub f0: &'a F0Track,
    /// Its notes.
    pub notes: &'a [Note],
    /// Harmonic and sub-harmonic classes.
    pub classes: &'a ClassTrack,
    /// Root mean square of the recording a frame of the contour; empty if it is not known.
    pub level: &'a [f32],
    /// The spectrogram.
    pub picture: &'a Picture,
    /// Quarter notes a minute, for formats that count in beats.
    pub tempo_bpm: f64,
}

impl<'a> Export<'a> {
    /// A recording as the networks heard it, at 120 quarter notes a minute.
    pub fn of(analysis: &'a Analysis) -> Self {
        Self {
            path: &analysis.path,
            audio: &analysis.audio,
            models: &analysis.models,
            f0: &analysis.f0,
            notes: &analysis.notes,
            classes: &analysis.classes,
            level: &analysis.level,
            picture: &analysis.picture,
            tempo_bpm: DEFAULT_TEMPO_BPM,
        }
    }

    /// The same with contour and notes as a person corrected them.
    pub fn corrected(analysis: &'a Analysis, annotation: &'a Annotation) -> Self {
        Self {
            f0: annotation.f0(),
            notes: annotation.notes(),
            ..Self::of(analysis)
        }
    }

    /// Name of the piece: the title of the tags, or the file's name without its ending.
    pub fn title(&self) -> Cow<'a, str> {
        let stem = self.path.file_stem().unwrap_or_default();
        let tag = self.audio.title.as_deref();
        tag.map_or_else(|| stem.to_string_lossy(), Cow::from)
    }
}
