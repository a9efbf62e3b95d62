//! The transform of a real, even sequence.

use std::f64::consts::PI;
use std::sync::Arc;

use realfft::{RealFftPlanner, RealToComplex};
use rustfft::num_complex::Complex;

/// Fourier transform of real, even sequences of an even length `n`, which is real and even.
///
/// Only indices 0 to `n / 2` are stored, of input and output. It takes one real
/// transform of half the length (a type-1 cosine transform; Cooley, Lewis & Welch
/// 1970): the even outputs are its real parts, the odd ones the running sum of
/// its imaginary parts.
pub(super) struct CosineTransform {
    half: usize,
    scale: f64,
    /// Sine and cosine of `pi * j / half` for `j` up to a quarter of the length.
    turns: Vec<(f64, f64)>,
    fft: Arc<dyn RealToComplex<f64>>,
}

/// One thread's buffers.
pub(super) struct CosineScratch {
    folded: Vec<f64>,
    bins: Vec<Complex<f64>>,
    fft: Vec<Complex<f64>>,
}

impl CosineTransform {
    /// For sequences of even length `n`, with outputs divided by `sqrt(n)`.
    pub fn new(n: usize, planner: &mut RealFftPlanner<f64>) -> Self {
        let half = n / 2;
        let turn = |j: usize| (PI * j as f64 / half as f64).sin_cos();
        Self {
            half,
            scale: 2.0 / (n as f64).sqrt(),
            turns: (0..half.div_ceil(2)).map(turn).collect(),
            fft: planner.plan_fft_forward(half),
        }
    }

    pub fn scratch(&self) -> CosineScratch {
        CosineScratch {
            folded: self.fft.make_input_vec(),
            bins: self.fft.make_output_vec(),
            fft: self.fft.make_scratch_vec(),
        }
    }

    /// Transforms `input` (`n / 2 + 1` values) to the first outputs, as many as `output` holds.
    pub fn process(&self, input: &[f64], output: &mut [f64], scratch: &mut CosineScratch) {
        let first_odd = self.fold(input, &mut scratch.folded);
        self.fft
            .process_with_scratch(&mut scratch.folded, &mut scratch.bins, &mut scratch.fft)
            .expect("the buffers were made for this plan");
        let mut odd = first_odd;
        for (k, pair) in output.chunks_mut(2).enumerate() {
            if k > 0 {
                odd -= scratch.bins[k].im;
            }
            pair[0] = scratch.bins[k].re * self.scale;
            if let Some(second) = pair.get_mut(1) {
                *second = odd * self.scale;
            }
        }
    }

    /// Folds the sequence to half its length; returns output 1 before scaling.
    fn fold(&self, input: &[f64], folded: &mut [f64]) -> f64 {
        let half = self.half;
        folded[0] = 0.5 * (input[0] + input[half]);
        if half.is_multiple_of(2) {
            folded[half / 2] = input[half / 2];
        }
        let n = self.turns.len();
        let (low, high) = folded.split_at_mut(half - n + 1);
        let mut output_1 = 0.5 * (input[0] - input[half]);
        let forward = low[1..n].iter_mut().zip(&input[1..n]);
        let backward = high
            .iter_mut()
            .rev()
            .zip(input[half - n + 1..half].iter().rev());
        let pairs = forward.zip(backward).zip(&self.turns[1..]);
        for (((left, &a), (right, &b)), &(sin, cos)) in pairs {
            let (mean, difference) = (0.5 * (a + b), a - b);
            *left = mean - sin * difference;
            *right = mean + sin * difference;
            output_1 += cos * difference;
        }
        output_1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_sum_of_cosines() {
        for n in [8, 10, 30, 44, 50] {
            let half = n / 2;
            let input: Vec<f64> = (0..=half).map(|i| ((i * i) as f64).sin()).collect();
            let transform = CosineTransform::new(n, &mut RealFftPlanner::new());
            let mut output = vec![0.0; half + 1];
            transform.process(&input, &mut output, &mut transform.scratch());
            for (k, value) in output.iter().enumerate() {
                let sum: f64 = (0..n)
                    .map(|i| input[i.min(n - i)] * (2.0 * PI * (i * k) as f64 / n as f64).cos())
                    .sum();
                assert!((value - sum / (n as f64).sqrt()).abs() < 1e-13, "{n} {k}");
            }
        }
    }
}
