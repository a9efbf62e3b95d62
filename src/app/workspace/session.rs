//! The opened recording and what is known of it so far.

mod arriving;
mod editing;
mod pointing;
mod reach;
mod remaining;
mod stems;

pub use editing::HistoryStep;
pub use pointing::PointedRidge;
pub use stems::{SeparationState, SessionStems};

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use reach::Reach;
use remaining::Remaining;

use super::SessionId;
use super::saving::SaveTarget;
use crate::analysis::{Analysis, LookedAt, ModelChoice, Picture, PictureKind, Stem};
use crate::annotation::{Document, NoteId, Passage, Provenance, Selection, doubt};
use crate::app::jobs::Pending;
use crate::app::render::{ContourSummary, PictureSummary, Spectrogram};
use crate::app::view_state::Bounds;
use crate::audio::AudioInfo;
use crate::files::{FileStamp, shown_name};
use crate::melody::pitch::hz_to_midi;
use crate::melody::{ClassTrack, F0Frame, F0Track, FrameGrid, Note, PitchAxis};
use crate::progress::Stage;

/// Voicing threshold shown until that of the networks is known.
const DEFAULT_THRESHOLD: f32 = 0.5;

/// How far the analysis is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum AnalysisState {
    /// Under way: the stage, and how much of it is done.
    Running(Stage, f32),
    /// Stopped before the end; what is there stays.
    Stopped,
    /// Finished.
    Done,
}

/// One recording: its analysis as far as it is known, and the document made of it.
pub struct Session {
    /// Its number.
    pub id: SessionId,
    /// The recording.
    pub path: PathBuf,
    /// What its file was like when it was opened.
    pub stamp: Option<FileStamp>,
    /// The networks that analyze it.
    pub networks: ModelChoice,
    /// How far the analysis is.
    pub state: AnalysisState,
    /// Which of the file's tracks of sound; none for the default one.
    pub track: Option<usize>,
    /// What is looked at while it is analyzed.
    pub attention: LookedAt,
    /// Voice and accompaniment, as far as they are separated.
    pub stems: SessionStems,
    /// Extremes of the contour, for drawing many frames at once.
    pub summary: ContourSummary,
    /// What is edited and saved, once there is a whole contour.
    pub document: Option<Document>,
    /// Held by notes on their way.
    pub pending_notes: Pending,
    /// Held by files being written.
    pub pending_saves: Pending,
    /// The file to save in once the notes are there.
    pub save_to: Option<SaveTarget>,
    /// Name of the file saved last.
    pub saved: Option<String>,
    /// The threshold is being dragged, which is one step of the history.
    pub is_dragging_threshold: bool,
    revision: u64,
    document_state: u64,
    /// The contour that the notes belong to, if it is not the present one.
    contour_of_notes: Option<F0Track>,
    /// What is known by now, shared with no one until it is whole.
    analysis: Arc<Analysis>,
    /// The picture that is shown, if it is not that of the analysis.
    other_picture: Option<((PictureKind, Option<Stem>), Picture)>,
    /// Of the picture that is shown.
    picture_summary: PictureSummary,
    picture_revision: u64,
    networks_threshold: f32,
    /// The threshold that a person chose before there was a document.
    chosen_threshold: Option<f32>,
    n_changes: u64,
    /// Columns of the analysis's picture that were read.
    drawn: Reach,
    /// Frames of the melody that were found.
    reach: Reach,
    remaining: Remaining,
}

impl Session {
    /// A recording of which nothing is known yet but, perhaps, a document saved earlier.
    pub fn new(
        id: SessionId,
        path: PathBuf,
        networks: ModelChoice,
        document: Option<Document>,
    ) -> Self {
        let grid = FrameGrid::from_hop(0.01);
        let axis = PitchAxis::HKDSME;
        let analysis = Analysis::new(&path, axis, grid);
        let mut session = Self {
            id,
            stamp: FileStamp::of(&path),
            path,
            networks,
            state: AnalysisState::Running(Stage::Features, 0.0),
            track: None,
            attention: LookedAt::default(),
            stems: SessionStems::default(),
            summary: ContourSummary::default(),
            document,
            pending_notes: Pending::default(),
            pending_saves: Pending::default(),
            save_to: None,
            saved: None,
            is_dragging_threshold: false,
            revision: 0,
            document_state: 0,
            contour_of_notes: None,
            picture_summary: PictureSummary::new(&analysis.picture),
            analysis: Arc::new(analysis),
            other_picture: None,
            picture_revision: 0,
            networks_threshold: DEFAULT_THRESHOLD,
            chosen_threshold: None,
            n_changes: 0,
            drawn: Reach::default(),
            reach: Reach::default(),
            remaining: Remaining::default(),
        };
        session.changed(0..usize::MAX);
        session
    }

    /// Begins anew, with other networks perhaps.
    ///
    /// What a person has edited or saved stays, or is about to be saved; what the networks said is
    /// forgotten.
    pub fn restart(&mut self, networks: ModelChoice) {
        let saving = self.save_to.is_some() || self.pending_saves.is_pending();
        let document = self.document.take();
        let kept = document.filter(|d| saving || d.file.is_some() || !d.follows_networks());
        let mut again = Self {
            pending_notes: self.pending_notes.clone(),
            pending_saves: self.pending_saves.clone(),
            save_to: self.save_to.take(),
            saved: self.saved.take(),
            revision: self.revision + 1,
            // the notes that are on their way are not those of another document
            document_state: self.document_state + u64::from(kept.is_none()),
            contour_of_notes: self.contour_of_notes.take().filter(|_| kept.is_some()),
            picture_revision: self.picture_revision + 1,
            n_changes: self.n_changes + 1,
            track: self.track,
            stems: std::mem::take(&mut self.stems),
            ..Self::new(self.id, self.path.clone(), networks, kept)
        };
        let stems = self.analysis.stems.clone();
        again.take_over_stems(stems);
        again.changed(0..usize::MAX);
        *self = again;
    }

    /// Goes on with what is known, as the networks are the same; else begins anew.
    pub fn resume(&mut self, networks: ModelChoice) {
        if networks != self.networks {
            return self.restart(networks);
        }
        self.revision += 1;
        self.state = AnalysisState::Running(Stage::Features, 0.0);
        self.remaining = Remaining::default();
    }

    /// Reads another of the file's tracks of sound; what was made of this one is forgotten.
    pub fn take_track(&mut self, track: usize) {
        self.document = None;
        self.track = Some(track);
        self.stems.forget();
        self.restart(self.networks.clone());
    }

    /// Seconds until the present stage is done, as far as that can be told.
    pub fn remaining_secs(&self) -> Option<f64> {
        self.remaining.secs()
    }

    /// The products that an analysis need not make again.
    pub fn known(&self) -> Option<Arc<Analysis>> {
        let is_partial = !self.analysis.complete.is_empty() && !self.analysis.is_complete();
        is_partial.then(|| Arc::clone(&self.analysis))
    }

    /// Number of this analysis among those of the session.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Grows with every change that a person makes in the document.
    pub fn document_state(&self) -> u64 {
        self.document_state
    }

    /// The contour that the notes belong to, if it is not the present one.
    pub fn contour_of_notes(&self) -> Option<&F0Track> {
        self.contour_of_notes.as_ref()
    }

    /// Number of the picture among those of the session.
    pub fn picture_revision(&self) -> u64 {
        self.picture_revision
    }

    /// Number of the picture among those of all sessions.
    pub fn picture_key(&self) -> u64 {
        self.id.0 << 32 | self.picture_revision
    }

    /// File name of the recording.
    pub fn file_name(&self) -> String {
        shown_name(&self.path).into_owned()
    }

    /// Voicing threshold on the confidence, 0 to 1.
    pub fn threshold(&self) -> f32 {
        let document = self.document.as_ref();
        let chosen = document.map_or(self.chosen_threshold, |it| it.annotation().threshold());
        chosen.unwrap_or(self.networks_threshold)
    }

    /// The threshold that the networks come with.
    pub fn networks_threshold(&self) -> f32 {
        self.networks_threshold
    }

    /// What is known of the recording by now; whole once the state is [`AnalysisState::Done`].
    pub fn analysis(&self) -> &Arc<Analysis> {
        &self.analysis
    }

    /// Rate, channels, duration and tags.
    pub fn audio(&self) -> &AudioInfo {
        &self.analysis.audio
    }

    /// The picture behind the melody.
    pub fn spectrogram(&self) -> Spectrogram<'_> {
        let other = self.other_picture.as_ref();
        Spectrogram {
            picture: other.map_or(&self.analysis.picture, |(_, picture)| picture),
            summary: &self.picture_summary,
            levels: self.picture_summary.levels(),
        }
    }

    /// Whether some of the spectrogram is there.
    pub fn has_picture(&self) -> bool {
        self.spectrogram().n_columns() > 0
    }

    /// All there is to see.
    pub fn bounds(&self) -> Bounds {
        let spectrogram = self.spectrogram();
        let axis = spectrogram.axis();
        let known = self.audio().duration_secs.unwrap_or(0.0);
        Bounds {
            end_secs: known.max(spectrogram.end_secs()).max(0.1),
            low_midi: hz_to_midi(axis.row_to_hz(-0.5)),
            high_midi: hz_to_midi(axis.row_to_hz(axis.n_rows as f64 - 0.5)),
        }
    }

    /// The contour as drawn and saved.
    pub fn f0(&self) -> &F0Track {
        match &self.document {
            Some(document) => document.annotation().f0(),
            None => &self.analysis.f0,
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
            None => &self.analysis.notes,
        }
    }

    /// The id of a note, by its place; `None` before there is a document.
    pub fn note_id(&self, place: usize) -> Option<NoteId> {
        let document = self.document.as_ref()?;
        document.annotation().note_ids().get(place).copied()
    }

    /// The time that a selection spans, in seconds.
    pub fn selected_secs(&self, selection: &Selection) -> Option<Range<f64>> {
        match (&self.document, selection) {
            (Some(document), _) => selection.secs(document.annotation()),
            (None, Selection::Span(secs)) => Some(secs.clone()),
            (None, _) => None,
        }
    }

    /// Doubtful passages, in order of time.
    pub fn doubtful(&self) -> Vec<Passage> {
        let document = self.document.as_ref();
        document.map_or_else(Vec::new, |it| doubt::passages(it.annotation()))
    }

    /// Harmonic and sub-harmonic classes.
    pub fn classes(&self) -> &ClassTrack {
        &self.analysis.classes
    }

    /// Root mean square of each frame, as far as it is known.
    pub fn level(&self) -> &[f32] {
        &self.analysis.level
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

    /// Renews what is derived from these frames.
    fn changed(&mut self, frames: Range<usize>) {
        self.n_changes += 1;
        if frames.is_empty() {
            return;
        }
        let f0 = match &self.document {
            Some(document) => document.annotation().f0(),
            None => &self.analysis.f0,
        };
        self.summary.update(&f0.frames, frames);
    }
}
