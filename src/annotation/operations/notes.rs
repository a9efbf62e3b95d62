//! Delete notes, take others, cut them where the contour falls silent.

use std::ops::Range;

use crate::annotation::note::numbered;
use crate::annotation::selection::{SAME_SECS, seconds_of};
use crate::annotation::{AnnotatedNote, Annotation, Edit, NoteId, Selection};
use crate::melody::Note;

/// Takes the selected notes away.
pub fn delete(annotation: &Annotation, selection: &Selection) -> Vec<Edit> {
    let places = selection.notes(annotation);
    let edits = runs(&places).map(|at| Edit::ReplaceNotes {
        at,
        notes: Vec::new(),
    });
    edits.collect()
}

/// Puts new notes in the place of all there are, unless they are the same.
pub fn replace_all(annotation: &Annotation, notes: &[Note]) -> Vec<Edit> {
    if annotation.notes() == notes {
        return Vec::new();
    }
    let new = numbered(annotation.next_note_id(), notes.iter().copied());
    let edit = Edit::ReplaceNotes {
        at: 0..annotation.notes().len(),
        notes: new.collect(),
    };
    vec![edit]
}

/// The edits that put the notes at rising `places` through `change`; they stay who they are.
pub fn changed(
    annotation: &Annotation,
    places: &[usize],
    change: impl Fn(&Note) -> Note,
) -> Vec<Edit> {
    changed_whole(annotation, places, |it| AnnotatedNote {
        note: change(&it.note),
        ..it
    })
}

/// The edits that put the notes at rising `places`, with all that is said of them, through `change`.
pub fn changed_whole(
    annotation: &Annotation,
    places: &[usize],
    change: impl Fn(AnnotatedNote) -> AnnotatedNote,
) -> Vec<Edit> {
    let changed = |at: &Range<usize>| annotation.annotated_notes(at.clone()).map(&change);
    runs(places)
        .filter_map(|at| note_edit(annotation, at.clone(), changed(&at).collect()))
        .collect()
}

/// The edit that puts what lies in `frames` of the notes there through `change`: whole notes stay
/// who they are, a note that reaches beyond is divided, and its first piece stays the note it was.
pub fn changed_within(
    annotation: &Annotation,
    frames: &[Range<usize>],
    whole: &[usize],
    change: impl Fn(&Note) -> Note,
) -> Option<Edit> {
    divided_notes(
        annotation,
        frames,
        |place, note, spans, min_secs| match whole.binary_search(&place) {
            Ok(_) => vec![change(note)],
            Err(_) => divided(note, spans, min_secs, &change),
        },
    )
}

/// The pieces of a note inside the spans, changed, and outside, as they were; a part too short for
/// a note of its own stays with the rest.
fn divided(
    note: &Note,
    spans: &[Range<f64>],
    min_secs: f64,
    change: impl Fn(&Note) -> Note,
) -> Vec<Note> {
    let inside = spans.iter().map(|span| Note {
        onset_secs: note.onset_secs.max(span.start),
        offset_secs: note.offset_secs.min(span.end),
        ..*note
    });
    let long = |it: &Note| it.offset_secs - it.onset_secs > min_secs - SAME_SECS;
    let inside: Vec<Note> = inside.filter(long).collect();
    let taken: Vec<_> = inside
        .iter()
        .map(|it| it.onset_secs..it.offset_secs)
        .collect();
    let mut pieces = match taken.is_empty() {
        true => return vec![*note],
        false => remains(note, &taken, min_secs),
    };
    pieces.extend(inside.iter().map(change));
    pieces.sort_by(|a, b| a.onset_secs.total_cmp(&b.onset_secs));
    pieces
}

/// The edit that keeps notes out of `frames`, if any reach into them.
///
/// Frames are ranges in order. What remains of a note in front of them and behind stays, unless it
/// is shorter than a frame. The first piece stays the note it was; others are new notes.
pub fn cut(annotation: &Annotation, frames: &[Range<usize>]) -> Option<Edit> {
    divided_notes(annotation, frames, |_, note, spans, min_secs| {
        remains(note, spans, min_secs)
    })
}

/// The edit that puts `pieces` in the place of every note that reaches into `frames`, if any does.
///
/// `pieces` is told a note's place, the note, the times of the frames, and the length of one in
/// seconds. The first piece of a note stays the note it was; others are new notes.
fn divided_notes(
    annotation: &Annotation,
    frames: &[Range<usize>],
    pieces: impl Fn(usize, &Note, &[Range<f64>], f64) -> Vec<Note>,
) -> Option<Edit> {
    let grid = annotation.f0().grid;
    let spans: Vec<_> = frames.iter().map(|it| seconds_of(grid, it)).collect();
    let end = spans.last()?.end;
    let notes = annotation.notes();
    let reaches = |note: &Note| spans.iter().any(|span| overlap(note, span));
    let first = notes.iter().position(reaches)?;
    let at = first..notes.partition_point(|note| note.onset_secs < end);
    let mut new_ids = (annotation.next_note_id().0..).map(NoteId);
    let mut left = Vec::new();
    for (place, numbered) in at.clone().zip(annotation.annotated_notes(at.clone())) {
        let mut pieces = pieces(place, &numbered.note, &spans, grid.hop_secs).into_iter();
        left.extend(pieces.next().map(|note| AnnotatedNote { note, ..numbered }));
        // pieces first, so that no id is taken for a piece that is not there
        let named = pieces.zip(&mut new_ids);
        left.extend(named.map(|(note, id)| AnnotatedNote::new(id, note)));
    }
    left.sort_by(|a, b| a.note.onset_secs.total_cmp(&b.note.onset_secs));
    note_edit(annotation, at, left)
}

fn overlap(note: &Note, span: &Range<f64>) -> bool {
    note.onset_secs < span.end - SAME_SECS && note.offset_secs > span.start + SAME_SECS
}

/// What the spans leave of a note, in pieces of at least `min_secs`.
pub fn remains(note: &Note, spans: &[Range<f64>], min_secs: f64) -> Vec<Note> {
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
pub fn note_edit(
    annotation: &Annotation,
    at: Range<usize>,
    notes: Vec<AnnotatedNote>,
) -> Option<Edit> {
    let present = annotation.annotated_notes(at.clone());
    let same = present.eq(notes.iter().cloned());
    (!same).then_some(Edit::ReplaceNotes { at, notes })
}

/// Rising places as ranges, the last first, so that a later edit finds its notes in place.
fn runs(places: &[usize]) -> impl Iterator<Item = Range<usize>> + '_ {
    let runs = places.chunk_by(|a, b| a + 1 == *b);
    runs.rev().map(|run| run[0]..run[0] + run.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation::arbitrary::{annotations, note, refusal, selections};
    use crate::annotation::{Operation, Refusal};
    use crate::melody::{F0Frame, F0Track, FrameGrid};
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
        let transaction = Operation::DeleteNotes.transaction(&annotation, &selection);
        annotation.apply(transaction.unwrap()).unwrap();
        annotation.notes().iter().map(|note| note.midi).collect()
    }

    #[test]
    fn notes_go_by_id_or_by_time() {
        assert_eq!(
            left(Selection::Notes([5, 0, 1, 3].map(NoteId).to_vec())),
            [62.0, 64.0]
        );
        assert_eq!(left(Selection::Span(0.5..3.0)), [60.0, 63.0, 64.0, 65.0]);
        let cut = Selection::Span(0.5..1.5);
        let none = Operation::DeleteNotes.transaction(&document(), &cut);
        assert_eq!(refusal(none), Refusal::NothingToDo);
    }

    #[test]
    fn replaced_notes_come_back_by_undo() {
        let mut annotation = document();
        let others = Operation::ReplaceNotes {
            notes: vec![note(0.5, 0.6, 70.0)],
        };
        let transaction = others.transaction(&annotation, &Selection::Nothing);
        let undo = annotation.apply(transaction.unwrap()).unwrap();
        assert_eq!(annotation.note_ids(), [NoteId(6)]);
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

    #[test]
    fn a_cut_note_stays_itself_in_front_and_is_new_behind() {
        let f0 = F0Track {
            grid: FrameGrid::from_hop(0.1),
            frames: vec![F0Frame::default(); 20],
        };
        let notes = vec![note(0.05, 1.05, 60.0), note(0.55, 1.05, 64.0)];
        let mut annotation = Annotation::new(f0, notes).unwrap();
        let middle = Selection::Span(0.45..0.65);
        let transaction = Operation::Unvoice.transaction(&annotation, &middle);
        annotation.apply(transaction.unwrap()).unwrap();
        let found = annotation.annotated_notes(0..3);
        let found: Vec<_> = found.map(|it| (it.id.0, it.note.midi)).collect();
        assert_eq!(found, [(0, 60.0), (2, 60.0), (1, 64.0)]);
    }

    proptest! {
        /// No note sounds in frames made unvoiced, and none gained time.
        #[test]
        fn no_note_is_left_where_it_fell_silent(
            start in annotations(), selection in selections(),
        ) {
            let mut annotation = start.clone();
            if let Ok(transaction) = Operation::Unvoice.transaction(&annotation, &selection) {
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
