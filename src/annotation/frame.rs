//! A frame of the contour and who decided it.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::AnnotationError;
use crate::melody::F0Frame;

/// Who decided a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provenance {
    /// The networks; its voicing follows the threshold.
    #[default]
    Model,
    /// A person, pitch and voicing.
    Human,
    /// A person asked for it, and it was drawn between frames beside it.
    Interpolated,
}

/// One frame and who decided it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AnnotatedFrame {
    /// Pitch and voicing. The confidence stays the networks': what a person did shows in
    /// `provenance`.
    pub f0: F0Frame,
    /// Who decided it.
    pub provenance: Provenance,
}

/// Stretches of the frames of `range` in which `is` holds, in order.
pub fn stretches(range: Range<usize>, is: impl Fn(usize) -> bool) -> Vec<Range<usize>> {
    let mut stretches: Vec<Range<usize>> = Vec::new();
    for i in range.filter(|&i| is(i)) {
        match stretches.last_mut() {
            Some(last) if last.end == i => last.end += 1,
            _ => stretches.push(i..i + 1),
        }
    }
    stretches
}

/// Whether these may be frames `start..`.
pub(super) fn check_frames(
    start: usize,
    frames: impl Iterator<Item = AnnotatedFrame>,
) -> Result<(), AnnotationError> {
    for (i, frame) in frames.enumerate() {
        if let Some(problem) = problem(&frame) {
            let at = start + i;
            return Err(AnnotationError::Frame { at, problem });
        }
    }
    Ok(())
}

fn problem(frame: &AnnotatedFrame) -> Option<&'static str> {
    let f0 = &frame.f0;
    if !(f0.f0_hz.is_finite() && f0.f0_hz >= 0.0) {
        return Some("f0 must be a finite number of Hz, 0 or above");
    }
    if !(0.0..=1.0).contains(&f0.confidence) {
        return Some("confidence must lie within 0 and 1");
    }
    let pitchless = f0.voiced && f0.f0_hz == 0.0 && frame.provenance != Provenance::Model;
    pitchless.then_some("a voiced frame must have a pitch")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_ends_where_it_no_longer_holds() {
        let found = stretches(0..8, |i| [1, 2, 5, 7].contains(&i));
        assert_eq!(found, [1..3, 5..6, 7..8]);
    }
}
