//! Make unvoiced, make voiced.

use std::ops::Range;

use super::interpolate::hz_between;
use super::{decided, frame_edit, frame_edits, notes};
use crate::annotation::{AnnotatedFrame, Annotation, Edit, Provenance, Refusal, Selection};

/// Every frame unvoiced, and no note in them.
pub fn unvoice(annotation: &Annotation, selection: &Selection) -> Vec<Edit> {
    let ranges = selection.frames(annotation);
    let cut = notes::cut(annotation, &ranges);
    let mut edits = frame_edits(annotation, ranges, |frame| {
        decided(frame, frame.f0.f0_hz, false, Provenance::Human)
    });
    edits.extend(cut);
    edits
}

/// Every frame voiced, in the ranges where at least one has an estimate.
pub fn voice(annotation: &Annotation, selection: &Selection) -> Result<Vec<Edit>, Refusal> {
    let ranges = selection.frames(annotation);
    let has_pitch = |range: &Range<usize>| annotation.frames(range.clone()).any(has_estimate);
    if !ranges.is_empty() && !ranges.iter().any(has_pitch) {
        return Err(Refusal::NoPitch);
    }
    let edits = ranges.into_iter().filter(has_pitch);
    let edits = edits.filter_map(|range| voiced(annotation, range));
    Ok(edits.collect())
}

fn has_estimate(frame: AnnotatedFrame) -> bool {
    frame.f0.f0_hz > 0.0
}

/// The edit that makes a range voiced in which there is an estimate.
fn voiced(annotation: &Annotation, range: Range<usize>) -> Option<Edit> {
    let start = range.start;
    let mut frames: Vec<AnnotatedFrame> = annotation.frames(range).collect();
    let f0_hz = filled(&frames);
    for (frame, f0_hz) in frames.iter_mut().zip(f0_hz) {
        *frame = match (has_estimate(*frame), frame.f0.voiced, frame.provenance) {
            (false, ..) => decided(*frame, f0_hz, true, Provenance::Interpolated),
            (true, true, Provenance::Interpolated) => *frame,
            _ => decided(*frame, f0_hz, true, Provenance::Human),
        };
    }
    frame_edit(annotation, start, frames)
}

/// The f0 of frames in Hz, drawn through those that have an estimate; at least one has.
fn filled(frames: &[AnnotatedFrame]) -> Vec<f32> {
    let mut f0_hz: Vec<f32> = frames.iter().map(|frame| frame.f0.f0_hz).collect();
    let mut left = None;
    for i in (0..frames.len()).filter(|&i| has_estimate(frames[i])) {
        let right = (i, f0_hz[i]);
        let gap = left.map_or(0, |(at, _)| at + 1);
        for (hz, at) in f0_hz[gap..i].iter_mut().zip(gap..) {
            *hz = hz_between(left.unwrap_or((0, right.1)), right, at);
        }
        left = Some(right);
    }
    if let Some((at, level)) = left {
        f0_hz[at + 1..].fill(level);
    }
    f0_hz
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation::Operation;
    use crate::annotation::arbitrary::{note, refusal};
    use crate::melody::{F0Frame, F0Track, FrameGrid};

    /// Frames 0.1 s apart, centered on 0.1, 0.2 and so on; f0 in Hz, voiced.
    fn document(frames: &[(f32, bool)]) -> Annotation {
        let frame = |&(f0_hz, voiced): &(f32, bool)| F0Frame {
            f0_hz,
            confidence: 0.4,
            voiced,
        };
        let f0 = F0Track {
            grid: FrameGrid::from_hop(0.1),
            frames: frames.iter().map(frame).collect(),
        };
        let notes = [(0.05, 0.55), (0.15, 0.25), (0.16, 0.24), (0.36, 0.45)];
        let notes = notes.map(|(onset, offset)| note(onset, offset, 60.0));
        Annotation::new(f0, notes.to_vec()).unwrap()
    }

    #[test]
    fn unvoiced_frames_stay_so_under_any_threshold() {
        let mut annotation = document(&[(100.0, true), (100.0, false), (0.0, false)]);
        let all = Selection::Span(0.0..1.0);
        let transaction = Operation::Unvoice.transaction(&annotation, &all).unwrap();
        annotation.apply(transaction).unwrap();
        annotation.revoice(0.0);
        let frames = &annotation.f0().frames;
        assert!(frames.iter().all(|frame| !frame.voiced));
        assert_eq!(frames[0].f0_hz, 100.0);
        let again = Operation::Unvoice.transaction(&annotation, &all);
        assert_eq!(refusal(again), Refusal::NothingToDo);
    }

    #[test]
    fn notes_are_cut_where_their_frames_fall_silent() {
        let mut annotation = document(&[(100.0, true); 5]);
        let transaction = Operation::Unvoice
            .transaction(&annotation, &Selection::Span(0.18..0.31))
            .unwrap();
        annotation.apply(transaction).unwrap();
        let spans: Vec<_> = annotation
            .notes()
            .iter()
            .map(|note| (note.onset_secs, note.offset_secs))
            .collect();
        let expected = [(0.05, 0.15), (0.35, 0.55), (0.36, 0.45)];
        assert_eq!(spans.len(), expected.len());
        for (found, expected) in spans.iter().zip(expected) {
            assert!((found.0 - expected.0).abs() < 1e-9 && (found.1 - expected.1).abs() < 1e-9);
        }
    }

    #[test]
    fn voicing_takes_the_estimate_or_draws_one() {
        let frames = [0.0, 100.0, 0.0, 400.0, 0.0].map(|hz| (hz, hz == 100.0));
        let mut annotation = document(&frames);
        let transaction = Operation::Voice
            .transaction(&annotation, &Selection::Span(0.0..1.0))
            .unwrap();
        annotation.apply(transaction).unwrap();
        annotation.revoice(1.0);
        let found: Vec<_> = annotation.frames(0..5).collect();
        let expected = [100.0, 100.0, 200.0, 400.0, 400.0];
        for (i, (frame, f0_hz)) in found.iter().zip(expected).enumerate() {
            assert!(
                (frame.f0.f0_hz - f0_hz).abs() < 1e-3 && frame.f0.voiced,
                "{i}"
            );
            let drawn = frame.provenance == Provenance::Interpolated;
            assert_eq!(drawn, i % 2 == 0, "{i}");
        }
    }

    #[test]
    fn silence_alone_gives_no_pitch() {
        let annotation = document(&[(0.0, false), (0.0, false), (100.0, true)]);
        let silent = Operation::Voice.transaction(&annotation, &Selection::Span(0.0..0.25));
        assert_eq!(refusal(silent), Refusal::NoPitch);
    }
}
