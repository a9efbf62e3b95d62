//! A straight line of pitch between two frames.

use std::ops::Range;

use super::{decided, frame_edit};
use crate::annotation::{Annotation, Edit, Provenance, Refusal, Selection};

/// A line through each range of the selection that has two voiced ends.
pub fn edits(annotation: &Annotation, selection: &Selection) -> Result<Vec<Edit>, Refusal> {
    let ranges = selection.frames(annotation).into_iter();
    let lines: Vec<_> = ranges.filter_map(|range| ends(annotation, range)).collect();
    if lines.is_empty() {
        return Err(Refusal::NoPitch);
    }
    let edits = lines.into_iter().filter_map(|ends| line(annotation, ends));
    Ok(edits.collect())
}

/// The two voiced frames that the line joins, if frames lie between them.
fn ends(annotation: &Annotation, range: Range<usize>) -> Option<(usize, usize)> {
    let frames = &annotation.f0().frames;
    let voiced = |&i: &usize| frames.get(i).is_some_and(|frame| frame.voiced);
    let before = range.start.checked_sub(1);
    let from = [Some(range.start), before].into_iter().flatten();
    let to = [range.end - 1, range.end].into_iter();
    let left = from.chain(range.clone()).find(voiced)?;
    let right = to.chain(range.rev()).find(voiced)?;
    (left + 1 < right).then_some((left, right))
}

fn line(annotation: &Annotation, (left, right): (usize, usize)) -> Option<Edit> {
    let frames = &annotation.f0().frames;
    let ends = [left, right].map(|i| (i, frames[i].f0_hz));
    let present = annotation.frames(left + 1..right);
    let drawn = present.zip(left + 1..).map(|(frame, i)| {
        let f0_hz = hz_between(ends[0], ends[1], i);
        decided(frame, f0_hz, true, Provenance::Interpolated)
    });
    frame_edit(annotation, left + 1, drawn.collect())
}

/// f0 at frame `at` on the straight line of pitch through two frames of known f0 in Hz.
pub(super) fn hz_between(left: (usize, f32), right: (usize, f32), at: usize) -> f32 {
    if left.1 == right.1 {
        return left.1;
    }
    let part = (at - left.0) as f64 / (right.0 - left.0) as f64;
    let (from, to) = (f64::from(left.1).ln(), f64::from(right.1).ln());
    (from + part * (to - from)).exp() as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation::arbitrary::{document, refusal};
    use crate::annotation::{AnnotationError, Operation, Transaction};

    fn interpolate(
        annotation: &Annotation,
        span: Range<f64>,
    ) -> Result<Transaction, AnnotationError> {
        Operation::Interpolate.transaction(annotation, &Selection::Span(span))
    }

    fn drawn(f0_hz: &[f32], span: Range<f64>) -> Vec<i32> {
        let mut annotation = document(f0_hz);
        let transaction = interpolate(&annotation, span).unwrap();
        annotation.apply(transaction).unwrap();
        for frame in annotation.frames(0..f0_hz.len()) {
            assert!(frame.f0.voiced || frame.provenance == Provenance::Model);
        }
        let frames = annotation.f0().frames.iter();
        frames.map(|frame| frame.f0_hz.round() as i32).collect()
    }

    #[test]
    fn the_line_joins_the_edges_of_the_selection() {
        let good_to_good = drawn(&[7.0, 100.0, 33.0, 0.0, 800.0, 7.0], 1.0..4.5);
        assert_eq!(good_to_good, [7, 100, 200, 400, 800, 7]);
        let exact_gap = drawn(&[7.0, 100.0, 0.0, 0.0, 800.0, 7.0], 2.0..3.5);
        assert_eq!(exact_gap, [7, 100, 200, 400, 800, 7]);
        let with_silence = drawn(&[0.0, 0.0, 100.0, 0.0, 400.0, 0.0, 0.0], 0.0..9.0);
        assert_eq!(with_silence, [0, 0, 100, 200, 400, 0, 0]);
    }

    #[test]
    fn a_line_needs_two_ends_and_something_between() {
        for f0_hz in [&[0.0, 0.0, 5.0][..], &[5.0, 6.0][..], &[]] {
            let refused = interpolate(&document(f0_hz), 0.0..9.0);
            assert_eq!(refusal(refused), Refusal::NoPitch);
        }
    }

    #[test]
    fn a_line_that_is_there_is_not_drawn_again() {
        let mut annotation = document(&[100.0, 0.0, 200.0]);
        let transaction = interpolate(&annotation, 0.0..9.0).unwrap();
        annotation.apply(transaction).unwrap();
        let again = interpolate(&annotation, 0.0..9.0);
        assert_eq!(refusal(again), Refusal::NothingToDo);
    }
}
