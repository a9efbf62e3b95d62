//! The wide-band voicing network: whether a voice sings, from seconds of log-mel frames.
//!
//! A network of this project's own. On full arrangements the pitch of a melody
//! network holds but its voicing does not: CFP set B ends at 1250 Hz, while
//! consonants and formants, which tell a voice from a guitar, lie above, and a
//! 5x5 convolution sees a fifth of a second.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::kernels::Activation;
use super::layer::{NormConv, NormConvConfig, max_pool_rows};

/// Mel bands that the network reads.
pub const BANDS: usize = 80;

/// How many bands each of the first convolutions pools into one.
pub(super) const POOLS: [usize; 3] = [2, 4, 2];

/// Channels of the temporal part.
const WIDTH: usize = 96;

/// Distances of the temporal taps in frames.
const DILATIONS: [usize; 8] = [1, 2, 4, 8, 16, 32, 64, 128];

/// Frames on each side that an output frame depends on.
pub const CONTEXT_FRAMES: usize = 3 + 255;

/// The voicing network; see the module's documentation.
#[derive(Module, Debug)]
pub struct VoicingNet {
    pub(super) band1: NormConv,
    pub(super) band2: NormConv,
    pub(super) band3: NormConv,
    pub(super) project: NormConv,
    pub(super) temporal: Vec<NormConv>,
    pub(super) out: NormConv,
}

impl VoicingNet {
    /// Random weights.
    pub fn new(device: &Device) -> Self {
        let config = |channels, kernel, padding, dilation| NormConvConfig {
            channels,
            kernel,
            padding,
            dilation: [1, dilation],
            stride: [1, 1],
            activation: Activation::Relu,
        };
        let conv3x3 = |cin, cout| config([cin, cout], [3, 3], [1, 1], 1).init(device);
        let temporal = |dilation| config([WIDTH, WIDTH], [1, 3], [0, dilation], dilation);
        Self {
            band1: conv3x3(1, 24),
            band2: conv3x3(24, 48),
            band3: conv3x3(48, 64),
            project: config([64, WIDTH], [5, 1], [0, 0], 1).init(device),
            temporal: DILATIONS.map(|d| temporal(d).init(device)).into(),
            out: NormConvConfig {
                activation: Activation::Identity,
                ..config([WIDTH, 1], [1, 1], [0, 0], 1)
            }
            .init(device),
        }
    }

    /// Logits of a voice: `[batch, 1, BANDS, frames]` → `[batch, frames]`.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        let [batch, _, _, frames] = x.dims();
        let x = max_pool_rows(self.band1.forward(x), POOLS[0]); // [batch, 24, 40, frames]
        let x = max_pool_rows(self.band2.forward(x), POOLS[1]); // [batch, 48, 10, frames]
        let x = max_pool_rows(self.band3.forward(x), POOLS[2]); // [batch, 64, 5, frames]
        let x = self.project.forward(x); // [batch, WIDTH, 1, frames]
        let x = self
            .temporal
            .iter()
            .fold(x, |x, layer| x.clone() + layer.forward(x));
        self.out.forward(x).reshape([batch, frames])
    }
}
