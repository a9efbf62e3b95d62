//! CREPE (Kim et al. 2018): pitch of a clean voice from its samples, in five capacities.
//!
//! Six convolutions along time, each halved by its maxima, then a dense layer over all that is left. A frame
//! is decided by its own samples alone.

use burn::module::Module;
use burn::nn::{BatchNorm, BatchNormConfig, Dropout, DropoutConfig, Linear, LinearConfig};
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::{Network, expect};
use crate::dsp::DspError;
use crate::models::Features;
use crate::models::layers::{Activation, Conv, ConvConfig, max_pool};

/// Samples of a frame.
const SAMPLES: usize = 1024;

/// Pitch classes, 20 cents apart.
const CLASSES: usize = 360;

/// Filters of the full capacity.
const FILTERS: [usize; 6] = [1024, 128, 128, 128, 256, 512];

/// Samples that are left of a frame after six halvings of its quarter.
const LEFT: usize = 4;

/// CREPE; see the module's documentation.
#[derive(Module, Debug)]
pub struct Crepe {
    convs: Vec<Conv>,
    norms: Vec<BatchNorm>,
    dropout: Dropout,
    out: Linear,
}

/// What may differ between two of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrepeSettings {
    /// How many filters it has.
    pub capacity: Capacity,
}

/// A share of the filters of the full network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Capacity {
    /// An eighth.
    Tiny,
    /// A quarter.
    Small,
    /// A half.
    Medium,
    /// Three quarters.
    Large,
    /// All.
    Full,
}

impl Capacity {
    fn filters(self) -> [usize; 6] {
        let share = match self {
            Self::Tiny => 4,
            Self::Small => 8,
            Self::Medium => 16,
            Self::Large => 24,
            Self::Full => 32,
        };
        FILTERS.map(|filters| filters * share / 32)
    }
}

impl Network for Crepe {
    type Settings = CrepeSettings;

    fn check(_: &CrepeSettings, features: &Features) -> Result<(), DspError> {
        expect("samples of a frame", SAMPLES, features.n_rows())
    }

    fn new(settings: &CrepeSettings, device: &Device) -> Self {
        let filters = settings.capacity.filters();
        let conv = |layer: usize| {
            let config = match layer {
                0 => ConvConfig::new([1, filters[0]], [1, 512])
                    .stride([1, 4])
                    .padding([0, 254]),
                _ => {
                    ConvConfig::new([filters[layer - 1], filters[layer]], [1, 64]).padding([0, 32])
                }
            };
            config.activation(Activation::Relu).init(device)
        };
        let norm = |&channels: &usize| {
            let config = BatchNormConfig::new(channels).with_epsilon(1e-3);
            config.init(device)
        };
        Self {
            convs: (0..filters.len()).map(conv).collect(),
            norms: filters.iter().map(norm).collect(),
            dropout: DropoutConfig::new(0.25).init(),
            out: LinearConfig::new(LEFT * filters[5], CLASSES).init(device),
        }
    }

    /// Frames of samples `[batch, 1, 1024, frames]` → log-odds of pitch classes `[batch, 1, 360, frames]`.
    fn forward(&self, x: Tensor<4>) -> Vec<Tensor<4>> {
        let [batch, _, samples, frames] = x.dims();
        let mut x = x
            .permute([0, 3, 1, 2])
            .reshape([batch * frames, 1, 1, samples]);
        for (layer, (conv, norm)) in self.convs.iter().zip(&self.norms).enumerate() {
            let width = x.dims()[3];
            x = conv.forward(x);
            if layer > 0 {
                // The width is even: the published network has a zero more behind than in front.
                x = x.narrow(3, 1, width);
            }
            x = self.dropout.forward(max_pool(norm.forward(x), [1, 2]));
        }
        let [items, channels, _, left] = x.dims();
        let x = x.permute([0, 3, 1, 2]).reshape([items, left * channels]);
        let scores = self.out.forward(x); // [batch * frames, 360]
        let scores = scores.reshape([batch, frames, CLASSES, 1]);
        vec![scores.permute([0, 3, 2, 1])]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capacities_have_the_published_numbers_of_parameters() {
        for (capacity, expected) in [
            (Capacity::Tiny, 486_552),
            (Capacity::Small, 1_628_104),
            (Capacity::Medium, 5_877_288),
        ] {
            let net = Crepe::new(&CrepeSettings { capacity }, &Device::flex());
            let statistics: usize = capacity.filters().iter().sum();
            assert_eq!(net.num_params() - 2 * statistics, expected, "{capacity:?}");
        }
    }
}
