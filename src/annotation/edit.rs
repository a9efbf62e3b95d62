//! Changes of the annotation, applied whole or not at all.

use std::borrow::Cow;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::frame::check_frames;
use super::mark::check_spans;
use super::note::{check_ids, check_notes};
use super::{AnnotatedFrame, AnnotatedNote, Annotation, AnnotationError, MarkedSpan};

/// One change. It costs what it writes, not what the recording holds; notes behind it move up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Edit {
    /// Overwrites frames.
    ReplaceF0 {
        /// The first of them.
        start: usize,
        /// As many as it overwrites.
        frames: Vec<AnnotatedFrame>,
    },
    /// Puts notes in the place of others.
    ReplaceNotes {
        /// Indices of those that go.
        at: Range<usize>,
        /// Those that come, in order of onset.
        notes: Vec<AnnotatedNote>,
    },
    /// Puts marked spans in the place of others.
    ReplaceMarks {
        /// Indices of those that go.
        at: Range<usize>,
        /// Those that come, by their beginnings.
        spans: Vec<MarkedSpan>,
    },
    /// Decides the voicing of all frames of the networks.
    SetThreshold {
        /// The confidence from which they are voiced; `None` for as the networks decided.
        threshold: Option<f32>,
        /// Without a threshold, the frames that the networks voiced.
        voiced: Vec<Range<usize>>,
    },
}

/// What one command or gesture does: one step of the history.
///
/// It names all that it writes, so that the same transactions, written down and read back, make the
/// same document of the same beginning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Transaction {
    /// Its name as the menu shows it behind "Undo": "octave up".
    pub label: Cow<'static, str>,
    /// Its changes; each sees the document as those before left it.
    pub edits: Vec<Edit>,
}

impl Transaction {
    /// The frames it writes lie within this range, for what is derived from them; `None` if it
    /// writes notes and marks only.
    pub fn frames(&self) -> Option<Range<usize>> {
        let written = self.edits.iter().filter_map(|edit| match edit {
            Edit::ReplaceF0 { start, frames } => Some(*start..start + frames.len()),
            Edit::ReplaceNotes { .. } | Edit::ReplaceMarks { .. } => None,
            Edit::SetThreshold { .. } => Some(0..usize::MAX),
        });
        written.reduce(|a, b| a.start.min(b.start)..a.end.max(b.end))
    }
}

impl Annotation {
    /// Applies every edit or none; returns the transaction that undoes them.
    ///
    /// # Errors
    /// [`AnnotationError`] if an edit names frames or notes that are not there, holds a number that
    /// is not finite or out of its range, or would leave notes out of order or two with one id.
    pub fn apply(&mut self, transaction: Transaction) -> Result<Transaction, AnnotationError> {
        let Transaction { label, edits } = transaction;
        let mut undo = Vec::with_capacity(edits.len());
        if let Err(error) = self.apply_all(edits, &mut undo) {
            while let Some(done) = undo.pop() {
                self.exchange(done);
            }
            return Err(error);
        }
        undo.reverse();
        Ok(Transaction { label, edits: undo })
    }

    /// Applies edits as far as they can be; those that undo them go on `undo`.
    fn apply_all(&mut self, edits: Vec<Edit>, undo: &mut Vec<Edit>) -> Result<(), AnnotationError> {
        let is_notes = |edit: &Edit| matches!(edit, Edit::ReplaceNotes { .. });
        let is_marks = |edit: &Edit| matches!(edit, Edit::ReplaceMarks { .. });
        let (writes_notes, writes_marks) = (edits.iter().any(is_notes), edits.iter().any(is_marks));
        for edit in edits {
            self.check(&edit)?;
            undo.push(self.exchange(edit));
        }
        if writes_notes {
            check_ids(self.note_ids())?;
        }
        if writes_marks {
            check_spans(self.marked())?;
        }
        Ok(())
    }

    fn check(&self, edit: &Edit) -> Result<(), AnnotationError> {
        match edit {
            Edit::ReplaceF0 { start, frames } => {
                let end = start.saturating_add(frames.len());
                check_range("frames", *start..end, self.n_frames())?;
                check_frames(*start, frames.iter().copied())
            }
            Edit::ReplaceNotes { at, notes } => {
                check_range("notes", at.clone(), self.notes.len())?;
                self.check_neighbors(at, notes)
            }
            Edit::ReplaceMarks { at, .. } => check_range("marks", at.clone(), self.marked.len()),
            Edit::SetThreshold { threshold, voiced } => {
                if let Some(threshold) = threshold.filter(|it| !(0.0..=1.0).contains(it)) {
                    return Err(AnnotationError::Threshold(threshold));
                }
                let mut voiced = voiced.iter();
                voiced.try_for_each(|it| check_range("frames", it.clone(), self.n_frames()))
            }
        }
    }

    /// Checks the new notes together with their neighbors on both sides.
    fn check_neighbors(
        &self,
        at: &Range<usize>,
        notes: &[AnnotatedNote],
    ) -> Result<(), AnnotationError> {
        let first = at.start.saturating_sub(1);
        let end = self.notes.len().min(at.end + 1);
        let [before, after] = [first..at.start, at.end..end].map(|it| self.annotated_notes(it));
        let all = before.map(Cow::Owned);
        let all = all.chain(notes.iter().map(Cow::Borrowed));
        check_notes(first, all.chain(after.map(Cow::Owned)))
    }

    /// Makes a checked change; returns the one that undoes it.
    fn exchange(&mut self, edit: Edit) -> Edit {
        match edit {
            Edit::ReplaceF0 { start, frames } => Edit::ReplaceF0 {
                start,
                frames: self.overwrite(start, &frames),
            },
            Edit::ReplaceNotes { at, notes } => {
                let back = at.start..at.start + notes.len();
                let gone = self.splice_notes(at, notes);
                Edit::ReplaceNotes {
                    at: back,
                    notes: gone,
                }
            }
            Edit::ReplaceMarks { at, spans } => {
                let back = at.start..at.start + spans.len();
                let gone = self.marked.splice(at, spans).collect();
                Edit::ReplaceMarks {
                    at: back,
                    spans: gone,
                }
            }
            Edit::SetThreshold { threshold, voiced } => {
                let before = Edit::SetThreshold {
                    threshold: self.threshold(),
                    voiced: self.voiced_by_networks(),
                };
                self.set_threshold(threshold, &voiced);
                before
            }
        }
    }

    fn overwrite(&mut self, start: usize, frames: &[AnnotatedFrame]) -> Vec<AnnotatedFrame> {
        let range = start..start + frames.len();
        let before = self.frames(range.clone()).collect();
        for (i, frame) in range.clone().zip(frames) {
            self.f0.frames[i] = frame.f0;
            self.provenance[i] = frame.provenance;
        }
        self.derive_voicing(range);
        before
    }
}

fn check_range(
    what: &'static str,
    range: Range<usize>,
    count: usize,
) -> Result<(), AnnotationError> {
    if range.start <= range.end && range.end <= count {
        return Ok(());
    }
    Err(AnnotationError::Range { what, range, count })
}

#[cfg(test)]
mod tests {
    use super::super::arbitrary::{annotations, note};
    use super::super::note::numbered;
    use super::super::{NoteId, Provenance};
    use super::*;
    use crate::melody::{F0Frame, F0Track, FrameGrid, Note};
    use proptest::prelude::*;

    fn document() -> Annotation {
        let f0 = F0Track {
            grid: FrameGrid::from_hop(0.01),
            frames: vec![F0Frame::default(); 4],
        };
        let notes = vec![note(0.0, 1.0, 60.0), note(1.0, 2.0, 62.0)];
        Annotation::new(f0, notes).unwrap()
    }

    fn step(edits: Vec<Edit>) -> Transaction {
        let label = "test".into();
        Transaction { label, edits }
    }

    fn refused(edit: Edit) -> String {
        let fine = Edit::ReplaceF0 {
            start: 0,
            frames: vec![human(100.0)],
        };
        let mut annotation = document();
        let error = annotation.apply(step(vec![fine, edit])).unwrap_err();
        assert_eq!(annotation, document(), "{error}");
        error.to_string()
    }

    fn human(f0_hz: f32) -> AnnotatedFrame {
        let f0 = F0Frame {
            f0_hz,
            confidence: 0.5,
            voiced: true,
        };
        AnnotatedFrame {
            f0,
            provenance: Provenance::Human,
        }
    }

    fn frames(start: usize, frames: Vec<AnnotatedFrame>) -> Edit {
        Edit::ReplaceF0 { start, frames }
    }

    fn notes(at: Range<usize>, notes: Vec<Note>) -> Edit {
        let notes = numbered(NoteId(7), notes).collect();
        Edit::ReplaceNotes { at, notes }
    }

    proptest! {
        #[test]
        fn a_threshold_is_taken_back_exactly(start in annotations(), threshold in 0f32..=1.0) {
            let mut annotation = start.clone();
            let threshold = Some(threshold);
            let edit = Edit::SetThreshold { threshold, voiced: Vec::new() };
            let undo = annotation.apply(step(vec![edit])).unwrap();
            prop_assert_eq!(annotation.threshold(), threshold);
            annotation.apply(undo).unwrap();
            prop_assert_eq!(annotation, start);
        }
    }

    #[test]
    fn a_threshold_lies_within_0_and_1() {
        let threshold = Some(1.5);
        let edit = Edit::SetThreshold {
            threshold,
            voiced: Vec::new(),
        };
        assert!(refused(edit).contains("1.5"));
    }

    #[test]
    fn no_two_notes_have_one_id() {
        let with_id = |id: u64| Edit::ReplaceNotes {
            at: 2..2,
            notes: numbered(NoteId(id), [note(1.5, 1.6, 60.0)]).collect(),
        };
        assert_eq!(refused(with_id(1)), "note 2: another note has its id");
        assert_eq!(
            refused(with_id(1 << 53)),
            "note 2: its id must be below 2^53"
        );
        let mut annotation = document();
        annotation.apply(step(vec![with_id(5)])).unwrap();
        assert_eq!(annotation.note_ids(), [0, 1, 5].map(NoteId));
        assert_eq!(annotation.next_note_id(), NoteId(6));
    }

    #[test]
    fn a_refused_edit_undoes_those_before_it() {
        let beyond = refused(frames(3, vec![human(1.0); 2]));
        assert_eq!(beyond, "there are no frames 3 to 5; the annotation has 4");
        assert!(refused(frames(usize::MAX, vec![human(1.0)])).starts_with("there are no frames"));
        assert!(refused(frames(2, vec![human(f32::INFINITY)])).starts_with("frame 2: f0"));
        assert!(refused(frames(2, vec![human(0.0)])).contains("must have a pitch"));
        let (start, end) = (2, 1);
        assert!(refused(notes(start..end, vec![])).starts_with("there are no notes 2 to 1"));
        assert!(refused(notes(1..3, vec![])).starts_with("there are no notes 1 to 3"));
        assert!(refused(notes(0..1, vec![note(1.0, 1.0, 60.0)])).contains("end after"));
        assert!(refused(notes(0..0, vec![note(0.0, 1.0, f32::NAN)])).contains("finite"));
    }

    #[test]
    fn notes_stay_in_order_on_both_sides_of_an_edit() {
        assert!(refused(notes(0..1, vec![note(1.5, 2.0, 60.0)])).starts_with("note 1: it begins"));
        assert!(refused(notes(2..2, vec![note(0.5, 2.0, 60.0)])).starts_with("note 2: it begins"));
        let swapped = vec![note(0.5, 2.0, 60.0), note(0.4, 2.0, 60.0)];
        assert!(refused(notes(1..2, swapped)).starts_with("note 2: it begins"));
    }

    #[test]
    fn a_transaction_tells_which_frames_it_writes() {
        let edits = vec![
            frames(7, vec![human(1.0); 2]),
            notes(0..0, vec![]),
            frames(3, vec![human(1.0)]),
        ];
        assert_eq!(step(edits).frames(), Some(3..9));
        let edits = vec![notes(0..0, vec![])];
        assert_eq!(step(edits).frames(), None);
    }

    proptest! {
        /// What was derived while an edit stood is derived again when it is undone.
        #[test]
        fn the_threshold_and_an_edit_may_come_in_any_order(
            start in annotations(), threshold in 0f32..1.0, at in 0usize..64, n in 0usize..64,
        ) {
            let at = at.min(start.n_frames());
            let n = n.min(start.n_frames() - at);
            let edits = vec![frames(at, vec![human(300.0); n])];
            let mut annotation = start.clone();
            let undo = annotation.apply(step(edits)).unwrap();
            annotation.revoice(threshold);
            annotation.apply(undo).unwrap();
            let mut expected = start;
            expected.revoice(threshold);
            prop_assert_eq!(annotation, expected);
        }
    }
}
