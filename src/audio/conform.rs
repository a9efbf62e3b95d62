//! Sound that changes its rate or channels on the way, brought to one shape.

use super::error::AudioError;
use super::resample::{MAX_RATE_HZ, MIN_RATE_HZ, Resampler};

/// Rate and channels of decoded sound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateAndChannels {
    pub rate_hz: u32,
    pub n_channels: usize,
}

impl RateAndChannels {
    /// Whether sound can have it.
    pub fn is_possible(self) -> bool {
        (MIN_RATE_HZ..=MAX_RATE_HZ).contains(&self.rate_hz) && self.n_channels > 0
    }
}

/// Brings sound of any shape to that of the file's first.
#[derive(Default)]
pub struct Conformer {
    shape: RateAndChannels,
    /// The rate that comes in now, and a resampler for each channel if it is another.
    rate_hz: u32,
    resamplers: Vec<Resampler>,
}

impl Conformer {
    /// Sound comes out in this shape.
    pub fn new(shape: RateAndChannels) -> Self {
        Self {
            shape,
            rate_hz: shape.rate_hz,
            resamplers: Vec::new(),
        }
    }

    /// Converts a piece of sound that follows the one before.
    ///
    /// # Errors
    /// [`AudioError::Rate`] if no resampler takes its rate.
    pub fn convert(&mut self, rate_hz: u32, samples: &mut Vec<Vec<f32>>) -> Result<(), AudioError> {
        fold(samples, self.shape.n_channels);
        let mut tail = Vec::new();
        if rate_hz != self.rate_hz {
            tail = self.finish();
            if rate_hz != self.shape.rate_hz {
                let resampler = |_| Resampler::new(rate_hz, self.shape.rate_hz);
                let resamplers = (0..self.shape.n_channels).map(resampler);
                self.resamplers = resamplers.collect::<Result<_, _>>()?;
            }
            self.rate_hz = rate_hz;
        }
        for (channel, resampler) in samples.iter_mut().zip(&mut self.resamplers) {
            *channel = resampler.push(channel);
        }
        for (channel, tail) in samples.iter_mut().zip(tail) {
            channel.splice(..0, tail);
        }
        Ok(())
    }

    /// What is still held back, at the end; empty if nothing is.
    pub fn finish(&mut self) -> Vec<Vec<f32>> {
        self.rate_hz = self.shape.rate_hz;
        let mut resamplers = std::mem::take(&mut self.resamplers);
        resamplers.iter_mut().map(Resampler::finish).collect()
    }
}

/// Makes `n_channels` of any number: one is copied, others give way to their mean.
fn fold(samples: &mut Vec<Vec<f32>>, n_channels: usize) {
    if samples.len() != n_channels {
        let mono = super::downmix(samples);
        *samples = vec![mono; n_channels];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_and_rates_come_to_one_shape() {
        let mut conformer = Conformer::new(RateAndChannels {
            rate_hz: 8000,
            n_channels: 2,
        });
        let mut mono = vec![vec![0.5; 10]];
        conformer.convert(8000, &mut mono).unwrap();
        assert_eq!(mono, [[0.5; 10], [0.5; 10]]);
        let mut n_frames = 0;
        for (rate_hz, n) in [(16_000, 3000), (8000, 100)] {
            let mut block = vec![vec![0.5; n]; 6];
            conformer.convert(rate_hz, &mut block).unwrap();
            assert_eq!(block.len(), 2);
            n_frames += block[1].len();
        }
        assert_eq!(n_frames, 1600);
        assert!(conformer.finish().is_empty());
    }
}
