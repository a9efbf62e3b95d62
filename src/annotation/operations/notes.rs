//! Delete notes, take others, cut them where the contour falls silent.

use std::ops::Range;

use super::transaction;
use crate::annotation::selection::{SAME_SECS, seconds_of};
use crate::annotation::{Annotation, AnnotationError, Edit, Selection, Transaction};
use crate::melody::Note;

/// Takes the selected notes away, or those wholly in the span; the contour stays.
///
/// # Errors
/// [`AnnotationError::NothingToDo`] if there are none.
pub fn delete_notes(
    annotation: &Annotation,
    selection: &Selection,
) -> Result<Transaction, AnnotationError> {
    let indices = selection.notes(annotation);
    let edits = runs(&indices).map(|at| Edit::ReplaceNotes {
        at,
        notes: Vec::new(),
    });
    transaction("delete notes", edits.collect())
}

/// Puts `notes`, in order of onset, in the place of all there are: those formed anew from the
/// contour, for one.
///
/// # Errors
/// [`AnnotationError::NothingToDo`] if they are those already there.
pub fn replace_notes(
    annotation: &Annotation,
    notes: Vec<Note>,
) -> Result<Transaction, AnnotationError> {
    let all = 0..annotation.notes().len();
    let edit = note_edit(annotation, all, notes);
    transaction("replace notes", edit.into_iter().collect())
}

/// The edits that put the notes of rising `indices` through `change`.
pub(super) fn note_edits(
    annotation: &Annotation,
    indices: &[usize],
    change: impl Fn(&Note) -> Note,
) -> Vec<Edit> {
    let changed = |at: &Range<usize>| annotation.notes()[at.clone()].iter().map(&change);
    runs(indices)
        .filter_map(|at| note_edit(annotation, at.clone(), changed(&at).collect()))
        .collect()
}

/// The edit that keeps notes out of `frames`, if any reach into them.
///
/// Frames are ranges in order. What remains of a note in front of them and behind stays, unless it
/// is shorter than a frame.
pub(super) fn cut(annotation: &Annotation, frames: &[Range<usize>]) -> Option<Edit> {
    let grid = annotation.f0().grid;
    let spans: Vec<_> = frames.iter().map(|it| seconds_of(grid, it)).collect();
    let end = spans.last()?.end;
    let notes = annotation.notes();
    let reaches = |note: &Note| spans.iter().any(|span| overlap(note, span));
    let first = notes.iter().position(reaches)?;
    let at = first..notes.partition_point(|note| note.onset_secs < end);
    let mut left: Vec<Note> = notes[at.clone()]
        .iter()
        .flat_map(|note| remains(note, &spans, grid.hop_secs))
        .collect();
    left.sort_by(|a, b| a.onset_secs.total_cmp(&b.onset_secs));
    note_edit(annotation, at, left)
}

fn overlap(note: &Note, span: &Range<f64>) -> bool {
    note.onset_secs < span.end - SAME_SECS && note.offset_secs > span.start + SAME_SECS
}

/// What the spans leave of a note, in pieces of at least `min_secs`.
fn remains(note: &Note, spans: &[Range<f64>], min_secs: f64) -> Vec<Note> {
    let mut pieces = vec![*note];
    for span in spans.iter().filter(|span| overlap(note, span)) {
        let Some(rest) = pieces.pop() else { break };
        let front = Note {
            offset_secs: span.start,
            ..rest
        };
        let behind = Note {
            onset_secs: span.end,
            ..rest
        };
        pieces.extend([front, behind]);
    }
    let whole = pieces.len() == 1;
    let long = |it: &Note| it.offset_secs - it.onset_secs > min_secs - SAME_SECS;
    pieces.retain(|piece| whole || long(piece));
    pieces
}

/// The edit that puts `notes` in the place of others, unless they are the same.
fn note_edit(annotation: &Annotation, at: Range<usize>, notes: Vec<Note>) -> Option<Edit> {
    let same = annotation.notes()[at.clone()] == notes;
    (!same).then_some(Edit::ReplaceNotes { at, notes })
}

/// Rising indices as ranges, the last first, so that a later edit finds its notes in place.
fn runs(indices: &[usize]) -> impl Iterator<Item = Range<usize>> + '_ {
    let runs = indices.chunk_by(|a, b| a + 1 == *b);
    runs.rev().map(|run| run[0]..run[0] + run.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation::arbitrary::{annotations, note, selections};
    use crate::annotation::operations::make_unvoiced;
    use crate::melody::{F0Track, FrameGrid};
    use proptest::prelude::*;

    fn document() -> Annotation {
        let f0 = F0Track {
            grid: FrameGrid::from_hop(0.01),
            frames: Vec::new(),
        };
        let notes = (0..6).map(|i| note(f64::from(i), f64::from(i) + 0.9, 60.0 + i as f32));
        Annotation::new(f0, notes.collect()).unwrap()
    }

    fn left(selection: Selection) -> Vec<f32> {
        let mut annotation = document();
        let transaction = delete_notes(&annotation, &selection).unwrap();
        annotation.apply(transaction).unwrap();
        annotation.notes().iter().map(|note| note.midi).collect()
    }

    #[test]
    fn notes_go_by_index_or_by_time() {
        assert_eq!(left(Selection::Notes(vec![5, 0, 1, 3])), [62.0, 64.0]);
        assert_eq!(left(Selection::Span(0.5..3.0)), [60.0, 63.0, 64.0, 65.0]);
        let none = delete_notes(&document(), &Selection::Span(0.5..1.5));
        assert!(matches!(none, Err(AnnotationError::NothingToDo { .. })));
    }

    #[test]
    fn replaced_notes_come_back_by_undo() {
        let mut annotation = document();
        let transaction = replace_notes(&annotation, vec![note(0.5, 0.6, 70.0)]).unwrap();
        let undo = annotation.apply(transaction).unwrap();
        assert_eq!(annotation.notes().len(), 1);
        annotation.apply(undo).unwrap();
        assert_eq!(annotation, document());
    }

    #[test]
    fn a_note_that_only_touches_a_span_is_not_cut() {
        let whole = note(0.1, 0.105, 60.0);
        let spans = [0.0..0.1 + 1e-9, 0.105 - 1e-9..0.2];
        assert_eq!(remains(&whole, &spans, 0.01), [whole]);
        let spans = [0.102..0.103];
        assert_eq!(remains(&whole, &spans, 0.01), []);
    }

    proptest! {
        /// No note sounds in frames made unvoiced, and none gained time.
        #[test]
        fn no_note_is_left_where_it_fell_silent(
            start in annotations(), selection in selections(),
        ) {
            let mut annotation = start.clone();
            if let Ok(transaction) = make_unvoiced(&annotation, &selection) {
                annotation.apply(transaction).unwrap();
            }
            for range in selection.frames(&start) {
                let span = seconds_of(start.f0().grid, &range);
                prop_assert!(!annotation.notes().iter().any(|note| overlap(note, &span)));
            }
            let total = |it: &Annotation| -> f64 {
                it.notes().iter().map(|note| note.offset_secs - note.onset_secs).sum()
            };
            prop_assert!(total(&annotation) <= total(&start) + 1e-9);
        }
    }
}
