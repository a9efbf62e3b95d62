//! How a spectrum's samples move with the spectrum.

use std::sync::Arc;

use rustfft::num_complex::Complex32;

use super::{Spectrum, Stft, overlap};

impl Stft {
    /// The gradient by the real and imaginary parts of a spectrum, for one by its samples.
    ///
    /// `by_samples` is the gradient of some value by the samples of [`Stft::inverse`] for
    /// `n_frames` frames. Returns, laid like the spectrum, the value's gradient by its real parts
    /// and, as imaginary parts, by its imaginary ones.
    pub fn inverse_gradient(self: &Arc<Self>, by_samples: &[f32], n_frames: usize) -> Spectrum {
        let (n_fft, hop) = (self.config.n_fft, self.config.hop);
        let n_bins = self.config.n_bins();
        let weights = overlap::weights(&self.window, hop, n_frames, by_samples.len());
        // What was cut off in front of the recording and behind it has no gradient.
        let mut padded = vec![0.0; n_frames.saturating_sub(1) * hop + n_fft];
        let inside = padded.iter_mut().skip(n_fft / 2);
        for (padded, (by, weight)) in inside.zip(by_samples.iter().zip(weights)) {
            *padded = overlap::normalized(*by, weight);
        }
        let mut values = vec![Complex32::default(); n_frames * n_bins];
        let mut frame = vec![0.0; n_fft];
        for (t, out) in values.chunks_exact_mut(n_bins).enumerate() {
            self.analyze(&padded[t * hop..][..n_fft], &mut frame, out);
            // Bins between the ends stand for their mirror images too.
            let scale = 1.0 / n_fft as f32;
            out.iter_mut().for_each(|value| *value *= 2.0 * scale);
            if let [first, .., last] = out {
                *first *= 0.5;
                *last *= 0.5;
            }
        }
        Spectrum { n_bins, values }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{StftConfig, tests::noise};
    use super::*;

    #[test]
    fn it_is_the_slope_of_the_inverse() {
        for n in [400, 333] {
            let stft = Arc::new(Stft::new(StftConfig {
                rate_hz: 8000,
                n_fft: 64,
                hop: 20,
            }));
            let spectrum = stft.forward(&noise(n));
            let by_samples: Vec<f32> = (0..n).map(|i| (i as f32 * 0.7).sin()).collect();
            let value = |spectrum: &Spectrum| -> f64 {
                let samples = stft.inverse(spectrum, n);
                let products = samples.iter().zip(&by_samples);
                products.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
            };
            let gradient = stft.inverse_gradient(&by_samples, spectrum.n_frames());
            assert_eq!(gradient.values.len(), spectrum.values.len());
            for at in (0..spectrum.values.len()).step_by(29) {
                let slope = |step: Complex32| {
                    let moved = |sign: f32| {
                        let mut moved = spectrum.clone();
                        moved.values[at] += step * sign;
                        value(&moved)
                    };
                    (moved(1.0) - moved(-1.0)) / 2.0
                };
                let found = gradient.values[at];
                let re = slope(Complex32::new(1.0, 0.0));
                let im = slope(Complex32::new(0.0, 1.0));
                assert!((re - f64::from(found.re)).abs() < 1e-4, "{re} {found}");
                assert!((im - f64::from(found.im)).abs() < 1e-4, "{im} {found}");
            }
        }
    }
}
