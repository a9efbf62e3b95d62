//! DFSMN (Zhang et al. 2018) as FireRedVAD has it (Xu et al. 2026): whether there is speech, singing
//! or music, by phrases.
//!
//! A deep feedforward sequential memory network: dense layers on single frames, and behind each block
//! a memory, by which every channel hears its own past and future. The published weights tell three
//! classes apart that may sound together.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::{Network, expect};
use crate::dsp::{DspError, LogMelConfig};
use crate::models::Features;
use crate::models::layers::{Activation, Conv, ConvConfig};

/// Mel bands that the network reads.
const BANDS: usize = 80;

/// Channels between memories.
const WIDTH: usize = 128;

/// Channels within a block.
const HIDDEN: usize = 256;

/// Blocks behind the input.
const BLOCKS: usize = 7;

/// Frames on each side that a memory holds.
const MEMORY: usize = 20;

/// Speech, singing, music.
const CLASSES: usize = 3;

/// Frames on each side that an output frame depends on.
pub const CONTEXT_FRAMES: usize = (BLOCKS + 1) * MEMORY;

/// The network; it normalizes its input by the statistics of its training.
#[derive(Module, Debug)]
pub struct Dfsmn {
    /// Mean of each band, `[BANDS]`.
    mean: Param<Tensor<1>>,
    /// One over each band's deviation, `[BANDS]`.
    inverse_std: Param<Tensor<1>>,
    input: MemoryBlock,
    blocks: Vec<MemoryBlock>,
    hidden: Conv,
    out: Conv,
}

/// It has no settings: there is one of its kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DfsmnSettings {}

/// A frame's channels widened and narrowed, then what they were and will be.
#[derive(Module, Debug)]
struct MemoryBlock {
    expand: Conv,
    project: Conv,
    /// Taps of each channel, of which the earliest is zero in the published weights.
    memory: Conv,
}

impl Network for Dfsmn {
    type Settings = DfsmnSettings;

    fn check(_: &DfsmnSettings, features: &Features) -> Result<(), DspError> {
        let Features::KaldiMel(found) = features else {
            return expect("rows of bands", BANDS, features.n_rows());
        };
        let (published, edge) = (LogMelConfig::kaldi(), |hz: f64| hz as usize);
        expect(
            "rate_hz",
            published.rate_hz as usize,
            found.rate_hz as usize,
        )?;
        expect("hop", published.hop, found.hop)?;
        expect("window_len", published.window_len, found.window_len)?;
        expect("n_bands", published.n_bands, found.n_bands)?;
        expect("fmin_hz", edge(published.fmin_hz), edge(found.fmin_hz))?;
        expect("fmax_hz", edge(published.fmax_hz), edge(found.fmax_hz))
    }

    fn new(_: &DfsmnSettings, device: &Device) -> Self {
        Self {
            mean: Param::from_tensor(Tensor::zeros([BANDS], device)),
            inverse_std: Param::from_tensor(Tensor::ones([BANDS], device)),
            input: MemoryBlock::new(BANDS, Activation::Relu, device),
            blocks: (0..BLOCKS)
                .map(|_| MemoryBlock::new(WIDTH, Activation::Identity, device))
                .collect(),
            hidden: dense([WIDTH, HIDDEN], Activation::Relu, device),
            out: dense([HIDDEN, CLASSES], Activation::Identity, device),
        }
    }

    /// `[batch, 1, BANDS, frames]` → log-odds of the classes, `[batch, 1, CLASSES, frames]`.
    fn forward(&self, x: Tensor<4>) -> Vec<Tensor<4>> {
        let [batch, _, _, frames] = x.dims();
        let x = x.reshape([batch, BANDS, 1, frames]);
        let by_band = |values: &Param<Tensor<1>>| values.val().reshape([1, BANDS, 1, 1]);
        let x = (x - by_band(&self.mean)) * by_band(&self.inverse_std);
        let x = self.input.forward(x); // [batch, WIDTH, 1, frames]
        let blocks = self.blocks.iter();
        let x = blocks.fold(x, |x, block| x.clone() + block.forward(x));
        let x = self.out.forward(self.hidden.forward(x)); // [batch, CLASSES, 1, frames]
        vec![x.reshape([batch, 1, CLASSES, frames])]
    }
}

impl MemoryBlock {
    fn new(input: usize, projected: Activation, device: &Device) -> Self {
        let memory = ConvConfig::new([WIDTH, WIDTH], [1, 2 * MEMORY + 1]);
        Self {
            expand: dense([input, HIDDEN], Activation::Relu, device),
            project: dense([HIDDEN, WIDTH], projected, device),
            memory: memory.groups(WIDTH).same().init(device),
        }
    }

    /// `[batch, input, 1, frames]` → `[batch, WIDTH, 1, frames]`.
    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let x = self.project.forward(self.expand.forward(x));
        x.clone() + self.memory.forward(x)
    }
}

/// A layer on the channels of each frame.
fn dense(channels: [usize; 2], activation: Activation, device: &Device) -> Conv {
    ConvConfig::new(channels, [1, 1])
        .activation(activation)
        .init(device)
}
