//! What differs between tasks: features, batches, the loss on labeled examples, scores.
//!
//! - [`melody`]: the pitch of the sung melody.
//! - [`score`]: the melody of symbolic music.
//! - [`segmentation`]: the melody as pixels of a picture.
//! - [`separation`]: what of a mixture is the voice.
//! - [`voicing`]: where a voice sings.

pub mod melody;
pub mod score;
pub mod segmentation;
pub mod separation;
pub mod voicing;

use burn::tensor::Device;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::batch::Batch;
use super::excerpt_cache::{CachedExcerpt, Crop, ExcerptSource};
use super::material;
use super::objective::Objective;
use super::validation::{HeldClip, THRESHOLD};
use super::{Recipe, TrainingError};
use crate::datasets::remix::Excerpt;
use crate::datasets::validation::frame_times;
use crate::datasets::{DataRoots, RATE_HZ, n_frames};
use crate::evaluation::{EvaluationError, MelodySeries, Scorecard};
use crate::models::{AnyNetwork, Features, NetworkConfig, Task};

/// What a network is trained for.
pub trait TrainingTask: Objective {
    /// Values of a frame.
    fn width(&self) -> usize;

    /// What the features depend on besides the network's settings, in words.
    fn identity(&self) -> String {
        String::new()
    }

    /// Frames of an excerpt of so many seconds.
    fn n_frames(&self, seconds: f64) -> usize {
        n_frames((seconds * f64::from(RATE_HZ)).round() as usize)
    }

    /// What a network learns from of an excerpt, frame after frame.
    fn features(&self, excerpt: &Excerpt) -> Vec<f32>;

    /// What is kept of an excerpt: its features and, of each of their frames, its labels.
    fn kept(&self, excerpt: &Excerpt) -> CachedExcerpt {
        CachedExcerpt {
            features: self.features(excerpt),
            f0_hz: excerpt.f0_hz.clone(),
            mask: excerpt.mask.clone(),
        }
    }

    /// Opens what the recipe's labeled excerpts are made of.
    ///
    /// # Errors
    /// [`TrainingError`] of corpora.
    fn labeled<'a>(
        &'a self,
        recipe: &Recipe,
        roots: &DataRoots,
        on_warning: &mut dyn FnMut(String),
    ) -> Result<ExcerptSource<'a>, TrainingError> {
        let source = material::labeled(recipe, roots, on_warning)?;
        Ok(Box::new(move |index| self.kept(&source(index))))
    }

    /// A labeled batch; may augment.
    fn batch(&self, crops: &[Crop], rng: &mut ChaCha8Rng) -> Batch;

    /// Examples as they are, where [`TrainingTask::batch`] augments; by default as that draws them.
    fn examples(&self, crops: &[Crop]) -> Batch {
        self.batch(crops, &mut ChaCha8Rng::seed_from_u64(0))
    }

    /// What `net`, which carries no gradients, makes of a clip.
    fn estimate(&self, net: &AnyNetwork, clip: &HeldClip, device: &Device) -> Estimate;

    /// The threshold that the network's own rule of voicing has; by default the best on the clips.
    fn threshold(&self) -> Option<f32> {
        None
    }

    /// Scores an estimate by what the task is about, voiced from [`THRESHOLD`] on.
    ///
    /// # Errors
    /// [`EvaluationError`] of a reference that cannot be scored.
    fn score(&self, clip: &HeldClip, estimate: &Estimate) -> Result<Scorecard, EvaluationError>;
}

/// The task of a network.
///
/// # Errors
/// [`TrainingError::Model`] of a network that it builds upon; [`TrainingError::NoTask`].
pub fn of(
    network: &NetworkConfig,
    recipe: &Recipe,
) -> Result<Box<dyn TrainingTask>, TrainingError> {
    let info = network.check().expect("a recipe's network was checked");
    Ok(match (info.task, &network.features) {
        (Task::Melody, Features::Cfp(cfp)) => {
            Box::new(melody::MelodyTask::new(cfp.clone(), info, recipe))
        }
        (Task::Melody, Features::Salience(cfp)) => {
            let network = recipe.network.config();
            Box::new(segmentation::SegmentationTask::new(
                cfp.clone(),
                &network,
                recipe,
            ))
        }
        (Task::Melody, Features::Score(config)) => Box::new(score::ScoreTask::new(
            *config,
            &recipe.network.config(),
            recipe,
        )),
        (Task::Voicing, Features::MelodyBands(mel)) => {
            Box::new(voicing::VoicingTask::new(mel.clone(), info.framing)?)
        }
        (Task::Separation, Features::Spectrum(stft)) => {
            Box::new(separation::SeparationTask::new(stft.clone(), info.framing))
        }
        _ => return Err(TrainingError::NoTask(info.name)),
    })
}

/// What a network makes of a mixture: a melody on the 10 ms frames, not yet decided, or a voice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Estimate {
    /// Frequency in Hz, also where nobody sings.
    pub f0_hz: Vec<f32>,
    /// How sure a voice is, 0 to 1.
    pub confidence: Vec<f32>,
    /// The voice alone, from a network that separates it: as many samples as the mixture's.
    pub voice: Vec<f32>,
}

impl Estimate {
    /// The melody as it is voiced while networks are compared.
    pub fn compared(&self) -> MelodySeries {
        self.series(THRESHOLD)
    }

    /// The melody, voiced where it is surer than `threshold`.
    pub fn series(&self, threshold: f32) -> MelodySeries {
        let frames = self.f0_hz.iter().zip(&self.confidence);
        let signed = frames
            .map(|(&hz, &confidence)| f64::from(if confidence > threshold { hz } else { -hz }));
        MelodySeries::new(frame_times(self.f0_hz.len()), signed.collect())
    }
}
