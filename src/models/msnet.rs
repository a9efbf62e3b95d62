//! MSNet, a streamlined encoder and decoder (Hsieh et al. 2019), with a head of one or four maps.
//!
//! Time is never pooled, so that any number of frames passes; rows are pooled
//! by four three times. The decoder knows of the encoder only the places of
//! the maxima. The four-map head is HKDSME's ("native": the last layers emit
//! melody, harmonic, sub-harmonic and none in place of one map).

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::layer::{NormConv, NormConvConfig, max_pool_rows, max_unpool_rows};
use crate::kernels::Activation;

/// Feature rows: pooled three times they are what the bottom layer spans.
pub const ROWS: usize = 320;

/// Rows that are pooled into one.
pub(super) const POOL: usize = 4;

/// Frames on each side that an output frame depends on: two for each of six convolutions.
pub const CONTEXT_FRAMES: usize = 12;

/// MSNet; see the module's documentation.
#[derive(Module, Debug)]
pub struct Msnet {
    pub(super) conv1: NormConv,
    pub(super) conv2: NormConv,
    pub(super) conv3: NormConv,
    pub(super) bottom: NormConv,
    pub(super) up3: NormConv,
    pub(super) up2: NormConv,
    pub(super) up1: NormConv,
}

fn conv5x5(cin: usize, cout: usize, height_padding: usize, device: &Device) -> NormConv {
    NormConvConfig {
        channels: [cin, cout],
        kernel: [5, 5],
        padding: [height_padding, 2],
        dilation: [1, 1],
        stride: [1, 1],
        activation: Activation::Selu,
    }
    .init(device)
}

impl Msnet {
    /// Random weights, and a head of `maps` maps (1, or 4 with harmonic supervision).
    pub fn new(maps: usize, device: &Device) -> Self {
        // The last up-convolution is activated too, as in the published network.
        Self {
            conv1: conv5x5(3, 32, 2, device),
            conv2: conv5x5(32, 64, 2, device),
            conv3: conv5x5(64, 128, 2, device),
            bottom: conv5x5(128, maps, 0, device),
            up3: conv5x5(128, 64, 2, device),
            up2: conv5x5(64, 32, 2, device),
            up1: conv5x5(32, maps, 2, device),
        }
    }

    /// Raw scores: `[batch, 3, 320, frames]` → `[batch, maps, 321, frames]`, row 0 "no melody".
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let c1 = self.conv1.forward(x); // [batch, 32, 320, frames]
        let c2 = self.conv2.forward(max_pool_rows(c1.clone(), POOL)); // [batch, 64, 80, frames]
        let c3 = self.conv3.forward(max_pool_rows(c2.clone(), POOL)); // [batch, 128, 20, frames]
        let pooled = max_pool_rows(c3.clone(), POOL); // [batch, 128, 5, frames]
        let none = self.bottom.forward(pooled.clone()); // [batch, maps, 1, frames]
        let u3 = self.up3.forward(max_unpool_rows(pooled, c3, POOL)); // [batch, 64, 20, frames]
        let u2 = self.up2.forward(max_unpool_rows(u3, c2, POOL)); // [batch, 32, 80, frames]
        let u1 = self.up1.forward(max_unpool_rows(u2, c1, POOL)); // [batch, maps, 320, frames]
        Tensor::cat(vec![none, u1], 2)
    }
}
