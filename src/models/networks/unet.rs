//! U-Net for singing voices (Jansson et al. 2017), on the spectra of MAJL.
//!
//! Six convolutions halve rows and frames, six transposed ones double them again and see what the
//! former saw; the last gives a mask. Segments of 128 frames are looked at one by one.

use burn::module::Module;
use burn::nn::{Dropout, DropoutConfig};
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::{Network, expect};
use crate::dsp::DspError;
use crate::models::Features;
use crate::models::layers::{Activation, Conv, ConvConfig, ConvTranspose, NormPlace};

/// Rows of the spectrum: six halvings leave sixteen.
pub const ROWS: usize = 1024;

/// Frames of a segment.
pub const SEGMENT_FRAMES: usize = 128;

/// Channels of the encoder.
const CHANNELS: [usize; 7] = [1, 16, 32, 64, 128, 256, 512];

/// Decoder layers behind which half of the values are dropped in training.
const DROPPED: usize = 3;

/// U-Net; see the module's documentation.
#[derive(Module, Debug)]
pub struct UNet {
    down: Vec<Conv>,
    up: Vec<ConvTranspose>,
    dropout: Dropout,
}

/// Nothing differs between two of its kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UNetSettings {}

impl Network for UNet {
    type Settings = UNetSettings;

    fn check(_: &UNetSettings, features: &Features) -> Result<(), DspError> {
        expect("rows of the spectrum", ROWS, features.n_rows())
    }

    fn new(_: &UNetSettings, device: &Device) -> Self {
        let layer = |channels| {
            let config = ConvConfig::new(channels, [5, 5]);
            config.stride([2, 2]).padding([2, 2]).norm(NormPlace::After)
        };
        let down = CHANNELS.windows(2).map(|pair| {
            let config = layer([pair[0], pair[1]]).activation(Activation::LeakyRelu(0.2));
            config.init(device)
        });
        let up = (1..CHANNELS.len()).rev().map(|level| {
            let [below, above] = [CHANNELS[level], CHANNELS[level - 1]];
            // All but the lowest see the encoder's layer of their size too.
            let seen = if level == CHANNELS.len() - 1 {
                below
            } else {
                2 * below
            };
            let config = match level {
                1 => layer([seen, above])
                    .norm(NormPlace::Nowhere)
                    .activation(Activation::Sigmoid),
                _ => layer([seen, above]).activation(Activation::Relu),
            };
            config.init_transposed([1, 1], device)
        });
        Self {
            down: down.collect(),
            up: up.collect(),
            dropout: DropoutConfig::new(0.5).init(),
        }
    }

    /// Magnitudes `[batch, 1, 1024, 128]` → mask, the same.
    fn forward(&self, x: Tensor<4>) -> Vec<Tensor<4>> {
        let mut seen = Vec::new();
        let mut x = x;
        for layer in &self.down {
            x = layer.forward(x); // [batch, 16 to 512, 512 to 16, 64 to 2]
            seen.push(x.clone());
        }
        seen.pop();
        for (i, layer) in self.up.iter().enumerate() {
            if i > 0 {
                let beside = seen.pop().expect("as many layers go down as up");
                x = Tensor::cat(vec![x, beside], 1);
            }
            x = layer.forward(x);
            if i < DROPPED {
                x = self.dropout.forward(x);
            }
        }
        vec![x]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_the_published_number_of_parameters() {
        let net = UNet::new(&UNetSettings {}, &Device::flex());
        // Running means and variances are counted beside the parameters.
        let statistics: usize = [16, 32, 64, 128, 256, 512, 256, 128, 64, 32, 16]
            .iter()
            .sum();
        assert_eq!(net.num_params() - 2 * statistics, 9_823_313);
    }

    #[test]
    fn a_mask_has_the_size_of_the_spectrum() {
        let device = Device::flex();
        let net = UNet::new(&UNetSettings {}, &device);
        let x = Tensor::ones([1, 1, ROWS, SEGMENT_FRAMES], &device);
        let mask = net.forward(x).remove(0);
        assert_eq!(mask.dims(), [1, 1, ROWS, SEGMENT_FRAMES]);
        let values: Vec<f32> = mask.into_data().try_to_vec().unwrap();
        assert!(values.iter().all(|value| (0.0..=1.0).contains(value)));
    }
}
