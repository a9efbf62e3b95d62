//! Notes of a contour that changed, around what a person decided.

use std::ops::Range;

use super::notes::{note_edit, remains};
use crate::annotation::{AnnotatedNote, Annotation, Edit, NoteId, NoteTags, Provenance, Selection};
use crate::melody::Note;

/// Onsets and offsets closer than this, in seconds, are the same, as are pitches in semitones.
const SAME: f64 = 1e-3;

/// The notes of a contour that changed: the segmenter made `before` of what it was, and `after` of
/// what it is.
///
/// A note stays that differs from those before on frames that a person decided, or that carries a
/// lyric or a mark; where one was deleted, none comes. Everywhere else `after` counts. A note that
/// is the same as one there was keeps its id.
pub fn followed(annotation: &Annotation, before: &[Note], after: &[Note]) -> Vec<AnnotatedNote> {
    let present = annotation.annotated_notes(0..annotation.notes().len());
    let by_person: Vec<_> = present
        .filter(|it| {
            let is_changed = find(before, &it.note).is_none() && is_by_person(annotation, &it.note);
            is_changed || it.tags != NoteTags::default()
        })
        .collect();
    let deleted = before.iter().filter(|it| is_deleted(annotation, it));
    let decided = by_person.iter().map(|it| &it.note).chain(deleted);
    let decided: Vec<_> = joined(decided.map(|it| it.onset_secs..it.offset_secs).collect());
    let hop_secs = annotation.f0().grid.hop_secs;
    let free = after
        .iter()
        .flat_map(|note| remains(note, &decided, hop_secs));
    let mut new_ids = (annotation.next_note_id().0..).map(NoteId);
    let named = free.map(|note| {
        let same = find(annotation.notes(), &note).map(|at| annotation.note_ids()[at]);
        let id = same.or_else(|| new_ids.next()).expect("ids do not end");
        AnnotatedNote::new(id, note)
    });
    let mut notes: Vec<_> = named.chain(by_person.iter().cloned()).collect();
    notes.sort_by(|a, b| a.note.onset_secs.total_cmp(&b.note.onset_secs));
    notes
}

/// Whether a person decided frames of a note.
fn is_by_person(annotation: &Annotation, note: &Note) -> bool {
    let span = Selection::Span(note.onset_secs..note.offset_secs);
    let mut frames = span.frames(annotation).into_iter().flatten();
    frames.any(|i| annotation.provenance()[i] != Provenance::Model)
}

/// Whether nothing is left where there was a note.
fn is_deleted(annotation: &Annotation, note: &Note) -> bool {
    let overlaps = |it: &Note| it.onset_secs < note.offset_secs && it.offset_secs > note.onset_secs;
    !annotation.notes().iter().any(overlaps)
}

/// The edit that puts these notes in the place of all there are, unless they are the same.
pub fn replaced(annotation: &Annotation, notes: Vec<AnnotatedNote>) -> Option<Edit> {
    note_edit(annotation, 0..annotation.notes().len(), notes)
}

/// The place of the same note among notes in order of onset.
fn find(notes: &[Note], wanted: &Note) -> Option<usize> {
    let near = |a: f64, b: f64| (a - b).abs() < SAME;
    let first = notes.partition_point(|note| note.onset_secs <= wanted.onset_secs - SAME);
    let begun = notes[first..].iter();
    let found = begun
        .take_while(|note| note.onset_secs < wanted.onset_secs + SAME)
        .position(|note| {
            near(note.offset_secs, wanted.offset_secs)
                && near(f64::from(note.midi), f64::from(wanted.midi))
        });
    found.map(|behind| first + behind)
}

/// Spans in order, those that touch joined.
fn joined(mut spans: Vec<Range<f64>>) -> Vec<Range<f64>> {
    spans.sort_by(|a, b| a.start.total_cmp(&b.start));
    let mut joined: Vec<Range<f64>> = Vec::new();
    for span in spans {
        match joined.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => joined.push(span),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation::Operation;
    use crate::annotation::arbitrary::{annotations, note};
    use crate::melody::{F0Frame, F0Track, FrameGrid};
    use proptest::prelude::*;

    fn document(notes: &[Note]) -> Annotation {
        let frame = F0Frame {
            f0_hz: 220.0,
            confidence: 0.5,
            voiced: true,
        };
        let f0 = F0Track {
            grid: FrameGrid::from_hop(0.01),
            frames: vec![frame; 500],
        };
        Annotation::new(f0, notes.to_vec()).unwrap()
    }

    #[test]
    fn new_notes_are_cut_around_what_a_person_moved() {
        let heard = [
            note(0.0, 1.0, 57.0),
            note(2.0, 3.0, 57.0),
            note(4.0, 4.5, 57.0),
        ];
        let mut annotation = document(&heard);
        for (operation, id) in [(Operation::OctaveUp, 0), (Operation::DeleteNotes, 2)] {
            let selection = Selection::Notes(vec![NoteId(id)]);
            let step = operation.transaction(&annotation, &selection).unwrap();
            annotation.apply(step).unwrap();
        }
        let after = [
            note(0.5, 1.5, 57.0),
            note(2.0, 3.5, 57.0),
            note(4.1, 4.4, 57.0),
        ];
        let notes = followed(&annotation, &heard, &after);
        let found: Vec<_> = notes.iter().map(|it| (it.id.0, it.note)).collect();
        let (moved, cut) = (note(0.0, 1.0, 69.0), note(1.0, 1.5, 57.0));
        assert_eq!(found, [(0, moved), (3, cut), (4, after[1])]);
    }

    #[test]
    fn what_is_left_of_a_divided_note_follows_but_for_the_part_that_was_moved() {
        let heard = [note(0.0, 3.0, 57.0)];
        let mut annotation = document(&heard);
        let span = Selection::Span(1.0..2.0);
        let up = Operation::OctaveUp.transaction(&annotation, &span).unwrap();
        annotation.apply(up).unwrap();
        assert_eq!(annotation.notes().len(), 3);
        let notes = followed(&annotation, &heard, &[]);
        assert_eq!(notes.len(), 1);
        assert_eq!(notes[0].note.midi, 69.0);
    }

    proptest! {
        #[test]
        fn without_a_persons_decision_the_new_notes_count(
            annotation in annotations(), after in annotations(),
        ) {
            let f0 = annotation.f0().clone();
            let annotation = Annotation::new(f0, annotation.notes().to_vec()).unwrap();
            let notes = followed(&annotation, annotation.notes(), after.notes());
            let notes: Vec<_> = notes.iter().map(|it| it.note).collect();
            prop_assert_eq!(&notes[..], after.notes());
        }
    }
}
