//! Networks on the validation sets of a recipe.

use std::collections::BTreeMap;

use burn::tensor::Device;

use super::calibration::{self, HeardClip};
use super::recipe::{Choice, Recipe, ValidationConfig};
use super::tasks::{Estimate, TrainingTask};
use super::{TrainingError, threshold};
use crate::datasets::validation::{ClipSound, ClipVoice, Reference, ValidationSet};
use crate::datasets::{DataRoots, Score, Split};
use crate::evaluation::Scorecard;
use crate::melody::Calibration;
use crate::models::AnyNetwork;

/// Confidence from which a frame is voiced while networks are compared.
pub const THRESHOLD: f32 = 0.5;

/// The clips of a recipe's sets, opened once, and the measure that decides among networks.
pub struct Validation {
    sets: Vec<(&'static str, Vec<HeldClip>)>,
    config: ValidationConfig,
}

/// A clip, held as long as a training runs.
pub struct HeldClip {
    /// The mixture, 16 kHz mono.
    pub samples: Vec<f32>,
    /// What is known of its melody.
    pub reference: Reference,
    /// What of it is the voice, where that is known.
    pub voice: Option<Vec<f32>>,
    /// The symbolic music that it is, in place of a mixture.
    pub score: Option<Score>,
}

/// Mean scores by set.
pub type SetScores = BTreeMap<&'static str, Scorecard>;

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
                let score = match &clip.sound {
                    ClipSound::Score(score) => Some(score.clone()),
                    _ => None,
                };
                clips.push(HeldClip {
                    score,
                    samples: clip.sound.samples()?,
                    reference: clip.reference,
                    voice: clip.voice.map(ClipVoice::samples).transpose()?,
                });
            }
            sets.push((set.name, clips));
        }
        Ok(Self {
            sets,
            config: config.clone(),
        })
    }

    /// What a network, which carries no gradients, makes of every clip.
    pub fn run(
        &self,
        task: &dyn TrainingTask,
        net: &AnyNetwork,
        device: &Device,
    ) -> ValidationRun<'_> {
        let estimate = |clip: &HeldClip| task.estimate(net, clip, device);
        let sets = self.sets.iter();
        ValidationRun {
            validation: self,
            estimates: sets
                .map(|(_, clips)| clips.iter().map(estimate).collect())
                .collect(),
        }
    }
}

/// What a network made of the clips, set by set.
pub struct ValidationRun<'a> {
    validation: &'a Validation,
    estimates: Vec<Vec<Estimate>>,
}

impl ValidationRun<'_> {
    /// Mean scores of each set at [`THRESHOLD`].
    ///
    /// # Errors
    /// [`TrainingError::Evaluation`].
    pub fn scores(&self, task: &dyn TrainingTask) -> Result<SetScores, TrainingError> {
        let mut scores = SetScores::new();
        for ((name, clips), estimates) in self.validation.sets.iter().zip(&self.estimates) {
            let pairs = clips.iter().zip(estimates);
            let clips = pairs.map(|(clip, estimate)| task.score(clip, estimate));
            let clips = clips.collect::<Result<Vec<_>, _>>()?;
            scores.insert(name, Scorecard::mean(&clips));
        }
        Ok(scores)
    }

    /// The figure by which the best weights are kept.
    ///
    /// # Errors
    /// [`TrainingError::NoFigure`] if the task takes no such measure.
    pub fn figure(&self, scores: &SetScores) -> Result<f64, TrainingError> {
        let Choice { set, measure } = &self.validation.config.choose_by;
        let found = scores
            .get(set.as_str())
            .and_then(|score| score.get(*measure));
        found.ok_or_else(|| TrainingError::NoFigure {
            set: set.clone(),
            measure: measure.name(),
        })
    }

    /// The constants of `config.json` that follow from the clips.
    pub fn constants(&self, task: &dyn TrainingTask) -> Constants {
        let config = &self.validation.config;
        let threshold = task
            .threshold()
            .unwrap_or_else(|| threshold::best(&self.heard(&config.choose_by.set)));
        let calibration = config.calibration.as_ref().and_then(|sets| {
            let (clear, buried) = (self.heard(&sets.clear), self.heard(&sets.buried));
            calibration::best(&clear, &buried, threshold)
        });
        Constants {
            threshold,
            calibration,
        }
    }

    /// Clips of a set with what the network made of them.
    fn heard(&self, set: &str) -> Vec<HeardClip<'_>> {
        let sets = self.validation.sets.iter().zip(&self.estimates);
        let named = sets.filter(|((name, _), _)| *name == set);
        let clips = named.flat_map(|((_, clips), estimates)| {
            let references = clips.iter().map(|clip| &clip.reference);
            references.zip(estimates)
        });
        clips.collect()
    }
}

/// What of a model's settings follows from validation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Constants {
    /// Confidence at which voicing is most accurate on the set that decides.
    pub threshold: f32,
    /// How the whole recording shifts the confidence, where the recipe asks for it.
    pub calibration: Option<Calibration>,
}
