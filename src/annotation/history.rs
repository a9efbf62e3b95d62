//! Undo and redo without limit, and whether there is something to save.

use super::{Annotation, AnnotationError, Transaction};

/// The steps of one annotation. Every edit must pass through it, or steps no longer fit.
#[derive(Clone, Debug, Default)]
pub struct History {
    undo: Vec<Transaction>,
    redo: Vec<Transaction>,
    /// How many steps were done when it was saved; `None` once no undo or redo leads back there.
    saved: Option<usize>,
}

impl History {
    /// No steps yet; the annotation as it is needs no saving.
    pub fn new() -> Self {
        Self {
            saved: Some(0),
            ..Self::default()
        }
    }

    /// Makes a step; what was undone before it can no longer be redone.
    ///
    /// # Errors
    /// Those of [`Annotation::apply`]; then nothing changes.
    pub fn apply(
        &mut self,
        annotation: &mut Annotation,
        transaction: Transaction,
    ) -> Result<(), AnnotationError> {
        self.undo.push(annotation.apply(transaction)?);
        self.branch();
        Ok(())
    }

    /// Makes edits that are undone together with the latest step; without one, none undoes them.
    ///
    /// # Errors
    /// Those of [`Annotation::apply`]; then nothing changes.
    pub fn amend(
        &mut self,
        annotation: &mut Annotation,
        transaction: Transaction,
    ) -> Result<(), AnnotationError> {
        let Transaction { mut edits, .. } = annotation.apply(transaction)?;
        match self.undo.last_mut() {
            Some(step) => {
                edits.append(&mut step.edits);
                step.edits = edits;
                self.branch();
            }
            // what was undone was done to what is no longer there, nor is what was saved
            None if !edits.is_empty() && !self.redo.is_empty() => {
                self.redo.clear();
                self.saved = None;
            }
            None => {}
        }
        Ok(())
    }

    /// What was undone can no longer be redone, and what was saved may no longer be reached.
    fn branch(&mut self) {
        self.redo.clear();
        self.saved = self.saved.filter(|&saved| saved < self.undo.len());
    }

    /// Its file holds none of the steps: less than the annotation, or something else.
    pub fn forget_saved(&mut self) {
        self.saved = None;
    }

    /// The steps that undo takes back, the latest last, each as what takes it back.
    pub fn steps(&self) -> &[Transaction] {
        &self.undo
    }

    /// Takes the latest step back; `None` if there is none.
    ///
    /// Returns the transaction that makes it again; what that names was just written.
    ///
    /// # Errors
    /// Those of [`Annotation::apply`], if the annotation was edited elsewhere; then nothing changes.
    pub fn undo(
        &mut self,
        annotation: &mut Annotation,
    ) -> Result<Option<&Transaction>, AnnotationError> {
        step(&mut self.undo, &mut self.redo, annotation)
    }

    /// Makes the step last undone again, and returns the transaction that undoes it.
    ///
    /// # Errors
    /// As [`History::undo`].
    pub fn redo(
        &mut self,
        annotation: &mut Annotation,
    ) -> Result<Option<&Transaction>, AnnotationError> {
        step(&mut self.redo, &mut self.undo, annotation)
    }

    /// Label of the step that undo takes back.
    pub fn undo_label(&self) -> Option<&str> {
        self.undo.last().map(|step| &*step.label)
    }

    /// Label of the step that redo makes again.
    pub fn redo_label(&self) -> Option<&str> {
        self.redo.last().map(|step| &*step.label)
    }

    /// The annotation as it is was saved.
    pub fn mark_saved(&mut self) {
        self.saved = Some(self.undo.len());
    }

    /// Whether undo leads nearer to what was saved, or redo; without a way there, undo as far as it
    /// goes. `None` once it is reached.
    pub fn way_to_saved(&self) -> Option<bool> {
        match self.saved {
            Some(saved) if saved == self.undo.len() => None,
            Some(saved) if saved > self.undo.len() => (!self.redo.is_empty()).then_some(false),
            _ => (!self.undo.is_empty()).then_some(true),
        }
    }

    /// Whether the annotation differs from what was saved.
    pub fn is_modified(&self) -> bool {
        self.saved != Some(self.undo.len())
    }
}

/// Applies the top of `from`; its inverse goes on top of `to`.
fn step<'a>(
    from: &mut Vec<Transaction>,
    to: &'a mut Vec<Transaction>,
    annotation: &mut Annotation,
) -> Result<Option<&'a Transaction>, AnnotationError> {
    let Some(transaction) = from.last() else {
        return Ok(None);
    };
    to.push(annotation.apply(transaction.clone())?);
    from.pop();
    Ok(to.last())
}

#[cfg(test)]
mod tests {
    use super::super::arbitrary::{annotations, operations, selections};
    use std::ops::Range;

    use super::super::{AnnotatedNote, Edit, NoteId, Operation, Selection};
    use super::*;
    use crate::melody::{F0Track, FrameGrid, Note};
    use proptest::prelude::*;

    fn empty_step(label: &'static str) -> Transaction {
        let edits = vec![Edit::ReplaceNotes {
            at: 0..0,
            notes: Vec::new(),
        }];
        let label = label.into();
        Transaction { label, edits }
    }

    fn note(onset_secs: f64) -> Note {
        Note {
            onset_secs,
            offset_secs: onset_secs + 0.5,
            midi: 60.0,
            confidence: 1.0,
        }
    }

    fn empty_document() -> Annotation {
        let f0 = F0Track {
            grid: FrameGrid::from_hop(0.01),
            frames: Vec::new(),
        };
        Annotation::new(f0, Vec::new()).unwrap()
    }

    #[test]
    fn labels_and_saving_follow_the_steps() {
        let mut annotation = empty_document();
        let mut history = History::new();
        assert!(!history.is_modified());
        assert!(history.undo(&mut annotation).unwrap().is_none());
        for label in ["octave up", "interpolate"] {
            history.apply(&mut annotation, empty_step(label)).unwrap();
        }
        history.mark_saved();
        history.undo(&mut annotation).unwrap();
        assert_eq!(history.undo_label(), Some("octave up"));
        assert_eq!(history.redo_label(), Some("interpolate"));
        assert!(history.is_modified());
        history.redo(&mut annotation).unwrap();
        assert!(!history.is_modified());
        history.amend(&mut annotation, empty_step("")).unwrap();
        assert!(history.is_modified());
        assert_eq!(history.undo_label(), Some("interpolate"));
    }

    #[test]
    fn what_was_undone_is_not_redone_on_an_annotation_that_was_amended() {
        let (mut history, mut annotation) = (History::new(), empty_document());
        let note =
            |onset_secs: f64| AnnotatedNote::new(NoteId(onset_secs as u64), note(onset_secs));
        let step = |at: Range<usize>, notes| Transaction {
            label: "notes".into(),
            edits: vec![Edit::ReplaceNotes { at, notes }],
        };
        let first = step(0..0, vec![note(1.0)]);
        history.apply(&mut annotation, first).unwrap();
        history.undo(&mut annotation).unwrap();
        assert!(history.redo_label().is_some() && !history.is_modified());
        let follows = step(0..0, vec![note(2.0), note(3.0)]);
        history.amend(&mut annotation, follows).unwrap();
        assert!(history.redo_label().is_none() && history.is_modified());
    }

    #[test]
    fn another_branch_of_the_same_length_is_not_the_saved_one() {
        let mut annotation = empty_document();
        let mut history = History::new();
        history
            .apply(&mut annotation, empty_step("octave up"))
            .unwrap();
        history.mark_saved();
        history.undo(&mut annotation).unwrap();
        history
            .apply(&mut annotation, empty_step("octave down"))
            .unwrap();
        assert!(history.is_modified());
        assert_eq!(history.redo_label(), None);
        history.undo(&mut annotation).unwrap();
        assert!(history.is_modified());
    }

    #[derive(Clone, Debug)]
    enum Act {
        Apply(Operation, Selection),
        Undo,
        Redo,
    }

    fn acts() -> impl Strategy<Value = Vec<Act>> {
        let act = prop_oneof![
            3 => (operations(), selections()).prop_map(|(it, selection)| Act::Apply(it, selection)),
            2 => Just(Act::Undo),
            1 => Just(Act::Redo),
        ];
        prop::collection::vec(act, 0..24)
    }

    proptest! {
        #[test]
        fn any_course_equals_its_steps_from_the_start(start in annotations(), acts in acts()) {
            let mut annotation = start.clone();
            let mut history = History::new();
            let (mut done, mut undone) = (Vec::new(), Vec::new());
            for act in acts {
                match act {
                    Act::Apply(operation, selection) => {
                        if let Ok(transaction) = operation.transaction(&annotation, &selection) {
                            history.apply(&mut annotation, transaction.clone()).unwrap();
                            done.push(transaction);
                            undone.clear();
                        }
                    }
                    Act::Undo => {
                        history.undo(&mut annotation).unwrap();
                        undone.extend(done.pop());
                    }
                    Act::Redo => {
                        history.redo(&mut annotation).unwrap();
                        done.extend(undone.pop());
                    }
                }
            }
            let mut replayed = start.clone();
            for transaction in done {
                replayed.apply(transaction).unwrap();
            }
            prop_assert_eq!(&annotation, &replayed);
            while history.undo(&mut annotation).unwrap().is_some() {}
            prop_assert_eq!(annotation, start);
        }
    }
}
