//! Samples → features: resampled, transformed and scaled, in the same way for analysis, training
//! and `melograph features`.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::level::Level;
use crate::audio::{AudioError, Resampler};
use crate::dsp::{
    Cfp, CfpStream, FeatureScale, KaldiMel, KaldiMelStream, Layers, LogMel, LogMelStream,
    MelFrames, Stretches, normalized_stack,
};

/// What is computed of a recording.
#[derive(Clone, Default)]
pub struct Transforms {
    /// Spectrum, GCoS and cepstrum, for pictures and pitch.
    pub cfp: Option<Arc<Cfp>>,
    /// Log-mel bands, for voicing along the melody.
    pub mel: Option<Arc<LogMel>>,
    /// Kaldi's log-mel bands, for the singing detector, in the frames that it hears.
    pub kaldi_mel: Option<(Arc<KaldiMel>, Stretches)>,
}

impl Transforms {
    /// Whether nothing is computed.
    pub fn is_empty(&self) -> bool {
        self.cfp.is_none() && self.mel.is_none() && self.kaldi_mel.is_none()
    }
}

/// Transforms a recording block by block; the blocks, put together, do not depend on its cuts.
pub struct FrontEnd {
    /// One for each rate that is read.
    resamplers: BTreeMap<u32, Resampler>,
    cfp: Option<(u32, CfpStream, Level)>,
    mel: Option<(u32, LogMelStream)>,
    kaldi_mel: Option<(u32, KaldiMelStream)>,
}

/// Samples at each of the rates that are read.
type SamplesByRate = BTreeMap<u32, Vec<f32>>;

/// What a block of samples adds.
#[derive(Clone, Debug, Default)]
pub struct FrameBlock {
    /// New CFP frames.
    pub layers: Layers,
    /// Root mean square of those frames' hops that are over; may be ahead of `layers`.
    pub level: Vec<f32>,
    /// New log-mel frames.
    pub mel: MelFrames,
    /// Kaldi's log-mel bands of new frames, frame after frame; 0 in those that are not wanted.
    pub kaldi_mel: Vec<f32>,
}

impl FrontEnd {
    /// A front end at the start of a mono recording of `rate_hz`.
    ///
    /// # Errors
    /// [`AudioError`] if there is no such rate.
    pub fn new(rate_hz: u32, transforms: &Transforms) -> Result<Self, AudioError> {
        let cfp = transforms.cfp.as_ref().map(|cfp| {
            let level = Level::new(cfp.config().hop);
            let stream = CfpStream::new(Arc::clone(cfp));
            (cfp.config().rate_hz, stream, level)
        });
        let mel = transforms
            .mel
            .as_ref()
            .map(|mel| (mel.config().rate_hz, LogMelStream::new(Arc::clone(mel))));
        let kaldi_mel = transforms.kaldi_mel.as_ref().map(|(mel, wanted)| {
            let stream = KaldiMelStream::new(Arc::clone(mel), *wanted);
            (mel.config().rate_hz, stream)
        });
        let rates = [
            cfp.as_ref().map(|it| it.0),
            mel.as_ref().map(|it| it.0),
            kaldi_mel.as_ref().map(|it| it.0),
        ];
        let rates = rates.into_iter().flatten();
        let resamplers = rates.map(|to_hz| Ok((to_hz, Resampler::new(rate_hz, to_hz)?)));
        Ok(Self {
            resamplers: resamplers.collect::<Result<_, AudioError>>()?,
            cfp,
            mel,
            kaldi_mel,
        })
    }

    /// Takes the next samples.
    pub fn push(&mut self, mono: &[f32]) -> FrameBlock {
        let resamplers = self.resamplers.iter_mut();
        let samples = resamplers.map(|(rate_hz, resampler)| (*rate_hz, resampler.push(mono)));
        let samples = samples.collect();
        self.transform(&samples)
    }

    /// Ends the recording; returns its last frames.
    pub fn finish(&mut self) -> FrameBlock {
        let resamplers = self.resamplers.iter_mut();
        let samples = resamplers.map(|(rate_hz, resampler)| (*rate_hz, resampler.finish()));
        let samples = samples.collect();
        let mut block = self.transform(&samples);
        if let Some((_, stream, level)) = &mut self.cfp {
            block.level.extend(level.finish());
            block.layers.append(&stream.finish());
        }
        if let Some((_, stream)) = &mut self.mel {
            block.mel.append(&stream.finish());
        }
        if let Some((_, stream)) = &mut self.kaldi_mel {
            block.kaldi_mel.extend(stream.finish());
        }
        block
    }

    fn transform(&mut self, samples: &SamplesByRate) -> FrameBlock {
        let mut block = FrameBlock::default();
        if let Some((rate_hz, stream, level)) = &mut self.cfp {
            block.level = level.push(&samples[rate_hz]);
            block.layers = stream.push(&samples[rate_hz]);
        }
        if let Some((rate_hz, stream)) = &mut self.mel {
            block.mel = stream.push(&samples[rate_hz]);
        }
        if let Some((rate_hz, stream)) = &mut self.kaldi_mel {
            block.kaldi_mel = stream.push(&samples[rate_hz]);
        }
        block
    }
}

impl FrameBlock {
    /// Adds the frames of `later` at the end.
    pub fn append(&mut self, later: &FrameBlock) {
        self.layers.append(&later.layers);
        self.level.extend_from_slice(&later.level);
        self.mel.append(&later.mel);
        self.kaldi_mel.extend_from_slice(&later.kaldi_mel);
    }

    /// All frames of a mono recording that is held whole.
    ///
    /// # Errors
    /// [`AudioError`] if there is no such rate.
    pub fn of(mono: &[f32], rate_hz: u32, transforms: &Transforms) -> Result<Self, AudioError> {
        let mut front_end = FrontEnd::new(rate_hz, transforms)?;
        let mut all = front_end.push(mono);
        all.append(&front_end.finish());
        Ok(all)
    }
}

/// By what features are scaled: the range of the layers, and the mean of the mel bands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scale {
    layers: FeatureScale,
    mel_sum: f64,
    mel_count: usize,
}

impl Default for Scale {
    fn default() -> Self {
        Self {
            layers: FeatureScale::empty(),
            mel_sum: 0.0,
            mel_count: 0,
        }
    }
}

impl Scale {
    /// That of frames which are all there.
    pub fn of(block: &FrameBlock) -> Self {
        let mut scale = Self::default();
        scale.include(block);
        scale
    }

    /// Takes further frames into account.
    pub fn include(&mut self, block: &FrameBlock) {
        self.layers.include(&block.layers);
        let bands = block.mel.bands.iter();
        self.mel_sum += bands.map(|&value| f64::from(value)).sum::<f64>();
        self.mel_count += block.mel.bands.len();
    }

    /// A pitch network's input, `[3, rows, frames]`.
    pub fn stack(&self, layers: &Layers) -> Vec<f32> {
        normalized_stack(layers, &self.layers)
    }

    /// Mean of the log-mel bands.
    pub fn mel_mean(&self) -> f32 {
        (self.mel_sum / self.mel_count.max(1) as f64) as f32
    }
}
