//! MSNet with harmonic supervision.

use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};
use rand::prelude::*;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::Recipe;
use super::features::pitch_stack;
use super::loss::{self, IGNORED, Loss};
use super::pool::Crop;
use super::task::Task;
use crate::datasets::Voice;
use crate::dsp::{Cfp, CfpConfig};
use crate::evaluation::Aligned;
use crate::evaluation::MelodyScores;
use crate::evaluation::melody::{TOLERANCE_CENTS, score};
use crate::melody::{PitchAxis, decode};
use crate::models::{AnyNetwork, Features, NetworkConfig};

/// Maps of the head.
const MAPS: usize = 4;

/// Pitch classes of a batch, `[batch, frames]`.
pub struct Labels {
    classes: Vec<u16>,
    frames: usize,
}

/// Training of the pitch network.
pub struct Pitch {
    cfp: Arc<Cfp>,
    axis: PitchAxis,
    shift_rows: usize,
}

impl Pitch {
    /// On CFP set B.
    pub fn new(recipe: &Recipe) -> Self {
        let config = CfpConfig::hkdsme();
        Self {
            axis: config.axis(),
            cfp: Arc::new(Cfp::new(config)),
            shift_rows: recipe.optimizer.shift_rows,
        }
    }
}

impl Task for Pitch {
    type Targets = Labels;
    type Scores = MelodyScores;

    fn network(&self) -> NetworkConfig {
        NetworkConfig {
            network: "msnet".into(),
            settings: serde_json::json!({ "maps": MAPS }),
            features: Features::Cfp(self.cfp.config().clone()),
        }
    }

    fn width(&self) -> usize {
        3 * self.axis.n_rows
    }

    fn features(&self, mix: &[f32]) -> Vec<f32> {
        let (stack, frames) = pitch_stack(&self.cfp, mix);
        let mut out = vec![0.0; stack.len()];
        for (i, row) in stack.chunks_exact(frames).enumerate() {
            for (t, &value) in row.iter().enumerate() {
                out[t * self.width() + i] = value;
            }
        }
        out
    }

    /// Shifts rows by up to the recipe's amount, labels with them, and scales by 0.75 to 1:
    /// a song's loudest moment is seldom in the excerpt.
    fn batch(&self, crops: &[Crop], rng: &mut ChaCha8Rng) -> (Vec<f32>, [usize; 4], Labels) {
        let frames = crops[0].f0_hz.len();
        let rows = self.axis.n_rows;
        let reach = self.shift_rows as i64;
        let changes: Vec<(i64, f32)> = crops
            .iter()
            .map(|_| {
                (
                    rng.random_range(-reach..=reach),
                    rng.random_range(0.75..=1.0),
                )
            })
            .collect();
        let item_len = 3 * rows * frames;
        let mut input = vec![0.0; crops.len() * item_len];
        input
            .par_chunks_exact_mut(item_len)
            .zip(crops)
            .zip(&changes)
            .for_each(|((input, crop), &(shift, gain))| {
                crop.transpose_into(input);
                input.iter_mut().for_each(|value| *value *= gain);
                input
                    .chunks_exact_mut(rows * frames)
                    .for_each(|channel| shift_rows(channel, shift, frames));
            });
        let targets = crops.iter().zip(&changes).flat_map(|(crop, &(shift, _))| {
            let ratio = (shift as f64 / self.axis.bins_per_octave).exp2();
            crop.f0_hz
                .iter()
                .zip(crop.mask)
                .map(move |(&f0_hz, &counts)| match f0_hz {
                    _ if counts == 0 => IGNORED,
                    0.0 => 0,
                    _ => self.axis.hz_to_class(f64::from(f0_hz) * ratio) as u16,
                })
        });
        let labels = Labels {
            classes: targets.collect(),
            frames,
        };
        (input, [crops.len(), 3, rows, frames], labels)
    }

    fn forward(&self, net: &AnyNetwork, x: Tensor<4>) -> Tensor<1> {
        let scores = net.forward(x).swap_remove(0);
        let len = scores.shape().num_elements();
        scores.reshape([len])
    }

    fn loss(&self, output: &[f32], labels: &Labels) -> Loss {
        let PitchAxis {
            bins_per_octave, ..
        } = self.axis;
        let n_classes = self.axis.n_classes();
        loss::harmonic_supervision(
            output,
            &labels.classes,
            n_classes,
            bins_per_octave,
            labels.frames,
        )
    }

    /// Voiced by the papers' rule: row 0 against the rest.
    fn score(&self, net: &AnyNetwork, clip: &Voice, device: &Device) -> MelodyScores {
        let (stack, frames) = pitch_stack(&self.cfp, &clip.mixture());
        let x = Tensor::from_data(
            TensorData::new(stack, [1, 3, self.axis.n_rows, frames]),
            device,
        );
        let scores = self
            .forward(net, x)
            .into_data()
            .try_to_vec()
            .expect("scores are f32");
        let decoded = decode::decode(&scores, MAPS, &self.axis);
        let cents = |hz: f32| {
            if hz > 0.0 {
                1200.0 * (f64::from(hz) / 10.0).log2()
            } else {
                0.0
            }
        };
        let voicing = |on: bool| if on { 1.0 } else { 0.0 };
        let aligned = Aligned {
            ref_voicing: clip.f0_hz.iter().map(|&hz| voicing(hz > 0.0)).collect(),
            ref_cents: clip.f0_hz.iter().map(|&hz| cents(hz)).collect(),
            est_voicing: decoded
                .pitch
                .iter()
                .map(|frame| voicing(frame.confidence > 0.5))
                .collect(),
            est_cents: decoded
                .pitch
                .iter()
                .map(|frame| cents(frame.f0_hz))
                .collect(),
        };
        score(&aligned, TOLERANCE_CENTS)
    }

    /// Pitch alone: voicing is the other network's.
    fn figure(scores: &MelodyScores) -> f64 {
        scores.raw_pitch_accuracy
    }
}

/// Moves rows of `[rows, frames]` up by `shift`; what comes in is zero.
fn shift_rows(channel: &mut [f32], shift: i64, frames: usize) {
    let by = (shift.unsigned_abs() as usize * frames).min(channel.len());
    let kept = channel.len() - by;
    if shift >= 0 {
        channel.copy_within(..kept, by);
        channel[..by].fill(0.0);
    } else {
        channel.copy_within(by.., 0);
        channel[kept..].fill(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_shift_both_ways_and_leave_zeros() {
        let rows = [1.0, 1.5, 2.0, 2.5, 3.0, 3.5];
        let shifted = |shift| {
            let mut rows = rows;
            shift_rows(&mut rows, shift, 2);
            rows
        };
        assert_eq!(shifted(1), [0.0, 0.0, 1.0, 1.5, 2.0, 2.5]);
        assert_eq!(shifted(-2), [3.0, 3.5, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(shifted(5), [0.0; 6]);
    }
}
