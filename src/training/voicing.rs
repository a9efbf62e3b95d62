//! The wide-band voicing network.

use std::fmt;
use std::ops::Range;

use burn::tensor::{Device, Tensor, TensorData};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::features::VoicingFeatures;
use super::loss::{self, Loss};
use super::pool::Crop;
use super::task::Task;
use crate::datasets::Voice;
use crate::dsp::{LogMelConfig, MelodyBands};
use crate::evaluation::{Scores, report};
use crate::models::networks::voicing::BANDS;
use crate::models::{AnyNetwork, Features, ModelError, NetworkConfig};

const PLANES: usize = MelodyBands::PLANES;
const ROWS: usize = PLANES * BANDS + MelodyBands::CONTOUR;

/// Training of the voicing network.
pub struct Voicing {
    features: VoicingFeatures,
}

/// Labels of a batch, a frame each.
pub struct Labels {
    voiced: Vec<bool>,
    mask: Vec<u8>,
}

/// How well frames are told apart, each 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct VoicingScores {
    /// Frames that are right.
    pub accuracy: f64,
    /// Voiced frames called voiced.
    pub recall: f64,
    /// Unvoiced frames called voiced.
    pub false_alarm: f64,
}

impl Scores for VoicingScores {
    const NAMES: &'static [&'static str] = &["accuracy", "VR", "VFA"];

    fn values(&self) -> Vec<f64> {
        vec![self.accuracy, self.recall, self.false_alarm]
    }

    fn from_values(values: &[f64]) -> Self {
        Self {
            accuracy: values[0],
            recall: values[1],
            false_alarm: values[2],
        }
    }
}

impl fmt::Display for VoicingScores {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        report::write_scores(self, f)
    }
}

impl Voicing {
    /// On log-mel frames of 40 to 6500 Hz.
    ///
    /// # Errors
    /// [`ModelError`] of the pitch network whose melody they are read along.
    pub fn new() -> Result<Self, ModelError> {
        VoicingFeatures::new(LogMelConfig::voicing()).map(|features| Self { features })
    }
}

/// How an excerpt might sound in another recording: louder or softer than the rest of
/// its song, through other microphones and mixers, with a range of bands missing
/// (Park et al. 2019).
struct Color {
    /// Added to each band, in nepers of power.
    offsets: Vec<f32>,
    scale: f32,
    masked: Range<usize>,
}

impl Color {
    fn draw(rng: &mut ChaCha8Rng) -> Self {
        const KNOTS: usize = 6;
        let level = rng.random_range(-1.5f32..1.5);
        let knots: [f32; KNOTS + 1] = std::array::from_fn(|_| rng.random_range(-1.0..1.0));
        let offset = |band: usize| {
            let place = (band * KNOTS) as f32 / BANDS as f32;
            let (knot, share) = (place as usize, place.fract());
            level + knots[knot] + share * (knots[knot + 1] - knots[knot])
        };
        let offsets = (0..BANDS).map(offset).collect();
        let width = if rng.random() {
            rng.random_range(1..=12)
        } else {
            0
        };
        let first = rng.random_range(0..=BANDS - width);
        Self {
            offsets,
            scale: rng.random_range(0.85..1.1),
            masked: first..first + width,
        }
    }

    /// Colors all planes of `[ROWS, frames]` in place; the pitch stays.
    fn apply(&self, input: &mut [f32], frames: usize) {
        let planes = &mut input[..PLANES * BANDS * frames];
        for (row, values) in planes.chunks_exact_mut(frames).enumerate() {
            let band = row % BANDS;
            if self.masked.contains(&band) {
                values.fill(0.0);
                continue;
            }
            let offset = self.offsets[band];
            values
                .iter_mut()
                .for_each(|value| *value = self.scale * *value + offset);
        }
    }
}

impl Task for Voicing {
    type Targets = Labels;
    type Scores = VoicingScores;

    fn network(&self) -> NetworkConfig {
        NetworkConfig {
            network: "voicing".into(),
            settings: serde_json::json!({}),
            features: Features::MelodyBands(self.features.config().clone()),
        }
    }

    fn width(&self) -> usize {
        ROWS
    }

    fn features(&self, mix: &[f32]) -> Vec<f32> {
        self.features.rows(mix)
    }

    fn batch(&self, crops: &[Crop], rng: &mut ChaCha8Rng) -> (Vec<f32>, [usize; 4], Labels) {
        let frames = crops[0].f0_hz.len();
        let mut input = vec![0.0; crops.len() * ROWS * frames];
        let colors: Vec<Color> = crops.iter().map(|_| Color::draw(rng)).collect();
        input
            .par_chunks_exact_mut(ROWS * frames)
            .zip(crops)
            .zip(&colors)
            .for_each(|((input, crop), color)| {
                crop.transpose_into(input);
                color.apply(input, frames);
            });
        // Once for each listener, which learns by itself.
        let both = || crops.iter().chain(crops);
        let labels = Labels {
            voiced: both()
                .flat_map(|crop| crop.f0_hz.iter().map(|&hz| hz > 0.0))
                .collect(),
            mask: both().flat_map(|crop| crop.mask.iter().copied()).collect(),
        };
        (input, [crops.len(), 1, ROWS, frames], labels)
    }

    fn forward(&self, net: &AnyNetwork, x: Tensor<4>) -> Tensor<1> {
        // Listener after listener, each with the whole batch.
        let logits = net.forward(x).swap_remove(0).swap_dims(0, 1);
        let len = logits.shape().num_elements();
        logits.reshape([len])
    }

    fn loss(&self, output: &[f32], labels: &Labels) -> Loss {
        loss::voicing(output, &labels.voiced, &labels.mask)
    }

    fn score(&self, net: &AnyNetwork, clip: &Voice, device: &Device) -> VoicingScores {
        let features = self.features(&clip.mixture());
        let frames = features.len() / ROWS;
        let x = Tensor::<2>::from_data(TensorData::new(features, [frames, ROWS]), device);
        let x = x.transpose().reshape([1, 1, ROWS, frames]);
        let logits: Vec<f32> = net
            .forward(x)
            .swap_remove(0)
            .mean_dim(1)
            .into_data()
            .try_to_vec()
            .expect("logits are f32");
        let share = |wanted: &dyn Fn(bool, bool) -> Option<bool>| {
            let pairs = clip.f0_hz.iter().zip(&logits);
            let hits: Vec<bool> = pairs
                .filter_map(|(&hz, &logit)| wanted(hz > 0.0, logit > 0.0))
                .collect();
            hits.iter().filter(|&&hit| hit).count() as f64 / hits.len().max(1) as f64
        };
        VoicingScores {
            accuracy: share(&|reference, estimate| Some(reference == estimate)),
            recall: share(&|reference, estimate| reference.then_some(estimate)),
            false_alarm: share(&|reference, estimate| (!reference).then_some(estimate)),
        }
    }

    fn figure(scores: &VoicingScores) -> f64 {
        scores.accuracy
    }
}
