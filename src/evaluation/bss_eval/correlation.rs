//! Correlation at the lags of a filter, and filtering, piece by piece.

use std::sync::Arc;

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use rustfft::num_complex::Complex64;

/// Samples of a transform, many filters long.
const SIZE: usize = 1 << 14;

/// Transforms for filters of so many taps.
pub(super) struct Correlator {
    taps: usize,
    forward: Arc<dyn RealToComplex<f64>>,
    backward: Arc<dyn ComplexToReal<f64>>,
}

impl Correlator {
    pub fn new(taps: usize) -> Self {
        let mut planner = RealFftPlanner::new();
        Self {
            taps,
            forward: planner.plan_fft_forward(SIZE),
            backward: planner.plan_fft_inverse(SIZE),
        }
    }

    /// Sums of `first[n] * second[n + lag]` for lags from `1 - taps` to `taps - 1`.
    pub fn correlate(&self, first: &[f64], second: &[f64]) -> Vec<f64> {
        let reach = self.taps - 1;
        let piece = SIZE - 2 * reach;
        let mut lags = vec![0.0; 2 * reach + 1];
        for start in (0..first.len()).step_by(piece) {
            let end = first.len().min(start + piece);
            let x = self.spectrum(first[start..end].iter().copied());
            // What the piece can meet: from `reach` before it to `reach` after it.
            let from = start as isize - reach as isize;
            let around = (0..(end - start + 2 * reach) as isize).map(|i| {
                let at = usize::try_from(from + i).ok();
                at.and_then(|at| second.get(at)).copied().unwrap_or(0.0)
            });
            let y = self.spectrum(around);
            let products = x.iter().zip(&y).map(|(x, y)| x.conj() * y).collect();
            let found = self.samples(products);
            for (sum, found) in lags.iter_mut().zip(found) {
                *sum += found;
            }
        }
        lags
    }

    /// Adds `signal`, filtered, to `sum`, which is longer by the filter's tail.
    pub fn add_filtered(&self, signal: &[f64], filter: &[f64], sum: &mut [f64]) {
        let piece = SIZE - self.taps + 1;
        let response = self.spectrum(filter.iter().copied());
        for start in (0..signal.len()).step_by(piece) {
            let end = signal.len().min(start + piece);
            let x = self.spectrum(signal[start..end].iter().copied());
            let products = x.iter().zip(&response).map(|(x, h)| x * h).collect();
            let found = self.samples(products);
            let tail = sum.iter_mut().skip(start);
            for (sum, found) in tail.zip(found).take(end - start + self.taps - 1) {
                *sum += found;
            }
        }
    }

    fn spectrum(&self, samples: impl Iterator<Item = f64>) -> Vec<Complex64> {
        let mut frame = self.forward.make_input_vec();
        frame.iter_mut().zip(samples).for_each(|(f, x)| *f = x);
        let mut spectrum = self.forward.make_output_vec();
        let done = self.forward.process(&mut frame, &mut spectrum);
        debug_assert!(done.is_ok(), "{done:?}");
        spectrum
    }

    fn samples(&self, mut spectrum: Vec<Complex64>) -> Vec<f64> {
        if let [first, .., last] = &mut spectrum[..] {
            (first.im, last.im) = (0.0, 0.0);
        }
        let mut samples = self.backward.make_output_vec();
        let done = self.backward.process(&mut spectrum, &mut samples);
        debug_assert!(done.is_ok(), "{done:?}");
        let scale = 1.0 / SIZE as f64;
        samples.iter_mut().for_each(|x| *x *= scale);
        samples
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(n: usize, step: usize) -> Vec<f64> {
        (0..n)
            .map(|i| (i * step % 1009) as f64 / 504.0 - 1.0)
            .collect()
    }

    #[test]
    fn pieces_give_the_sums_of_the_whole() {
        let correlator = Correlator::new(8);
        let (a, b) = (noise(40_000, 7919), noise(39_000, 104_729));
        let lags = correlator.correlate(&a, &b);
        assert_eq!(lags.len(), 15);
        for (i, found) in lags.iter().enumerate() {
            let lag = i as isize - 7;
            let products = a.iter().enumerate().filter_map(|(n, x)| {
                let at = usize::try_from(n as isize + lag).ok()?;
                Some(x * b.get(at)?)
            });
            let expected: f64 = products.sum();
            assert!((found - expected).abs() < 1e-6, "{lag}: {found} {expected}");
        }
    }

    #[test]
    fn pieces_are_filtered_as_the_whole() {
        let correlator = Correlator::new(3);
        let signal = noise(40_000, 7919);
        let mut sum = vec![0.0; 40_002];
        correlator.add_filtered(&signal, &[0.5, 0.0, -1.0], &mut sum);
        for at in [0usize, 1, 2, 16_381, 16_382, 16_383, 39_999, 40_001] {
            let x = |back: usize| {
                let at = at.checked_sub(back);
                at.and_then(|at: usize| signal.get(at)).unwrap_or(&0.0)
            };
            let expected = 0.5 * x(0) - x(2);
            assert!((sum[at] - expected).abs() < 1e-9, "{at}");
        }
    }
}
