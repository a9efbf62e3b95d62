//! The settings of a log-mel spectrogram, and the bands that follow from them.

use serde::{Deserialize, Serialize};

use super::CfpConfig;
use super::error::{DspError, require};
use super::filterbank::{Filter, Filterbank};
use crate::melody::FrameGrid;

/// Settings of a log-mel spectrogram.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogMelConfig {
    /// Sampling rate of the input in Hz.
    pub rate_hz: u32,
    /// Distance of frames in samples.
    pub hop: usize,
    /// Length of the window in samples.
    pub window_len: usize,
    /// Number of mel bands.
    pub n_bands: usize,
    /// Lower edge of the lowest band in Hz.
    pub fmin_hz: f64,
    /// Upper edge of the highest band in Hz.
    pub fmax_hz: f64,
}

impl LogMelConfig {
    /// Those of the voicing network: 80 bands of 40 to 6500 Hz, on the frames of CFP set B.
    pub fn voicing() -> Self {
        Self {
            rate_hz: 16_000,
            hop: 160,
            window_len: 1024,
            n_bands: 80,
            fmin_hz: 40.0,
            fmax_hz: 6500.0,
        }
    }

    /// About those of the voicing network, on the frames of a CFP.
    pub fn beside(cfp: &CfpConfig) -> Self {
        let voicing = Self::voicing();
        let times = voicing.rate_hz.div_ceil(cfp.rate_hz.max(1));
        let rate_hz = times * cfp.rate_hz;
        let longer = f64::from(rate_hz) / f64::from(voicing.rate_hz);
        Self {
            rate_hz,
            hop: times as usize * cfp.hop,
            window_len: (longer * voicing.window_len as f64).round() as usize,
            ..voicing
        }
    }

    /// Those of Kaldi as networks of speech use them: 80 bands of 20 to 8000 Hz, 25 ms every 10 ms.
    pub fn kaldi() -> Self {
        Self {
            window_len: 400,
            fmin_hz: 20.0,
            fmax_hz: 8000.0,
            ..Self::voicing()
        }
    }

    /// Times of the frames: those of a CFP of the same hop.
    pub fn grid(&self) -> FrameGrid {
        FrameGrid::from_hop(self.hop as f64 / f64::from(self.rate_hz))
    }

    /// Whether a spectrogram can be computed with these settings.
    ///
    /// # Errors
    /// [`DspError::Setting`] names the first setting that is out of range.
    pub fn check(&self) -> Result<(), DspError> {
        let half = f64::from(self.rate_hz) / 2.0;
        require(self.rate_hz > 0, "rate_hz", "at least 1", self.rate_hz)?;
        require(self.hop > 0, "hop", "at least 1", self.hop)?;
        require(
            (3..=1 << 18).contains(&self.window_len),
            "window_len",
            "3 to 262144",
            self.window_len,
        )?;
        require(
            (1..=1024).contains(&self.n_bands),
            "n_bands",
            "1 to 1024",
            self.n_bands,
        )?;
        require(self.fmin_hz >= 0.0, "fmin_hz", "at least 0", self.fmin_hz)?;
        require(
            self.fmax_hz > self.fmin_hz && self.fmax_hz <= half,
            "fmax_hz",
            format!("above `fmin_hz` and at most half the rate ({half})"),
            self.fmax_hz,
        )
    }

    /// Frequencies of the bands' peaks in Hz.
    pub fn centers_hz(&self) -> Vec<f64> {
        let corners = self.corners_hz();
        corners[1..=self.n_bands].to_vec()
    }

    /// Distance of the spectrum's bins in Hz.
    pub fn bin_hz(&self) -> f64 {
        f64::from(self.rate_hz) / self.n_fft() as f64
    }

    /// Bins of a frame's spectrum, from zero to half the rate.
    pub fn n_bins(&self) -> usize {
        self.n_fft() / 2 + 1
    }

    /// Transform length: at least twice the window, so that narrow low bands hold a bin.
    pub(super) fn n_fft(&self) -> usize {
        (2 * self.window_len).next_power_of_two()
    }

    /// Corners of the triangles, evenly spaced in HTK mel.
    fn corners_hz(&self) -> Vec<f64> {
        let (low, high) = (hz_to_mel(self.fmin_hz), hz_to_mel(self.fmax_hz));
        let step = (high - low) / (self.n_bands + 1) as f64;
        (0..self.n_bands + 2)
            .map(|i| mel_to_hz(low + step * i as f64))
            .collect()
    }

    /// Triangles of height 1 over frequency.
    pub(super) fn filterbank(&self) -> Filterbank {
        let (bin_hz, corners) = (self.bin_hz(), self.corners_hz());
        let filter = |c: &[f64]| {
            let first = (c[0] / bin_hz).ceil() as usize;
            let last = ((c[2] / bin_hz).floor() as usize).min(self.n_fft() / 2);
            let weight = |j: usize| {
                let hz = j as f64 * bin_hz;
                ((hz - c[0]) / (c[1] - c[0]))
                    .min((c[2] - hz) / (c[2] - c[1]))
                    .max(0.0)
            };
            Filter {
                first,
                weights: (first..=last).map(weight).collect(),
            }
        };
        Filterbank::new(corners.windows(3).map(filter).collect())
    }
}

/// HTK's mel scale.
pub(super) fn hz_to_mel(hz: f64) -> f64 {
    2595.0 * (1.0 + hz / 700.0).log10()
}

fn mel_to_hz(mel: f64) -> f64 {
    700.0 * (10_f64.powf(mel / 2595.0) - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_band_holds_a_bin() {
        let short = LogMelConfig {
            window_len: 400,
            fmin_hz: 30.0,
            fmax_hz: 8000.0,
            ..LogMelConfig::voicing()
        };
        for (config, n_bins) in [(short, 513), (LogMelConfig::voicing(), 1025)] {
            let bank = config.filterbank();
            assert_eq!(bank.rows().len(), 80);
            assert!(bank.rows().iter().all(|row| !row.weights.is_empty()));
            assert!(bank.n_bins() <= n_bins);
        }
    }

    #[test]
    fn impossible_settings_are_named() {
        let config = LogMelConfig {
            fmax_hz: 9000.0,
            ..LogMelConfig::voicing()
        };
        let error = config.check().unwrap_err();
        assert!(error.to_string().contains("`fmax_hz`"));
        assert!(LogMelConfig::voicing().check().is_ok());
    }
}
