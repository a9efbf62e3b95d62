//! What is edited and saved: the annotation, its history, and where its project file is.

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::{Annotation, AnnotationError, History, Transaction};
use crate::melody::{F0Track, Note};

/// An annotation with its history.
#[derive(Clone, Debug)]
pub struct Document {
    annotation: Annotation,
    history: History,
    /// Its project file, once it was saved or if it was opened from one.
    pub file: Option<PathBuf>,
    /// Whether it began with what the networks say here, rather than with a project.
    began_with_networks: bool,
}

impl Document {
    /// A document that begins with what the networks say.
    ///
    /// # Errors
    /// Those of [`Annotation::new`]; with a contour and notes of the networks, a bug.
    pub fn new(f0: F0Track, notes: Vec<Note>) -> Result<Self, AnnotationError> {
        let annotation = Annotation::new(f0, notes)?;
        Ok(Self {
            history: History::new(&annotation),
            annotation,
            file: None,
            began_with_networks: true,
        })
    }

    /// A document as it was saved in `file`.
    pub fn saved_as(annotation: Annotation, file: PathBuf) -> Self {
        Self {
            history: History::new(&annotation),
            annotation,
            file: Some(file),
            began_with_networks: false,
        }
    }

    /// The annotation as it stands.
    pub fn annotation(&self) -> &Annotation {
        &self.annotation
    }

    /// Whether closing it would lose something.
    pub fn is_modified(&self) -> bool {
        self.history.is_modified(&self.annotation)
    }

    /// What undo would take back, and redo would make again.
    pub fn labels(&self) -> [Option<&str>; 2] {
        [self.history.undo_label(), self.history.redo_label()]
    }

    /// Its project file holds it as it stands.
    pub fn mark_saved(&mut self, file: &Path) {
        self.file = Some(file.to_owned());
        self.history.mark_saved(&self.annotation);
    }

    /// Makes an edit; returns the frames it wrote.
    ///
    /// # Errors
    /// Those of [`Annotation::apply`].
    pub fn apply(&mut self, edit: Transaction) -> Result<Range<usize>, AnnotationError> {
        let frames = edit.frames().unwrap_or_default();
        self.history.apply(&mut self.annotation, edit)?;
        Ok(frames)
    }

    /// Takes the last edit back; returns the frames that it wrote.
    pub fn undo(&mut self) -> Range<usize> {
        frames(self.history.undo(&mut self.annotation))
    }

    /// Makes the edit last taken back again; returns the frames that it wrote.
    pub fn redo(&mut self) -> Range<usize> {
        frames(self.history.redo(&mut self.annotation))
    }

    /// Decides voicing anew wherever no person did.
    pub fn revoice(&mut self, threshold: f32) {
        self.annotation.revoice(threshold);
    }

    /// Takes notes that follow the voicing, unless notes were edited.
    pub fn renote(&mut self, notes: Vec<Note>) {
        if self.follows_networks() {
            // the segmenter gives notes in order; if not, those there are stay
            let _ = self.annotation.renote(notes);
        }
    }

    /// Whether its notes are still the networks'.
    pub fn follows_networks(&self) -> bool {
        self.began_with_networks && self.labels() == [None, None]
    }
}

/// Frames of a step, which cannot fail: every edit passes through the history.
fn frames(step: Result<Option<&Transaction>, AnnotationError>) -> Range<usize> {
    let written = step.ok().flatten().and_then(Transaction::frames);
    written.unwrap_or_default()
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
    fn notes_of_another_voicing_are_other_notes() {
        let mut document = document();
        document.renote(vec![note(0.0, 1.0, 60.0)]);
        assert_eq!(ids(&document), [3]);
        assert!(!document.is_modified());
        edit(&mut document, Operation::OctaveUp, &[3]);
        document.renote(Vec::new());
        assert_eq!(ids(&document), [3]);
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
