//! Confidence binary regularization on unlabeled examples (SpectMamba; its loss is this project's, as
//! the paper's is not public).
//!
//! The teacher, the average of the network's own weights, hears the examples as they are; the network
//! hears them softer, with some frames missing. Notes are compared too where the network scores them.

use burn::tensor::{Device, Tensor, TensorData};
use rand::prelude::*;
use rand_chacha::ChaCha8Rng;

use super::consistency::ramp;
use super::{Objective, TrainingStep};
use crate::training::batch::Batch;
use crate::training::loss::rows::{ScoreLayout, melody_probabilities};
use crate::training::loss::{Term, binary, values};
use crate::training::recipe::UnlabeledConfig;

/// How much notes count beside pitches.
const NOTES_WEIGHT: f64 = 0.5;

/// Frames of an example that may be missing.
const MISSING_FRAMES: usize = 8;

/// The objective; see the module's documentation.
pub struct BinaryRegularization {
    weight: f64,
    min_confidence: f32,
    augment: bool,
}

impl BinaryRegularization {
    /// As a recipe has it.
    pub fn new(config: &UnlabeledConfig) -> Self {
        Self {
            weight: config.weight,
            min_confidence: config.min_confidence,
            augment: config.augment,
        }
    }
}

impl Objective for BinaryRegularization {
    fn term(&self, step: &TrainingStep) -> Option<Term> {
        let batch = step.unlabeled?;
        let plain = step.device.clone().inner();
        let taught = step.teacher.forward(batch.tensor(&plain));
        let heard = match self.augment {
            true => masked(batch, step.number, step.device),
            false => batch.tensor(step.device),
        };
        let outputs = step.network.forward(heard).into_iter().zip(taught);
        let kinds = [("binary", 1.0), ("binary notes", NOTES_WEIGHT)];
        let mut sum: Option<Term> = None;
        for ((output, taught), (name, weight)) in outputs.zip(kinds) {
            let layout = ScoreLayout::of(&output);
            let own = melody_probabilities(&values(&output), layout);
            let taught = melody_probabilities(&values(&taught), layout);
            let [own_best, taught_best] = [&own, &taught].map(|of| best_of_frames(of, layout));
            let certainty = mean(&taught_best);
            let threshold = binary::threshold(mean(&own_best), step.certainty.unwrap_or(certainty));
            let sure = taught_best.iter().zip(&batch.weights);
            let weights: Vec<f32> = sure
                .map(|(&best, &weight)| match best >= self.min_confidence {
                    true => weight,
                    false => 0.0,
                })
                .collect();
            let loss = binary::regularization(name, &own, &taught, &weights, layout, threshold);
            let factor = self.weight * weight * ramp(step.progress);
            let term = Term {
                certainty: Some(certainty),
                ..loss.into_term(output).times(factor)
            };
            sum = Some(match sum {
                Some(first) => first.plus(term),
                None => term,
            });
        }
        sum
    }
}

/// Probability of the best class of each frame, `[examples, frames]`.
fn best_of_frames(probabilities: &[f32], layout: ScoreLayout) -> Vec<f32> {
    let frames = layout.frames;
    let best = |example: &[f32], t: usize| {
        let column = example.iter().skip(t).step_by(frames);
        column.fold(0.0, |best, &p| f32::max(best, p))
    };
    let examples = probabilities.chunks_exact(layout.map_len());
    examples
        .flat_map(|example| (0..frames).map(move |t| best(example, t)))
        .collect()
}

fn mean(values: &[f32]) -> f32 {
    values.iter().sum::<f32>() / values.len().max(1) as f32
}

/// The examples of a batch, each a little softer and without some frames, as step `number` draws it.
fn masked(batch: &Batch, number: u64, device: &Device) -> Tensor<4> {
    let [examples, _, _, frames] = batch.dims;
    let mut rng = ChaCha8Rng::seed_from_u64(number);
    let mut heard = Vec::with_capacity(examples * frames);
    for _ in 0..examples {
        let gain = rng.random_range(0.75f32..=1.0);
        let length = rng.random_range(0..=MISSING_FRAMES.min(frames));
        let start = rng.random_range(0..=frames - length);
        let missing = start..start + length;
        let gain = |t: usize| if missing.contains(&t) { 0.0 } else { gain };
        heard.extend((0..frames).map(gain));
    }
    let heard = TensorData::new(heard, [examples, 1, 1, frames]);
    batch.tensor(device) * Tensor::from_data(heard, device)
}
