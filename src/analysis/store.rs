//! What is known of a recording: an analysis, product by product.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::stages::SpokenAndSung;
use super::{KeptStems, Picture, Scale};
use crate::audio::{AudioError, AudioInfo};
use crate::dsp::DspError;
use crate::melody::{
    ClassFrame, ClassTrack, F0Frame, F0Track, FrameGrid, Note, PitchAxis, PitchFrame,
};
use crate::models::ModelError;
use crate::progress::Cancelled;

/// What an analysis makes, each by a stage of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Product {
    /// What the file says of itself, and what went less than well.
    Recording,
    /// The spectrogram.
    Picture,
    /// Root mean square of each frame's hop.
    Level,
    /// By what the networks' features are scaled.
    Scale,
    /// What the pitch network says of each frame.
    Pitch,
    /// Harmonic and sub-harmonic classes.
    Classes,
    /// How loud the harmonics of that pitch are.
    VoiceLevel,
    /// The contour: pitch with the confidence that somebody sings it.
    Contour,
    /// Notes of the voiced contour.
    Notes,
    /// How long voices speak, and how long they sing.
    Speech,
    /// Vocals, and so accompaniment; made when they are asked for.
    Stems,
}

impl Product {
    /// Those that every analysis makes, each behind those it is made of.
    pub const ALL: [Self; 10] = [
        Self::Recording,
        Self::Picture,
        Self::Level,
        Self::Scale,
        Self::Pitch,
        Self::Classes,
        Self::VoiceLevel,
        Self::Contour,
        Self::Notes,
        Self::Speech,
    ];

    /// Those that are found together, frame by frame, and that a stopped analysis goes on from.
    pub const MELODY: [Self; 4] = [Self::Pitch, Self::Classes, Self::VoiceLevel, Self::Contour];
}

/// A part of a product, as soon as it is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Part {
    /// The recording, once it is read to its end.
    Recording {
        /// Rate, channels, duration and tags.
        audio: AudioInfo,
        /// What went less than well.
        warnings: Vec<String>,
    },
    /// Columns of the spectrogram.
    Picture {
        /// Number of the first.
        first: usize,
        /// Their cells, as in [`Picture`].
        #[serde(with = "serde_bytes")]
        cells: Vec<u8>,
    },
    /// Levels of frames.
    Level {
        /// Number of the first.
        first: usize,
        /// A value a frame.
        values: Vec<f32>,
    },
    /// The scale of the features, once the recording is read to its end.
    Scale(Scale),
    /// Frames as the pitch network has them.
    Pitch {
        /// Number of the first.
        first: usize,
        /// A value a frame.
        frames: Vec<PitchFrame>,
    },
    /// Classes of frames.
    Classes {
        /// Number of the first.
        first: usize,
        /// A value a frame.
        frames: Vec<ClassFrame>,
    },
    /// Levels of the harmonics of frames.
    VoiceLevel {
        /// Number of the first.
        first: usize,
        /// A value a frame.
        values: Vec<f32>,
    },
    /// Frames of the contour.
    Contour {
        /// Number of the first.
        first: usize,
        /// A value a frame.
        frames: Vec<F0Frame>,
    },
    /// All notes.
    Notes(Vec<Note>),
    /// What voices do in the whole recording.
    Speech(SpokenAndSung),
    /// Vocals, in a file.
    Stems(KeptStems),
}

impl Part {
    /// What it is a part of.
    pub fn product(&self) -> Product {
        match self {
            Part::Recording { .. } => Product::Recording,
            Part::Picture { .. } => Product::Picture,
            Part::Level { .. } => Product::Level,
            Part::Scale(_) => Product::Scale,
            Part::Pitch { .. } => Product::Pitch,
            Part::Classes { .. } => Product::Classes,
            Part::VoiceLevel { .. } => Product::VoiceLevel,
            Part::Contour { .. } => Product::Contour,
            Part::Notes(_) => Product::Notes,
            Part::Speech(_) => Product::Speech,
            Part::Stems(_) => Product::Stems,
        }
    }
}

/// Less than this above the range is not told.
const BEYOND_SECS: f64 = 0.3;

/// Everything known of one recording, product by product.
///
/// It grows by [`Analysis::take`] alone: in the pipeline, in the window and from the cache. Derived:
/// recomputed, never edited.
#[derive(Clone, Debug, PartialEq)]
pub struct Analysis {
    /// The recording.
    pub path: PathBuf,
    /// Its rate, channels, duration and tags.
    pub audio: AudioInfo,
    /// What went less than well, one sentence each (a truncated file, for one).
    pub warnings: Vec<String>,
    /// Names of the networks that made it: pitch, then voicing if one was used.
    pub models: Vec<String>,
    /// The spectrogram.
    pub picture: Picture,
    /// Root mean square of each frame's hop, from which silence is told.
    pub level: Vec<f32>,
    /// By what the networks' features are scaled.
    pub scale: Scale,
    /// What the pitch network says of each frame.
    pub pitch: Vec<PitchFrame>,
    /// Harmonic and sub-harmonic classes on the frames of the contour.
    pub classes: ClassTrack,
    /// Mean level of the harmonics of each frame's pitch in dB, from which notes are told.
    pub voice_level: Vec<f32>,
    /// Contour with confidence, also where unvoiced.
    pub f0: F0Track,
    /// Notes of the voiced contour.
    pub notes: Vec<Note>,
    /// How long voices speak, and how long they sing.
    pub speech: SpokenAndSung,
    /// Its vocals, once they were asked for.
    pub stems: Option<KeptStems>,
    /// Products that are there from the first to the last frame.
    pub complete: BTreeSet<Product>,
}

impl Analysis {
    /// Nothing but where the recording is, and what frames and rows will be.
    pub fn new(path: &Path, axis: PitchAxis, grid: FrameGrid) -> Self {
        Self {
            path: path.to_owned(),
            audio: AudioInfo::default(),
            warnings: Vec::new(),
            models: Vec::new(),
            picture: Picture::new(axis, grid),
            level: Vec::new(),
            scale: Scale::default(),
            pitch: Vec::new(),
            classes: ClassTrack {
                axis,
                grid,
                frames: Vec::new(),
            },
            voice_level: Vec::new(),
            f0: F0Track {
                grid,
                frames: Vec::new(),
            },
            notes: Vec::new(),
            speech: SpokenAndSung::default(),
            stems: None,
            complete: BTreeSet::new(),
        }
    }

    /// What went less than well: [`Self::warnings`], how much lay beyond the pitch network's rows, and
    /// whether somebody speaks rather than sings.
    pub fn remarks(&self) -> Vec<String> {
        let axis = &self.classes.axis;
        let highest_hz = axis.row_to_hz(axis.n_rows as f64);
        let is_beyond = |frame: &&PitchFrame| f64::from(frame.f0_hz) > 1.001 * highest_hz;
        let secs = self.pitch.iter().filter(is_beyond).count() as f64 * self.f0.grid.hop_secs;
        let beyond = (secs >= BEYOND_SECS).then(|| {
            format!(
                "{secs:.1} s are sung or whistled above {highest_hz:.0} Hz, which is out of the pitch \
                 network's range; they are left without a pitch"
            )
        });
        let warnings = self.warnings.iter().cloned();
        warnings.chain(beyond).chain(self.speech.remark()).collect()
    }

    /// Takes a part of a product over what was there.
    pub fn take(&mut self, part: Part) {
        match part {
            Part::Recording { audio, warnings } => {
                (self.audio, self.warnings) = (audio, warnings);
            }
            Part::Picture { first, cells } => {
                let first_cell = first * self.picture.axis.n_rows;
                overwrite(&mut self.picture.cells, first_cell, cells);
            }
            Part::Level { first, values } => overwrite(&mut self.level, first, values),
            Part::Scale(scale) => self.scale = scale,
            Part::Pitch { first, frames } => overwrite(&mut self.pitch, first, frames),
            Part::Classes { first, frames } => overwrite(&mut self.classes.frames, first, frames),
            Part::VoiceLevel { first, values } => overwrite(&mut self.voice_level, first, values),
            Part::Contour { first, frames } => overwrite(&mut self.f0.frames, first, frames),
            Part::Notes(notes) => self.notes = notes,
            Part::Speech(heard) => self.speech = heard,
            Part::Stems(stems) => self.stems = Some(stems),
        }
    }

    /// All that is there of a product.
    pub fn whole(&self, product: Product) -> Part {
        match product {
            Product::Recording => Part::Recording {
                audio: self.audio.clone(),
                warnings: self.warnings.clone(),
            },
            Product::Picture => Part::Picture {
                first: 0,
                cells: self.picture.cells.clone(),
            },
            Product::Level => Part::Level {
                first: 0,
                values: self.level.clone(),
            },
            Product::Scale => Part::Scale(self.scale.clone()),
            Product::Pitch => Part::Pitch {
                first: 0,
                frames: self.pitch.clone(),
            },
            Product::Classes => Part::Classes {
                first: 0,
                frames: self.classes.frames.clone(),
            },
            Product::VoiceLevel => Part::VoiceLevel {
                first: 0,
                values: self.voice_level.clone(),
            },
            Product::Contour => Part::Contour {
                first: 0,
                frames: self.f0.frames.clone(),
            },
            Product::Notes => Part::Notes(self.notes.clone()),
            Product::Speech => Part::Speech(self.speech),
            Product::Stems => Part::Stems(self.stems.clone().unwrap_or_default()),
        }
    }

    /// Whether a product is there from the first to the last frame.
    pub fn has(&self, product: Product) -> bool {
        self.complete.contains(&product)
    }

    /// Whether all products are there that every analysis makes.
    pub fn is_complete(&self) -> bool {
        Product::ALL.iter().all(|&product| self.has(product))
    }

    /// Frames of the melody that were found, from the first on, before the analysis was stopped.
    pub fn n_found(&self) -> usize {
        let n_frames = [
            self.pitch.len(),
            self.classes.frames.len(),
            self.voice_level.len(),
        ];
        n_frames.into_iter().fold(self.f0.frames.len(), usize::min)
    }

    /// Forgets the melody from this frame on.
    pub fn keep_melody(&mut self, n_frames: usize) {
        self.pitch.truncate(n_frames);
        self.classes.frames.truncate(n_frames);
        self.voice_level.truncate(n_frames);
        self.f0.frames.truncate(n_frames);
    }

    /// Number of frames of the recording, as far as they are known.
    pub fn n_frames(&self) -> usize {
        self.picture.n_columns()
    }
}

/// Writes `values` from `first` on, growing `all` as needed.
fn overwrite<T: Clone + Default>(all: &mut Vec<T>, first: usize, values: Vec<T>) {
    if first == all.len() {
        return all.extend(values);
    }
    let end = first + values.len();
    if all.len() < end {
        all.resize(end, T::default());
    }
    all[first..end].clone_from_slice(&values);
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
    /// Stems could not be written.
    #[error("stems cannot be kept ({0}); make room on the disk")]
    Kept(#[from] std::io::Error),
    /// The user stopped it.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_grow_a_product_and_replace_what_was_there() {
        let axis = PitchAxis::HKDSME;
        let mut analysis = Analysis::new(Path::new("a.wav"), axis, FrameGrid::from_hop(0.01));
        let level = |first, values: &[f32]| Part::Level {
            first,
            values: values.to_vec(),
        };
        analysis.take(level(0, &[1.0, 2.0]));
        analysis.take(level(3, &[4.0]));
        analysis.take(level(1, &[5.0, 6.0]));
        assert_eq!(analysis.level, [1.0, 5.0, 6.0, 4.0]);
        let mut copy = Analysis::new(Path::new("a.wav"), axis, FrameGrid::from_hop(0.01));
        for product in Product::ALL {
            copy.take(analysis.whole(product));
        }
        assert_eq!(copy, analysis);
    }
}
