//! HarmoF0 (Wei et al. 2022): pitch of a clean voice from a log-frequency spectrum.
//!
//! On such an axis the harmonics of every pitch lie the same distances above it: the first block adds up
//! twelve of them, the others look octaves up and down by dilated convolutions.

use burn::module::Module;
use burn::tensor::{Device, Tensor, activation};
use serde::{Deserialize, Serialize};

use super::{Network, expect};
use crate::dsp::DspError;
use crate::models::Features;
use crate::models::layers::{Activation, Conv, ConvConfig, NormPlace};

/// Rows of the spectrum, and pitch classes.
const ROWS: usize = 352;

/// Rows in an octave.
const OCTAVE: usize = 48;

/// Harmonics that the first block adds up.
const HARMONICS: usize = 12;

/// Channels of the blocks.
const CHANNELS: [usize; 4] = [32, 64, 128, 128];

/// Frames on each side that an output frame depends on: one for each block.
pub const CONTEXT_FRAMES: usize = 4;

/// HarmoF0; see the module's documentation.
#[derive(Module, Debug)]
pub struct HarmoF0 {
    near: Vec<Conv>,
    harmonics: Vec<Conv>,
    octaves: Vec<Conv>,
    gather: Conv,
    out: Conv,
}

/// Nothing differs between two of its kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HarmoF0Settings {}

/// How many rows a harmonic lies above its pitch.
fn distance(harmonic: usize) -> usize {
    (OCTAVE as f64 * (harmonic as f64).log2()).round() as usize
}

impl Network for HarmoF0 {
    type Settings = HarmoF0Settings;

    fn check(_: &HarmoF0Settings, features: &Features) -> Result<(), DspError> {
        expect("rows of the spectrum", ROWS, features.n_rows())
    }

    fn new(_: &HarmoF0Settings, device: &Device) -> Self {
        let near = |block: usize| {
            let config = match block {
                0 => ConvConfig::new([1, CHANNELS[0]], [3, 3]),
                // The normalization at the end of the block before.
                _ => ConvConfig::new([CHANNELS[block - 1], CHANNELS[block]], [3, 3])
                    .norm(NormPlace::Before),
            };
            config.same().activation(Activation::Relu).init(device)
        };
        let octave = |&channels: &usize| {
            let config = ConvConfig::new([channels, channels], [3, 1]).dilation([OCTAVE, 1]);
            config.same().activation(Activation::Relu).init(device)
        };
        let harmonic = |_| ConvConfig::new([CHANNELS[0], CHANNELS[0]], [1, 1]).init(device);
        let gather = ConvConfig::new([CHANNELS[3], 64], [1, 1])
            .norm(NormPlace::Before)
            .activation(Activation::Relu);
        Self {
            near: (0..CHANNELS.len()).map(near).collect(),
            harmonics: (0..HARMONICS).map(harmonic).collect(),
            octaves: CHANNELS[1..].iter().map(octave).collect(),
            gather: gather.init(device),
            out: ConvConfig::new([64, 1], [1, 1]).init(device),
        }
    }

    /// Decibels `[batch, 1, 352, frames]` → log-odds of pitch classes, the same.
    fn forward(&self, x: Tensor<4>) -> Vec<Tensor<4>> {
        let mut x = activation::relu(self.add_harmonics(self.near[0].forward(x)));
        for (near, octaves) in self.near[1..].iter().zip(&self.octaves) {
            x = octaves.forward(near.forward(x)); // [batch, 64 or 128, 352, frames]
        }
        vec![self.out.forward(self.gather.forward(x))]
    }
}

impl HarmoF0 {
    /// Row by row the sum of its harmonics, each through a layer of its own; those above the top
    /// row are not there.
    fn add_harmonics(&self, x: Tensor<4>) -> Tensor<4> {
        let [batch, channels, rows, frames] = x.dims();
        let harmonics = self.harmonics.iter().enumerate().map(|(i, conv)| {
            let above = distance(i + 1);
            let there = conv.forward(x.clone().narrow(2, above, rows - above));
            match above {
                0 => there,
                _ => {
                    let none = Tensor::zeros([batch, channels, above, frames], &x.device());
                    Tensor::cat(vec![there, none], 2)
                }
            }
        });
        harmonics
            .reduce(|sum, harmonic| sum + harmonic)
            .unwrap_or(x.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_the_published_number_of_parameters() {
        let net = HarmoF0::new(&HarmoF0Settings {}, &Device::flex());
        let statistics: usize = CHANNELS.iter().sum();
        assert_eq!(net.num_params() - 2 * statistics, 372_865);
    }

    #[test]
    fn harmonics_lie_where_the_paper_has_them() {
        let distances: Vec<usize> = (1..=HARMONICS).map(distance).collect();
        let expected = [0, 48, 76, 96, 111, 124, 135, 144, 152, 159, 166, 172];
        assert_eq!(distances, expected);
    }
}
