//! A recording for the tests of this room.

use std::path::Path;

use crate::analysis::Analysis;
use crate::melody::{F0Track, FrameGrid, Note, PitchAxis};

/// A melody over a picture of nothing.
pub fn analysis(f0: F0Track, notes: &[Note]) -> Analysis {
    let (axis, grid) = (PitchAxis::HKDSME, f0.grid);
    let mut analysis = Analysis::new(Path::new("Wind & <Wetter>.wav"), axis, grid);
    analysis.audio.rate_hz = 16_000;
    analysis.models = vec!["a".into()];
    analysis.f0 = f0;
    analysis.notes = notes.to_vec();
    analysis
}

/// A contour without frames.
pub fn no_contour() -> F0Track {
    F0Track {
        grid: FrameGrid::from_hop(0.01),
        frames: Vec::new(),
    }
}
