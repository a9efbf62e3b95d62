//! Networks on the validation sets of a recipe.

use std::collections::BTreeMap;

use burn::tensor::Device;

use super::recipe::{Choice, Recipe};
use super::tasks::{Estimate, Task};
use super::{TrainingError, threshold};
use crate::datasets::validation::{Reference, ValidationSet};
use crate::datasets::{DataRoots, Split};
use crate::evaluation::ClipScore;
use crate::models::AnyNetwork;

/// Confidence from which a frame is voiced while networks are compared.
pub const THRESHOLD: f32 = 0.5;

/// The clips of a recipe's sets, opened once, and the measure that decides among networks.
pub struct Validation {
    sets: Vec<(&'static str, Vec<HeldClip>)>,
    choice: Choice,
}

struct HeldClip {
    samples: Vec<f32>,
    reference: Reference,
}

/// Mean scores by set.
pub type SetScores = BTreeMap<&'static str, ClipScore>;

impl Validation {
    /// Opens the clips of a recipe's sets.
    ///
    /// # Errors
    /// [`TrainingError`] of a corpus that is not there.
    pub fn open(recipe: &Recipe, roots: &DataRoots) -> Result<Self, TrainingError> {
        let config = &recipe.validation;
        let mut sets = Vec::new();
        for (name, &step) in &config.sets {
            let set = ValidationSet::named(name)?;
            let mut clips = Vec::new();
            for clip in set.clips(roots, Split::Dev)?.iter().step_by(step) {
                let clip = clip.open()?;
                clips.push(HeldClip {
                    samples: clip.sound.samples()?,
                    reference: clip.reference,
                });
            }
            sets.push((set.name, clips));
        }
        Ok(Self {
            sets,
            choice: config.choose_by.clone(),
        })
    }

    /// What a network, which carries no gradients, makes of every clip.
    pub fn run(&self, task: &dyn Task, net: &AnyNetwork, device: &Device) -> Outcome<'_> {
        let estimate = |clip: &HeldClip| task.estimate(net, &clip.samples, device);
        let sets = self.sets.iter();
        Outcome {
            validation: self,
            estimates: sets
                .map(|(_, clips)| clips.iter().map(estimate).collect())
                .collect(),
        }
    }
}

/// What a network made of the clips, set by set.
pub struct Outcome<'a> {
    validation: &'a Validation,
    estimates: Vec<Vec<Estimate>>,
}

impl Outcome<'_> {
    /// Mean scores of each set at [`THRESHOLD`].
    ///
    /// # Errors
    /// [`TrainingError::Evaluation`].
    pub fn scores(&self, task: &dyn Task) -> Result<SetScores, TrainingError> {
        let mut scores = SetScores::new();
        for ((name, clips), estimates) in self.validation.sets.iter().zip(&self.estimates) {
            let pairs = clips.iter().zip(estimates);
            let clips = pairs
                .map(|(clip, estimate)| task.score(&clip.reference, &estimate.series(THRESHOLD)));
            let clips = clips.collect::<Result<Vec<_>, _>>()?;
            scores.insert(name, ClipScore::mean(&clips));
        }
        Ok(scores)
    }

    /// The figure by which the best weights are kept.
    ///
    /// # Errors
    /// [`TrainingError::NoFigure`] if the task takes no such measure.
    pub fn figure(&self, scores: &SetScores) -> Result<f64, TrainingError> {
        let Choice { set, measure } = &self.validation.choice;
        let found = scores
            .get(set.as_str())
            .and_then(|score| score.get(*measure));
        found.ok_or_else(|| TrainingError::NoFigure {
            set: set.clone(),
            measure: measure.name(),
        })
    }

    /// The threshold at which voicing is most accurate on the set that decides.
    pub fn best_threshold(&self) -> f32 {
        let sets = self.validation.sets.iter().zip(&self.estimates);
        let chosen = sets.filter(|((name, _), _)| *name == self.validation.choice.set);
        let clips = chosen.flat_map(|((_, clips), estimates)| {
            let pairs = clips.iter().zip(estimates);
            pairs.map(|(clip, estimate)| (&clip.reference, estimate))
        });
        threshold::best(&clips.collect::<Vec<_>>())
    }
}
