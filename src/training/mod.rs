//! Recipe → dataset → batch → loss → checkpoint → a folder of weights.
//!
//! - [`recipe`]: the TOML file that says all of it.
//! - [`remix`], [`augment`], [`shift`], [`timeline`], [`remix_config`]: excerpts that never were.
//! - `hold`: notes held for seconds; `lead`: an instrument that plays what a voice might sing.
//! - [`features`]: what networks read of a mixture; [`pool`]: that of many, cached on disk.
//! - [`pages`]: memory that a step leaves to the next.
//! - [`loss`]: harmonic supervision and voicing, with their gradients.
//! - [`task`]: what differs between networks: features, batches, loss, validation.
//! - [`pitch`], [`voicing`]: the two tasks.
//! - [`learner`]: gradient steps, validation, the best weights kept; [`average`]: which weights.
//! - [`checkpoint`]: what a killed run goes on from.

pub mod augment;
pub mod average;
pub mod checkpoint;
pub mod features;
mod hold;
mod lead;
pub mod learner;
pub mod loss;
pub mod pages;
pub mod pitch;
pub mod pool;
pub mod recipe;
pub mod remix;
pub mod remix_config;
pub mod shift;
pub mod task;
pub mod timeline;
pub mod voicing;

use std::path::{Path, PathBuf};

use crate::datasets::DatasetError;
use crate::models::ModelError;
use crate::progress::{Cancelled, Progress};

pub use learner::{Event, Step};
pub use recipe::{Recipe, TaskKind};

/// Why there are no weights.
#[derive(Debug, thiserror::Error)]
pub enum TrainingError {
    /// The recipe cannot be used.
    #[error("recipe {path}: {reason}")]
    Recipe {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        reason: String,
    },
    /// The remixes cannot be made.
    #[error(transparent)]
    Remix(#[from] remix::RemixError),
    /// A corpus could not be read.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// A file could not be read or written.
    #[error("cannot use {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A checkpoint could not be saved or restored.
    #[error("checkpoint {path}: {reason}; train without --resume to begin anew")]
    Checkpoint {
        /// The folder.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The loss is no longer a number.
    #[error("the loss left the numbers at step {step}; lower `peak_rate` in the recipe")]
    Diverged {
        /// Where.
        step: usize,
    },
    /// A network could not be loaded or run.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The user stopped it; the last checkpoint stays.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl TrainingError {
    /// For a file operation on `path`.
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}

/// What to train, on what, and where to.
#[derive(Clone, Debug)]
pub struct TrainArgs {
    /// The recipe.
    pub recipe: PathBuf,
    /// The folder that holds the corpora.
    pub data: PathBuf,
    /// Where checkpoints, the log and the best weights go; the feature cache lies in it too.
    pub out: PathBuf,
    /// Go on from the last checkpoint.
    pub resume: bool,
}

/// Trains a network; `on_event` hears of steps and validations.
///
/// The best weights are in `out/best`, a model folder.
///
/// # Errors
/// [`TrainingError`]; a cancelled run can be resumed.
pub fn run(
    args: &TrainArgs,
    progress: &Progress,
    on_event: &mut (dyn FnMut(Event) + Send),
) -> Result<(), TrainingError> {
    let recipe = Recipe::read(&args.recipe)?;
    pages::keep();
    // From within the pool layers follow each other without its threads going to sleep.
    rayon::scope(|_| match recipe.task {
        TaskKind::Pitch => {
            let task = pitch::Pitch::new(&recipe);
            learner::train(&task, &recipe, args, progress, on_event)
        }
        TaskKind::Voicing => {
            let task = voicing::Voicing::new()?;
            learner::train(&task, &recipe, args, progress, on_event)
        }
    })
}
