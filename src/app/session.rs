//! The opened recording and what is known of it so far.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use super::jobs::{News, Outline};
use super::notice::Notice;
use super::render::{ContourSummary, Spectrogram};
use super::view_state::Bounds;
use crate::analysis::{Analysis, Part, PictureKind};
use crate::annotation::{AnnotationError, Document, NoteId, Provenance, Transaction};
use crate::audio::AudioInfo;
use crate::melody::pitch::hz_to_midi;
use crate::melody::{ClassTrack, F0Frame, F0Track, FrameGrid, Note, PitchAxis};
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

/// One recording: results as they arrive, then the whole analysis, and the document made of it.
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
    /// Extremes of the contour, for drawing many frames at once.
    pub summary: ContourSummary,
    /// The whole result, once it is there.
    pub analysis: Option<Arc<Analysis>>,
    /// What is edited and saved, once there is a whole contour.
    pub document: Option<Document>,
    picture: PictureKind,
    picture_revision: u64,
    so_far: F0Track,
    level: Vec<f32>,
    classes_so_far: ClassTrack,
    notes_so_far: Vec<Note>,
    threshold: f32,
    threshold_chosen: bool,
    n_changes: u64,
}

impl Session {
    /// A recording of which nothing is known yet but, perhaps, a document saved earlier.
    pub fn new(path: PathBuf, revision: u64, document: Option<Document>) -> Self {
        let grid = FrameGrid::from_hop(0.01);
        let axis = PitchAxis::HKDSME;
        let threshold = document.as_ref().and_then(|d| d.annotation().threshold());
        let mut session = Self {
            path,
            revision,
            audio: AudioInfo::default(),
            work: Work::Running(Stage::Features, 0.0),
            spectrogram: Spectrogram::new(axis, grid),
            summary: ContourSummary::default(),
            analysis: None,
            document,
            picture: PictureKind::Spectrum,
            picture_revision: 0,
            so_far: F0Track {
                grid,
                frames: Vec::new(),
            },
            level: Vec::new(),
            classes_so_far: ClassTrack {
                axis,
                grid,
                frames: Vec::new(),
            },
            notes_so_far: Vec::new(),
            threshold: threshold.unwrap_or(DEFAULT_THRESHOLD),
            threshold_chosen: threshold.is_some(),
            n_changes: 0,
        };
        session.changed(0..usize::MAX);
        session
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

    /// Tells this picture from those before, of this recording and of others.
    pub fn picture_key(&self) -> u64 {
        self.revision << 32 | self.picture_revision
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

    /// The contour as drawn and saved.
    pub fn f0(&self) -> &F0Track {
        match &self.document {
            Some(document) => document.annotation().f0(),
            None => &self.so_far,
        }
    }

    /// Who decided each frame; empty before there is a whole contour.
    pub fn provenance(&self) -> &[Provenance] {
        let document = self.document.as_ref();
        document.map_or(&[], |document| document.annotation().provenance())
    }

    /// Notes as drawn and saved, in order of time.
    pub fn notes(&self) -> &[Note] {
        match &self.document {
            Some(document) => document.annotation().notes(),
            None => &self.notes_so_far,
        }
    }

    /// The id of a note, by its place; `None` before there is a document.
    pub fn note_id(&self, place: usize) -> Option<NoteId> {
        let document = self.document.as_ref()?;
        document.annotation().note_ids().get(place).copied()
    }

    /// Harmonic and sub-harmonic classes.
    pub fn classes(&self) -> &ClassTrack {
        match &self.analysis {
            Some(analysis) => &analysis.classes,
            None => &self.classes_so_far,
        }
    }

    /// Root mean square of each frame, as far as it is known.
    pub fn level(&self) -> &[f32] {
        match &self.analysis {
            Some(analysis) => &analysis.level,
            None => &self.level,
        }
    }

    /// Grows with every change of contour or notes.
    pub fn n_changes(&self) -> u64 {
        self.n_changes
    }

    /// Frame of the contour at a time.
    pub fn f0_at(&self, secs: f64) -> Option<F0Frame> {
        let frame = self.f0().grid.nearest(secs)?;
        self.f0().frames.get(frame).copied()
    }

    /// Takes what the analysis found; returns what to tell the person.
    pub fn take(&mut self, news: News) -> Vec<Notice> {
        match news {
            News::Opened(outline) => self.begin(outline),
            News::Progress(stage, done) => self.work = Work::Running(stage, done),
            News::Part(part) => self.take_part(part),
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
        match &mut self.document {
            Some(document) => document.revoice(threshold),
            None => self.so_far.revoice(threshold),
        }
        self.changed(0..usize::MAX);
    }

    /// Takes the notes of another voicing.
    pub fn set_notes(&mut self, notes: Vec<Note>) {
        match &mut self.document {
            Some(document) => document.renote(notes),
            None => self.notes_so_far = notes,
        }
        self.n_changes += 1;
    }

    /// Makes an edit that `operation` describes.
    ///
    /// # Errors
    /// [`AnnotationError`] if there is nothing to do, or it cannot be done.
    pub fn edit(
        &mut self,
        operation: impl FnOnce(&Document) -> Result<Transaction, AnnotationError>,
    ) -> Result<(), AnnotationError> {
        if let Some(document) = &mut self.document {
            let transaction = operation(document)?;
            let frames = document.apply(transaction)?;
            self.changed(frames);
        }
        Ok(())
    }

    /// Takes back the last edit, or makes it again.
    pub fn undo_or_redo(&mut self, redo: bool) {
        if let Some(document) = &mut self.document {
            let frames = if redo {
                document.redo()
            } else {
                document.undo()
            };
            self.changed(frames);
        }
    }

    /// Shows a picture of another kind, which grows from nothing unless it is known already;
    /// returns whether it must be drawn.
    pub fn show_picture(&mut self, kind: PictureKind) -> bool {
        if self.picture == kind {
            return false;
        }
        self.picture = kind;
        self.picture_revision += 1;
        self.spectrogram = Spectrogram::new(self.spectrogram.axis(), self.f0().grid);
        if let (PictureKind::Spectrum, Some(analysis)) = (kind, &self.analysis) {
            self.spectrogram.complete(Arc::clone(analysis));
            return false;
        }
        true
    }

    /// Takes columns of a picture that was asked for.
    pub fn take_columns(&mut self, kind: PictureKind, first: usize, cells: &[u8]) {
        if kind == self.picture {
            self.spectrogram.write(first, cells);
        }
    }

    fn begin(&mut self, outline: Outline) {
        self.audio = outline.audio;
        if (outline.axis, outline.grid) != (self.spectrogram.axis(), self.spectrogram.grid()) {
            self.spectrogram = Spectrogram::new(outline.axis, outline.grid);
            self.picture_revision += 1;
        }
        self.so_far.grid = outline.grid;
        self.classes_so_far.grid = outline.grid;
        self.classes_so_far.axis = outline.axis;
        if !self.threshold_chosen {
            self.threshold = outline.threshold;
        }
    }

    fn take_part(&mut self, part: Part) {
        match part {
            Part::Recording { audio, .. } => self.audio = audio,
            Part::Picture { first, cells } => {
                self.take_columns(PictureKind::Spectrum, first, &cells);
            }
            Part::Level { first, values } => overwrite(&mut self.level, first, &values),
            Part::Contour { first, frames } => self.take_contour(first, &frames),
            Part::Classes { first, frames } => {
                overwrite(&mut self.classes_so_far.frames, first, &frames);
            }
            Part::Pitch { .. } => {}
            Part::Notes(notes) => self.notes_so_far = notes,
        }
    }

    fn take_contour(&mut self, first: usize, frames: &[F0Frame]) {
        overwrite(&mut self.so_far.frames, first, frames);
        if self.threshold_chosen {
            self.so_far.revoice(self.threshold);
        }
        self.changed(first..usize::MAX);
    }

    fn finish(&mut self, analysis: Arc<Analysis>) -> Vec<Notice> {
        self.work = Work::Done;
        self.audio = analysis.audio.clone();
        self.classes_so_far.frames = Vec::new();
        self.so_far.frames = Vec::new();
        self.level = Vec::new();
        if self.picture == PictureKind::Spectrum {
            self.spectrogram.complete(Arc::clone(&analysis));
        }
        let mut notices: Vec<_> = analysis.warnings.iter().map(Notice::warning).collect();
        if self.document.is_none() {
            match Document::new(analysis.f0.clone(), analysis.notes.clone()) {
                Ok(document) => self.document = Some(document),
                Err(error) => notices.push(Notice::from_error(&error)),
            }
            if self.threshold_chosen {
                self.set_threshold(self.threshold);
            }
        }
        self.analysis = Some(analysis);
        self.changed(0..usize::MAX);
        notices
    }

    /// Renews what is derived from these frames.
    fn changed(&mut self, frames: Range<usize>) {
        self.n_changes += 1;
        if frames.is_empty() {
            return;
        }
        let f0 = match &self.document {
            Some(document) => document.annotation().f0(),
            None => &self.so_far,
        };
        self.summary.update(&f0.frames, frames);
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
