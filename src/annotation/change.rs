//! What was done to a document, written down so that it can be done again.

use serde::{Deserialize, Serialize};

use super::{Annotation, Transaction};
use crate::melody::F0Frame;

/// One thing that happened to a document. All of them in order, on the same beginning, make the
/// same annotation with the same history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// A new step.
    Apply(Transaction),
    /// More edits of the latest step: the notes that follow from it.
    Amend(Transaction),
    /// The latest step was taken back.
    Undo,
    /// The step last taken back was made again.
    Redo,
    /// The contour grew with the analysis.
    Grow {
        /// The whole of it.
        frames: Vec<F0Frame>,
        /// Whether what the networks had decided was decided anew.
        renew: bool,
    },
    /// It was saved as it was.
    Save,
    /// Its project file came to hold something else than any step made.
    FileDiffers,
}

/// What a journal has yet to write of a document.
#[derive(Clone, Debug)]
pub struct Unwritten {
    /// The annotation before the first change; `None` if it was given already.
    pub beginning: Option<Annotation>,
    /// What was done since.
    pub changes: Vec<Change>,
}

/// Holds what is done to a document until a journal takes it.
#[derive(Clone, Debug, Default)]
pub struct ChangeLog {
    is_begun: bool,
    beginning: Option<Annotation>,
    changes: Vec<Change>,
}

impl ChangeLog {
    /// The log of a document whose journal goes on.
    pub fn going_on() -> Self {
        Self {
            is_begun: true,
            ..Self::default()
        }
    }

    /// To be told before each change: the first is made on this.
    pub fn begin(&mut self, annotation: &Annotation) {
        if !self.is_begun {
            self.is_begun = true;
            self.beginning = Some(annotation.clone());
        }
    }

    /// To be told of each change that was made.
    pub fn add(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// Whether there was a change yet.
    pub fn is_begun(&self) -> bool {
        self.is_begun
    }

    /// What was done since it was last taken, if anything was.
    pub fn take(&mut self) -> Option<Unwritten> {
        let changes = std::mem::take(&mut self.changes);
        (!changes.is_empty()).then(|| Unwritten {
            beginning: self.beginning.take(),
            changes,
        })
    }
}
