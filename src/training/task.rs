//! What differs between networks: features, batches, loss, validation.

use burn::tensor::{Device, Tensor};
use rand_chacha::ChaCha8Rng;

use super::loss::Loss;
use super::pool::Crop;
use crate::datasets::Voice;
use crate::models::{AnyNetwork, NetworkConfig};

/// A network's training.
pub trait Task: Sync {
    /// What a batch is compared with.
    type Targets;
    /// Scores of one clip.
    type Scores: crate::evaluation::Scores + std::fmt::Display;

    /// The network's settings, for `config.json`.
    fn network(&self) -> NetworkConfig;

    /// Values of a frame.
    fn width(&self) -> usize;

    /// Features of a 16 kHz mixture, frame after frame.
    fn features(&self, mix: &[f32]) -> Vec<f32>;

    /// Input of a batch, its dimensions, and what the output is compared with; may augment.
    fn batch(&self, crops: &[Crop], rng: &mut ChaCha8Rng) -> (Vec<f32>, [usize; 4], Self::Targets);

    /// Output for an input, flattened.
    fn forward(&self, net: &AnyNetwork, x: Tensor<4>) -> Tensor<1>;

    /// Loss of an output.
    fn loss(&self, output: &[f32], targets: &Self::Targets) -> Loss;

    /// Scores of `net` on one labeled clip.
    fn score(&self, net: &AnyNetwork, clip: &Voice, device: &Device) -> Self::Scores;

    /// The figure by which the best weights are kept, of mean scores.
    fn figure(scores: &Self::Scores) -> f64;
}
