//! The window functions.

use std::f64::consts::TAU;

use serde::{Deserialize, Serialize};

/// Shape of an analysis window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowKind {
    /// Four-term Blackman-Harris, 92 dB side lobes: what the public CFP programs use.
    BlackmanHarris,
    /// Hann: what the papers state.
    Hann,
}

impl WindowKind {
    /// Symmetric (not periodic) window of `len` taps, peak 1.
    pub fn taps(self, len: usize) -> Vec<f64> {
        let last = len.saturating_sub(1).max(1) as f64;
        (0..len)
            .map(|k| self.value(TAU * k as f64 / last))
            .collect()
    }

    /// Value at `angle`, which runs from 0 to 2 pi over the window.
    fn value(self, angle: f64) -> f64 {
        match self {
            WindowKind::BlackmanHarris => {
                0.35875 - 0.48829 * angle.cos() + 0.14128 * (2.0 * angle).cos()
                    - 0.01168 * (3.0 * angle).cos()
            }
            WindowKind::Hann => 0.5 - 0.5 * angle.cos(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_symmetric_with_the_peak_in_the_middle() {
        for kind in [WindowKind::BlackmanHarris, WindowKind::Hann] {
            let taps = kind.taps(2049);
            assert!((taps[1024] - 1.0).abs() < 1e-12);
            for k in 0..1024 {
                assert!((taps[k] - taps[2048 - k]).abs() < 1e-12);
            }
        }
        assert!((WindowKind::BlackmanHarris.taps(768)[0] - 6e-5).abs() < 1e-12);
    }

    #[test]
    fn tiny_windows_are_finite() {
        for len in 0..3 {
            assert!(WindowKind::Hann.taps(len).iter().all(|v| v.is_finite()));
        }
    }
}
