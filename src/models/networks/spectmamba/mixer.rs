//! The mixer of a Vision Mamba block (Zhu et al. 2024, algorithm 1): a gated state-space layer
//! that reads the frames forward and, with parameters of its own, backward.

use burn::module::{Module, Param};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Distribution, Tensor, activation};

use crate::models::layers::SelectiveScan;

/// Inner channels for each of a token.
const EXPANSION: usize = 2;

/// Frames that the convolution before a scan sees.
const TAPS: usize = 4;

/// Range of the first steps, and the least.
const STEPS: (f64, f64) = (1e-3, 0.1);

/// The mixer; see the module's documentation.
#[derive(Module, Debug)]
pub struct VimMixer {
    input: Linear,
    forward: Direction,
    backward: Direction,
    output: Linear,
}

/// Sizes of a mixer.
#[derive(Clone, Copy, Debug)]
pub struct MixerConfig {
    /// Values of a token.
    pub width: usize,
    /// States of a channel.
    pub states: usize,
    /// Values that the steps of all channels are made of.
    pub step_rank: usize,
    /// Mixers of the network: as many add to its tokens, so that each begins with less.
    pub depth: usize,
}

impl MixerConfig {
    /// Random weights.
    pub fn init(&self, device: &Device) -> VimMixer {
        let inner = EXPANSION * self.width;
        let linear = |from, to| LinearConfig::new(from, to).with_bias(false).init(device);
        let mut output = linear(inner, self.width);
        // Detached: a parameter is no result of an operation that gradients go back through.
        let weight = output.weight.val() / (self.depth as f64).sqrt();
        output.weight = Param::from_tensor(weight.detach());
        VimMixer {
            input: linear(self.width, 2 * inner),
            forward: Direction::new(inner, self, device),
            backward: Direction::new(inner, self, device),
            output,
        }
    }
}

impl VimMixer {
    /// `[batch, frames, width]` to the same: the mean of both directions.
    pub fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let [x, gate] = halves(self.input.forward(x));
        let gate = activation::silu(gate);
        let forward = self.forward.forward(x.clone());
        let backward = self.backward.forward(x.flip([1])).flip([1]);
        self.output.forward((forward + backward) * gate / 2.0)
    }
}

fn halves(tensor: Tensor<3>) -> [Tensor<3>; 2] {
    let half = tensor.dims()[2] / 2;
    [0, half].map(|start| tensor.clone().narrow(2, start, half))
}

/// What reads the frames in one direction: a short causal convolution of each channel, and a scan
/// whose steps, inputs and outputs follow from what it reads.
#[derive(Module, Debug)]
struct Direction {
    conv: CausalConv,
    /// To the step's projection, the states' inputs and outputs.
    select: Linear,
    step: Linear,
    /// Logarithm of how fast states fade, `[channels, states]`.
    log_rate: Param<Tensor<2>>,
    /// What goes past the states, `[channels]`.
    skip: Param<Tensor<1>>,
}

impl Direction {
    fn new(channels: usize, config: &MixerConfig, device: &Device) -> Self {
        let MixerConfig {
            states, step_rank, ..
        } = *config;
        let log_rate = Tensor::<1>::from_floats(&log_rates(states)[..], device);
        let log_rate = log_rate.reshape([1, states]).repeat_dim(0, channels);
        Self {
            conv: CausalConv::new(channels, device),
            select: LinearConfig::new(channels, step_rank + 2 * states)
                .with_bias(false)
                .init(device),
            step: step(step_rank, channels, device),
            log_rate: Param::from_tensor(log_rate),
            skip: Param::from_tensor(Tensor::ones([channels], device)),
        }
    }

    /// `[batch, frames, channels]` to the same.
    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let x = activation::silu(self.conv.forward(x));
        let selected = self.select.forward(x.clone());
        let states = self.log_rate.dims()[1];
        let rank = selected.dims()[2] - 2 * states;
        let part = |start, len| selected.clone().narrow(2, start, len);
        let scan = SelectiveScan {
            x: x.clone(),
            step: activation::softplus(self.step.forward(part(0, rank)), 1.0),
            rate: -self.log_rate.val().exp(),
            input: part(rank, states),
            output: part(rank + states, states),
        };
        scan.run() + x * self.skip.val().unsqueeze()
    }
}

/// State `n` fades `n + 1` times as fast as the first.
fn log_rates(states: usize) -> Vec<f32> {
    (1..=states).map(|n| (n as f32).ln()).collect()
}

/// The steps' layer, whose bias makes steps that are spread evenly over [`STEPS`] in logarithm.
fn step(rank: usize, channels: usize, device: &Device) -> Linear {
    let reach = (rank as f64).sqrt().recip();
    let weight = Distribution::Uniform(-reach, reach);
    let log_steps = Distribution::Uniform(STEPS.0.ln(), STEPS.1.ln());
    let steps = Tensor::<1>::random([channels], log_steps, device).exp();
    // softplus of the bias is the step
    let bias = steps.clone() + (-(-steps).exp() + 1.0).log();
    Linear {
        weight: Param::from_tensor(Tensor::random([rank, channels], weight, device)),
        bias: Some(Param::from_tensor(bias)),
    }
}

/// A convolution of each channel by itself that sees no later frame.
#[derive(Module, Debug)]
struct CausalConv {
    /// `[taps, channels]`, the last tap on the frame itself.
    weight: Param<Tensor<2>>,
    bias: Param<Tensor<1>>,
}

impl CausalConv {
    fn new(channels: usize, device: &Device) -> Self {
        let reach = (TAPS as f64).sqrt().recip();
        let random = Distribution::Uniform(-reach, reach);
        Self {
            weight: Param::from_tensor(Tensor::random([TAPS, channels], random, device)),
            bias: Param::from_tensor(Tensor::random([channels], random, device)),
        }
    }

    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let [batch, frames, channels] = x.dims();
        let zeros = Tensor::zeros([batch, TAPS - 1, channels], &x.device());
        let x = Tensor::cat(vec![zeros, x], 1);
        let weight = self.weight.val();
        let taps = (0..TAPS).map(|tap| {
            let weight = weight.clone().narrow(0, tap, 1);
            x.clone().narrow(1, tap, frames) * weight.reshape([1, 1, channels])
        });
        let bias = self.bias.val().reshape([1, 1, channels]);
        taps.fold(bias.expand([batch, frames, channels]), |sum, tap| sum + tap)
    }
}
