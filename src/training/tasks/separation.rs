//! What of a mixture is the voice: absolute error of its samples.
//!
//! Excerpts are kept as samples, mixture and voice, at a root mean square of 1. A batch mixes them
//! anew: half of its voices are put over another excerpt's accompaniment.

use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};
use rand::prelude::*;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::{Estimate, TrainingTask};
use crate::datasets::remix::Excerpt;
use crate::datasets::remix::augment::{db_to_gain, power};
use crate::datasets::{HOP, n_frames};
use crate::dsp::stft::mask::VoiceMaps;
use crate::dsp::{Stft, StftConfig};
use crate::evaluation::{EvaluationError, Scorecard, score_voice};
use crate::models::{AnyNetwork, Framing};
use crate::training::batch::{Batch, Targets, VoiceTarget};
use crate::training::blocks::in_blocks;
use crate::training::excerpt_cache::Crop;
use crate::training::loss::{Term, separation, values};
use crate::training::objective::{Objective, TrainingStep};
use crate::training::validation::HeldClip;

/// Probability that a voice is put over another excerpt's accompaniment.
const MIX_PROBABILITY: f64 = 0.5;

/// Level of such a voice over what it had in its own mixture, in dB.
const MIX_DB: f64 = 6.0;

/// How much louder or softer a mixture may be than its recording on the whole, in dB.
const GAIN_DB: f64 = 6.0;

/// Training of a network that separates voices.
pub struct SeparationTask {
    stft: Arc<Stft>,
    framing: Framing,
}

/// Samples of a voice and of what it is sung over.
struct Parts {
    voice: Vec<f32>,
    accompaniment: Vec<f32>,
}

impl SeparationTask {
    /// For a network of this framing that reads spectra of these settings.
    pub fn new(config: StftConfig, framing: Framing) -> Self {
        Self {
            stft: Arc::new(Stft::new(config)),
            framing,
        }
    }

    /// Samples of an example: as many frames as the crop holds, or a segment.
    fn n_samples(&self, crop_frames: usize) -> usize {
        let n = match self.framing {
            Framing::Context(_) => crop_frames * HOP,
            Framing::Segments(frames) | Framing::Windows(frames) => frames * self.stft.config().hop,
        };
        // One less, or there would be another frame centered on the end.
        n.saturating_sub(1)
    }

    /// Mixes parts; the voice of `i` may be put over the accompaniment of another.
    fn mix(&self, parts: &[Parts], i: usize, rng: &mut ChaCha8Rng) -> (Vec<f32>, Vec<f32>) {
        let level = |db: f64, rng: &mut ChaCha8Rng| db_to_gain(rng.random_range(-db..=db));
        let (other, voice_gain) = match rng.random_bool(MIX_PROBABILITY) {
            true => (rng.random_range(0..parts.len()), level(MIX_DB, rng)),
            false => (i, 1.0),
        };
        let gain = level(GAIN_DB, rng);
        let voice = parts[i].voice.iter().map(|x| gain * voice_gain * x);
        let voice: Vec<f32> = voice.collect();
        let backing = &parts[other].accompaniment;
        let mixture = voice.iter().zip(backing).map(|(v, a)| v + gain * a);
        (mixture.collect(), voice)
    }
}

/// Takes a crop apart into its samples, cut or filled up to `n`.
fn parts(crop: &Crop, n: usize) -> Parts {
    let (mut voice, mut accompaniment) = (Vec::new(), Vec::new());
    for frame in crop.frames().chunks_exact(2 * HOP) {
        let (mix, alone) = frame.split_at(HOP);
        voice.extend_from_slice(alone);
        accompaniment.extend(mix.iter().zip(alone).map(|(mix, voice)| mix - voice));
    }
    voice.resize(n, 0.0);
    accompaniment.resize(n, 0.0);
    Parts {
        voice,
        accompaniment,
    }
}

/// Gain that brings a mixture to a root mean square of 1; none of silence.
fn unit_gain(mix: &[f32]) -> f32 {
    let power = power(mix);
    if power > 0.0 {
        power.sqrt().recip()
    } else {
        1.0
    }
}

impl Objective for SeparationTask {
    fn term(&self, step: &TrainingStep) -> Option<Term> {
        let Batch {
            targets, weights, ..
        } = step.labeled;
        let Targets::Voices(targets) = targets else {
            return None;
        };
        let output = step.network.forward(step.labeled.tensor(step.device));
        let maps = output.into_iter().next()?;
        let n_maps = maps.dims()[1];
        let loss = separation::absolute_error(&values(&maps), n_maps, targets, weights, &self.stft);
        Some(loss.into_term(maps))
    }
}

impl TrainingTask for SeparationTask {
    fn width(&self) -> usize {
        2 * HOP
    }

    /// Samples of the mixture and of its voice, a hop of each a frame.
    fn features(&self, excerpt: &Excerpt) -> Vec<f32> {
        let gain = unit_gain(&excerpt.mix);
        let hops = excerpt.mix.chunks(HOP).zip(excerpt.voice.chunks(HOP));
        let hops = hops.take(n_frames(excerpt.mix.len()));
        let samples = hops.flat_map(|(mix, voice)| mix.iter().chain(voice));
        samples.map(|x| gain * x).collect()
    }

    fn batch(&self, crops: &[Crop], rng: &mut ChaCha8Rng) -> Batch {
        let n = self.n_samples(crops[0].f0_hz.len());
        let parts: Vec<Parts> = crops.par_iter().map(|crop| parts(crop, n)).collect();
        let mixed = (0..parts.len()).map(|i| self.mix(&parts, i, rng));
        let mixed: Vec<_> = mixed.collect();
        let rows = self.stft.config().n_rows();
        let example = |(mixture, voice): (Vec<f32>, Vec<f32>)| {
            let mixture = self.stft.forward(&mixture);
            (mixture.magnitudes(rows), VoiceTarget { mixture, voice })
        };
        let examples: Vec<_> = mixed.into_par_iter().map(example).collect();
        let (input, targets): (Vec<_>, Vec<_>) = examples.into_iter().unzip();
        let frames = self.stft.config().n_frames(n);
        Batch {
            input: input.concat(),
            dims: [crops.len(), 1, rows, frames],
            targets: Targets::Voices(targets),
            weights: vec![1.0; crops.len() * frames],
        }
    }

    fn estimate(&self, net: &AnyNetwork, clip: &HeldClip, device: &Device) -> Estimate {
        let mix = &clip.samples[..];
        let gain = unit_gain(mix);
        let spectrum = self.stft.forward(mix);
        let (rows, frames) = (self.stft.config().n_rows(), spectrum.n_frames());
        let mut input = spectrum.magnitudes(rows);
        input.iter_mut().for_each(|x| *x *= gain);
        let mut n_maps = 1;
        let maps = in_blocks(&input, frames, self.framing, |part, frames| {
            let data = TensorData::new(part, [1, 1, rows, frames]);
            let maps = net.forward(Tensor::from_data(data, device)).swap_remove(0);
            n_maps = maps.dims()[1];
            values(&maps)
        });
        let voice = VoiceMaps::new(&maps, n_maps, frames).apply(&spectrum, gain.recip());
        Estimate {
            voice: self.stft.inverse(&voice, mix.len()),
            ..Estimate::default()
        }
    }

    fn score(&self, clip: &HeldClip, estimate: &Estimate) -> Result<Scorecard, EvaluationError> {
        let HeldClip { samples, voice, .. } = clip;
        Ok(score_voice(samples, voice.as_deref(), &estimate.voice))
    }
}
