//! Triangular filters on log-spaced rows.

use super::CfpConfig;
use super::config::round;

/// Weights from transform bins to rows, a short run of bins for each row.
pub struct Filterbank {
    rows: Vec<Filter>,
}

/// One row: the sum of `weights[i] * bin[first + i]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// The first bin with a weight.
    pub first: usize,
    /// Weights from there on; none in an empty row.
    pub weights: Vec<f64>,
}

impl Filter {
    /// Keeps the run of weights from the first to the last that is not zero.
    fn new(first: usize, weights: Vec<f64>) -> Self {
        let Some(skip) = weights.iter().position(|&w| w != 0.0) else {
            return Self::default();
        };
        let end = weights.iter().rposition(|&w| w != 0.0).map_or(0, |i| i + 1);
        Self {
            first: first + skip,
            weights: weights[skip..end].to_vec(),
        }
    }
}

impl Filterbank {
    /// From rows, lowest first.
    pub fn new(rows: Vec<Filter>) -> Self {
        Self { rows }
    }

    /// Filters over frequency: bin `j` of the spectrum to pitch rows.
    ///
    /// Triangles are neither area nor peak normalized. They are evaluated on the
    /// reference programs' axis, an inclusive one of `n_fft / 2` points from zero
    /// to half the rate, slightly wider than the bins. Where the rows are denser
    /// than the bins, several rows copy one bin and others stay empty, row 0 among them.
    pub fn frequency(config: &CfpConfig) -> Self {
        let rate_hz = f64::from(config.rate_hz);
        let bin_hz = config.bin_hz();
        let step = 0.5 / (config.n_fft / 2 - 1) as f64;
        Self::pitch_rows(config, |low, center, high| {
            let first = round(low / bin_hz);
            let end = round(high / bin_hz) + 1;
            if first + 1 >= end {
                return Filter::new(first, vec![1.0]);
            }
            let weight = |j: usize| triangle(rate_hz * (j as f64 * step), low, center, high);
            Filter::new(first, (first..end).map(weight).collect())
        })
    }

    /// Filters over quefrency: sample `j` of the cepstrum, at `rate / j` Hz, to pitch rows.
    ///
    /// High rows with no such sample inside their triangle are empty.
    pub fn quefrency(config: &CfpConfig) -> Self {
        let rate_hz = f64::from(config.rate_hz);
        Self::pitch_rows(config, |low, center, high| {
            let first = round(rate_hz / high);
            let weight = |j: usize| triangle(rate_hz / j as f64, low, center, high);
            Filter::new(first, (first..=round(rate_hz / low)).map(weight).collect())
        })
    }

    /// One filter for each pitch row, from the centers below, at and above it; row 0 is empty.
    fn pitch_rows(config: &CfpConfig, filter: impl Fn(f64, f64, f64) -> Filter) -> Self {
        let centers = config.centers_hz();
        let mut rows = vec![Filter::default()];
        rows.extend(centers.windows(3).map(|c| filter(c[0], c[1], c[2])));
        Self { rows }
    }

    /// The rows, lowest first.
    pub fn rows(&self) -> &[Filter] {
        &self.rows
    }

    /// Number of bins that must be given to [`Filterbank::apply`].
    pub fn n_bins(&self) -> usize {
        let end = |row: &Filter| row.first + row.weights.len();
        self.rows.iter().map(end).max().unwrap_or(0)
    }

    /// Fills one value a row.
    pub fn apply(&self, bins: &[f64], out: &mut [f32]) {
        for (value, row) in out.iter_mut().zip(&self.rows) {
            let weighted = row.weights.iter().zip(&bins[row.first..]);
            *value = weighted.map(|(weight, bin)| weight * bin).sum::<f64>() as f32;
        }
    }
}

/// Height at `x` of a triangle of height 1; a point exactly on the center gets 0,
/// as in the reference programs.
fn triangle(x: f64, low: f64, center: f64, high: f64) -> f64 {
    if low < x && x < center {
        (x - low) / (center - low)
    } else if center < x && x < high {
        (high - x) / (high - center)
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_stay_within_the_crop() {
        for (config, freq, quef) in [
            (CfpConfig::hkdsme(), 626, 259),
            (CfpConfig::lu_su(), 2245, 583),
            (CfpConfig::msnet(), 626, 1424),
        ] {
            assert!(Filterbank::frequency(&config).n_bins() <= freq);
            assert!(Filterbank::quefrency(&config).n_bins() <= quef);
        }
    }

    #[test]
    fn an_empty_row_gives_zero() {
        let bank = Filterbank::frequency(&CfpConfig::hkdsme());
        let mut out = vec![7.0; bank.rows().len()];
        bank.apply(&vec![1.0; bank.n_bins()], &mut out);
        assert_eq!((out[0], out[1], out[5]), (0.0, 1.0, 0.0));
    }

    #[test]
    fn the_center_itself_gets_no_weight() {
        assert_eq!(triangle(2.0, 1.0, 2.0, 3.0), 0.0);
        assert_eq!(triangle(1.5, 1.0, 2.0, 3.0), 0.5);
        assert_eq!(triangle(2.5, 1.0, 2.0, 3.0), 0.5);
    }
}
