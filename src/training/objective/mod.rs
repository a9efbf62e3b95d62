//! What a step sees, and what it makes smaller.
//!
//! A training adds up terms: a task's own, on labeled examples, and, on unlabeled ones, where the
//! recipe asks for it, [`consistency::Consistency`] or [`binary::BinaryRegularization`]. An
//! objective for notes, stems or another use of unlabeled examples is a file here.

pub mod binary;
pub mod consistency;

use burn::tensor::Device;

use super::batch::Batch;
use super::loss::Term;
use super::recipe::{UnlabeledConfig, UnlabeledUse};
use crate::models::AnyNetwork;

/// What there is at one step.
pub struct TrainingStep<'a> {
    /// The network that learns.
    pub network: &'a AnyNetwork,
    /// The average of its weights over the steps so far, which carries no gradients.
    pub teacher: &'a AnyNetwork,
    /// A network that another run trained, which stays as it is, if the recipe names one.
    pub guide: Option<&'a AnyNetwork>,
    /// Labeled examples.
    pub labeled: &'a Batch,
    /// Unlabeled examples, where the recipe has some.
    pub unlabeled: Option<&'a Batch>,
    /// How far the training is, 0 to 1.
    pub progress: f64,
    /// Its number with the recipe's seed: what is drawn in a step follows from it.
    pub number: u64,
    /// How sure the teacher has been of unlabeled frames so far.
    pub certainty: Option<f32>,
    /// What the network runs on, with gradients; the teacher runs on the same without.
    pub device: &'a Device,
}

/// A term of the loss.
pub trait Objective: Sync {
    /// Its value at a step; `None` where the step has nothing that it needs.
    fn term(&self, step: &TrainingStep) -> Option<Term>;
}

/// The sum of the objectives' terms; `None` where none applies.
pub fn total_loss(objectives: &[&dyn Objective], step: &TrainingStep) -> Option<Term> {
    let terms = objectives
        .iter()
        .filter_map(|objective| objective.term(step));
    terms.reduce(Term::plus)
}

/// What a recipe learns from unlabeled examples as they come; nothing where they are selected.
pub fn of(config: &UnlabeledConfig) -> Option<Box<dyn Objective>> {
    match config.by {
        UnlabeledUse::Agreement => Some(Box::new(consistency::Consistency::new(config))),
        UnlabeledUse::Binary => Some(Box::new(binary::BinaryRegularization::new(config))),
        UnlabeledUse::Selection => None,
    }
}
