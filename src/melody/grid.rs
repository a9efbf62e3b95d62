//! The times of frames.

use serde::{Deserialize, Serialize};

/// A uniform grid of frames: frame `i` is centred on `first_secs + i * hop_secs`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FrameGrid {
    /// Time of frame 0 in seconds.
    pub first_secs: f64,
    /// Distance of frames in seconds.
    pub hop_secs: f64,
}

impl FrameGrid {
    /// The grid of CFP frames: the first is one hop in, not at zero.
    pub fn from_hop(hop_secs: f64) -> Self {
        Self {
            first_secs: hop_secs,
            hop_secs,
        }
    }

    /// Centre of frame `i` in seconds.
    pub fn time(&self, i: usize) -> f64 {
        self.first_secs + i as f64 * self.hop_secs
    }

    /// The frame nearest to `secs`, or `None` before the first frame's span.
    pub fn nearest(&self, secs: f64) -> Option<usize> {
        let i = ((secs - self.first_secs) / self.hop_secs).round();
        (i >= 0.0).then_some(i as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_undoes_time() {
        let grid = FrameGrid::from_hop(0.01);
        for i in [0, 1, 17, 360_000] {
            assert_eq!(grid.nearest(grid.time(i)), Some(i));
        }
        assert_eq!(grid.nearest(0.001), None);
    }
}
