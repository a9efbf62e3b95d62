//! Voiced frames and notes by an interval: octave and fifth are the slips that trackers make.

use std::ops::Range;

use super::{decided, frame_edits, notes};
use crate::annotation::{AnnotatedFrame, Annotation, Edit, Provenance, Refusal, Selection};
use crate::melody::Note;

/// Pitches are kept within what voices sing, in Hz: from the lowest basses to the highest whistle.
pub const SUNG_HZ: std::ops::RangeInclusive<f64> = 30.0..=2_100.0;

/// Voiced frames to `ratio` times their f0, notes by as much; nothing if one would leave what
/// voices sing.
pub fn edits(
    annotation: &Annotation,
    selection: &Selection,
    ratio: f64,
) -> Result<Vec<Edit>, Refusal> {
    let ranges = selection.frames(annotation);
    let places = selection.notes(annotation);
    let moved = |note: &Note| Note {
        midi: (f64::from(note.midi) + 12.0 * ratio.log2()) as f32,
        ..*note
    };
    let notes = match selection {
        Selection::Span(_) | Selection::Box { .. } => {
            let edit = notes::changed_within(annotation, &ranges, &places, moved);
            edit.into_iter().collect()
        }
        _ => notes::changed(annotation, &places, moved),
    };
    let stays = stays_sung(annotation, &ranges, ratio);
    let mut edits = frame_edits(annotation, ranges, |frame| shifted(frame, ratio));
    edits.extend(notes);
    match stays && edits.iter().all(is_pitch) {
        true => Ok(edits),
        false => Err(Refusal::OutOfRange),
    }
}

fn shifted(frame: AnnotatedFrame, ratio: f64) -> AnnotatedFrame {
    if !frame.f0.voiced {
        return frame;
    }
    let f0_hz = (f64::from(frame.f0.f0_hz) * ratio) as f32;
    decided(frame, f0_hz, true, Provenance::Human)
}

/// Whether no voiced frame leaves what voices sing; one that lies outside may come nearer.
fn stays_sung(annotation: &Annotation, ranges: &[Range<usize>], ratio: f64) -> bool {
    let frames = ranges.iter().flat_map(|it| annotation.frames(it.clone()));
    let mut voiced = frames.filter(|frame| frame.f0.voiced);
    voiced.all(|frame| {
        let hz = f64::from(frame.f0.f0_hz) * ratio;
        let outside = if ratio > 1.0 {
            hz > *SUNG_HZ.end()
        } else {
            hz < *SUNG_HZ.start()
        };
        hz.is_finite() && !outside
    })
}

/// Whether all notes are pitches: a file can hold any number.
fn is_pitch(edit: &Edit) -> bool {
    match edit {
        Edit::ReplaceNotes { notes, .. } => notes.iter().all(|it| it.note.midi.is_finite()),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation::arbitrary::note;
    use crate::annotation::{NoteId, Operation};
    use crate::melody::{F0Frame, F0Track, FrameGrid};

    /// Voiced frames of these f0 in Hz, 0.1 s apart, the third unvoiced, and two notes.
    fn document(f0_hz: [f32; 5]) -> Annotation {
        let frame = |(i, f0_hz): (usize, f32)| F0Frame {
            f0_hz,
            confidence: 0.5,
            voiced: i != 2,
        };
        let f0 = F0Track {
            grid: FrameGrid::from_hop(0.1),
            frames: f0_hz.into_iter().enumerate().map(frame).collect(),
        };
        Annotation::new(f0, vec![note(0.05, 0.25, 60.0), note(0.35, 0.55, 72.0)]).unwrap()
    }

    fn pitches(annotation: &Annotation) -> (Vec<f32>, Vec<f32>) {
        let frames = annotation.f0().frames.iter();
        let notes = annotation.notes().iter();
        (
            frames.map(|frame| frame.f0_hz).collect(),
            notes.map(|note| note.midi).collect(),
        )
    }

    #[test]
    fn an_octave_moves_voiced_frames_and_whole_notes() {
        let mut annotation = document([100.0, 200.0, 300.0, 400.0, 500.0]);
        let selection = Selection::Span(0.0..0.42);
        let up = Operation::OctaveUp.transaction(&annotation, &selection);
        annotation.apply(up.unwrap()).unwrap();
        let expected = vec![200.0, 400.0, 300.0, 800.0, 500.0];
        // the second note is cut: a part of it moves, the rest stays
        assert_eq!(pitches(&annotation), (expected, vec![72.0, 84.0, 72.0]));
        assert!((annotation.notes()[1].offset_secs - 0.45).abs() < 1e-9);
        let (model, human) = (Provenance::Model, Provenance::Human);
        assert_eq!(annotation.provenance(), [human, human, model, human, model]);
    }

    #[test]
    fn a_fifth_moves_the_selected_note_and_its_frames() {
        let mut annotation = document([100.0, 200.0, 300.0, 400.0, 500.0]);
        let selection = Selection::Notes(vec![NoteId(1)]);
        let up = Operation::FifthUp.transaction(&annotation, &selection);
        let up = up.unwrap();
        assert_eq!(up.label, "fifth up");
        annotation.apply(up).unwrap();
        let (frames, notes) = pitches(&annotation);
        assert_eq!(frames, [100.0, 200.0, 300.0, 600.0, 750.0]);
        assert_eq!(notes[0], 60.0);
        assert!((notes[1] - 79.01955).abs() < 1e-5);
    }

    #[test]
    fn a_pitch_that_nobody_sings_stops_the_whole_step() {
        let annotation = document([100.0, 39.0, 10.0, 1_500.0, 500.0]);
        let refused = |operation: Operation, span| {
            let result = operation.transaction(&annotation, &Selection::Span(span));
            result.unwrap_err().to_string()
        };
        assert_eq!(
            refused(Operation::OctaveDown, 0.0..0.25),
            "octave down would leave the range of voices, 30 to 2100 Hz; select less"
        );
        let high = refused(Operation::OctaveUp, 0.3..0.5);
        assert!(high.starts_with("octave up would leave"));
        let nowhere = refused(Operation::Shift { cents: f64::NAN }, 0.0..0.25);
        assert!(nowhere.starts_with("shift would leave"));
        let unvoiced = refused(Operation::OctaveUp, 0.26..0.35);
        assert!(unvoiced.starts_with("octave up would change nothing"));
    }

    #[test]
    fn an_interval_is_told_in_cents() {
        let mut annotation = document([100.0, 200.0, 300.0, 400.0, 500.0]);
        let down = Operation::Shift { cents: -1200.0 };
        let down = down.transaction(&annotation, &Selection::Span(0.0..0.42));
        annotation.apply(down.unwrap()).unwrap();
        let expected = vec![50.0, 100.0, 300.0, 200.0, 500.0];
        assert_eq!(pitches(&annotation), (expected, vec![48.0, 60.0, 72.0]));
    }
}
