//! The log-frequency rows of features and network outputs.

use serde::{Deserialize, Serialize};

/// Rows spaced evenly in log frequency: row `k` is `fmin_hz * 2^(k / bins_per_octave)` Hz.
///
/// Feature rows run from 0 to `n_rows - 1`. Pitch classes run from 1 to `n_rows`,
/// class `k` at the frequency of row `k`; class 0 means "no melody".
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PitchAxis {
    /// Frequency of row 0 in Hz.
    pub fmin_hz: f64,
    /// Rows in an octave.
    pub bins_per_octave: f64,
    /// Number of feature rows.
    pub n_rows: usize,
}

impl PitchAxis {
    /// CFP set B, that of FTANet, HKDSME and SpectMamba: 31 Hz, 60 rows an octave, 320 rows.
    pub const HKDSME: Self = Self {
        fmin_hz: 31.0,
        bins_per_octave: 60.0,
        n_rows: 320,
    };

    /// Frequency of a (fractional) row in Hz.
    pub fn row_to_hz(&self, row: f64) -> f64 {
        self.fmin_hz * (row / self.bins_per_octave).exp2()
    }

    /// Fractional row of a frequency; not finite for `hz <= 0`.
    pub fn hz_to_row(&self, hz: f64) -> f64 {
        self.bins_per_octave * (hz / self.fmin_hz).log2()
    }

    /// Pitch class of a voiced f0 by rounding, held to 1..=`n_rows`.
    pub fn hz_to_class(&self, hz: f64) -> usize {
        self.hz_to_row(hz).round().clamp(1.0, self.n_rows as f64) as usize
    }

    /// Pitch class of a voiced f0, or 0 where it lies beyond the rows.
    pub fn class_within(&self, hz: f64) -> usize {
        let row = self.hz_to_row(hz).round();
        if (1.0..=self.n_rows as f64).contains(&row) {
            row as usize
        } else {
            0
        }
    }

    /// Number of classes: "no melody" and one for each row.
    pub const fn n_classes(&self) -> usize {
        self.n_rows + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_round_and_hold_at_the_ends() {
        let axis = PitchAxis::HKDSME;
        for class in [1, 60, 200, 320] {
            assert_eq!(axis.hz_to_class(axis.row_to_hz(class as f64)), class);
        }
        assert_eq!(axis.hz_to_class(5.0), 1);
        assert_eq!(axis.hz_to_class(9000.0), 320);
        assert_eq!(axis.class_within(axis.row_to_hz(320.4)), 320);
        assert_eq!(axis.class_within(axis.row_to_hz(320.6)), 0);
        assert_eq!(axis.class_within(axis.row_to_hz(0.4)), 0);
        assert_eq!(axis.class_within(0.0), 0);
    }
}
