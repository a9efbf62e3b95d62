//! How much of what lies above the network's band is the voice.

use crate::dsp::{Spectrum, StftConfig};

/// Part of the network's band that stands for what lies above: its upper octave, but for the last
/// bins, which resampling softens.
const FROM: f32 = 0.55;
const TO: f32 = 0.95;

/// The voice's share of the magnitude in the upper octave, frame by frame, drawn out to samples.
pub(super) struct HighBand {
    bins: std::ops::Range<usize>,
    frames_per_sample: f64,
    /// Shares of the frames from number `first` on.
    shares: Vec<f32>,
    first: usize,
    n_taken: u64,
}

impl HighBand {
    /// For a recording of `rate_hz`.
    pub fn new(stft: &StftConfig, rate_hz: u32) -> Self {
        let bin = |part: f32| (part * stft.n_rows() as f32) as usize;
        let frame_secs = stft.hop as f64 / f64::from(stft.rate_hz);
        Self {
            bins: bin(FROM)..bin(TO),
            frames_per_sample: 1.0 / (f64::from(rate_hz) * frame_secs),
            shares: Vec::new(),
            first: 0,
            n_taken: 0,
        }
    }

    /// Takes the next frames of the mix and of its voice.
    pub fn push(&mut self, mix: &Spectrum, voice: &Spectrum) {
        let energy = |frame: &[_]| -> f32 {
            let bins = frame[self.bins.clone()].iter();
            bins.map(rustfft::num_complex::Complex32::norm_sqr).sum()
        };
        let share = |(mix, voice)| {
            let (mix, voice) = (energy(mix), energy(voice));
            if mix > 0.0 {
                (voice / mix).sqrt().min(1.0)
            } else {
                0.0
            }
        };
        self.shares
            .extend(mix.frames().zip(voice.frames()).map(share));
    }

    /// The shares at the next `n` samples.
    pub fn take(&mut self, n: usize) -> Vec<f32> {
        let gains = (0..n as u64).map(|i| self.at(self.n_taken + i)).collect();
        self.n_taken += n as u64;
        let passed = (self.n_taken as f64 * self.frames_per_sample) as usize;
        let dropped = (passed - self.first).min(self.shares.len().saturating_sub(1));
        self.shares.drain(..dropped);
        self.first += dropped;
        gains
    }

    /// Between the centers of two frames; the last one's after it.
    fn at(&self, sample: u64) -> f32 {
        let place = sample as f64 * self.frames_per_sample;
        let share = |frame: usize| {
            let within = frame.saturating_sub(self.first);
            self.shares
                .get(within)
                .or(self.shares.last())
                .copied()
                .unwrap_or(0.0)
        };
        let frame = place as usize;
        let (before, after) = (share(frame), share(frame + 1));
        before + place.fract() as f32 * (after - before)
    }
}

#[cfg(test)]
mod tests {
    use rustfft::num_complex::Complex32;

    use super::*;

    #[test]
    fn shares_run_in_a_line_from_frame_to_frame() {
        let stft = StftConfig {
            rate_hz: 16_000,
            n_fft: 16,
            hop: 4,
        };
        let mut band = HighBand::new(&stft, 32_000); // eight samples a frame
        let spectrum = |sizes: &[f32]| Spectrum {
            n_bins: 9,
            values: sizes
                .iter()
                .flat_map(|&size| vec![Complex32::new(size, 0.0); 9])
                .collect(),
        };
        band.push(&spectrum(&[2.0, 2.0, 0.0]), &spectrum(&[0.0, 1.0, 0.0]));
        let mut gains = band.take(5);
        gains.extend(band.take(15));
        let expected = [0.0, 0.125, 0.25, 0.375, 0.5, 0.375, 0.25, 0.125, 0.0, 0.0];
        let every_second: Vec<f32> = gains.iter().copied().step_by(2).collect();
        for (found, expected) in every_second.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6, "{every_second:?}");
        }
    }
}
