//! What encoder and decoder are made of: activation and normalization ahead of each convolution, and
//! what went in added to what comes out (He et al. 2016).
//!
//! Strided convolutions of the published program see a row and a column of zeros at the end alone,
//! and transposed ones leave out what lies beyond twice the input.

use burn::module::Module;
use burn::nn::{BatchNorm, BatchNormConfig, Dropout, DropoutConfig};
use burn::tensor::ops::PadMode;
use burn::tensor::{Device, Tensor, activation};

use super::EPSILON;
use crate::models::layers::{Conv, ConvConfig, ConvTranspose};

/// A normalization.
pub fn batch_norm(channels: usize, device: &Device) -> BatchNorm {
    let config = BatchNormConfig::new(channels).with_epsilon(EPSILON);
    config.init(device)
}

/// ReLU, normalization and, in training, dropout: what comes ahead of a convolution.
#[derive(Module, Debug)]
pub struct PreActivation {
    norm: BatchNorm,
    dropout: Dropout,
}

impl PreActivation {
    /// For so many channels.
    pub fn new(channels: usize, dropout: f64, device: &Device) -> Self {
        Self {
            norm: batch_norm(channels, device),
            dropout: DropoutConfig::new(dropout).init(),
        }
    }

    /// `[batch, channels, height, width]`, as large.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        self.dropout.forward(self.norm.forward(activation::relu(x)))
    }
}

/// [`PreActivation`], then a convolution.
#[derive(Module, Debug)]
pub struct PreConv {
    ahead: PreActivation,
    conv: Conv,
}

impl PreConv {
    /// With a convolution of these settings; dropout with this probability.
    pub fn new(config: ConvConfig, dropout: f64, device: &Device) -> Self {
        Self {
            ahead: PreActivation::new(config.channels[0], dropout, device),
            conv: config.init(device),
        }
    }

    /// `[batch, input, height, width]` → `[batch, output, height / stride, width / stride]`.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let x = self.ahead.forward(x);
        let ConvConfig { stride, kernel, .. } = *self.conv.config();
        if stride == [1, 1] || kernel == [1, 1] {
            return self.conv.forward(x);
        }
        let x = x.pad([(0, 1), (0, 1)], PadMode::Constant(0.0));
        self.conv.forward(x)
    }
}

/// Two convolutions of 3x3; the first may halve both axes.
#[derive(Module, Debug)]
pub struct ConvBlock {
    first: PreConv,
    second: PreConv,
    skip: Option<Conv>,
}

impl ConvBlock {
    /// As large as what goes in.
    pub fn plain(channels: usize, dropout: f64, device: &Device) -> Self {
        let conv = ConvConfig::new([channels, channels], [3, 3]).same();
        Self {
            first: PreConv::new(conv, dropout, device),
            second: PreConv::new(conv, dropout, device),
            skip: None,
        }
    }

    /// Half as high and wide.
    pub fn halving([input, output]: [usize; 2], dropout: f64, device: &Device) -> Self {
        let halving = ConvConfig::new([input, output], [3, 3]).stride([2, 2]);
        let second = ConvConfig::new([output, output], [3, 3]).same();
        let skip = ConvConfig::new([input, output], [1, 1]).stride([2, 2]);
        Self {
            first: PreConv::new(halving, dropout, device),
            second: PreConv::new(second, dropout, device),
            skip: Some(skip.init(device)),
        }
    }

    /// `[batch, input, height, width]` → `[batch, output, ..]`.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let y = self.second.forward(self.first.forward(x.clone()));
        y + match &self.skip {
            Some(skip) => skip.forward(x),
            None => x,
        }
    }
}

/// A convolution, and a transposed one that doubles both axes.
#[derive(Module, Debug)]
pub struct TransposedBlock {
    first: PreConv,
    ahead: PreActivation,
    up: ConvTranspose,
    skip: ConvTranspose,
}

impl TransposedBlock {
    /// From `input` to `output` channels.
    pub fn new([input, output]: [usize; 2], dropout: f64, device: &Device) -> Self {
        let first = ConvConfig::new([input, output], [3, 3]).same();
        let up = ConvConfig::new([output, output], [3, 3]).stride([2, 2]);
        let skip = ConvConfig::new([input, output], [1, 1]).stride([2, 2]);
        Self {
            first: PreConv::new(first, dropout, device),
            ahead: PreActivation::new(output, dropout, device),
            up: up.init_transposed([0, 0], device),
            skip: skip.init_transposed([1, 1], device),
        }
    }

    /// `[batch, input, height, width]` → `[batch, output, 2 height, 2 width]`.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let skip = self.skip.forward(x.clone());
        let y = self.up.forward(self.ahead.forward(self.first.forward(x)));
        let [batch, channels, height, width] = skip.dims();
        y.slice([0..batch, 0..channels, 0..height, 0..width]) + skip
    }
}

/// Adds to what was decoded what follows from it and from what the encoder saw.
#[derive(Module, Debug)]
pub struct SkipFusion {
    decoded: BatchNorm,
    encoded: BatchNorm,
    dropout: Dropout,
    conv: Conv,
}

impl SkipFusion {
    /// Of two planes of so many channels each.
    pub fn new(channels: usize, dropout: f64, device: &Device) -> Self {
        Self {
            decoded: batch_norm(channels, device),
            encoded: batch_norm(channels, device),
            dropout: DropoutConfig::new(dropout).init(),
            conv: ConvConfig::new([2 * channels, channels], [1, 1]).init(device),
        }
    }

    /// Both `[batch, channels, height, width]`, and so the result.
    pub fn forward(&self, decoded: Tensor<4>, encoded: Tensor<4>) -> Tensor<4> {
        let both = vec![
            self.decoded.forward(activation::relu(decoded.clone())),
            self.encoded.forward(activation::relu(encoded)),
        ];
        self.conv
            .forward(self.dropout.forward(Tensor::cat(both, 1)))
            + decoded
    }
}
