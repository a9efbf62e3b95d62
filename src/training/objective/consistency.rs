//! Agreement with the teacher on unlabeled examples (Tarvainen & Valpola 2017).
//!
//! The network's pitch probabilities follow those of the average of its own weights, in
//! frames in which that is sure enough. Its weight grows over the first part of a training,
//! while the teacher knows nothing yet.

use super::{Objective, TrainingStep};
use crate::training::batch::Batch;
use crate::training::loss::rows::{ScoreLayout, melody_probabilities, soft_melody};
use crate::training::loss::{Term, values};
use crate::training::recipe::UnlabeledConfig;

/// Part of the training in which its weight grows.
const RAMP: f64 = 0.2;

/// How much of its weight an objective on unlabeled examples has, by how far the training is.
pub(super) fn ramp(progress: f64) -> f64 {
    (progress / RAMP).min(1.0)
}

/// The objective; see the module's documentation.
pub struct Consistency {
    weight: f64,
    min_confidence: f32,
}

impl Consistency {
    /// As a recipe has it.
    pub fn new(config: &UnlabeledConfig) -> Self {
        Self {
            weight: config.weight,
            min_confidence: config.min_confidence,
        }
    }
}

impl Objective for Consistency {
    fn term(&self, step: &TrainingStep) -> Option<Term> {
        let batch = step.unlabeled?;
        let plain = step.device.clone().inner();
        let taught = step.teacher.forward(batch.tensor(&plain)).swap_remove(0);
        let layout = ScoreLayout::of(&taught);
        let taught = melody_probabilities(&values(&taught), layout);
        let output = step
            .network
            .forward(batch.tensor(step.device))
            .swap_remove(0);
        let weights = self.weights(&taught, batch, layout);
        let loss = soft_melody("consistency", &values(&output), &taught, &weights, layout);
        let term = loss.into_term(output);
        Some(term.times(self.weight * ramp(step.progress)))
    }
}

impl Consistency {
    /// The batch's own, but nothing where the teacher is not sure.
    fn weights(&self, taught: &[f32], batch: &Batch, layout: ScoreLayout) -> Vec<f32> {
        let n = layout.frames;
        let sure = |at: usize| {
            let example = &taught[at / n * layout.map_len()..][..layout.map_len()];
            let best = example.iter().skip(at % n).step_by(n).copied();
            best.fold(0.0, f32::max) >= self.min_confidence
        };
        let weights = batch.weights.iter().enumerate();
        weights
            .map(|(at, &weight)| if sure(at) { weight } else { 0.0 })
            .collect()
    }
}
