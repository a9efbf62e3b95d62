//! The opened recording and what is known of it so far.

use std::path::PathBuf;
use std::sync::Arc;

use super::jobs::{News, Outline};
use super::notice::Notice;
use super::render::{ContourSummary, Spectrogram};
use super::view_state::Bounds;
use crate::analysis::{Analysis, Partial};
use crate::audio::AudioInfo;
use crate::melody::pitch::hz_to_midi;
use crate::melody::{ClassFrame, ClassTrack, F0Frame, F0Track, FrameGrid, Note, PitchAxis};
use crate::progress::Stage;

/// Voicing threshold shown before the networks tell theirs.
const DEFAULT_THRESHOLD: f32 = 0.5;

/// How far the analysis is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Work {
    /// Under way: the stage, and how much of it is done.
    Running(Stage, f32),
    /// Stopped before the end; what is there stays.
    Stopped,
    /// Finished.
    Done,
}

/// One recording: results as they arrive, then the whole analysis.
pub struct Session {
    /// The recording.
    pub path: PathBuf,
    /// Tells this analysis from those before.
    pub revision: u64,
    /// Rate, channels, duration and tags.
    pub audio: AudioInfo,
    /// How far the analysis is.
    pub work: Work,
    /// The picture behind the melody.
    pub spectrogram: Spectrogram,
    /// The contour as drawn: voiced by the present threshold.
    pub f0: F0Track,
    /// Extremes of the contour, for drawing many frames at once.
    pub summary: ContourSummary,
    /// The whole result, once it is there.
    pub analysis: Option<Arc<Analysis>>,
    classes_so_far: ClassTrack,
    notes: Vec<Note>,
    threshold: f32,
    threshold_chosen: bool,
}

impl Session {
    /// A recording of which nothing is known yet.
    pub fn new(path: PathBuf, revision: u64) -> Self {
        let grid = FrameGrid::from_hop(0.01);
        let axis = PitchAxis::HKDSME;
        Self {
            path,
            revision,
            audio: AudioInfo::default(),
            work: Work::Running(Stage::Features, 0.0),
            spectrogram: Spectrogram::new(axis, grid),
            f0: F0Track {
                grid,
                frames: Vec::new(),
            },
            summary: ContourSummary::default(),
            analysis: None,
            classes_so_far: ClassTrack {
                axis,
                grid,
                frames: Vec::new(),
            },
            notes: Vec::new(),
            threshold: DEFAULT_THRESHOLD,
            threshold_chosen: false,
        }
    }

    /// File name of the recording.
    pub fn file_name(&self) -> String {
        let name = self.path.file_name().unwrap_or(self.path.as_os_str());
        name.to_string_lossy().into_owned()
    }

    /// Voicing threshold on the confidence, 0 to 1.
    pub fn threshold(&self) -> f32 {
        self.threshold
    }

    /// Whether some of the spectrogram is there.
    pub fn has_picture(&self) -> bool {
        self.spectrogram.n_columns() > 0
    }

    /// All there is to see.
    pub fn bounds(&self) -> Bounds {
        let axis = self.spectrogram.axis();
        let known = self.audio.duration_secs.unwrap_or(0.0);
        Bounds {
            end_secs: known.max(self.spectrogram.end_secs()).max(0.1),
            low_midi: hz_to_midi(axis.row_to_hz(-0.5)),
            high_midi: hz_to_midi(axis.row_to_hz(axis.n_rows as f64 - 0.5)),
        }
    }

    /// Harmonic and sub-harmonic classes.
    pub fn classes(&self) -> &ClassTrack {
        match &self.analysis {
            Some(analysis) => &analysis.classes,
            None => &self.classes_so_far,
        }
    }

    /// Notes of the contour as drawn, in order of time.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Takes the notes of another voicing.
    pub fn set_notes(&mut self, notes: Vec<Note>) {
        self.notes = notes;
    }

    /// Frame of the contour at a time.
    pub fn f0_at(&self, secs: f64) -> Option<F0Frame> {
        let frame = self.f0.grid.nearest(secs)?;
        self.f0.frames.get(frame).copied()
    }

    /// Takes what the analysis found; returns what to tell the person.
    pub fn take(&mut self, news: News) -> Vec<Notice> {
        match news {
            News::Opened(outline) => self.begin(outline),
            News::Progress(stage, done) => self.work = Work::Running(stage, done),
            News::Partial(partial) => self.take_partial(partial),
            News::Done(analysis) => return self.finish(analysis),
            News::Stopped => self.stop(),
            News::Failed(notice) => return vec![notice],
        }
        Vec::new()
    }

    /// Leaves it at what is there.
    pub fn stop(&mut self) {
        self.work = Work::Stopped;
    }

    /// Decides voicing anew.
    pub fn set_threshold(&mut self, threshold: f32) {
        self.threshold = threshold;
        self.threshold_chosen = true;
        self.f0.revoice(threshold);
        self.summary.update(&self.f0.frames, 0);
    }

    fn begin(&mut self, outline: Outline) {
        self.audio = outline.audio;
        self.spectrogram = Spectrogram::new(outline.axis, outline.grid);
        self.f0.grid = outline.grid;
        self.classes_so_far.grid = outline.grid;
        self.classes_so_far.axis = outline.axis;
        if !self.threshold_chosen {
            self.threshold = outline.threshold;
        }
    }

    fn take_partial(&mut self, partial: Partial) {
        match partial {
            Partial::Picture {
                first_column,
                cells,
            } => self.spectrogram.write(first_column, &cells),
            Partial::Frames { first, f0, classes } => self.take_frames(first, &f0, &classes),
            Partial::Notes(notes) => self.notes = notes,
        }
    }

    fn take_frames(&mut self, first: usize, f0: &[F0Frame], classes: &[ClassFrame]) {
        overwrite(&mut self.f0.frames, first, f0);
        overwrite(&mut self.classes_so_far.frames, first, classes);
        if self.threshold_chosen {
            self.f0.revoice(self.threshold);
        }
        self.summary.update(&self.f0.frames, first);
    }

    fn finish(&mut self, analysis: Arc<Analysis>) -> Vec<Notice> {
        self.work = Work::Done;
        self.audio = analysis.audio.clone();
        self.f0 = analysis.f0.clone();
        if self.threshold_chosen {
            self.f0.revoice(self.threshold);
        }
        self.summary.update(&self.f0.frames, 0);
        self.spectrogram.complete(Arc::clone(&analysis));
        self.classes_so_far.frames = Vec::new();
        self.notes = analysis.notes.clone();
        let warnings = analysis.warnings.iter().map(Notice::warning).collect();
        self.analysis = Some(analysis);
        warnings
    }
}

/// Writes `values` from `first` on, growing `all` as needed.
fn overwrite<T: Clone + Default>(all: &mut Vec<T>, first: usize, values: &[T]) {
    let end = first + values.len();
    if all.len() < end {
        all.resize(end, T::default());
    }
    all[first..end].clone_from_slice(values);
}
