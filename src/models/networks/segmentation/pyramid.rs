//! Atrous spatial pyramid pooling (Chen et al. 2018): the same place seen at several scales.

use burn::module::Module;
use burn::nn::{Dropout, DropoutConfig};
use burn::tensor::{Device, Tensor};

use super::DROPOUT;
use super::blocks::PreActivation;
use crate::models::layers::{Activation, Conv, ConvConfig, NormPlace};

/// Channels of what goes in, and of each branch.
const CHANNELS: [usize; 2] = [256, 512];

/// Distances of taps of the branches of 3x3; a branch of 1x1 comes first.
const DILATIONS: [usize; 3] = [1, 2, 4];

/// Four branches, joined by a convolution.
#[derive(Module, Debug)]
pub struct AtrousPyramid {
    ahead: PreActivation,
    branches: Vec<Conv>,
    norms: Vec<burn::nn::BatchNorm>,
    dropout: Dropout,
    joined: Conv,
}

impl AtrousPyramid {
    /// Random weights.
    pub fn new(device: &Device) -> Self {
        let [input, output] = CHANNELS;
        let branch = |config: ConvConfig| {
            let config = config.norm(NormPlace::Nowhere).activation(Activation::Relu);
            config.init(device)
        };
        let wide = DILATIONS.map(|dilation| {
            let config = ConvConfig::new(CHANNELS, [3, 3]);
            branch(config.dilation([dilation, dilation]).same())
        });
        let narrow = branch(ConvConfig::new(CHANNELS, [1, 1]));
        let branches: Vec<Conv> = [narrow].into_iter().chain(wide).collect();
        let norm = |_: &Conv| super::blocks::batch_norm(output, device);
        Self {
            ahead: PreActivation::new(input, DROPOUT[1], device),
            norms: branches.iter().map(norm).collect(),
            joined: ConvConfig::new([branches.len() * output, output], [1, 1]).init(device),
            dropout: DropoutConfig::new(DROPOUT[1]).init(),
            branches,
        }
    }

    /// `[batch, 256, height, width]` → `[batch, 512, height, width]`.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let x = self.ahead.forward(x);
        let branches = self.branches.iter().zip(&self.norms);
        let branches = branches.map(|(conv, norm)| norm.forward(conv.forward(x.clone())));
        let all = Tensor::cat(branches.collect(), 1); // [batch, 2048, height, width]
        self.joined.forward(self.dropout.forward(all))
    }
}
