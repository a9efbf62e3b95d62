//! FTANet (Yu et al. 2021): attention along time and along frequency, fused channel by channel.
//!
//! A module looks at its input three ways: as it is, weighted by what happens when, and weighted by
//! what sounds where. A selective fusion weighs the three. Both axes are pooled by two twice and
//! stretched again; the attention spans the segment, so that all its frames decide about each.

use burn::module::Module;
use burn::nn::{BatchNorm, BatchNormConfig, Linear, LinearConfig};
use burn::tensor::{Device, Tensor, activation};
use serde::{Deserialize, Serialize};

use super::{Network, check_maps, expect};
use crate::dsp::DspError;
use crate::models::Features;
use crate::models::layers::{Activation, Conv, ConvConfig, max_pool};

/// Feature rows, which the bottom layers take to one.
const ROWS: usize = 320;

/// Frames of a segment.
pub const SEGMENT_FRAMES: usize = 128;

/// What the normalizations add to the variance.
const EPSILON: f64 = 1e-3;

/// Fewest hidden values of a fusion.
const LEAST_HIDDEN: usize = 4;

/// FTANet; see the module's documentation.
#[derive(Module, Debug)]
pub struct Ftanet {
    norm: BatchNorm,
    bottom: Vec<Conv>,
    stages: Vec<FtaModule>,
}

/// What may differ between two of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FtanetSettings {
    /// How the three branches of a module are weighted.
    #[serde(default)]
    pub fusion: FusionRule,
    /// Maps of the head: 1, or 4 with harmonic supervision.
    #[serde(default = "one_map")]
    pub maps: usize,
}

fn one_map() -> usize {
    1
}

/// How the three branches of a module are weighted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FusionRule {
    /// The weights of a branch sum to one over its channels, as the published programs have it.
    #[default]
    Channels,
    /// The weights of a channel sum to one over the branches, as the paper has it.
    Branches,
    /// The last branch's weights serve all three, as the published graph computes where its
    /// functions are bound late: for weights that were trained so.
    Last,
}

/// Input and output channels of the stages.
const CHANNELS: [[usize; 2]; 7] = [
    [3, 32],
    [32, 64],
    [64, 128],
    [128, 128],
    [128, 64],
    [64, 32],
    [32, 1],
];

impl Network for Ftanet {
    type Settings = FtanetSettings;

    fn check(settings: &FtanetSettings, features: &Features) -> Result<(), DspError> {
        check_maps(settings.maps)?;
        expect("rows between fmin_hz and fmax_hz", ROWS, features.n_rows())
    }

    fn new(settings: &FtanetSettings, device: &Device) -> Self {
        let bottom = |channels, height| {
            ConvConfig::new(channels, [height, 1])
                .stride([height, 1])
                .activation(Activation::Selu)
                .init(device)
        };
        let mut channels = CHANNELS;
        channels[6][1] = settings.maps;
        let stage =
            |[input, output]: [usize; 2]| FtaModule::new(input, output, settings.fusion, device);
        Self {
            norm: batch_norm(3, device),
            bottom: vec![
                bottom([3, 16], 4),
                bottom([16, 16], 4),
                bottom([16, 16], 4),
                bottom([16, settings.maps], 5),
            ],
            stages: channels.map(stage).into(),
        }
    }

    /// `[batch, 3, 320, frames]`, frames in fours → raw scores `[batch, maps, 321, frames]`, row 0 "no melody".
    fn forward(&self, x: Tensor<4>) -> Vec<Tensor<4>> {
        let x = self.norm.forward(x);
        let none = self
            .bottom
            .iter()
            .fold(x.clone(), |x, layer| layer.forward(x)); // [batch, 1, 1, frames]
        let stage = |i: usize, x| self.stages[i].forward(x);
        let x = max_pool(stage(0, x), [2, 2]); // [batch, 32, 160, frames / 2]
        let x = max_pool(stage(1, x), [2, 2]); // [batch, 64, 80, frames / 4]
        let x = stage(3, stage(2, x)); // [batch, 128, 80, frames / 4]
        let x = stage(4, stretch(x)); // [batch, 64, 160, frames / 2]
        let x = stage(5, stretch(x)); // [batch, 32, 320, frames]
        let x = stage(6, x); // [batch, 1, 320, frames]
        vec![Tensor::cat(vec![none, x], 2)]
    }
}

fn batch_norm(channels: usize, device: &Device) -> BatchNorm {
    let config = BatchNormConfig::new(channels).with_epsilon(EPSILON);
    config.init(device)
}

/// Each value twice along both axes.
fn stretch(x: Tensor<4>) -> Tensor<4> {
    let [batch, channels, height, width] = x.dims();
    x.reshape([batch, channels, height, 1, width, 1])
        .expand([batch, channels, height, 2, width, 2])
        .reshape([batch, channels, 2 * height, 2 * width])
}

/// Frequency-temporal attention, then selective fusion.
#[derive(Module, Debug)]
struct FtaModule {
    norm: BatchNorm,
    residual: Conv,
    time: Attention,
    frequency: Attention,
    fusion: Fusion,
}

impl FtaModule {
    fn new(input: usize, output: usize, rule: FusionRule, device: &Device) -> Self {
        Self {
            norm: batch_norm(input, device),
            residual: ConvConfig::new([input, output], [1, 1])
                .activation(Activation::Relu)
                .init(device),
            time: Attention::new(Along::Time, [input, output], device),
            frequency: Attention::new(Along::Frequency, [input, output], device),
            fusion: Fusion::new(output, rule, device),
        }
    }

    /// `[batch, input, height, width]` → `[batch, output, height, width]`.
    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let x = self.norm.forward(x);
        let time = self.time.forward(x.clone());
        let frequency = self.frequency.forward(x.clone());
        self.fusion
            .forward([self.residual.forward(x), time, frequency])
    }
}

/// Along what an attention moves.
#[derive(Clone, Copy, Debug)]
enum Along {
    Time,
    Frequency,
}

/// Features, weighted along one axis by the mean over the other.
#[derive(Module, Debug)]
struct Attention {
    weight1: Conv,
    weight2: Conv,
    features1: Conv,
    features2: Conv,
    #[module(skip)]
    along: Along,
}

impl Attention {
    fn new(along: Along, [input, output]: [usize; 2], device: &Device) -> Self {
        let kernel = match along {
            Along::Time => [1, 3],
            Along::Frequency => [3, 1],
        };
        let conv = |channels, kernel| {
            let config = ConvConfig::new(channels, kernel).same();
            config.activation(Activation::Selu).init(device)
        };
        Self {
            weight1: conv([input, output], kernel),
            weight2: conv([output, output], kernel),
            features1: conv([input, output], [3, 3]),
            features2: conv([output, output], [5, 5]),
            along,
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let (over, along) = match self.along {
            Along::Time => (2, 3),
            Along::Frequency => (3, 2),
        };
        let weight = self.weight1.forward(x.clone().mean_dim(over));
        let weight = activation::softmax(self.weight2.forward(weight), along);
        let features = self.features2.forward(self.features1.forward(x));
        features * weight
    }
}

/// A weighted sum of three branches, whose weights follow from the mean of their sum.
#[derive(Module, Debug)]
struct Fusion {
    norm: BatchNorm,
    hidden: Linear,
    weights: Vec<Linear>,
    #[module(skip)]
    rule: FusionRule,
}

impl Fusion {
    fn new(channels: usize, rule: FusionRule, device: &Device) -> Self {
        let hidden = (channels / 4).max(LEAST_HIDDEN);
        let weight = |_| LinearConfig::new(hidden, channels).init(device);
        Self {
            norm: batch_norm(channels, device),
            hidden: LinearConfig::new(channels, hidden).init(device),
            weights: (0..3).map(weight).collect(),
            rule,
        }
    }

    fn forward(&self, branches: [Tensor<4>; 3]) -> Tensor<4> {
        let [batch, channels, _, _] = branches[0].dims();
        let [residual, time, frequency] = branches.clone();
        let mean = (residual + time + frequency).mean_dim(2).mean_dim(3);
        let mean = self.norm.forward(mean).reshape([batch, channels]);
        let hidden = activation::selu(self.hidden.forward(mean));
        let weights = self
            .weights
            .iter()
            .map(|layer| layer.forward(hidden.clone()));
        let weights: Tensor<3> = Tensor::stack(weights.collect(), 2); // [batch, channels, 3]
        let axis = match self.rule {
            FusionRule::Channels | FusionRule::Last => 1,
            FusionRule::Branches => 2,
        };
        let weights = activation::softmax(weights, axis);
        let weighted = branches.into_iter().enumerate().map(|(i, branch)| {
            let i = if self.rule == FusionRule::Last { 2 } else { i };
            let weight = weights.clone().narrow(2, i, 1);
            branch * weight.reshape([batch, channels, 1, 1])
        });
        weighted
            .reduce(|a, b| a + b)
            .expect("there are three branches")
    }
}
