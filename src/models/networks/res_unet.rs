//! ResUNetDecouple+ (Kong et al. 2021): a deep U-Net of residual blocks that tells mask and phase apart.
//!
//! Its four maps are a mask, a turn of the phase and a magnitude to add ([`crate::dsp::stft::mask`]). With
//! four blocks a stage it has the paper's 143 layers; one is DJCM's size.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig, ConvTranspose2d, ConvTranspose2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, PaddingConfig2d};
use burn::tensor::{Device, Tensor, activation};
use serde::{Deserialize, Serialize};

use super::{Network, expect};
use crate::dsp::DspError;
use crate::models::Features;

/// Rows of the spectrum, without the highest bin.
const ROWS: usize = 1024;

/// Frames of a segment; five stages halve them.
pub const SEGMENT_FRAMES: usize = 128;

/// Channels of the encoder's stages, and how many rows and frames each pools into one.
const ENCODER: [(usize, [usize; 2]); 6] = [
    (32, [2, 2]),
    (64, [2, 2]),
    (128, [2, 2]),
    (256, [2, 2]),
    (384, [2, 2]),
    (384, [2, 1]),
];

/// Stages between encoder and decoder.
const MIDDLE: usize = 4;

/// Maps for the voice.
const MAPS: usize = 4;

/// ResUNetDecouple+; see the module's documentation.
#[derive(Module, Debug)]
pub struct ResUNet {
    /// Over the bins of the spectrum, the highest included.
    bins: BatchNorm,
    encoder: Vec<ResStage>,
    middle: Vec<ResStage>,
    decoder: Vec<UpStage>,
    after: ResStage,
    out: Conv2d,
}

/// What may differ between two of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResUNetSettings {
    /// Residual blocks of a stage: 1, 2 or 4.
    pub blocks: usize,
}

/// Residual blocks one after another.
#[derive(Module, Debug)]
struct ResStage {
    blocks: Vec<ResBlock>,
}

/// Two convolutions beside a short way.
#[derive(Module, Debug)]
struct ResBlock {
    norm1: BatchNorm,
    conv1: Conv2d,
    norm2: BatchNorm,
    conv2: Conv2d,
    short: Option<Conv2d>,
}

/// Back to twice the size, with what the encoder saw there.
#[derive(Module, Debug)]
struct UpStage {
    norm: BatchNorm,
    up: ConvTranspose2d,
    stage: ResStage,
}

fn norm(channels: usize, device: &Device) -> BatchNorm {
    let config = BatchNormConfig::new(channels).with_momentum(0.01);
    config.init(device)
}

impl ResBlock {
    fn new(input: usize, output: usize, device: &Device) -> Self {
        let conv = |channels| {
            Conv2dConfig::new(channels, [3, 3])
                .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
                .with_bias(false)
                .init(device)
        };
        let short = || Conv2dConfig::new([input, output], [1, 1]).init(device);
        Self {
            norm1: norm(input, device),
            conv1: conv([input, output]),
            norm2: norm(output, device),
            conv2: conv([output, output]),
            short: (input != output).then(short),
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let activate = |x| activation::leaky_relu(x, 0.01);
        let y = self.conv1.forward(activate(self.norm1.forward(x.clone())));
        let y = self.conv2.forward(activate(self.norm2.forward(y)));
        match &self.short {
            Some(short) => y + short.forward(x),
            None => y + x,
        }
    }
}

impl ResStage {
    fn new(input: usize, output: usize, blocks: usize, device: &Device) -> Self {
        let block = |i| ResBlock::new(if i == 0 { input } else { output }, output, device);
        Self {
            blocks: (0..blocks).map(block).collect(),
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        self.blocks.iter().fold(x, |x, block| block.forward(x))
    }
}

impl Network for ResUNet {
    type Settings = ResUNetSettings;

    fn check(settings: &ResUNetSettings, features: &Features) -> Result<(), DspError> {
        if ![1, 2, 4].contains(&settings.blocks) {
            return Err(DspError::Setting {
                field: "blocks",
                expected: "1, 2 or 4".into(),
                found: settings.blocks.to_string(),
            });
        }
        expect("rows of the spectrum", ROWS, features.n_rows())
    }

    fn new(settings: &ResUNetSettings, device: &Device) -> Self {
        let stage = |input, output| ResStage::new(input, output, settings.blocks, device);
        let outputs = ENCODER.map(|(channels, _)| channels);
        let encoder = (0..outputs.len()).map(|i| match i {
            0 => stage(1, outputs[0]),
            _ => stage(outputs[i - 1], outputs[i]),
        });
        let deepest = outputs[outputs.len() - 1];
        let up = |i: usize| {
            let input = *outputs.get(i + 1).unwrap_or(&deepest);
            let (output, size) = ENCODER[i];
            let config = ConvTranspose2dConfig::new([input, output], size).with_stride(size);
            UpStage {
                norm: norm(input, device),
                up: config.with_bias(false).init(device),
                stage: stage(2 * output, output),
            }
        };
        Self {
            bins: norm(ROWS + 1, device),
            encoder: encoder.collect(),
            middle: (0..MIDDLE).map(|_| stage(deepest, deepest)).collect(),
            decoder: (0..ENCODER.len()).rev().map(up).collect(),
            after: stage(outputs[0], outputs[0]),
            out: Conv2dConfig::new([outputs[0], MAPS], [1, 1]).init(device),
        }
    }

    /// Magnitudes `[batch, 1, 1024, 128]` → mask, turn (real, imaginary) and added magnitude,
    /// `[batch, 4, 1024, 128]`.
    fn forward(&self, x: Tensor<4>) -> Vec<Tensor<4>> {
        let [batch, _, rows, frames] = x.dims();
        let highest = Tensor::zeros([batch, 1, 1, frames], &x.device());
        let by_bin = Tensor::cat(vec![x, highest], 2).reshape([batch, rows + 1, 1, frames]);
        let x = self.bins.forward(by_bin).narrow(1, 0, rows);
        let mut x = x.reshape([batch, 1, rows, frames]);
        let mut seen = Vec::new();
        for (stage, (_, size)) in self.encoder.iter().zip(ENCODER) {
            let full = stage.forward(x);
            x = mean_pool(full.clone(), size);
            seen.push(full);
        }
        x = self.middle.iter().fold(x, |x, stage| stage.forward(x));
        for up in &self.decoder {
            let wide = up.up.forward(activation::relu(up.norm.forward(x)));
            let beside = seen.pop().expect("as many stages go down as up");
            x = up.stage.forward(Tensor::cat(vec![wide, beside], 1));
        }
        let maps = self.out.forward(self.after.forward(x));
        let mask = activation::sigmoid(maps.clone().narrow(1, 0, 1));
        let turn = maps.clone().narrow(1, 1, 2).tanh();
        vec![Tensor::cat(vec![mask, turn, maps.narrow(1, 3, 1)], 1)]
    }
}

/// Means of so many rows and columns.
fn mean_pool(x: Tensor<4>, [rows, columns]: [usize; 2]) -> Tensor<4> {
    let [batch, channels, height, width] = x.dims();
    let (height, width) = (height / rows, width / columns);
    let parts = x.reshape([batch, channels, height, rows, width, columns]);
    let means: Tensor<6> = parts.mean_dim(5).mean_dim(3);
    means.reshape([batch, channels, height, width])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_the_published_number_of_parameters() {
        for (blocks, expected) in [(1, 29_365_448), (2, 53_767_240)] {
            let net = ResUNet::new(&ResUNetSettings { blocks }, &Device::flex());
            assert_eq!(net.num_params() - statistics(blocks), expected);
        }
    }

    /// Running means and variances, which are counted beside the parameters.
    fn statistics(blocks: usize) -> usize {
        let stage = |input: usize, output: usize| input + output + (blocks - 1) * 2 * output;
        let outputs = ENCODER.map(|(channels, _)| channels);
        let down: usize = (0..6)
            .map(|i| stage(if i == 0 { 1 } else { outputs[i - 1] }, outputs[i]))
            .sum();
        let up: usize = (0..6)
            .map(|i| outputs.get(i + 1).unwrap_or(&384) + stage(2 * outputs[i], outputs[i]))
            .sum();
        2 * (ROWS + 1 + down + MIDDLE * stage(384, 384) + up + stage(32, 32))
    }

    #[test]
    fn means_are_taken_over_rows_and_columns() {
        let x = Tensor::<1>::from_floats([1.0, 3.0, 5.0, 7.0, 2.0, 2.0, 4.0, 4.0], &Device::flex());
        let means = mean_pool(x.reshape([1, 1, 2, 4]), [2, 2]);
        let values: Vec<f32> = means.into_data().try_to_vec().unwrap();
        assert_eq!(values, [2.0, 5.0]);
    }
}
