//! One channel: down to the network's rate, masked there, and back.

use std::sync::Arc;

use crate::audio::{AudioError, Resampler};
use crate::dsp::stft::mask::VoiceMaps;
use crate::dsp::{InverseStream, Spectrum, Stft, StftStream};

/// A channel on its way.
pub(super) struct StemChannel {
    down: Resampler,
    stft: StftStream,
    /// Frames whose masks are not there yet.
    spectra: Spectrum,
    inverse: InverseStream,
    up_voice: Resampler,
    up_low: Resampler,
    /// Samples at the network's rate so far.
    n_low: usize,
    /// At the channel's own rate, all from the same sample on: the channel, what of it lies in the
    /// network's band, and the voice there.
    mixture: Vec<f32>,
    low: Vec<f32>,
    voice: Vec<f32>,
}

impl StemChannel {
    /// A channel of `rate_hz` at its start.
    pub fn new(stft: &Arc<Stft>, rate_hz: u32) -> Result<Self, AudioError> {
        let network_hz = stft.config().rate_hz;
        Ok(Self {
            down: Resampler::new(rate_hz, network_hz)?,
            stft: StftStream::new(Arc::clone(stft)),
            spectra: Spectrum {
                n_bins: stft.config().n_bins(),
                ..Spectrum::default()
            },
            inverse: InverseStream::new(Arc::clone(stft)),
            up_voice: Resampler::new(network_hz, rate_hz)?,
            up_low: Resampler::new(network_hz, rate_hz)?,
            n_low: 0,
            mixture: Vec::new(),
            low: Vec::new(),
            voice: Vec::new(),
        })
    }

    pub fn push(&mut self, samples: &[f32]) {
        self.mixture.extend_from_slice(samples);
        let low = self.down.push(samples);
        self.take_low(&low);
    }

    /// Ends the channel.
    pub fn end(&mut self) {
        let low = self.down.finish();
        self.take_low(&low);
        self.low.extend(self.up_low.finish());
        self.spectra.values.extend(self.stft.finish().values);
    }

    fn take_low(&mut self, low: &[f32]) {
        self.n_low += low.len();
        self.low.extend(self.up_low.push(low));
        self.spectra.values.extend(self.stft.push(low).values);
    }

    /// Takes the voice out of the next `n_frames` frames.
    pub fn apply(&mut self, maps: &VoiceMaps, n_frames: usize, level: f32) {
        let n_bins = self.spectra.n_bins;
        let values = self.spectra.values.drain(..n_frames * n_bins).collect();
        let voice = maps.apply(&Spectrum { n_bins, values }, level);
        let samples = self.inverse.push(&voice.values);
        self.voice.extend(self.up_voice.push(&samples));
    }

    /// After the last frame.
    pub fn finish(&mut self) {
        let samples = self.inverse.finish(self.n_low);
        self.voice.extend(self.up_voice.push(&samples));
        self.voice.extend(self.up_voice.finish());
    }

    /// How many samples are known of the voice and of all else.
    pub fn n_ready(&self) -> usize {
        self.mixture.len().min(self.low.len()).min(self.voice.len())
    }

    /// As many samples as `gains` of the channel, and of its voice: that of the network's band, and of
    /// what lies above as much as `gains` say.
    pub fn take(&mut self, gains: &[f32]) -> (Vec<f32>, Vec<f32>) {
        let n = gains.len();
        let mixture: Vec<f32> = self.mixture.drain(..n).collect();
        let low = self.low.drain(..n);
        let known = self.voice.drain(..n).zip(low);
        let voice = known.zip(mixture.iter().zip(gains));
        let voice = voice.map(|((voice, low), (mixture, gain))| voice + gain * (mixture - low));
        let voice = voice.collect();
        (mixture, voice)
    }
}
