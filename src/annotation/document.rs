//! What is edited and saved: the annotation, its history, and where its project file is.

use std::ops::Range;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::change::{Change, ChangeLog, Unwritten};
use super::journal::DocumentOrigin;
use super::operations::{followed, replaced};
use super::selection::seconds_of;
use super::{
    AnnotatedNote, Annotation, AnnotationError, Edit, History, MarkedSpan, ModelReference, Project,
    Transaction,
};
use crate::files::FileStamp;
use crate::melody::{F0Track, FrameGrid, Note};

/// Which document, among those of all runs of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DocumentId(pub i64);

impl DocumentId {
    /// One that no other document has.
    fn new() -> Self {
        Self(rand::random::<i64>() & i64::MAX)
    }
}

/// The project file that a document was read from or written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedFile {
    /// Where it is.
    pub path: PathBuf,
    /// What it was like then; `None` if that could not be seen.
    pub stamp: Option<FileStamp>,
}

impl SavedFile {
    /// A file as it is now.
    pub fn now(path: PathBuf) -> Self {
        let stamp = FileStamp::of(&path);
        Self { path, stamp }
    }

    /// Whether another program changed it since.
    pub fn is_changed(&self) -> bool {
        let present = FileStamp::of(&self.path);
        present.is_some() && self.stamp.is_some() && present != self.stamp
    }
}

/// An annotation with its history.
#[derive(Clone, Debug)]
pub struct Document {
    annotation: Annotation,
    history: History,
    id: DocumentId,
    /// Its project file, once it was saved or if it was opened from one.
    pub file: Option<SavedFile>,
    /// The networks that made its first draft.
    pub models: Vec<ModelReference>,
    /// What a journal has not taken yet.
    log: ChangeLog,
    /// Whether it began with what the networks say here, rather than with a project.
    began_with_networks: bool,
}

impl Document {
    /// A document that begins with what the networks say.
    ///
    /// # Errors
    /// Those of [`Annotation::new`]; with a contour and notes of the networks, a bug.
    pub fn new(f0: F0Track, notes: Vec<Note>) -> Result<Self, AnnotationError> {
        Ok(Self {
            annotation: Annotation::new(f0, notes)?,
            history: History::new(),
            id: DocumentId::new(),
            file: None,
            models: Vec::new(),
            log: ChangeLog::default(),
            began_with_networks: true,
        })
    }

    /// A document as it was saved in `file`.
    pub fn saved_as(project: Project, file: SavedFile) -> Self {
        Self {
            history: History::new(),
            annotation: project.annotation,
            id: DocumentId::new(),
            file: Some(file),
            models: project.models,
            log: ChangeLog::default(),
            began_with_networks: false,
        }
    }

    /// A document that goes on where a journal left it; nothing was done to it yet.
    pub(super) fn going_on(id: DocumentId, beginning: Annotation, origin: DocumentOrigin) -> Self {
        Self {
            history: History::new(),
            annotation: beginning,
            id,
            file: origin.file,
            models: origin.models,
            log: ChangeLog::going_on(),
            began_with_networks: origin.began_with_networks,
        }
    }

    /// Does again what was done, as a journal tells.
    ///
    /// # Errors
    /// Those of the change, if it was made on another document.
    pub(super) fn repeat(&mut self, change: Change) -> Result<(), AnnotationError> {
        let Self {
            annotation,
            history,
            ..
        } = self;
        match change {
            Change::Apply(step) => history.apply(annotation, step)?,
            Change::Amend(edits) => history.amend(annotation, edits)?,
            Change::Undo => {
                history.undo(annotation)?;
            }
            Change::Redo => {
                history.redo(annotation)?;
            }
            Change::Grow { frames, renew } => {
                let grid = annotation.f0().grid;
                annotation.grow(&F0Track { grid, frames }, renew)?;
                history.forget_saved();
            }
            Change::Save => history.mark_saved(),
            Change::FileDiffers => history.forget_saved(),
        }
        Ok(())
    }

    /// Which one it is.
    pub fn id(&self) -> DocumentId {
        self.id
    }

    /// Whether it began with what the networks say here, rather than with a project.
    pub fn began_with_networks(&self) -> bool {
        self.began_with_networks
    }

    /// What a journal has yet to write, if something was done.
    pub fn take_unwritten(&mut self) -> Option<Unwritten> {
        self.log.take()
    }

    /// The annotation as it stands.
    pub fn annotation(&self) -> &Annotation {
        &self.annotation
    }

    /// Whether closing it would lose something.
    pub fn is_modified(&self) -> bool {
        self.history.is_modified()
    }

    /// What undo would take back, and redo would make again.
    pub fn labels(&self) -> [Option<&str>; 2] {
        [self.history.undo_label(), self.history.redo_label()]
    }

    /// Its project file holds it as it stands.
    pub fn mark_saved(&mut self, file: SavedFile) {
        self.file = Some(file);
        self.history.mark_saved();
        if self.log.is_begun() {
            self.log.add(Change::Save);
        }
    }

    /// Its project file holds, or may come to hold, something else: what is being saved, or what another
    /// program wrote. No way back leads to what is saved. Nothing changes if nothing was done yet.
    pub fn file_differs(&mut self) {
        if self.log.is_begun() {
            self.history.forget_saved();
            self.log.add(Change::FileDiffers);
        }
    }

    /// Makes an edit; returns the frames it wrote.
    ///
    /// # Errors
    /// Those of [`Annotation::apply`].
    pub fn apply(&mut self, edit: Transaction) -> Result<Range<usize>, AnnotationError> {
        let frames = edit.frames().unwrap_or_default();
        self.step(edit)?;
        Ok(frames)
    }

    /// Makes a step and logs it.
    fn step(&mut self, step: Transaction) -> Result<(), AnnotationError> {
        self.log.begin(&self.annotation);
        let change = Change::Apply(step.clone());
        self.history.apply(&mut self.annotation, step)?;
        self.log.add(change);
        Ok(())
    }

    /// Takes the last edit back; returns where it was.
    pub fn undo(&mut self) -> Place {
        let grid = self.annotation.f0().grid;
        self.log.begin(&self.annotation);
        let step = self.history.undo(&mut self.annotation);
        if let Ok(Some(_)) = step {
            self.log.add(Change::Undo);
        }
        Place::of(step, grid)
    }

    /// Makes the edit last taken back again; returns where it was.
    pub fn redo(&mut self) -> Place {
        let grid = self.annotation.f0().grid;
        self.log.begin(&self.annotation);
        let step = self.history.redo(&mut self.annotation);
        if let Ok(Some(_)) = step {
            self.log.add(Change::Redo);
        }
        Place::of(step, grid)
    }

    /// Takes back what was done since it was saved or began; redo makes it again.
    pub fn revert(&mut self) {
        while let Some(is_back) = self.history.way_to_saved() {
            match is_back {
                true => self.undo(),
                false => self.redo(),
            };
        }
    }

    /// Decides voicing anew wherever no person did; `going_on` makes that one with the step before,
    /// if that did the same.
    ///
    /// # Errors
    /// [`AnnotationError::Threshold`].
    pub fn set_threshold(&mut self, threshold: f32, going_on: bool) -> Result<(), AnnotationError> {
        let all = self.annotation.notes().len();
        let notes = self.annotation.annotated_notes(0..all).collect();
        self.revoice(threshold, notes, going_on)
    }

    /// Takes the notes of a contour that changed: the segmenter made `before` of what it was, and
    /// `after` of what it is. What a person decided about notes stays.
    ///
    /// # Errors
    /// [`AnnotationError::Note`]; then nothing changes.
    pub fn follow(&mut self, before: &[Note], after: &[Note]) -> Result<(), AnnotationError> {
        let notes = followed(&self.annotation, before, after);
        match (self.history.steps().last(), self.annotation.threshold()) {
            (Some(step), Some(threshold)) if is_voicing(step) => {
                self.revoice(threshold, notes, true)?;
                self.amend(Vec::new())
            }
            _ => {
                let edits = replaced(&self.annotation, notes);
                self.amend(edits.into_iter().collect())
            }
        }
    }

    /// Has the latest step make these edits too, and logs that its notes are there.
    fn amend(&mut self, edits: Vec<Edit>) -> Result<(), AnnotationError> {
        self.log.begin(&self.annotation);
        let label = "notes".into();
        let edits = Transaction { label, edits };
        let change = Change::Amend(edits.clone());
        self.history.amend(&mut self.annotation, edits)?;
        self.log.add(change);
        Ok(())
    }

    /// A step that sets the threshold and leaves these notes.
    fn revoice(
        &mut self,
        threshold: f32,
        notes: Vec<AnnotatedNote>,
        going_on: bool,
    ) -> Result<(), AnnotationError> {
        if going_on && self.history.steps().last().is_some_and(is_voicing) {
            self.undo();
        }
        let threshold = Edit::SetThreshold {
            threshold: Some(threshold),
            voiced: Vec::new(),
        };
        let notes = replaced(&self.annotation, notes);
        let step = Transaction {
            label: "voicing threshold".into(),
            edits: std::iter::once(threshold).chain(notes).collect(),
        };
        self.step(step)
    }

    /// Takes more of the contour as an analysis finds it; with `renew` also what the networks say
    /// anew of frames that no person decided, unless those were read from a file.
    ///
    /// # Errors
    /// [`AnnotationError::Frame`]; then nothing changes.
    pub fn grow(&mut self, f0: &F0Track, renew: bool) -> Result<(), AnnotationError> {
        let renew = renew && self.began_with_networks;
        self.log.begin(&self.annotation);
        self.annotation.grow(f0, renew)?;
        self.history.forget_saved();
        let frames = f0.frames.clone();
        self.log.add(Change::Grow { frames, renew });
        Ok(())
    }

    /// Whether all it holds is still the networks', by one threshold or another.
    pub fn follows_networks(&self) -> bool {
        let is_untouched = self.history.steps().iter().all(is_voicing);
        self.began_with_networks && is_untouched && self.labels()[1].is_none()
    }
}

/// Whether a step does nothing but move the threshold, with the notes that follow.
fn is_voicing(step: &Transaction) -> bool {
    let mut edits = step.edits.iter();
    edits.any(|edit| matches!(edit, Edit::SetThreshold { .. }))
}

/// What a step through the history touched.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place {
    /// The frames that it wrote lie within this range.
    pub frames: Range<usize>,
    /// Its frames lie within this time, in seconds, and its notes if it wrote no frames, since notes
    /// far off may follow; `None` if that is everywhere, or nowhere.
    pub secs: Option<Range<f64>>,
}

impl Place {
    /// That of a step, which cannot fail: every edit passes through the history.
    fn of(step: Result<Option<&Transaction>, AnnotationError>, grid: FrameGrid) -> Self {
        let Some(step) = step.ok().flatten() else {
            return Self::default();
        };
        let frames = step.frames();
        let spans = step.edits.iter().flat_map(|edit| spans(edit, grid));
        let all = spans.reduce(|a, b| a.start.min(b.start)..a.end.max(b.end));
        let secs = match &frames {
            Some(frames) => Some(seconds_of(grid, frames)),
            None => all,
        };
        Self {
            frames: frames.unwrap_or_default(),
            secs: secs.filter(|_| !is_voicing(step)),
        }
    }
}

/// The times of frames and notes in an edit, in seconds.
fn spans(edit: &Edit, grid: FrameGrid) -> Vec<Range<f64>> {
    match edit {
        Edit::ReplaceF0 { start, frames } => {
            vec![seconds_of(grid, &(*start..start + frames.len()))]
        }
        Edit::ReplaceNotes { notes, .. } => {
            let notes = notes
                .iter()
                .map(|it| it.note.onset_secs..it.note.offset_secs);
            notes.collect()
        }
        Edit::ReplaceMarks { spans, .. } => spans.iter().map(MarkedSpan::secs).collect(),
        Edit::SetThreshold { .. } => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::arbitrary::{annotations, note, operations, selections};
    use super::super::{NoteId, Operation, Selection};
    use super::*;
    use crate::melody::{F0Frame, FrameGrid};
    use proptest::prelude::*;
    use serde::Serialize;
    use serde::de::DeserializeOwned;

    fn document() -> Document {
        let frame = F0Frame {
            f0_hz: 200.0,
            confidence: 0.9,
            voiced: true,
        };
        let f0 = F0Track {
            grid: FrameGrid::from_hop(0.01),
            frames: vec![frame; 300],
        };
        let notes = (0..3).map(|i| note(f64::from(i), f64::from(i) + 0.5, 60.0));
        Document::new(f0, notes.collect()).unwrap()
    }

    fn edit(document: &mut Document, operation: Operation, ids: &[u64]) {
        let selection = Selection::Notes(ids.iter().copied().map(NoteId).collect());
        let transaction = operation.transaction(document.annotation(), &selection);
        document.apply(transaction.unwrap()).unwrap();
    }

    fn ids(document: &Document) -> Vec<u64> {
        let ids = document.annotation().note_ids().iter();
        ids.map(|id| id.0).collect()
    }

    #[test]
    fn a_note_is_the_same_after_edits_and_undo_and_its_id_is_not_given_again() {
        let mut document = document();
        edit(&mut document, Operation::DeleteNotes, &[2]);
        edit(&mut document, Operation::FifthUp, &[1]);
        assert_eq!(ids(&document), [0, 1]);
        document.undo();
        document.undo();
        assert_eq!(ids(&document), [0, 1, 2]);
        document.redo();
        let others = vec![note(0.0, 1.0, 70.0)];
        edit(
            &mut document,
            Operation::ReplaceNotes { notes: others },
            &[],
        );
        assert_eq!(ids(&document), [3]);
    }

    #[test]
    fn notes_follow_the_threshold_around_what_a_person_decided() {
        let mut document = document();
        let before = document.annotation().notes().to_vec();
        edit(&mut document, Operation::DeleteNotes, &[2]);
        document.set_threshold(0.7, false).unwrap();
        let after = [note(0.0, 0.3, 60.0), before[1], note(2.1, 2.4, 60.0)];
        document.follow(&before, &after).unwrap();
        // the first is another, the second the same, and what was deleted does not come back
        assert_eq!(document.annotation().notes(), &after[..2]);
        assert_eq!(ids(&document), [3, 1]);
        document.undo();
        assert_eq!(document.annotation().notes(), &before[..2]);
        assert_eq!(document.annotation().threshold(), None);
        document.undo();
        assert_eq!(document.annotation().notes(), before);
    }

    #[test]
    fn a_drag_of_the_threshold_is_one_step() {
        let mut document = document();
        let start = document.annotation().clone();
        for (threshold, going_on) in [(0.3, false), (0.95, true), (0.97, true)] {
            document.set_threshold(threshold, going_on).unwrap();
            document.follow(&start.notes, &[]).unwrap();
        }
        assert!(document.annotation().notes().is_empty());
        assert!(document.follows_networks() && document.is_modified());
        document.undo();
        assert_eq!(document.annotation(), &start);
        assert!(!document.is_modified());
        document.redo();
        assert_eq!(document.annotation().threshold(), Some(0.97));
    }

    #[test]
    fn a_document_grows_with_the_analysis_around_what_a_person_decided() {
        let mut document = document();
        edit(&mut document, Operation::OctaveUp, &[0]);
        let mut longer = document.annotation().f0().clone();
        longer.frames.resize(400, longer.frames[299]);
        for frame in &mut longer.frames {
            (frame.f0_hz, frame.confidence) = (300.0, 0.8);
        }
        document.grow(&longer, true).unwrap();
        let frames = &document.annotation().f0().frames;
        let heard = [10, 200, 399].map(|i| frames[i].f0_hz);
        assert_eq!(heard, [400.0, 300.0, 300.0]);
        document.mark_saved(SavedFile::now("a".into()));
        document.undo();
        assert_eq!(document.annotation().n_frames(), 400);
    }

    fn lines<T: Serialize>(values: &[T]) -> String {
        let lines = values.iter().map(|it| serde_json::to_string(it).unwrap());
        lines.map(|line| line + "\n").collect()
    }

    fn read_lines<T: DeserializeOwned>(text: &str) -> Vec<T> {
        let values = text.lines().map(serde_json::from_str);
        values.collect::<Result<_, _>>().unwrap()
    }

    proptest! {
        /// Written down as lines and read back, transactions make the same document again, and so
        /// do operations with their selections.
        #[test]
        fn a_journal_is_replayed_to_the_same_document(
            start in annotations(),
            steps in prop::collection::vec((operations(), selections()), 0..12),
        ) {
            let mut end = start.clone();
            let (mut transactions, mut asked) = (Vec::new(), Vec::new());
            for (operation, selection) in steps {
                if let Ok(transaction) = operation.transaction(&end, &selection) {
                    end.apply(transaction.clone()).unwrap();
                    transactions.push(transaction);
                    asked.push((operation, selection));
                }
            }
            let mut replayed = start.clone();
            for transaction in read_lines::<Transaction>(&lines(&transactions)) {
                replayed.apply(transaction).unwrap();
            }
            prop_assert_eq!(&replayed, &end);
            let mut repeated = start;
            for (operation, selection) in read_lines::<(Operation, Selection)>(&lines(&asked)) {
                let transaction = operation.transaction(&repeated, &selection).unwrap();
                repeated.apply(transaction).unwrap();
            }
            prop_assert_eq!(repeated, end);
        }
    }
}
