//! SpectMamba (arXiv:2505.08681, 2025): frames as tokens, Vision Mamba blocks that read them both
//! ways (Zhu et al. 2024), and a decoder that scores notes before pitches.
//!
//! - [`mixer`]: what a block adds to a token.
//! - [`decoder`]: notes, then pitches.
//!
//! A token is all rows and channels of one frame. The cost grows with the frames alone, not with
//! their square as attention's does.

pub mod decoder;
pub mod mixer;

use burn::module::{Module, Param};
use burn::nn::{Linear, LinearConfig, RmsNorm, RmsNormConfig};
use burn::tensor::{Device, Distribution, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use super::{Network, expect};
use crate::dsp::DspError;
use crate::melody::NoteRule;
use crate::models::Features;
use decoder::NoteF0Decoder;
use mixer::{MixerConfig, VimMixer};

/// Feature rows.
const ROWS: usize = 320;

/// Feature channels.
const CHANNELS: usize = 3;

/// Frames of a segment.
pub const SEGMENT_FRAMES: usize = 64;

/// Values of a token for each that the steps are made of.
const WIDTH_PER_STEP_RANK: usize = 16;

/// The most blocks, values of a token and states of a channel: several times the published ones. A
/// damaged `config.json` must not ask for more memory than there is.
const MAX_DEPTH: usize = 64;
const MAX_WIDTH: usize = 1024;
const MAX_STATES: usize = 128;

/// Standard deviation of the first positions.
const POSITION_SPREAD: f64 = 0.02;

/// SpectMamba; see the module's documentation.
#[derive(Module, Debug)]
pub struct Spectmamba {
    tokens: Linear,
    /// What tells the frames of a segment apart, `[SEGMENT_FRAMES, width]`.
    positions: Param<Tensor<2>>,
    blocks: Vec<VimBlock>,
    norm: RmsNorm,
    decoder: NoteF0Decoder,
}

/// What may differ between two of its kind. The published program's width is 192, its states 16; 12
/// blocks of these have 3.8 million parameters.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SpectmambaSettings {
    /// Blocks.
    pub depth: usize,
    /// Values of a token.
    pub width: usize,
    /// States of a channel.
    pub states: usize,
    /// Which pitches belong to a note.
    pub note_rule: NoteRule,
    /// How often the last block is left out of a step for an example (Huang et al. 2016); the ones
    /// before it less often, the first never.
    pub drop_path: f64,
}

impl Default for SpectmambaSettings {
    fn default() -> Self {
        Self {
            depth: 6,
            width: 96,
            states: 16,
            note_rule: NoteRule::Floor,
            drop_path: 0.1,
        }
    }
}

impl Network for Spectmamba {
    type Settings = SpectmambaSettings;

    fn check(settings: &SpectmambaSettings, features: &Features) -> Result<(), DspError> {
        within("depth", MAX_DEPTH, settings.depth)?;
        within("width", MAX_WIDTH, settings.width)?;
        within("states", MAX_STATES, settings.states)?;
        if !(0.0..1.0).contains(&settings.drop_path) {
            return Err(DspError::Setting {
                field: "drop_path",
                expected: "at least 0 and less than 1".into(),
                found: settings.drop_path.to_string(),
            });
        }
        expect("rows between fmin_hz and fmax_hz", ROWS, features.n_rows())
    }

    fn new(settings: &SpectmambaSettings, device: &Device) -> Self {
        let SpectmambaSettings { depth, width, .. } = *settings;
        let spread = Distribution::Normal(0.0, POSITION_SPREAD);
        let positions = Tensor::random([SEGMENT_FRAMES, width], spread, device);
        let mixer = MixerConfig {
            width,
            states: settings.states,
            step_rank: width.div_ceil(WIDTH_PER_STEP_RANK),
            depth,
        };
        let block = |i: usize| VimBlock {
            norm: RmsNormConfig::new(width).init(device),
            mixer: mixer.init(device),
            drop: settings.drop_path * i as f64 / (depth - 1).max(1) as f64,
        };
        Self {
            tokens: LinearConfig::new(CHANNELS * ROWS, width).init(device),
            positions: Param::from_tensor(positions),
            blocks: (0..depth).map(block).collect(),
            norm: RmsNormConfig::new(width).init(device),
            decoder: NoteF0Decoder::new(width, settings.note_rule, device),
        }
    }

    /// `[batch, 3, 320, frames]` → raw scores of pitches `[batch, 1, 321, frames]` and of notes
    /// `[batch, 1, 66, frames]`, row 0 "no melody".
    fn forward(&self, x: Tensor<4>) -> Vec<Tensor<4>> {
        let [batch, channels, rows, frames] = x.dims();
        let x = x.reshape([batch, channels * rows, frames]).swap_dims(1, 2);
        let x = self.tokens.forward(x) + self.positions(frames).unsqueeze();
        let x = self.blocks.iter().fold(x, |x, block| block.forward(x));
        let (pitches, notes) = self.decoder.forward(self.norm.forward(x)); // [batch, frames, classes]
        let frames_last = |scores: Tensor<3>| scores.swap_dims(1, 2).unsqueeze_dim(1);
        vec![frames_last(pitches), frames_last(notes)]
    }
}

impl Spectmamba {
    /// The positions of segments of another length lie between the learned ones.
    fn positions(&self, frames: usize) -> Tensor<2> {
        let learned = self.positions.val();
        if frames == SEGMENT_FRAMES {
            return learned;
        }
        let mix = TensorData::new(stretched(frames), [frames, SEGMENT_FRAMES]);
        Tensor::<2>::from_data(mix, &learned.device()).matmul(learned)
    }
}

/// How much of each of the [`SEGMENT_FRAMES`] positions each of `frames` has, by linear interpolation.
fn stretched(frames: usize) -> Vec<f32> {
    let last = (SEGMENT_FRAMES - 1) as f32;
    let row = |t: usize| {
        let center = (t as f32 + 0.5) * SEGMENT_FRAMES as f32 / frames as f32 - 0.5;
        let center = center.clamp(0.0, last);
        (0..SEGMENT_FRAMES).map(move |i| (1.0 - (center - i as f32).abs()).max(0.0))
    };
    (0..frames).flat_map(row).collect()
}

fn within(field: &'static str, most: usize, found: usize) -> Result<(), DspError> {
    if (1..=most).contains(&found) {
        return Ok(());
    }
    Err(DspError::Setting {
        field,
        expected: format!("from 1 to {most}"),
        found: found.to_string(),
    })
}

/// Adds to each token what a mixer makes of all of them, normalized.
#[derive(Module, Debug)]
struct VimBlock {
    norm: RmsNorm,
    mixer: VimMixer,
    #[module(skip)]
    drop: f64,
}

impl VimBlock {
    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let mixed = self.mixer.forward(self.norm.forward(x.clone()));
        x + self.dropped(mixed)
    }

    /// In training, zeros for some examples, and so much more for the others.
    fn dropped(&self, mixed: Tensor<3>) -> Tensor<3> {
        let device = mixed.device();
        if !device.is_autodiff() || self.drop == 0.0 {
            return mixed;
        }
        let kept = 1.0 - self.drop;
        let [batch, _, _] = mixed.dims();
        let drawn = Tensor::random([batch, 1, 1], Distribution::Bernoulli(kept), &device);
        mixed * drawn / kept
    }
}

#[cfg(test)]
mod tests {
    use burn::module::list_param_ids;
    use burn::optim::GradientsParams;
    use serde_json::json;

    use super::*;
    use crate::dsp::CfpConfig;
    use crate::models::NetworkConfig;

    #[test]
    fn every_parameter_has_a_gradient() {
        let device = Device::flex().autodiff();
        let settings = SpectmambaSettings {
            depth: 2,
            width: 16,
            states: 2,
            drop_path: 0.5,
            ..SpectmambaSettings::default()
        };
        let net = Spectmamba::new(&settings, &device);
        let x = Tensor::random([2, CHANNELS, ROWS, 20], Distribution::Default, &device);
        let sums = net.forward(x).into_iter().map(|scores| scores.sum());
        let sum = sums.reduce(|a, b| a + b).unwrap();
        let gradients = GradientsParams::from_grads(sum.backward(), &net);
        assert_eq!(gradients.len(), list_param_ids(&net).len());
    }

    #[test]
    fn sizes_out_of_proportion_are_refused_in_a_sentence() {
        for field in ["depth", "width", "states"] {
            for size in [0u64, 1_000_000_000] {
                let settings = json!({ field: size });
                let features = Features::Cfp(CfpConfig::hkdsme());
                let config = NetworkConfig::new("spectmamba", settings, features);
                let error = config.check().unwrap_err().to_string();
                let named = error.contains(field) && error.contains(&size.to_string());
                assert!(named && error.contains("from 1 to"), "{error}");
            }
        }
    }

    #[test]
    fn positions_are_stretched_evenly() {
        let long = stretched(2 * SEGMENT_FRAMES);
        assert!(long.chunks_exact(SEGMENT_FRAMES).all(|row| {
            let sum: f32 = row.iter().sum();
            (sum - 1.0).abs() < 1e-6
        }));
        let third = &long[2 * SEGMENT_FRAMES..][..SEGMENT_FRAMES];
        assert_eq!(third[..3], [0.25, 0.75, 0.0]);
        let same = stretched(SEGMENT_FRAMES);
        let ones = same.iter().enumerate().filter(|(_, it)| **it == 1.0);
        assert!(
            ones.map(|(i, _)| i)
                .eq((0..SEGMENT_FRAMES).map(|t| t * (SEGMENT_FRAMES + 1)))
        );
    }
}
