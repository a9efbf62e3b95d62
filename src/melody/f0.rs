//! The contour, with pitch, confidence and voicing kept apart.

use serde::{Deserialize, Serialize};

use super::FrameGrid;

/// Fundamental frequency of one frame.
///
/// `f0_hz` is the estimate even where `voiced` is false; it is 0 only where
/// there is none at all (silence). Only files write 0 Hz for unvoiced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct F0Frame {
    /// Estimate in Hz.
    pub f0_hz: f32,
    /// How sure it is that there is a voice here, 0 to 1; the voicing threshold moves on it.
    pub confidence: f32,
    /// Whether the melody sounds.
    pub voiced: bool,
}

/// f0 on a uniform grid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct F0Track {
    /// Times of the frames.
    pub grid: FrameGrid,
    /// One value a frame.
    pub frames: Vec<F0Frame>,
}

impl F0Track {
    /// Centre times of the frames in seconds.
    pub fn times(&self) -> impl Iterator<Item = f64> + '_ {
        (0..self.frames.len()).map(|i| self.grid.time(i))
    }

    /// Decides voicing again: voiced where the confidence is at least `threshold`.
    pub fn revoice(&mut self, threshold: f32) {
        for frame in &mut self.frames {
            frame.voiced = frame.f0_hz > 0.0 && frame.confidence >= threshold;
        }
    }
}
