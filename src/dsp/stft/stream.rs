//! Block by block; the blocks, put together, do not depend on where they were cut.

use std::sync::Arc;

use rustfft::num_complex::Complex32;

use super::overlap::OverlapAdd;
use super::padding::Padding;
use super::{Spectrum, Stft};

/// Samples → spectra.
pub struct StftStream {
    stft: Arc<Stft>,
    padding: Padding,
    /// Padded samples from the next frame's first on.
    waiting: Vec<f32>,
}

impl StftStream {
    /// At the start of a recording.
    pub fn new(stft: Arc<Stft>) -> Self {
        Self {
            padding: Padding::new(stft.config.n_fft / 2),
            stft,
            waiting: Vec::new(),
        }
    }

    /// Takes samples; returns the spectra of frames that are whole.
    pub fn push(&mut self, samples: &[f32]) -> Spectrum {
        let padded = self.padding.push(samples);
        self.take(&padded)
    }

    /// Ends the recording; returns its last spectra.
    pub fn finish(&mut self) -> Spectrum {
        let padded = self.padding.finish();
        self.take(&padded)
    }

    fn take(&mut self, padded: &[f32]) -> Spectrum {
        self.waiting.extend_from_slice(padded);
        let (n_fft, hop) = (self.stft.config.n_fft, self.stft.config.hop);
        let n_bins = self.stft.config.n_bins();
        let n_frames = match self.waiting.len().checked_sub(n_fft) {
            Some(spare) => spare / hop + 1,
            None => 0,
        };
        let mut values = vec![Complex32::default(); n_frames * n_bins];
        let mut frame = vec![0.0; n_fft];
        for (t, out) in values.chunks_exact_mut(n_bins).enumerate() {
            let samples = &self.waiting[t * hop..][..n_fft];
            self.stft.analyze(samples, &mut frame, out);
        }
        self.waiting.drain(..n_frames * hop);
        Spectrum { n_bins, values }
    }
}

/// Spectra → samples.
pub struct InverseStream {
    stft: Arc<Stft>,
    overlap: OverlapAdd,
    frame: Vec<f32>,
    spectrum: Vec<Complex32>,
    n_given: usize,
}

impl InverseStream {
    /// At the start of a recording.
    pub fn new(stft: Arc<Stft>) -> Self {
        Self {
            overlap: OverlapAdd::new(stft.config.n_fft, stft.config.hop, &stft.window),
            frame: vec![0.0; stft.config.n_fft],
            spectrum: vec![Complex32::default(); stft.config.n_bins()],
            stft,
            n_given: 0,
        }
    }

    /// Takes the spectra of the next frames, one after another; returns the samples that no later
    /// frame changes.
    pub fn push(&mut self, frames: &[Complex32]) -> Vec<f32> {
        let mut samples = Vec::new();
        for frame in frames.chunks_exact(self.spectrum.len()) {
            self.spectrum.copy_from_slice(frame);
            self.stft.synthesize(&mut self.spectrum, &mut self.frame);
            samples.extend(self.overlap.push(&self.frame));
        }
        self.n_given += samples.len();
        samples
    }

    /// Ends a recording of `n_samples`; returns the rest of them.
    pub fn finish(&mut self, n_samples: usize) -> Vec<f32> {
        let mut rest = self.overlap.finish();
        rest.resize(n_samples.saturating_sub(self.n_given), 0.0);
        rest
    }
}

#[cfg(test)]
mod tests {
    use super::super::{StftConfig, tests::noise};
    use super::*;

    #[test]
    fn cuts_change_nothing() {
        let stft = Arc::new(Stft::new(StftConfig {
            rate_hz: 8000,
            n_fft: 256,
            hop: 80,
        }));
        let samples = noise(5000);
        let spectrum = stft.forward(&samples);
        let mut stream = StftStream::new(Arc::clone(&stft));
        let mut inverse = InverseStream::new(Arc::clone(&stft));
        let (mut values, mut back) = (Vec::new(), Vec::new());
        for block in samples.chunks(77) {
            let frames = stream.push(block).values;
            back.extend(inverse.push(&frames));
            values.extend(frames);
        }
        let frames = stream.finish().values;
        back.extend(inverse.push(&frames));
        back.extend(inverse.finish(samples.len()));
        values.extend(frames);
        assert_eq!(values, spectrum.values);
        assert_eq!(back, stft.inverse(&spectrum, samples.len()));
    }
}
