//! Notes drawn, moved, split, merged, formed of the contour and brought to its pitch.
//!
//! A note that comes where others lie cuts them: notes do not overlap by what is done here. The
//! frames below it count as decided, so that it stays when the notes follow a changed contour.

use std::ops::Range;

use super::notes::{changed, note_edit, remains};
use super::{decided, frame_edits};
use crate::annotation::note::numbered;
use crate::annotation::{AnnotatedNote, Annotation, Edit, NoteId, Provenance, Refusal, Selection};
use crate::melody::Note;
use crate::melody::pitch::hz_to_midi;

/// Puts a new note there.
pub fn draw(annotation: &Annotation, note: &Note) -> Result<Vec<Edit>, Refusal> {
    placed(annotation, &[], None, *note)
}

/// Gives a note another time or pitch.
pub fn reshape(annotation: &Annotation, id: NoteId, note: &Note) -> Result<Vec<Edit>, Refusal> {
    let place = place_of(annotation, id)?;
    placed(annotation, &[place], Some(place), *note)
}

/// Divides the note that sounds at a time; its first part stays the note it was.
pub fn split(annotation: &Annotation, at_secs: f64) -> Result<Vec<Edit>, Refusal> {
    let least = annotation.f0().grid.hop_secs;
    let is_there =
        |note: &Note| note.onset_secs + least <= at_secs && at_secs <= note.offset_secs - least;
    let notes = annotation.notes();
    let place = notes.iter().position(is_there).ok_or(Refusal::NoNote)?;
    let note = notes[place];
    let behind = Note {
        onset_secs: at_secs,
        ..note
    };
    // notes that overlap it may begin before its second part
    let end = notes.partition_point(|it| it.onset_secs < at_secs);
    let at = place..end.max(place + 1);
    let mut parts: Vec<AnnotatedNote> = annotation.annotated_notes(at.clone()).collect();
    parts[0].note.offset_secs = at_secs;
    parts.extend(numbered(annotation.next_note_id(), [behind]));
    let edit = note_edit(annotation, at, parts);
    Ok(with_frames(annotation, edit, &[note]))
}

/// Makes one note of those selected, from the first onset to the last offset, at the median of the
/// contour below, or else at their mean pitch.
pub fn merge(annotation: &Annotation, selection: &Selection) -> Result<Vec<Edit>, Refusal> {
    let places = selection.notes(annotation);
    let [first, .., last] = places[..] else {
        return Err(Refusal::NotTwoNotes);
    };
    let merged: Vec<&Note> = places.iter().map(|&i| &annotation.notes()[i]).collect();
    let secs = |note: &Note| note.offset_secs - note.onset_secs;
    let offsets = annotation.notes()[first..last + 1]
        .iter()
        .map(|it| it.offset_secs);
    let (onset_secs, offset_secs) = (merged[0].onset_secs, offsets.fold(0.0, f64::max));
    let whole: f64 = merged.iter().map(|it| secs(it)).sum();
    let mean = |value: fn(&Note) -> f32| {
        let sum: f64 = merged
            .iter()
            .map(|it| secs(it) * f64::from(value(it)))
            .sum();
        (sum / whole) as f32
    };
    let note = Note {
        onset_secs,
        offset_secs,
        midi: median_midi(annotation, onset_secs..offset_secs).unwrap_or(mean(|it| it.midi)),
        confidence: mean(|it| it.confidence),
    };
    let between: Vec<usize> = (first..last + 1).collect();
    placed(annotation, &between, Some(first), note)
}

/// Makes a note of the voiced frames of a selection, at the median of their pitch.
pub fn form(annotation: &Annotation, selection: &Selection) -> Result<Vec<Edit>, Refusal> {
    let f0 = annotation.f0();
    let ranges = selection.frames(annotation).into_iter();
    let voiced: Vec<usize> = ranges.flatten().filter(|&i| f0.frames[i].voiced).collect();
    let (Some(&first), Some(&last)) = (voiced.first(), voiced.last()) else {
        return Err(Refusal::NoPitch);
    };
    let half = 0.5 * f0.grid.hop_secs;
    let secs = f0.grid.time(first) - half..f0.grid.time(last) + half;
    let sure: f32 = voiced.iter().map(|&i| f0.frames[i].confidence).sum();
    let note = Note {
        onset_secs: secs.start,
        offset_secs: secs.end,
        midi: median_midi(annotation, secs).ok_or(Refusal::NoPitch)?,
        confidence: sure / voiced.len() as f32,
    };
    placed(annotation, &selection.notes(annotation), None, note)
}

/// Gives the selected notes the median pitch of the contour below.
pub fn snap(annotation: &Annotation, selection: &Selection) -> Result<Vec<Edit>, Refusal> {
    let places = selection.notes(annotation);
    let edits = changed(annotation, &places, |note| {
        let midi = median_midi(annotation, note.onset_secs..note.offset_secs);
        Note {
            midi: midi.unwrap_or(note.midi),
            ..*note
        }
    });
    let below: Vec<Note> = places.iter().map(|&i| annotation.notes()[i]).collect();
    Ok(with_frames(annotation, edits, &below))
}

/// The median pitch of the voiced frames of a time, as a MIDI number.
pub fn median_midi(annotation: &Annotation, secs: Range<f64>) -> Option<f32> {
    let ranges = Selection::Span(secs).frames(annotation).into_iter();
    let frames = ranges.flat_map(|range| annotation.frames(range));
    let voiced = frames.filter(|it| it.f0.voiced && it.f0.f0_hz > 0.0);
    let mut midi: Vec<f64> = voiced.map(|it| hz_to_midi(it.f0.f0_hz.into())).collect();
    midi.sort_by(f64::total_cmp);
    midi.get(midi.len() / 2).map(|&midi| midi as f32)
}

fn place_of(annotation: &Annotation, id: NoteId) -> Result<usize, Refusal> {
    let mut ids = annotation.note_ids().iter();
    ids.position(|&known| known == id).ok_or(Refusal::NoNote)
}

/// The edits that put a note in the place of those at the rising places `gone`, as the note at
/// `stays`, or else as a new one, and cut those it would overlap.
fn placed(
    annotation: &Annotation,
    gone: &[usize],
    stays: Option<usize>,
    note: Note,
) -> Result<Vec<Edit>, Refusal> {
    let hop_secs = annotation.f0().grid.hop_secs;
    let is_note = note.offset_secs - note.onset_secs >= hop_secs
        && note.onset_secs >= 0.0
        && (0.0..=127.0).contains(&note.midi);
    if !is_note {
        return Err(Refusal::NoSuchNote);
    }
    let span = [note.onset_secs..note.offset_secs];
    let overlaps = |it: &Note| it.onset_secs < span[0].end && it.offset_secs > span[0].start;
    let notes = annotation.notes();
    let is_touched = |&i: &usize| gone.contains(&i) || overlaps(&notes[i]);
    let touched: Vec<usize> = (0..notes.len()).filter(is_touched).collect();
    let at = match touched[..] {
        [] => {
            let place = notes.partition_point(|it| it.onset_secs < note.onset_secs);
            place..place
        }
        [first, ..] => {
            // those that begin before where the note comes to lie are passed over by it
            let last = touched[touched.len() - 1];
            let place = notes.partition_point(|it| it.onset_secs < note.onset_secs);
            first.min(place)..(last + 1).max(place)
        }
    };
    let mut new_ids = (annotation.next_note_id().0..).map(NoteId);
    let mut left: Vec<AnnotatedNote> = Vec::new();
    for (i, whole) in at.clone().zip(annotation.annotated_notes(at.clone())) {
        if stays == Some(i) {
            left.push(AnnotatedNote { note, ..whole });
            continue;
        }
        if gone.contains(&i) {
            continue;
        }
        let mut pieces = remains(&whole.note, &span, hop_secs).into_iter();
        // the first piece stays the note it was
        left.extend(pieces.next().map(|note| AnnotatedNote { note, ..whole }));
        for (piece, id) in pieces.zip(&mut new_ids) {
            left.extend(numbered(id, [piece]));
        }
    }
    if stays.is_none() {
        let id = new_ids.next().ok_or(Refusal::NoSuchNote)?;
        left.extend(numbered(id, [note]));
    }
    left.sort_by(|a, b| a.note.onset_secs.total_cmp(&b.note.onset_secs));
    let edit = note_edit(annotation, at, left);
    Ok(with_frames(annotation, edit, &[note]))
}

/// An edit of notes, and those that make the frames below them a person's, as they are: by this a
/// note that a person made is known when notes follow the contour.
fn with_frames(
    annotation: &Annotation,
    edit: impl IntoIterator<Item = Edit>,
    notes: &[Note],
) -> Vec<Edit> {
    let mut edits: Vec<Edit> = edit.into_iter().collect();
    if edits.is_empty() {
        return edits;
    }
    for note in notes {
        let span = Selection::Span(note.onset_secs..note.offset_secs);
        edits.extend(frame_edits(annotation, span.frames(annotation), |frame| {
            let voiced = frame.f0.voiced && frame.f0.f0_hz > 0.0;
            match frame.provenance {
                Provenance::Model => decided(frame, frame.f0.f0_hz, voiced, Provenance::Human),
                _ => frame,
            }
        }));
    }
    edits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation::arbitrary::{annotations, note, refusal};
    use crate::annotation::{Operation, Transaction};
    use crate::melody::{F0Frame, F0Track, FrameGrid};
    use proptest::prelude::*;

    /// Three seconds at 220 Hz, silent in the middle tenth, with these notes.
    fn document(notes: &[Note]) -> Annotation {
        let frame = |i: usize| F0Frame {
            f0_hz: 220.0,
            confidence: 0.8,
            voiced: !(140..160).contains(&i),
        };
        let f0 = F0Track {
            grid: FrameGrid {
                first_secs: 0.0,
                hop_secs: 0.01,
            },
            frames: (0..300).map(frame).collect(),
        };
        Annotation::new(f0, notes.to_vec()).unwrap()
    }

    fn done(
        annotation: &Annotation,
        operation: Operation,
        selection: Selection,
    ) -> Vec<(u64, Note)> {
        let mut annotation = annotation.clone();
        let step: Transaction = operation.transaction(&annotation, &selection).unwrap();
        annotation.apply(step).unwrap();
        let all = annotation.annotated_notes(0..annotation.notes().len());
        all.map(|it| (it.id.0, it.note)).collect()
    }

    #[test]
    fn a_drawn_note_cuts_those_it_covers() {
        let annotation = document(&[note(0.0, 1.0, 57.0), note(1.0, 1.2, 59.0)]);
        let drawn = note(0.5, 1.5, 60.0);
        let notes = done(
            &annotation,
            Operation::DrawNote { note: drawn },
            Selection::Nothing,
        );
        assert_eq!(notes, [(0, note(0.0, 0.5, 57.0)), (2, drawn)]);
        let inside = note(0.2, 0.4, 62.0);
        let notes = done(
            &annotation,
            Operation::DrawNote { note: inside },
            Selection::Nothing,
        );
        let ids: Vec<_> = notes.iter().map(|it| it.0).collect();
        assert_eq!(ids, [0, 3, 2, 1]);
    }

    #[test]
    fn a_note_stays_itself_when_it_is_moved_over_another() {
        let annotation = document(&[note(0.0, 0.5, 57.0), note(1.0, 1.5, 59.0)]);
        let moved = note(1.2, 1.7, 61.0);
        let reshape = Operation::ReshapeNote {
            id: NoteId(0),
            note: moved,
        };
        let notes = done(&annotation, reshape, Selection::Nothing);
        assert_eq!(notes, [(1, note(1.0, 1.2, 59.0)), (0, moved)]);
        let gone = Operation::ReshapeNote {
            id: NoteId(7),
            note: moved,
        };
        let refused = gone.transaction(&annotation, &Selection::Nothing);
        assert_eq!(refusal(refused), Refusal::NoNote);
    }

    #[test]
    fn split_and_merge_are_opposites() {
        let annotation = document(&[note(0.2, 1.0, 57.0)]);
        let split = Operation::SplitNote { at_secs: 0.6 };
        let notes = done(&annotation, split.clone(), Selection::Nothing);
        assert_eq!(
            notes,
            [(0, note(0.2, 0.6, 57.0)), (1, note(0.6, 1.0, 57.0))]
        );
        let mut divided = annotation.clone();
        divided
            .apply(split.transaction(&annotation, &Selection::Nothing).unwrap())
            .unwrap();
        let merged = done(&divided, Operation::MergeNotes, Selection::Span(0.0..2.0));
        assert_eq!(merged, [(0, note(0.2, 1.0, 57.0))]);
        let nowhere = Operation::SplitNote { at_secs: 0.2 };
        let refused = nowhere.transaction(&annotation, &Selection::Nothing);
        assert_eq!(refusal(refused), Refusal::NoNote);
        let one = Operation::MergeNotes.transaction(&annotation, &Selection::Span(0.0..2.0));
        assert_eq!(refusal(one), Refusal::NotTwoNotes);
    }

    #[test]
    fn a_note_is_formed_of_what_is_sung_and_snaps_to_it() {
        let annotation = document(&[note(0.0, 0.4, 50.0)]);
        let formed = done(&annotation, Operation::FormNote, Selection::Span(1.0..1.5));
        let (id, it) = formed[1];
        assert_eq!((id, it.midi), (1, 57.0));
        assert!((it.onset_secs - 0.995).abs() < 1e-9 && (it.offset_secs - 1.395).abs() < 1e-9);
        let snapped = done(&annotation, Operation::SnapNotes, Selection::Span(0.0..1.0));
        assert_eq!(snapped, [(0, note(0.0, 0.4, 57.0))]);
        let silent = Operation::FormNote.transaction(&annotation, &Selection::Span(1.42..1.58));
        assert_eq!(refusal(silent), Refusal::NoPitch);
    }

    proptest! {
        #[test]
        fn a_drawn_note_is_there_and_overlaps_none(
            start in annotations(), onset in 0.0..2.0f64, length in 0.02..1.0f64, midi in 30f32..90.0,
        ) {
            let mut annotation = start.clone();
            let drawn = note(onset, onset + length, midi);
            let operation = Operation::DrawNote { note: drawn };
            let step = operation.transaction(&annotation, &Selection::Nothing).unwrap();
            let undo = annotation.apply(step).unwrap();
            prop_assert!(annotation.notes().contains(&drawn));
            let others = annotation.notes().iter().filter(|&it| *it != drawn);
            for other in others {
                let overlap = other.offset_secs.min(drawn.offset_secs)
                    - other.onset_secs.max(drawn.onset_secs);
                prop_assert!(overlap < 1e-5, "{other:?} and {drawn:?}");
            }
            annotation.apply(undo).unwrap();
            prop_assert_eq!(annotation, start);
        }
    }
}
