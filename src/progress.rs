//! How long work reports where it stands, and how it is stopped.
//!
//! The terminal's bar, the window and a silent test each pass a [`Progress`] to
//! the same function; the function calls [`Progress::report`] and stops at the
//! first `Err(Cancelled)`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A part of long work, in the words a person reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Decoding, and the time-frequency representation on the way.
    Features,
    /// The networks' forward passes.
    Network,
    /// Note segmentation.
    Notes,
    /// Voice and accompaniment.
    Separation,
    /// Remixing clips and caching their features.
    Dataset,
    /// Gradient steps.
    Training,
    /// Scoring on clips.
    Evaluation,
}

impl Stage {
    /// What is being done, for a progress line.
    pub fn label(self) -> &'static str {
        match self {
            Stage::Features => "Spectrogram",
            Stage::Network => "Melody",
            Stage::Notes => "Notes",
            Stage::Separation => "Separation",
            Stage::Dataset => "Training data",
            Stage::Training => "Training",
            Stage::Evaluation => "Evaluation",
        }
    }
}

/// The user stopped the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("stopped")]
pub struct Cancelled;

/// Stops the work that holds the matching [`Progress`]; may be called from any thread.
#[derive(Clone, Debug, Default)]
pub struct Canceller(Arc<AtomicBool>);

impl Canceller {
    /// Makes the next report return `Err(Cancelled)`.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// What it sets, for handlers of signals, which can do no more.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }

    /// Whether [`Canceller::cancel`] was called.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Where long work reports to.
pub struct Progress {
    sink: Box<dyn Fn(Stage, f32) + Send + Sync>,
    canceller: Canceller,
}

impl Progress {
    /// Reports to `sink`: the stage, and how much of it is done (0 to 1).
    pub fn new(sink: impl Fn(Stage, f32) + Send + Sync + 'static) -> Self {
        Self {
            sink: Box::new(sink),
            canceller: Canceller::default(),
        }
    }

    /// Reports to nobody.
    pub fn silent() -> Self {
        Self::new(|_, _| {})
    }

    /// The same, stopped by a canceller that is there already.
    pub fn cancelled_by(self, canceller: &Canceller) -> Self {
        Self {
            canceller: canceller.clone(),
            ..self
        }
    }

    /// A handle that stops this work.
    pub fn canceller(&self) -> Canceller {
        self.canceller.clone()
    }

    /// Tells how much of `stage` is done, and whether to go on.
    ///
    /// # Errors
    /// [`Cancelled`] once the user stopped the work.
    pub fn report(&self, stage: Stage, fraction: f32) -> Result<(), Cancelled> {
        if self.canceller.is_cancelled() {
            return Err(Cancelled);
        }
        (self.sink)(stage, fraction.clamp(0.0, 1.0));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cancelled_report_is_an_error_and_reaches_nobody() {
        let progress = Progress::new(|_, _| panic!("reported after the stop"));
        progress.canceller().cancel();
        assert_eq!(progress.report(Stage::Notes, 0.5), Err(Cancelled));
    }
}
