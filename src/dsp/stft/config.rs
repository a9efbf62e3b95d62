//! The settings of a transform.

use std::f64::consts::TAU;

use serde::{Deserialize, Serialize};

use crate::dsp::DspError;
use crate::dsp::error::require;
use crate::melody::FrameGrid;

/// Settings of a short-time Fourier transform, as a network's `config.json` has them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StftConfig {
    /// Sampling rate of the input in Hz.
    pub rate_hz: u32,
    /// Samples of a frame, even.
    pub n_fft: usize,
    /// Samples from one frame to the next, at most half of `n_fft`.
    pub hop: usize,
}

impl StftConfig {
    /// The setting of MAJL (and DJCM): 16 kHz, 2048, 20 ms.
    pub fn majl() -> Self {
        Self {
            rate_hz: 16_000,
            n_fft: 2048,
            hop: 320,
        }
    }

    /// The same at a quarter of a window's hop, 32 ms: fewer frames, hardly a worse ideal mask.
    pub fn coarse() -> Self {
        let hop = 512;
        Self {
            hop,
            ..Self::majl()
        }
    }

    /// Bins of a frame.
    pub fn n_bins(&self) -> usize {
        self.n_fft / 2 + 1
    }

    /// Bins that networks read: all but the last.
    pub fn n_rows(&self) -> usize {
        self.n_fft / 2
    }

    /// Frames of a recording; none of an empty one.
    pub fn n_frames(&self, n_samples: usize) -> usize {
        match n_samples {
            0 => 0,
            n => 1 + n / self.hop,
        }
    }

    /// Times of the frames; the first is centered on the first sample.
    pub fn grid(&self) -> FrameGrid {
        FrameGrid {
            first_secs: 0.0,
            hop_secs: self.hop as f64 / f64::from(self.rate_hz),
        }
    }

    /// Whether there can be such a transform.
    ///
    /// # Errors
    /// [`DspError::Setting`] names the setting that is out of range.
    pub fn check(&self) -> Result<(), DspError> {
        require(self.rate_hz > 0, "rate_hz", "at least 1", self.rate_hz)?;
        require(
            self.n_fft.is_multiple_of(2) && (8..=1 << 20).contains(&self.n_fft),
            "n_fft",
            "even, 8 to 1048576",
            self.n_fft,
        )?;
        let most = self.n_fft / 2;
        require(
            (1..=most).contains(&self.hop),
            "hop",
            format!("1 to half of `n_fft` ({most})"),
            self.hop,
        )
    }

    /// The periodic Hann window.
    pub(super) fn window(&self) -> Vec<f32> {
        let step = TAU / self.n_fft as f64;
        let tap = |k: usize| (0.5 - 0.5 * (step * k as f64).cos()) as f32;
        (0..self.n_fft).map(tap).collect()
    }
}
