//! Why there are no weights.

use std::path::{Path, PathBuf};

use crate::datasets::DatasetError;
use crate::evaluation::EvaluationError;
use crate::files::shown;
use crate::models::ModelError;
use crate::progress::Cancelled;

/// Why there are no weights.
#[derive(Debug, thiserror::Error)]
pub enum TrainingError {
    /// The recipe cannot be used.
    #[error("recipe {}: {reason}", shown(path))]
    Recipe {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        reason: String,
    },
    /// Folders of songs without a song.
    #[error("recipe: there is no song of half a minute in {0}")]
    NoSongs(String),
    /// A singer that is named has no voice in the corpora.
    #[error("recipe: `data.singers` names {0}, who sings in none of the corpora")]
    NoSinger(String),
    /// The teacher reads something else than the network it guides.
    #[error("recipe: the teacher {0} has other features or maps than the network")]
    Teacher(String),
    /// Folders of scores without a melody.
    #[error("recipe: no MIDI file in {0} has a track that is named as a melody's")]
    NoScores(String),
    /// The validation set by which the best weights are chosen lacks the measure asked for.
    #[error("recipe: {set} has no {measure} for this network; `choose_by` another")]
    NoFigure {
        /// The set that decides.
        set: String,
        /// The measure.
        measure: &'static str,
    },
    /// A corpus could not be read, or excerpts not made of it.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// A clip could not be scored.
    #[error(transparent)]
    Evaluation(#[from] EvaluationError),
    /// A file could not be read or written.
    #[error("cannot use {}: {source}", shown(path))]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A checkpoint could not be saved or restored.
    #[error(
        "checkpoint {}: {reason}; train without --resume to begin anew",
        shown(path)
    )]
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
    /// No task has such a network.
    #[error("recipe: there is no training for network `{0}` yet")]
    NoTask(&'static str),
    /// There is no such device.
    #[error("{0}")]
    Device(String),
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
