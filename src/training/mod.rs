//! Recipe → corpora → batches → loss → checkpoints → a folder of weights.
//!
//! - [`recipe`]: the TOML file that says all of it.
//! - [`material`]: the corpora it names, made into excerpts.
//! - [`features`]: what networks read of a mixture; [`excerpt_cache`]: that of many, on disk.
//! - [`batch`]: examples of one step; `blocks`: long recordings part by part.
//! - [`loss`]: losses with their gradients; [`objective`]: what a step makes smaller.
//! - [`runs`]: what runs a folder holds.
//! - [`selection`]: which stretches of unlabeled songs are learned from.
//! - [`tasks`]: what differs between tasks: features, batches, loss, scores.
//! - [`learner`]: gradient steps, validation, the best weights kept.
//! - [`average`]: the weights that are kept, and that teach.
//! - [`validation`]: networks on clips; [`threshold`], [`calibration`]: what follows from them.
//! - [`best`]: the model folder; [`checkpoint`]: what a killed run goes on from; [`log`].

pub mod average;
pub mod batch;
pub mod best;
mod blocks;
pub mod calibration;
pub mod checkpoint;
mod error;
pub mod excerpt_cache;
pub mod features;
pub mod learner;
pub mod log;
pub mod loss;
pub mod material;
pub mod objective;
pub mod recipe;
pub mod runs;
pub mod selection;
pub mod tasks;
pub mod threshold;
pub mod validation;

use std::path::PathBuf;

use crate::models::DeviceChoice;
use crate::progress::Progress;

pub use error::TrainingError;
pub use recipe::Recipe;
use selection::SelectionSummary;
use validation::SetScores;

/// What to train, on what, and where to.
#[derive(Clone, Debug)]
pub struct TrainingRequest {
    /// The recipe.
    pub recipe: PathBuf,
    /// Where corpora lie: folders that hold them, or TOML files that map names to folders.
    pub data: Vec<PathBuf>,
    /// Where checkpoints, the log and the best weights go; the cached excerpts lie in it too.
    pub out: PathBuf,
    /// Name or folder of the network whose weights it begins with; random ones if there is none.
    pub from: Option<String>,
    /// What it runs on, in place of the recipe's.
    pub device: Option<DeviceChoice>,
    /// Go on from the last checkpoint.
    pub resume: bool,
}

/// One gradient step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepReport {
    /// Its number, from 1.
    pub step: usize,
    /// Of how many.
    pub steps: usize,
    /// Loss of its batch.
    pub loss: f32,
}

/// What a run tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A step was taken.
    Step(StepReport),
    /// Something was left out: one sentence.
    Warning(String),
    /// Stretches of unlabeled songs were selected.
    Selected(SelectionSummary),
    /// The validation sets were scored.
    Validated {
        /// After which step.
        step: usize,
        /// Mean scores of each set.
        scores: SetScores,
        /// Whether these weights are the best so far, and kept.
        best: bool,
    },
}

/// Trains a network; `on_event` hears of steps and validations.
///
/// The best weights are in `out/best`, a model folder.
///
/// # Errors
/// [`TrainingError`]; a cancelled run can be resumed.
pub fn run(
    args: &TrainingRequest,
    progress: &Progress,
    on_event: &mut (dyn FnMut(Event) + Send),
) -> Result<(), TrainingError> {
    let recipe = Recipe::read(&args.recipe)?;
    crate::models::allocator::keep_freed_memory();
    // From within the pool layers follow each other without its threads going to sleep.
    rayon::scope(|_| learner::train(&recipe, args, progress, on_event))
}
