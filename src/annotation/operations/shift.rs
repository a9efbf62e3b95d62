//! Octave and fifth, up and down: the slips that trackers make.

use super::{decided, frame_edits, notes, transaction};
use crate::annotation::{
    AnnotatedFrame, Annotation, AnnotationError, Edit, Provenance, Selection, Transaction,
};
use crate::melody::Note;
use crate::melody::pitch::midi_to_hz;

/// Pitches are kept within what a person hears, in Hz.
const AUDIBLE_HZ: std::ops::RangeInclusive<f64> = 20.0..=20_000.0;

/// Voiced frames to twice their f0, notes up by 12 semitones.
///
/// In a span, notes wholly in it move; a note it cuts stays.
///
/// # Errors
/// [`AnnotationError::OutOfRange`] if a pitch would leave 20 to 20000 Hz: then none moves, so that
/// a phrase keeps its shape. [`AnnotationError::NothingToDo`] without voiced frames and notes.
pub fn octave_up(
    annotation: &Annotation,
    selection: &Selection,
) -> Result<Transaction, AnnotationError> {
    shift(annotation, selection, "octave up", 2.0)
}

/// Voiced frames to half their f0, notes down by 12 semitones.
///
/// # Errors
/// Those of [`octave_up`].
pub fn octave_down(
    annotation: &Annotation,
    selection: &Selection,
) -> Result<Transaction, AnnotationError> {
    shift(annotation, selection, "octave down", 0.5)
}

/// Voiced frames to 3/2 of their f0, notes up by a pure fifth (7.01955 semitones).
///
/// # Errors
/// Those of [`octave_up`].
pub fn fifth_up(
    annotation: &Annotation,
    selection: &Selection,
) -> Result<Transaction, AnnotationError> {
    shift(annotation, selection, "fifth up", 1.5)
}

/// Voiced frames to 2/3 of their f0, notes down by a pure fifth (7.01955 semitones).
///
/// # Errors
/// Those of [`octave_up`].
pub fn fifth_down(
    annotation: &Annotation,
    selection: &Selection,
) -> Result<Transaction, AnnotationError> {
    shift(annotation, selection, "fifth down", 2.0 / 3.0)
}

fn shift(
    annotation: &Annotation,
    selection: &Selection,
    label: &'static str,
    ratio: f64,
) -> Result<Transaction, AnnotationError> {
    let ranges = selection.frames(annotation);
    let indices = selection.notes(annotation);
    let mut edits = frame_edits(annotation, ranges, |frame| shifted(frame, ratio));
    edits.extend(notes::note_edits(annotation, &indices, |note| Note {
        midi: (f64::from(note.midi) + 12.0 * ratio.log2()) as f32,
        ..*note
    }));
    if !edits.iter().all(is_audible) {
        return Err(AnnotationError::OutOfRange { operation: label });
    }
    transaction(label, edits)
}

fn shifted(frame: AnnotatedFrame, ratio: f64) -> AnnotatedFrame {
    if !frame.f0.voiced {
        return frame;
    }
    let f0_hz = (f64::from(frame.f0.f0_hz) * ratio) as f32;
    decided(frame, f0_hz, true, Provenance::Human)
}

/// Whether all that the edit makes voiced can be heard.
fn is_audible(edit: &Edit) -> bool {
    match edit {
        Edit::ReplaceF0 { frames, .. } => frames
            .iter()
            .filter(|frame| frame.f0.voiced)
            .all(|frame| AUDIBLE_HZ.contains(&f64::from(frame.f0.f0_hz))),
        Edit::ReplaceNotes { notes, .. } => notes
            .iter()
            .all(|note| AUDIBLE_HZ.contains(&midi_to_hz(f64::from(note.midi)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation::arbitrary::note;
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
        let up = octave_up(&annotation, &selection).unwrap();
        annotation.apply(up).unwrap();
        let expected = vec![200.0, 400.0, 300.0, 800.0, 500.0];
        assert_eq!(pitches(&annotation), (expected, vec![72.0, 72.0]));
        let (model, human) = (Provenance::Model, Provenance::Human);
        assert_eq!(annotation.provenance(), [human, human, model, human, model]);
    }

    #[test]
    fn a_fifth_moves_the_selected_note_and_its_frames() {
        let mut annotation = document([100.0, 200.0, 300.0, 400.0, 500.0]);
        let up = fifth_up(&annotation, &Selection::Notes(vec![1])).unwrap();
        assert_eq!(up.label, "fifth up");
        annotation.apply(up).unwrap();
        let (frames, notes) = pitches(&annotation);
        assert_eq!(frames, [100.0, 200.0, 300.0, 600.0, 750.0]);
        assert_eq!(notes[0], 60.0);
        assert!((notes[1] - 79.01955).abs() < 1e-5);
    }

    #[test]
    fn a_pitch_that_nobody_hears_stops_the_whole_step() {
        let annotation = document([100.0, 39.0, 10.0, 15_000.0, 500.0]);
        let refused =
            |result: Result<Transaction, AnnotationError>| result.unwrap_err().to_string();
        let low = refused(octave_down(&annotation, &Selection::Span(0.0..0.25)));
        assert_eq!(
            low,
            "octave down would leave the range of 20 to 20000 Hz; select less"
        );
        let high = refused(octave_up(&annotation, &Selection::Span(0.3..0.5)));
        assert!(high.starts_with("octave up would leave"));
        let unvoiced = refused(octave_up(&annotation, &Selection::Span(0.26..0.35)));
        assert!(unvoiced.starts_with("octave up would change nothing"));
    }
}
