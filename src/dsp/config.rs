//! The settings of a CFP, and the published sets of them.

use serde::{Deserialize, Serialize};

use super::WindowKind;
use super::error::{DspError, require};
use crate::melody::{FrameGrid, PitchAxis};

/// Settings of a combined frequency and periodicity representation.
///
/// They are part of a network's `config.json`, so training and analysis cannot
/// drift apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CfpConfig {
    /// Sampling rate of the input in Hz.
    pub rate_hz: u32,
    /// Distance of frames in samples.
    pub hop: usize,
    /// Window shape.
    pub window: WindowKind,
    /// Window length in samples; the rest of the transform is zeros.
    pub window_len: usize,
    /// Transform length in samples, even.
    pub n_fft: usize,
    /// Frequency of row 0 in Hz; slower variation is cleared from the last layer.
    pub fmin_hz: f64,
    /// Rows lie below this frequency in Hz; shorter periods are cleared from the cepstrum.
    pub fmax_hz: f64,
    /// Rows in an octave.
    pub bins_per_octave: f64,
    /// Exponents of the magnitude spectrum, the cepstrum, and the cepstrum's spectrum.
    pub gammas: [f64; 3],
}

impl CfpConfig {
    /// Set B: FTANet, HKDSME and SpectMamba ("8K, 768, 80"), as their programs compute it.
    pub fn hkdsme() -> Self {
        Self {
            rate_hz: 8000,
            hop: 80,
            window: WindowKind::BlackmanHarris,
            window_len: 768,
            n_fft: 4000,
            fmin_hz: 31.0,
            fmax_hz: 1250.0,
            bins_per_octave: 60.0,
            gammas: [0.24, 0.6, 1.0],
        }
    }

    /// Set B moved up by 18 rows, so that as many reach sopranos: 38 to 1532 Hz.
    ///
    /// Not farther: of the cepstrum, periods shorter than that of `fmax_hz` are cleared, and what
    /// set B's networks read of it changes with every sample of them that is not.
    pub fn voices() -> Self {
        Self {
            fmin_hz: 38.0,
            fmax_hz: 1540.0,
            ..Self::hkdsme()
        }
    }

    /// Set A: Lu & Su 2018, as their program computes it.
    pub fn lu_su() -> Self {
        Self {
            rate_hz: 16_000,
            hop: 320,
            window_len: 2049,
            n_fft: 8000,
            fmin_hz: 27.5,
            fmax_hz: 4487.0,
            bins_per_octave: 48.0,
            ..Self::hkdsme()
        }
    }

    /// Set C: MSNet's program in its standard vocal setting.
    pub fn msnet() -> Self {
        Self {
            rate_hz: 44_100,
            hop: 256,
            window_len: 2049,
            n_fft: 22_050,
            ..Self::hkdsme()
        }
    }

    /// The same set with the window its paper states: Hann, of an even length.
    ///
    /// HKDSME and Lu & Su state one; MSNet's paper gives none of its own.
    pub fn paper(self) -> Self {
        Self {
            window: WindowKind::Hann,
            window_len: self.window_len & !1,
            ..self
        }
    }

    /// What the rows are in Hz.
    pub fn axis(&self) -> PitchAxis {
        PitchAxis {
            fmin_hz: self.fmin_hz,
            bins_per_octave: self.bins_per_octave,
            n_rows: self.centers_hz().len().saturating_sub(1),
        }
    }

    /// Times of the frames.
    pub fn grid(&self) -> FrameGrid {
        FrameGrid::from_hop(self.hop as f64 / f64::from(self.rate_hz))
    }

    /// Filter centers in Hz: every row's, and one above.
    pub fn centers_hz(&self) -> Vec<f64> {
        (0..)
            .map(|i| self.fmin_hz * (f64::from(i) / self.bins_per_octave).exp2())
            .take_while(|&hz| hz < self.fmax_hz)
            .collect()
    }

    /// Nominal distance of transform bins in Hz (2 Hz in every published set).
    pub fn bin_hz(&self) -> f64 {
        f64::from(self.rate_hz) / self.n_fft as f64
    }

    /// The first quefrency kept in the cepstrum: one period of `fmax_hz`, in samples.
    pub(super) fn first_quefrency(&self) -> usize {
        round(f64::from(self.rate_hz) / self.fmax_hz)
    }

    /// The first bin kept in the cepstrum's spectrum: that of `fmin_hz`.
    pub(super) fn first_bin(&self) -> usize {
        round(self.fmin_hz / self.bin_hz())
    }

    /// Whether a CFP can be computed with these settings.
    ///
    /// # Errors
    /// [`DspError::Setting`] names the first setting that is out of range.
    pub fn check(&self) -> Result<(), DspError> {
        let lowest = 2.0 * self.bin_hz();
        let highest = f64::from(self.rate_hz) / 2.0;
        require(self.rate_hz > 0, "rate_hz", "at least 1", self.rate_hz)?;
        require(self.hop > 0, "hop", "at least 1", self.hop)?;
        require(
            self.n_fft.is_multiple_of(2) && (8..=1 << 20).contains(&self.n_fft),
            "n_fft",
            "even, 8 to 1048576",
            self.n_fft,
        )?;
        require(
            (3..self.n_fft).contains(&self.window_len),
            "window_len",
            format!("at least 3 and less than `n_fft` ({})", self.n_fft),
            self.window_len,
        )?;
        require(
            self.fmin_hz >= lowest,
            "fmin_hz",
            format!("at least {lowest}"),
            self.fmin_hz,
        )?;
        require(
            self.fmax_hz <= highest,
            "fmax_hz",
            format!("at most half the rate ({highest})"),
            self.fmax_hz,
        )?;
        require(
            (1.0..=1200.0).contains(&self.bins_per_octave),
            "bins_per_octave",
            "1 to 1200",
            self.bins_per_octave,
        )?;
        require(
            self.axis().n_rows > 0,
            "fmax_hz",
            "more than a row above `fmin_hz`",
            self.fmax_hz,
        )?;
        require(
            self.gammas.iter().all(|&g| g > 0.0 && g <= 2.0),
            "gammas",
            "above 0 and at most 2",
            format!("{:?}", self.gammas),
        )
    }
}

/// Nearest integer, ties to even, as the reference programs round.
pub(super) fn round(value: f64) -> usize {
    value.round_ties_even() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_sets_have_their_sizes_and_cutoffs() {
        let sizes = |c: CfpConfig| {
            c.check().unwrap();
            (c.axis().n_rows, c.first_quefrency(), c.first_bin())
        };
        assert_eq!(sizes(CfpConfig::lu_su()), (352, 4, 14));
        assert_eq!(sizes(CfpConfig::hkdsme()), (320, 6, 16)); // 31 / 2 = 15.5, a tie
        assert_eq!(sizes(CfpConfig::msnet()), (320, 35, 16));
        assert_eq!(sizes(CfpConfig::lu_su().paper()), (352, 4, 14));
        assert_eq!(CfpConfig::hkdsme().axis(), PitchAxis::HKDSME);
        assert_eq!(sizes(CfpConfig::voices()), (320, 5, 19));
        let highest = CfpConfig::voices().axis().row_to_hz(320.0);
        assert!((1530.0..1535.0).contains(&highest), "{highest}");
        assert_eq!(CfpConfig::lu_su().paper().window_len, 2048);
    }

    #[test]
    fn settings_survive_json() {
        let config = CfpConfig::msnet();
        let text = serde_json::to_string(&config).unwrap();
        assert!(text.contains("\"blackman_harris\""));
        assert_eq!(serde_json::from_str::<CfpConfig>(&text).unwrap(), config);
    }

    #[test]
    fn impossible_settings_are_named() {
        let base = CfpConfig::hkdsme;
        let wrong = [
            (
                "rate_hz",
                CfpConfig {
                    rate_hz: 0,
                    ..base()
                },
            ),
            ("hop", CfpConfig { hop: 0, ..base() }),
            (
                "n_fft",
                CfpConfig {
                    n_fft: 4001,
                    ..base()
                },
            ),
            (
                "window_len",
                CfpConfig {
                    window_len: 4000,
                    ..base()
                },
            ),
            (
                "fmin_hz",
                CfpConfig {
                    fmin_hz: f64::NAN,
                    ..base()
                },
            ),
            (
                "fmax_hz",
                CfpConfig {
                    fmax_hz: 5000.0,
                    ..base()
                },
            ),
            (
                "fmax_hz",
                CfpConfig {
                    fmax_hz: 31.1,
                    ..base()
                },
            ),
            (
                "bins_per_octave",
                CfpConfig {
                    bins_per_octave: 1e9,
                    ..base()
                },
            ),
            (
                "gammas",
                CfpConfig {
                    gammas: [0.24, 0.0, 1.0],
                    ..base()
                },
            ),
        ];
        for (name, config) in wrong {
            let DspError::Setting { field, .. } = config.check().unwrap_err();
            assert_eq!(field, name);
        }
    }
}
