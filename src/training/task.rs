//! What differs between networks: features, batches, loss, validation.

use burn::module::Module;
use burn::store::ModuleSnapshot;
use burn::tensor::{Device, Tensor};
use rand_chacha::ChaCha8Rng;

use super::loss::Loss;
use super::pool::Crop;
use crate::datasets::Voice;
use crate::models::Network;

/// A network's training.
pub trait Task: Sync {
    /// The network.
    type Net: Module + ModuleSnapshot;
    /// What a batch is compared with.
    type Targets;
    /// Scores of one clip.
    type Scores: crate::evaluation::Scores + std::fmt::Display;

    /// Random weights.
    fn init(&self, device: &Device) -> Self::Net;

    /// The network's settings, for `config.json`.
    fn network(&self) -> Network;

    /// Values of a frame.
    fn width(&self) -> usize;

    /// Features of a 16 kHz mixture, frame after frame.
    fn features(&self, mix: &[f32]) -> Vec<f32>;

    /// Input of a batch, its dimensions, and what the output is compared with; may augment.
    fn batch(&self, crops: &[Crop], rng: &mut ChaCha8Rng) -> (Vec<f32>, [usize; 4], Self::Targets);

    /// Output for an input, flattened.
    fn forward(&self, net: &Self::Net, x: Tensor<4>) -> Tensor<1>;

    /// Loss of an output.
    fn loss(&self, output: &[f32], targets: &Self::Targets) -> Loss;

    /// Scores of `net` on one labeled clip.
    fn score(&self, net: &Self::Net, clip: &Voice, device: &Device) -> Self::Scores;

    /// The figure by which the best weights are kept, of mean scores.
    fn figure(scores: &Self::Scores) -> f64;
}
