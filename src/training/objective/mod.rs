//! What a step sees, and what it makes smaller.
//!
//! A training adds up terms: a task's own, on labeled examples, and
//! [`consistency::Consistency`], on unlabeled ones, where the recipe asks for it. An
//! objective for notes, stems or another use of unlabeled examples is a file here.

pub mod consistency;

use burn::tensor::Device;

use super::batch::Batch;
use super::loss::Term;
use crate::models::AnyNetwork;

/// What there is at one step.
pub struct TrainingStep<'a> {
    /// The network that learns.
    pub network: &'a AnyNetwork,
    /// The average of its weights over the steps so far, which carries no gradients.
    pub teacher: &'a AnyNetwork,
    /// Labeled examples.
    pub labeled: &'a Batch,
    /// Unlabeled examples, where the recipe has some.
    pub unlabeled: Option<&'a Batch>,
    /// How far the training is, 0 to 1.
    pub progress: f64,
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
    terms.reduce(|sum, term| Term {
        loss: sum.loss + term.loss,
        parts: [sum.parts, term.parts].concat(),
    })
}
