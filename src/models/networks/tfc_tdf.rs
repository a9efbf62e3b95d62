//! A small U-Net of time-frequency convolutions and time-distributed dense layers (TFC-TDF, Choi
//! et al. 2020; KUIELab-MDX-Net 2021), in a size for two processor cores.
//!
//! 3x3 convolutions see what is near; a dense layer over all rows of a frame sees the harmonics of a
//! voice at once for a hundredth of the multiplications that a stack of convolutions spends on it.
//! Rows are folded by four first and halved three times; time is never pooled, so that any number of
//! frames passes and the result does not depend on where a recording is cut. The lowest level looks
//! seconds around by dilated convolutions. The layers and their sizes are this project's own.

use burn::module::Module;
use burn::nn::{BatchNorm, BatchNormConfig};
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::{Network, expect};
use crate::dsp::DspError;
use crate::models::Features;
use crate::models::layers::{Activation, Conv, ConvConfig, ConvTranspose, NormPlace};

/// Rows of the spectrum.
pub const ROWS: usize = 1024;

/// Bins that share a row of the first level.
const FOLD: usize = 4;

/// Values of the dense layers' middle.
const HIDDEN: usize = 32;

/// Levels; each has half the rows of the one above.
const LEVELS: usize = 4;

/// Distances in frames that the blocks of each level look, on the way down.
const DILATIONS: [&[usize]; LEVELS] = [&[1], &[1], &[1, 2], &[1, 2, 4, 8]];

/// Frames on each side that an output frame depends on: one for the first layer, for each change of
/// level on the way down and for the last layer, the blocks' on the way down and one each on the way up.
pub const CONTEXT_FRAMES: usize = 1 + 3 + 1 + (1 + 1 + 3 + 15) + 3;

/// TFC-TDF; see the module's documentation.
#[derive(Module, Debug)]
pub struct TfcTdf {
    /// Brings each bin to one level.
    bins: BatchNorm,
    first: Conv,
    down_blocks: Vec<Vec<TfcTdfBlock>>,
    down: Vec<Conv>,
    up: Vec<ConvTranspose>,
    up_blocks: Vec<TfcTdfBlock>,
    last: Conv,
}

/// What may differ between two of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TfcTdfSettings {
    /// Channels of the first level; further ones have as many more each.
    pub width: usize,
}

/// What is near, then all rows of a frame, each added to what was there.
#[derive(Module, Debug)]
struct TfcTdfBlock {
    near: Conv,
    squeeze: Conv,
    spread: Conv,
}

impl TfcTdfBlock {
    fn new(channels: usize, rows: usize, dilation: usize, device: &Device) -> Self {
        let near = layer([channels, channels], [3, 3]).dilation([1, dilation]);
        let dense = |sizes| layer(sizes, [1, 1]);
        Self {
            near: near.same().init(device),
            squeeze: dense([rows, HIDDEN]).init(device),
            spread: dense([HIDDEN, rows])
                .activation(Activation::Identity)
                .init(device),
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let x = x.clone() + self.near.forward(x);
        let [batch, channels, rows, frames] = x.dims();
        // A row is a channel of a dense layer, which every channel has in common.
        let by_row = x.clone().reshape([batch * channels, rows, 1, frames]);
        let all = self.spread.forward(self.squeeze.forward(by_row));
        x + all.reshape([batch, channels, rows, frames])
    }
}

fn layer(channels: [usize; 2], kernel: [usize; 2]) -> ConvConfig {
    ConvConfig::new(channels, kernel)
        .norm(NormPlace::Before)
        .activation(Activation::Relu)
}

impl Network for TfcTdf {
    type Settings = TfcTdfSettings;

    fn check(settings: &TfcTdfSettings, features: &Features) -> Result<(), DspError> {
        if !(1..=256).contains(&settings.width) {
            return Err(DspError::Setting {
                field: "width",
                expected: "1 to 256".into(),
                found: settings.width.to_string(),
            });
        }
        expect("rows of the spectrum", ROWS, features.n_rows())
    }

    fn new(settings: &TfcTdfSettings, device: &Device) -> Self {
        let channels = |level: usize| settings.width * (level + 1);
        let rows = |level: usize| (ROWS / FOLD) >> level;
        let block =
            |level, dilation| TfcTdfBlock::new(channels(level), rows(level), dilation, device);
        let blocks = |level: usize| {
            let dilations = DILATIONS[level].iter();
            dilations.map(|&dilation| block(level, dilation)).collect()
        };
        let down = |level: usize| {
            let config = layer([channels(level), channels(level + 1)], [3, 3]);
            config.stride([2, 1]).padding([1, 1]).init(device)
        };
        let up = |level: usize| {
            let config = layer([channels(level + 1), channels(level)], [2, 1]);
            config.stride([2, 1]).init_transposed([0, 0], device)
        };
        let first = ConvConfig::new([1, settings.width], [2 * FOLD, 3])
            .stride([FOLD, 1])
            .padding([FOLD / 2, 1])
            .activation(Activation::Relu);
        let last = layer([settings.width + FOLD, FOLD], [3, 3]).activation(Activation::Sigmoid);
        Self {
            bins: BatchNormConfig::new(ROWS).init(device),
            first: first.init(device),
            down_blocks: (0..LEVELS).map(blocks).collect(),
            down: (0..LEVELS - 1).map(down).collect(),
            up: (0..LEVELS - 1).map(up).collect(),
            up_blocks: (0..LEVELS - 1).map(|level| block(level, 1)).collect(),
            last: last.same().init(device),
        }
    }

    /// Magnitudes `[batch, 1, 1024, frames]` → mask, the same.
    fn forward(&self, x: Tensor<4>) -> Vec<Tensor<4>> {
        let [batch, _, _, frames] = x.dims();
        let loudness = (x * 8.0 + 1.0).log();
        let by_bin = loudness.reshape([batch, ROWS, 1, frames]);
        let by_bin = self.bins.forward(by_bin);
        let folded = by_bin.clone().reshape([batch, ROWS / FOLD, FOLD, frames]);
        let folded = folded.swap_dims(1, 2); // [batch, 4, 256, frames]
        let mut x = self.first.forward(by_bin.reshape([batch, 1, ROWS, frames])); // [batch, width, 256, frames]
        let mut seen = Vec::new();
        for level in 0..LEVELS {
            let blocks = self.down_blocks[level].iter();
            x = blocks.fold(x, |x, block| block.forward(x));
            if let Some(down) = self.down.get(level) {
                let below = down.forward(x.clone());
                seen.push(x);
                x = below; // [batch, 2 to 4 width, 128 to 32, frames]
            }
        }
        for level in (0..LEVELS - 1).rev() {
            let beside = seen.pop().expect("each level above was seen");
            x = self.up_blocks[level].forward(self.up[level].forward(x) + beside);
        }
        let mask = self.last.forward(Tensor::cat(vec![x, folded], 1)); // [batch, 4, 256, frames]
        vec![mask.swap_dims(1, 2).reshape([batch, 1, ROWS, frames])]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn net(device: &Device) -> TfcTdf {
        TfcTdf::new(&TfcTdfSettings { width: 4 }, device)
    }

    fn input(frames: usize, device: &Device) -> Tensor<4> {
        let values: Vec<f32> = (0..ROWS * frames)
            .map(|i| (i * 7919 % 1000) as f32 / 100.0)
            .collect();
        Tensor::<1>::from_floats(&values[..], device).reshape([1, 1, ROWS, frames])
    }

    #[test]
    fn it_is_small() {
        let net = TfcTdf::new(&TfcTdfSettings { width: 16 }, &Device::flex());
        assert!(net.num_params() < 500_000, "{}", net.num_params());
    }

    #[test]
    fn a_mask_has_the_size_of_the_spectrum() {
        let device = Device::flex();
        let mask = net(&device).forward(input(9, &device)).remove(0);
        assert_eq!(mask.dims(), [1, 1, ROWS, 9]);
    }

    #[test]
    fn frames_beyond_the_context_do_not_count() {
        let device = Device::flex();
        let net = net(&device);
        let frames = CONTEXT_FRAMES + 8;
        let x = input(frames, &device);
        let frame = |x: Tensor<4>| -> Vec<f32> {
            let mask = net.forward(x).remove(0).narrow(3, 0, 1);
            mask.into_data().try_to_vec().unwrap()
        };
        let whole = frame(x.clone());
        let loud = Tensor::ones([1, 1, ROWS, 1], &device) * 100.0;
        let changed = |at: usize| {
            let rest = x.clone().narrow(3, at + 1, frames - at - 1);
            Tensor::cat(vec![x.clone().narrow(3, 0, at), loud.clone(), rest], 3)
        };
        let difference = |at: usize| {
            let changed = frame(changed(at));
            let pairs = changed.iter().zip(&whole);
            pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
        };
        // Kernels that compute neighbors together round them together.
        assert!(difference(CONTEXT_FRAMES + 1) < 1e-6);
        assert!(difference(CONTEXT_FRAMES / 4) > 1e-4);
    }
}
