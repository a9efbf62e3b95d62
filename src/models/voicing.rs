//! The wide-band voicing network: whether a voice sings, from seconds of what sounds.
//!
//! A network of this project's own. On full arrangements the pitch of a melody
//! network holds but its voicing does not: CFP set B ends at 1250 Hz, while
//! consonants and formants, which tell a voice from a guitar, lie above, and a
//! 5x5 convolution sees a fifth of a second. So this one reads log-mel frames; but it
//! reads them along the melody too, whose harmonics tell what sounds it among all that
//! sounds: see [`super::VoiceInput`].

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::layer::{NormConv, NormConvConfig, max_pool_rows};
use crate::kernels::Activation;

/// Mel bands that the network reads.
pub const BANDS: usize = 80;

/// Values of each band: of the mixture, along the melody's harmonics, between them.
pub const PLANES: usize = 3;

/// Values of a frame that say how the melody goes.
pub const CONTOUR: usize = 2;

/// Values of a frame: [`PLANES`] of [`BANDS`], then [`CONTOUR`].
pub const ROWS: usize = PLANES * BANDS + CONTOUR;

/// How many bands each of the first convolutions pools into one.
pub(super) const POOLS: [usize; 3] = [2, 4, 2];

/// Channels of the temporal part.
const WIDTH: usize = 96;

/// Distances of the temporal taps in frames.
const DILATIONS: [usize; 8] = [1, 2, 4, 8, 16, 32, 64, 128];

/// Frames on each side that an output frame depends on.
pub const CONTEXT_FRAMES: usize = 3 + 255;

/// The voicing network: two listeners, of whose logits the mean counts.
///
/// What one takes for a voice the other often does not: the first hears all that sounds, the second
/// only what sounds the melody.
#[derive(Module, Debug)]
pub struct VoicingNet {
    /// Reads the bands of the mixture.
    pub(super) mixture: Listener,
    /// Reads all planes, and the contour.
    pub(super) melody: Listener,
}

/// Bands, then time.
#[derive(Module, Debug)]
pub struct Listener {
    pub(super) band1: NormConv,
    pub(super) band2: NormConv,
    pub(super) band3: NormConv,
    pub(super) project: NormConv,
    pub(super) contour: Option<NormConv>,
    pub(super) temporal: Vec<NormConv>,
    pub(super) out: NormConv,
}

impl VoicingNet {
    /// Random weights.
    pub fn new(device: &Device) -> Self {
        Self {
            mixture: Listener::new(1, None, device),
            melody: Listener::new(PLANES, Some(CONTOUR), device),
        }
    }

    /// Logits of a voice: `[batch, 1, ROWS, frames]` → `[batch, frames]`.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        let [mixture, melody] = self.listen(x);
        (mixture + melody) / 2.0
    }

    /// Logits of each listener.
    pub fn listen(&self, x: Tensor<4>) -> [Tensor<2>; 2] {
        let [batch, _, _, frames] = x.dims();
        let contour = x.clone().narrow(2, PLANES * BANDS, CONTOUR);
        let contour = contour.reshape([batch, CONTOUR, 1, frames]);
        let mixture = x.clone().narrow(2, 0, BANDS);
        let planes = x.narrow(2, 0, PLANES * BANDS);
        let planes = planes.reshape([batch, PLANES, BANDS, frames]);
        [
            self.mixture.forward(mixture, None),
            self.melody.forward(planes, Some(contour)),
        ]
    }
}

impl Listener {
    fn new(planes: usize, contour: Option<usize>, device: &Device) -> Self {
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
        let contour = contour.map(|values| config([values, WIDTH], [1, 5], [0, 2], 1));
        Self {
            band1: conv3x3(planes, 24),
            band2: conv3x3(24, 48),
            band3: conv3x3(48, 64),
            project: config([64, WIDTH], [5, 1], [0, 0], 1).init(device),
            contour: contour.map(|config| config.init(device)),
            temporal: DILATIONS.map(|d| temporal(d).init(device)).into(),
            out: NormConvConfig {
                activation: Activation::Identity,
                ..config([WIDTH, 1], [1, 1], [0, 0], 1)
            }
            .init(device),
        }
    }

    /// `[batch, planes, BANDS, frames]`, contour `[batch, CONTOUR, 1, frames]` → `[batch, frames]`.
    fn forward(&self, x: Tensor<4>, contour: Option<Tensor<4>>) -> Tensor<2> {
        let [batch, _, _, frames] = x.dims();
        let x = max_pool_rows(self.band1.forward(x), POOLS[0]); // [batch, 24, 40, frames]
        let x = max_pool_rows(self.band2.forward(x), POOLS[1]); // [batch, 48, 10, frames]
        let x = max_pool_rows(self.band3.forward(x), POOLS[2]); // [batch, 64, 5, frames]
        let mut x = self.project.forward(x); // [batch, WIDTH, 1, frames]
        if let (Some(layer), Some(contour)) = (&self.contour, contour) {
            x = x + layer.forward(contour);
        }
        let x = self
            .temporal
            .iter()
            .fold(x, |x, layer| x.clone() + layer.forward(x));
        self.out.forward(x).reshape([batch, frames])
    }
}
