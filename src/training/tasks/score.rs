//! The melody of symbolic music (Lu & Su 2018): which of the keys that sound are the melody's.
//!
//! Every second score has its melody an octave lower, or a network would take the highest key; recipes
//! transpose by their shift of rows, a semitone each.

use std::sync::Arc;

use burn::tensor::Device;
use rand::prelude::*;
use rand_chacha::ChaCha8Rng;

use super::segmentation::{MelodyPixels, pixel_term};
use super::{Estimate, TrainingTask};
use crate::datasets::corpora::folders::NamedFolder;
use crate::datasets::corpora::scores;
use crate::datasets::remix::Excerpt;
use crate::datasets::validation::{Reference, frame_times};
use crate::datasets::{DataRoots, ScoreMatrix, Split};
use crate::dsp::ScoreConfig;
use crate::dsp::score::KEYS;
use crate::evaluation::{EvaluationError, Scorecard, score_clip};
use crate::melody::PitchAxis;
use crate::models::{AnyNetwork, NetworkConfig};
use crate::training::batch::Batch;
use crate::training::excerpt_cache::{CachedExcerpt, Crop, ExcerptSource};
use crate::training::loss::Term;
use crate::training::material::excerpt_seed;
use crate::training::objective::{Objective, TrainingStep};
use crate::training::validation::{HeldClip, THRESHOLD};
use crate::training::{Recipe, TrainingError};

/// Training of a network that tells which keys are the melody's.
pub struct ScoreTask {
    config: ScoreConfig,
    pixels: MelodyPixels,
}

impl ScoreTask {
    /// For a recipe's network that reads scores in steps of this kind.
    pub fn new(config: ScoreConfig, network: &NetworkConfig, recipe: &Recipe) -> Self {
        Self {
            config,
            pixels: MelodyPixels::new(config.axis(), network, recipe),
        }
    }
}

impl Objective for ScoreTask {
    fn term(&self, step: &TrainingStep) -> Option<Term> {
        pixel_term(step)
    }
}

/// `n` steps of a score from `start` on, filled up with silence that counts.
fn stretch(matrix: &ScoreMatrix, start: usize, n: usize, axis: &PitchAxis) -> CachedExcerpt {
    let steps = start..matrix.n_steps().min(start + n);
    let sounds = &matrix.sounds[steps.start * KEYS..steps.end * KEYS];
    let mut features: Vec<f32> = sounds
        .iter()
        .map(|&sounds| f32::from(u8::from(sounds)))
        .collect();
    features.resize(n * KEYS, 0.0);
    let mut f0_hz = melody_hz(&matrix.melody[steps], axis);
    f0_hz.resize(n, 0.0);
    CachedExcerpt {
        features,
        f0_hz,
        mask: vec![true; n],
    }
}

fn melody_hz(melody: &[Option<u8>], axis: &PitchAxis) -> Vec<f32> {
    let hz = |key: &Option<u8>| key.map_or(0.0, |key| axis.row_to_hz(key.into()) as f32);
    melody.iter().map(hz).collect()
}

impl TrainingTask for ScoreTask {
    fn width(&self) -> usize {
        KEYS
    }

    /// A step counts as 20 ms.
    fn n_frames(&self, seconds: f64) -> usize {
        (seconds / ScoreConfig::STEP_SECS).round().max(1.0) as usize
    }

    /// Mixtures are no scores.
    fn features(&self, _: &Excerpt) -> Vec<f32> {
        Vec::new()
    }

    fn labeled<'a>(
        &'a self,
        recipe: &Recipe,
        roots: &DataRoots,
        on_warning: &mut dyn FnMut(String),
    ) -> Result<ExcerptSource<'a>, TrainingError> {
        let folders = &recipe.data.scores;
        let named = folders.iter().map(|name| NamedFolder::find(name, roots));
        let named = named.collect::<Result<Vec<_>, _>>()?;
        let (scores, warnings) = scores::read(&named, Split::Train)?;
        warnings.into_iter().for_each(on_warning);
        if scores.is_empty() {
            return Err(TrainingError::NoScores(folders.join(", ")));
        }
        let step = self.config.step;
        let scores = scores.iter().enumerate();
        let matrices = scores.map(|(i, score)| Arc::new(score.matrix(step, i % 2 == 1)));
        let matrices: Vec<Arc<ScoreMatrix>> = matrices.collect();
        let (seed, n) = (recipe.seed, self.n_frames(recipe.excerpts.seconds));
        Ok(Box::new(move |index| {
            let mut rng = ChaCha8Rng::seed_from_u64(excerpt_seed(seed, index));
            let matrix = matrices.choose(&mut rng).expect("there are scores");
            let latest = matrix.n_steps().saturating_sub(n);
            let start = rng.random_range(0..=latest);
            stretch(matrix, start, n, &self.pixels.axis)
        }))
    }

    fn batch(&self, crops: &[Crop], rng: &mut ChaCha8Rng) -> Batch {
        self.pixels.batch(crops, rng)
    }

    fn estimate(&self, net: &AnyNetwork, clip: &HeldClip, device: &Device) -> Estimate {
        let Some(score) = &clip.score else {
            return Estimate::default();
        };
        let matrix = score.matrix(self.config.step, false);
        let n = matrix.n_steps();
        let mut input = vec![0.0; KEYS * n];
        for (at, _) in matrix.sounds.iter().enumerate().filter(|(_, it)| **it) {
            input[at % KEYS * n + at / KEYS] = 1.0;
        }
        self.pixels.estimate(net, &input, device)
    }

    fn threshold(&self) -> Option<f32> {
        Some(THRESHOLD)
    }

    /// Against the melody of the steps that the network reads, each a frame.
    fn score(&self, clip: &HeldClip, estimate: &Estimate) -> Result<Scorecard, EvaluationError> {
        let score = clip.score.as_ref();
        let matrix = score.map(|score| score.matrix(self.config.step, false));
        let melody = matrix.unwrap_or_default().melody;
        let hz = melody_hz(&melody, &self.pixels.axis);
        let reference = Reference {
            times: frame_times(hz.len()),
            f0_hz: hz.into_iter().map(f64::from).collect(),
            ..Reference::default()
        };
        score_clip(&reference, &estimate.compared())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_score_is_followed_by_silence() {
        let config = ScoreConfig {
            step: crate::dsp::ScoreStep::Note,
        };
        let mut matrix = ScoreMatrix {
            sounds: vec![false; 3 * KEYS],
            melody: vec![None, Some(36), Some(36)],
        };
        matrix.sounds[KEYS + 36] = true;
        let found = stretch(&matrix, 1, 4, &config.axis());
        assert_eq!(found.features.len(), 4 * KEYS);
        assert_eq!(found.features.iter().sum::<f32>(), 1.0);
        let hz: Vec<f32> = found.f0_hz.iter().map(|hz| hz.round()).collect();
        assert_eq!(hz, [220.0, 220.0, 0.0, 0.0]);
    }
}
