//! The wide-band voicing network: whether a voice sings, from seconds of what sounds.
//!
//! A network of this project's own. On full arrangements the pitch of a melody
//! network holds but its voicing does not: CFP set B ends at 1250 Hz, while
//! consonants and formants, which tell a voice from a guitar, lie above, and a
//! 5x5 convolution sees a fifth of a second. So this one reads log-mel frames; but it
//! reads them along the melody too, whose harmonics tell what sounds it among all that
//! sounds: see [`MelodyBands`].

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::{Network, expect};
use crate::dsp::{DspError, MelodyBands};
use crate::models::Features;
use crate::models::layers::{Activation, Conv, ConvConfig, NormPlace};

/// Mel bands that the network reads.
pub const BANDS: usize = 80;

/// Values of each band: of the mixture, along the melody's harmonics, between them.
const PLANES: usize = MelodyBands::PLANES;

/// Values of a frame that say how the melody goes.
const CONTOUR: usize = MelodyBands::CONTOUR;

/// How many bands each of the first convolutions pools into one.
const POOLS: [usize; 3] = [2, 4, 2];

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
    mixture: Listener,
    /// Reads all planes, and the contour.
    melody: Listener,
}

/// It has no settings: all networks of this kind are built alike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VoicingSettings {}

/// Bands, then time.
#[derive(Module, Debug)]
struct Listener {
    band1: Conv,
    band2: Conv,
    band3: Conv,
    project: Conv,
    contour: Option<Conv>,
    temporal: Vec<Conv>,
    out: Conv,
}

impl Network for VoicingNet {
    type Settings = VoicingSettings;

    fn check(_: &VoicingSettings, features: &Features) -> Result<(), DspError> {
        let rows = BANDS * PLANES + CONTOUR;
        expect("rows of bands and contour", rows, features.n_rows())
    }

    fn new(_: &VoicingSettings, device: &Device) -> Self {
        Self {
            mixture: Listener::new(1, None, device),
            melody: Listener::new(PLANES, Some(CONTOUR), device),
        }
    }

    /// `[batch, 1, rows, frames]` → logits of each listener, `[batch, 2, 1, frames]`.
    fn forward(&self, x: Tensor<4>) -> Vec<Tensor<4>> {
        let [batch, _, _, frames] = x.dims();
        let contour = x.clone().narrow(2, PLANES * BANDS, CONTOUR);
        let contour = contour.reshape([batch, CONTOUR, 1, frames]);
        let mixture = x.clone().narrow(2, 0, BANDS);
        let planes = x.narrow(2, 0, PLANES * BANDS);
        let planes = planes.reshape([batch, PLANES, BANDS, frames]);
        let mixture = self.mixture.forward(mixture, None);
        let melody = self.melody.forward(planes, Some(contour));
        vec![Tensor::cat(vec![mixture, melody], 1)]
    }
}

impl Listener {
    fn new(planes: usize, contour: Option<usize>, device: &Device) -> Self {
        let layer = |channels, kernel| {
            ConvConfig::new(channels, kernel)
                .norm(NormPlace::Before)
                .activation(Activation::Relu)
        };
        let conv3x3 = |input, output| layer([input, output], [3, 3]).same().init(device);
        let temporal = |dilation| {
            let layer = layer([WIDTH, WIDTH], [1, 3]);
            layer.dilation([1, dilation]).same().init(device)
        };
        let contour = contour.map(|values| layer([values, WIDTH], [1, 5]).same());
        Self {
            band1: conv3x3(planes, 24),
            band2: conv3x3(24, 48),
            band3: conv3x3(48, 64),
            project: layer([64, WIDTH], [5, 1]).init(device),
            contour: contour.map(|config| config.init(device)),
            temporal: DILATIONS.map(temporal).into(),
            out: layer([WIDTH, 1], [1, 1])
                .activation(Activation::Identity)
                .init(device),
        }
    }

    /// `[batch, planes, BANDS, frames]`, contour `[batch, CONTOUR, 1, frames]` → `[batch, 1, 1, frames]`.
    fn forward(&self, x: Tensor<4>, contour: Option<Tensor<4>>) -> Tensor<4> {
        let x = self.band1.forward_pooled(x, POOLS[0]).values(); // [batch, 24, 40, frames]
        let x = self.band2.forward_pooled(x, POOLS[1]).values(); // [batch, 48, 10, frames]
        let x = self.band3.forward_pooled(x, POOLS[2]).values(); // [batch, 64, 5, frames]
        let mut x = self.project.forward(x); // [batch, WIDTH, 1, frames]
        if let (Some(layer), Some(contour)) = (&self.contour, contour) {
            x = x + layer.forward(contour);
        }
        let add = |x: Tensor<4>, layer: &Conv| x.clone() + layer.forward(x);
        self.out.forward(self.temporal.iter().fold(x, add))
    }
}
