//! A whole short recording in memory.

use std::path::Path;

use super::error::AudioError;
use super::reader::AudioReader;
use super::resample::Resampler;

/// Every sample of a recording.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Waveform {
    /// Sampling rate in Hz.
    pub rate_hz: u32,
    /// One vector of samples per channel, all of one length; full scale is 1.
    pub channels: Vec<Vec<f32>>,
}

impl Waveform {
    /// Decodes a file; a cut one as far as it goes.
    ///
    /// For files of any length, or to see the warnings, use [`AudioReader`].
    ///
    /// # Errors
    /// As [`AudioReader::open`] and [`AudioReader::next_block`].
    pub fn read(path: &Path) -> Result<Self, AudioError> {
        let mut reader = AudioReader::open(path)?;
        let mut channels = vec![Vec::new(); reader.info().n_channels];
        while let Some(block) = reader.next_block()? {
            for (channel, samples) in channels.iter_mut().zip(block) {
                channel.extend(samples);
            }
        }
        Ok(Self {
            rate_hz: reader.info().rate_hz,
            channels,
        })
    }

    /// The mean of the channels.
    pub fn mono(&self) -> Vec<f32> {
        downmix(&self.channels)
    }

    /// The same sound at another rate.
    ///
    /// # Errors
    /// [`AudioError::Rate`] if either rate is out of range.
    pub fn resampled(&self, to_hz: u32) -> Result<Waveform, AudioError> {
        let convert = |samples: &Vec<f32>| {
            let mut resampler = Resampler::new(self.rate_hz, to_hz)?;
            let mut output = resampler.push(samples);
            output.extend(resampler.finish());
            Ok(output)
        };
        Ok(Waveform {
            rate_hz: to_hz,
            channels: self
                .channels
                .iter()
                .map(convert)
                .collect::<Result<_, _>>()?,
        })
    }

    /// Length in seconds.
    pub fn duration_secs(&self) -> f64 {
        let n_samples = self.channels.first().map_or(0, Vec::len);
        match self.rate_hz {
            0 => 0.0,
            rate_hz => n_samples as f64 / f64::from(rate_hz),
        }
    }
}

/// The mean over channels of one length.
pub fn downmix(channels: &[Vec<f32>]) -> Vec<f32> {
    let Some((first, others)) = channels.split_first() else {
        return Vec::new();
    };
    let mut mono = first.clone();
    for channel in others {
        for (sum, sample) in mono.iter_mut().zip(channel) {
            *sum += sample;
        }
    }
    let scale = 1.0 / channels.len() as f32;
    for sample in &mut mono {
        *sample *= scale;
    }
    mono
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn downmix_is_the_mean() {
        assert_eq!(downmix(&[vec![1.0, 0.0], vec![0.0, 0.5]]), [0.5, 0.25]);
        assert_eq!(downmix(&[vec![0.25]]), [0.25]);
        assert!(downmix(&[]).is_empty());
    }
}
