//! The short-time Fourier transform and its inverse, which gives back what went in.
//!
//! - [`StftConfig`], [`Stft`]: settings, and a whole recording there and back.
//! - [`stream`]: the same, block by block.
//! - [`gradient`]: how a spectrum's samples move with the spectrum.
//! - [`mask`]: the voice's part of a spectrum.
//!
//! Frame `t` is centered on sample `t * hop`; what lies beyond either end is the recording
//! mirrored. The window is a periodic Hann, there and back; the inverse divides by the sum of its
//! squares, so that overlap-add is exact for every hop up to half a window.

mod config;
pub mod gradient;
pub mod mask;
mod overlap;
mod padding;
pub mod stream;

use std::sync::Arc;

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use rustfft::num_complex::Complex32;

pub use config::StftConfig;
pub use stream::{InverseStream, StftStream};

/// Spectra of frames, one after another.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spectrum {
    /// Bins of a frame, from 0 Hz to half the rate.
    pub n_bins: usize,
    /// Frame after frame.
    pub values: Vec<Complex32>,
}

impl Spectrum {
    /// Number of frames.
    pub fn n_frames(&self) -> usize {
        self.values.len() / self.n_bins.max(1)
    }

    /// The frames one by one.
    pub fn frames(&self) -> impl ExactSizeIterator<Item = &[Complex32]> {
        self.values.chunks_exact(self.n_bins.max(1))
    }

    /// Magnitudes of the first `n_rows` bins, `[n_rows, frames]`.
    pub fn magnitudes(&self, n_rows: usize) -> Vec<f32> {
        let n_frames = self.n_frames();
        let mut out = vec![0.0; n_rows * n_frames];
        for (t, frame) in self.frames().enumerate() {
            for (row, value) in frame.iter().take(n_rows).enumerate() {
                out[row * n_frames + t] = value.norm();
            }
        }
        out
    }
}

/// The transform of one setting. Cheap to share among threads.
pub struct Stft {
    config: StftConfig,
    window: Vec<f32>,
    forward: Arc<dyn RealToComplex<f32>>,
    backward: Arc<dyn ComplexToReal<f32>>,
}

impl Stft {
    /// For settings that were checked ([`StftConfig::check`]).
    pub fn new(config: StftConfig) -> Self {
        let mut planner = RealFftPlanner::new();
        Self {
            window: config.window(),
            forward: planner.plan_fft_forward(config.n_fft),
            backward: planner.plan_fft_inverse(config.n_fft),
            config,
        }
    }

    /// Its settings.
    pub fn config(&self) -> &StftConfig {
        &self.config
    }

    /// The spectra of a whole recording, [`StftConfig::n_frames`] of them.
    pub fn forward(self: &Arc<Self>, samples: &[f32]) -> Spectrum {
        let mut stream = StftStream::new(Arc::clone(self));
        let mut spectrum = stream.push(samples);
        spectrum.values.extend(stream.finish().values);
        spectrum
    }

    /// The `n_samples` samples of spectra; those of [`Stft::forward`] give what it was given.
    pub fn inverse(self: &Arc<Self>, spectrum: &Spectrum, n_samples: usize) -> Vec<f32> {
        let mut stream = InverseStream::new(Arc::clone(self));
        let mut samples = stream.push(&spectrum.values);
        samples.extend(stream.finish(n_samples));
        samples
    }

    /// The spectrum of `n_fft` samples, windowed.
    fn analyze(&self, samples: &[f32], frame: &mut [f32], out: &mut [Complex32]) {
        for ((frame, sample), tap) in frame.iter_mut().zip(samples).zip(&self.window) {
            *frame = sample * tap;
        }
        let done = self.forward.process(frame, out);
        debug_assert!(done.is_ok(), "{done:?}");
    }

    /// The `n_fft` samples of a frame, windowed again. The spectrum is spent.
    fn synthesize(&self, spectrum: &mut [Complex32], frame: &mut [f32]) {
        // Of a real signal both ends are real; what a mask left there besides has no sound.
        if let [first, .., last] = spectrum {
            (first.im, last.im) = (0.0, 0.0);
        }
        let done = self.backward.process(spectrum, frame);
        debug_assert!(done.is_ok(), "{done:?}");
        let scale = 1.0 / self.config.n_fft as f32;
        for (sample, tap) in frame.iter_mut().zip(&self.window) {
            *sample *= scale * tap;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    pub fn noise(len: usize) -> Vec<f32> {
        (0..len)
            .map(|i| ((i * 7919 % 1000) as f32 / 500.0) - 1.0)
            .collect()
    }

    fn stft(n_fft: usize, hop: usize) -> Arc<Stft> {
        let config = StftConfig {
            rate_hz: 16_000,
            n_fft,
            hop,
        };
        config.check().unwrap();
        Arc::new(Stft::new(config))
    }

    proptest! {
        #[test]
        fn the_inverse_gives_back_what_went_in(
            n in 1..9000usize,
            (n_fft, hop) in prop_oneof![Just((2048, 320)), Just((2048, 512)), Just((64, 32)), Just((32, 5))],
        ) {
            let stft = stft(n_fft, hop);
            let samples = noise(n);
            let spectrum = stft.forward(&samples);
            prop_assert_eq!(spectrum.n_frames(), stft.config().n_frames(n));
            let back = stft.inverse(&spectrum, n);
            prop_assert_eq!(back.len(), n);
            // At half a window's hop the last samples lie under the window's very end.
            let reliable = if 2 * hop == n_fft { n - n % hop } else { n };
            for (found, expected) in back.iter().zip(&samples).take(reliable) {
                prop_assert!((found - expected).abs() < 2e-6, "{} {}", found, expected);
            }
        }
    }

    #[test]
    fn of_nothing_there_is_nothing() {
        let stft = stft(2048, 512);
        let spectrum = stft.forward(&[]);
        assert_eq!(spectrum.n_frames(), 0);
        assert!(stft.inverse(&spectrum, 0).is_empty());
    }

    #[test]
    fn a_tone_stands_in_its_bin() {
        let stft = stft(256, 64);
        let tone: Vec<f32> = (0..2560)
            .map(|i| (std::f32::consts::TAU * 32.0 * i as f32 / 256.0).cos())
            .collect();
        let spectrum = stft.forward(&tone);
        let frame = spectrum.frames().nth(20).unwrap();
        // Half the window's sum, 64; its neighbors half of that.
        assert!((frame[32].re - 64.0).abs() < 1e-3, "{}", frame[32]);
        assert!((frame[33].re + 32.0).abs() < 1e-3, "{}", frame[33]);
        assert!(frame[40].norm() < 1e-3);
        let rows = spectrum.magnitudes(128);
        let n_frames = spectrum.n_frames();
        assert_eq!(rows.len(), 128 * n_frames);
        assert_eq!(rows[32 * n_frames + 20], frame[32].norm());
    }
}
