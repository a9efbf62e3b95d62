//! The segmentation network of Lu & Su (2018): a melody as the pixels of a picture, after DeepLab v3+.
//!
//! An encoder of 29 convolutions halves rows and frames four times, atrous convolutions of several
//! dilations look at what is left side by side, and a decoder doubles both again, which sees what the
//! encoder saw. Each pixel is melody or not; windows of 128 frames are looked at at every hop, and what
//! they say is averaged ([`crate::models::windows`]).
//!
//! - [`blocks`]: what encoder and decoder are made of.
//! - [`pyramid`]: the atrous convolutions.

pub mod blocks;
pub mod pyramid;

use burn::module::Module;
use burn::tensor::ops::PadMode;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::Network;
use crate::dsp::DspError;
use crate::models::Features;
use crate::models::layers::{Conv, ConvConfig};
use blocks::{ConvBlock, PreConv, SkipFusion, TransposedBlock};
use pyramid::AtrousPyramid;

/// Frames of a window.
pub const WINDOW_FRAMES: usize = 128;

/// Rows are filled up to a multiple of so many: 352 to 384, 88 to 128.
const SPAN_ROWS: usize = 128;

/// What four halvings need.
const HALVINGS: usize = 16;

/// Channels of the encoder's stages, and how many blocks that do not halve each has.
const STAGES: [(usize, usize); 4] = [(32, 1), (64, 2), (128, 3), (256, 4)];

/// Channels of the decoder's stages.
const DECODED: [usize; 4] = [128, 64, 32, 32];

/// What is dropped in training: of the encoder, of the pyramid, of the decoder.
pub const DROPOUT: [f64; 3] = [0.2, 0.3, 0.4];

/// What the normalizations add to the variance.
pub const EPSILON: f64 = 1e-3;

/// Places at which another column may add to what is computed: the encoder's five, the pyramid's, the
/// decoder's four.
pub const TAPS: usize = 10;

/// The network; see the module's documentation.
#[derive(Module, Debug)]
pub struct Segmentation {
    first: Conv,
    encoder: Vec<Vec<ConvBlock>>,
    pyramid: AtrousPyramid,
    middle: PreConv,
    decoder: Vec<TransposedBlock>,
    fusions: Vec<SkipFusion>,
    last: PreConv,
}

/// What may differ between two of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SegmentationSettings {
    /// Frames from one window to the next, a divisor of the window: 1 as published, more are faster.
    pub hop: usize,
}

impl Default for SegmentationSettings {
    fn default() -> Self {
        Self { hop: 16 }
    }
}

impl Network for Segmentation {
    type Settings = SegmentationSettings;

    fn check(settings: &SegmentationSettings, features: &Features) -> Result<(), DspError> {
        check_hop(settings.hop)?;
        super::expect("channels", 1, features.n_channels())
    }

    fn new(_: &SegmentationSettings, device: &Device) -> Self {
        let [encoder, _, decoder] = DROPOUT;
        let mut input = 32;
        let mut stage = |(output, blocks): (usize, usize)| -> Vec<ConvBlock> {
            let halving = ConvBlock::halving([input, output], encoder, device);
            input = output;
            let plain = (0..blocks).map(|_| ConvBlock::plain(output, encoder, device));
            [halving].into_iter().chain(plain).collect()
        };
        let stages = STAGES.map(&mut stage).into();
        let mut input = 256;
        let decoded = DECODED.map(|output| {
            let block = TransposedBlock::new([input, output], decoder, device);
            input = output;
            block
        });
        let fusion = |&channels: &usize| SkipFusion::new(channels, decoder, device);
        Self {
            first: ConvConfig::new([1, 32], [7, 7]).same().init(device),
            encoder: stages,
            pyramid: AtrousPyramid::new(device),
            middle: PreConv::new(ConvConfig::new([512, 256], [1, 1]), 0.0, device),
            decoder: decoded.into(),
            fusions: DECODED[..3].iter().map(fusion).collect(),
            last: PreConv::new(ConvConfig::new([32, 2], [1, 1]), decoder, device),
        }
    }

    /// `[batch, 1, rows, frames]` → log-odds `[batch, 2, rows, frames]`: of no melody, of melody.
    fn forward(&self, x: Tensor<4>) -> Vec<Tensor<4>> {
        vec![self.run(x, |_, x| x)]
    }
}

impl Segmentation {
    /// The network, with `add` at each of the [`TAPS`]: it is given what was computed there and gives
    /// what is gone on with. What the decoder sees of the encoder is as it was before.
    pub fn run(
        &self,
        x: Tensor<4>,
        mut add: impl FnMut(usize, Tensor<4>) -> Tensor<4>,
    ) -> Tensor<4> {
        let [batch, _, rows, frames] = x.dims();
        let below = (rows.next_multiple_of(SPAN_ROWS) - rows) / 2;
        let x = filled_up(x, below);
        let mut x = add(0, self.first.forward(x)); // [batch, 32, rows, frames]
        let mut seen = Vec::new();
        for (i, stage) in self.encoder.iter().enumerate() {
            let y = stage.iter().fold(x, |x, block| block.forward(x));
            seen.push(y.clone());
            x = add(i + 1, y);
        }
        let deepest = seen.pop().expect("there are four stages"); // [batch, 256, rows / 16, ..]
        let x = add(5, self.pyramid.forward(x)); // [batch, 512, rows / 16, ..]
        let mut x = self.middle.forward(x) + deepest;
        for (i, block) in self.decoder.iter().enumerate() {
            x = add(6 + i, block.forward(x));
            if let (Some(fusion), Some(seen)) = (self.fusions.get(i), seen.pop()) {
                x = fusion.forward(x, seen);
            }
        }
        let x = self.last.forward(x);
        x.slice([0..batch, 0..2, below..below + rows, 0..frames])
    }
}

/// Checks that windows `hop` frames apart cover each frame equally often.
///
/// # Errors
/// [`DspError::Setting`] if they do not.
pub fn check_hop(hop: usize) -> Result<(), DspError> {
    if hop > 0 && WINDOW_FRAMES.is_multiple_of(hop) {
        return Ok(());
    }
    Err(DspError::Setting {
        field: "hop",
        expected: format!("a divisor of {WINDOW_FRAMES}"),
        found: hop.to_string(),
    })
}

/// Zeros in rows on both sides, `below` of them below, and in frames at the end.
fn filled_up(x: Tensor<4>, below: usize) -> Tensor<4> {
    let [_, _, rows, frames] = x.dims();
    let above = rows.next_multiple_of(SPAN_ROWS) - rows - below;
    let after = frames.next_multiple_of(HALVINGS) - frames;
    if below + above + after == 0 {
        return x;
    }
    x.pad([(below, above), (0, after)], PadMode::Constant(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::CfpConfig;
    use crate::models::NetworkConfig;

    #[test]
    fn a_hop_that_covers_frames_unevenly_is_refused() {
        let check = |hop: usize| {
            let features = Features::Salience(CfpConfig::lu_su());
            let settings = serde_json::json!({ "hop": hop });
            NetworkConfig::new("segmentation", settings, features).check()
        };
        for hop in [1, 16, 128] {
            check(hop).unwrap();
        }
        for hop in [0, 3, 256] {
            let error = check(hop).unwrap_err().to_string();
            assert!(error.contains("hop") && error.contains("128"), "{error}");
        }
    }
}
