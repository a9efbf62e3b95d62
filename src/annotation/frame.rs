//! A frame of the contour and who decided it.

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
