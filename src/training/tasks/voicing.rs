//! Where a voice sings, from features along the melody.

use std::ops::Range;

use burn::tensor::{Device, Tensor, TensorData};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::{Estimate, TrainingTask};
use crate::datasets::remix::Excerpt;
use crate::dsp::{LogMelConfig, MelodyBands};
use crate::evaluation::{EvaluationError, Scorecard, score_voicing};
use crate::melody::calibrate::probability;
use crate::models::{AnyNetwork, Framing, ModelError};
use crate::training::batch::{Batch, Targets, weights};
use crate::training::blocks::in_blocks;
use crate::training::excerpt_cache::Crop;
use crate::training::features::VoicingFeatures;
use crate::training::loss::{Term, values, voicing};
use crate::training::objective::{Objective, TrainingStep};
use crate::training::validation::HeldClip;

/// Training of a network that tells where a voice sings.
pub struct VoicingTask {
    features: VoicingFeatures,
    framing: Framing,
    n_bands: usize,
}

impl VoicingTask {
    /// For a network of this framing that reads bands of these settings along the melody.
    ///
    /// # Errors
    /// [`ModelError`] of the pitch network that finds the melody.
    pub fn new(mel: LogMelConfig, framing: Framing) -> Result<Self, ModelError> {
        Ok(Self {
            n_bands: mel.n_bands,
            features: VoicingFeatures::new(mel)?,
            framing,
        })
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
    fn draw(n_bands: usize, rng: &mut ChaCha8Rng) -> Self {
        const KNOTS: usize = 6;
        let level = rng.random_range(-1.5f32..1.5);
        let knots: [f32; KNOTS + 1] = std::array::from_fn(|_| rng.random_range(-1.0..1.0));
        let offset = |band: usize| {
            let place = (band * KNOTS) as f32 / n_bands as f32;
            let (knot, share) = (place as usize, place.fract());
            level + knots[knot] + share * (knots[knot + 1] - knots[knot])
        };
        let offsets = (0..n_bands).map(offset).collect();
        let width = if rng.random() {
            rng.random_range(1..=12)
        } else {
            0
        };
        let first = rng.random_range(0..=n_bands - width);
        Self {
            offsets,
            scale: rng.random_range(0.85..1.1),
            masked: first..first + width,
        }
    }

    /// Colors all planes of `[rows, frames]` in place; the pitch stays.
    fn apply(&self, input: &mut [f32], frames: usize) {
        let n_bands = self.offsets.len();
        let planes = &mut input[..MelodyBands::PLANES * n_bands * frames];
        for (row, values) in planes.chunks_exact_mut(frames).enumerate() {
            let band = row % n_bands;
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

impl Objective for VoicingTask {
    /// Binary cross-entropy of each listener, which learns by itself.
    fn term(&self, step: &TrainingStep) -> Option<Term> {
        let Batch {
            targets, weights, ..
        } = step.labeled;
        let Targets::Voiced(voiced) = targets else {
            return None;
        };
        let output = step
            .network
            .forward(step.labeled.tensor(step.device))
            .swap_remove(0);
        let [_, listeners, _, _] = output.dims();
        let frames = step.labeled.frames();
        let voiced = repeated(voiced, frames, listeners);
        let weights = repeated(weights, frames, listeners);
        let loss = voicing::cross_entropy(&values(&output), &voiced, &weights);
        Some(loss.into_term(output))
    }
}

/// Each example's frames as often as it has listeners.
fn repeated<T: Copy>(values: &[T], frames: usize, times: usize) -> Vec<T> {
    let examples = values.chunks_exact(frames);
    examples.flat_map(|frames| frames.repeat(times)).collect()
}

impl TrainingTask for VoicingTask {
    fn width(&self) -> usize {
        self.features.n_rows()
    }

    fn identity(&self) -> String {
        format!("along {}", self.features.pitch_weights())
    }

    fn features(&self, excerpt: &Excerpt) -> Vec<f32> {
        self.features.rows(&excerpt.mix).0
    }

    /// Varies how excerpts sound, as other recordings would.
    fn batch(&self, crops: &[Crop], rng: &mut ChaCha8Rng) -> Batch {
        let (frames, rows) = (crops[0].f0_hz.len(), self.width());
        let mut input = vec![0.0; crops.len() * rows * frames];
        let color = |_| Color::draw(self.n_bands, rng);
        let colors: Vec<Color> = crops.iter().map(color).collect();
        input
            .par_chunks_exact_mut(rows * frames)
            .zip(crops)
            .zip(&colors)
            .for_each(|((input, crop), color)| {
                crop.transpose_into(input);
                color.apply(input, frames);
            });
        let pitches = crops.iter().flat_map(|crop| crop.f0_hz);
        let voiced = pitches.map(|&hz| self.features.has_pitch(hz));
        Batch {
            input,
            dims: [crops.len(), 1, rows, frames],
            targets: Targets::Voiced(voiced.collect()),
            weights: weights(crops),
        }
    }

    /// The melody is that of the pitch network whose contour the features follow.
    fn estimate(&self, net: &AnyNetwork, clip: &HeldClip, device: &Device) -> Estimate {
        let mix = &clip.samples[..];
        let (features, f0_hz) = self.features.rows(mix);
        let rows = self.width();
        let input = transposed(&features, rows);
        let logits = in_blocks(&input, f0_hz.len(), self.framing, |part, frames| {
            let data = TensorData::new(part, [1, 1, rows, frames]);
            let logits = net.forward(Tensor::from_data(data, device)).swap_remove(0);
            values(&logits.mean_dim(1))
        });
        Estimate {
            f0_hz,
            confidence: logits.into_iter().map(probability).collect(),
            ..Estimate::default()
        }
    }

    fn score(&self, clip: &HeldClip, estimate: &Estimate) -> Result<Scorecard, EvaluationError> {
        score_voicing(&clip.reference, &estimate.compared())
    }
}

/// Values frame after frame as `[rows, frames]`.
fn transposed(values: &[f32], rows: usize) -> Vec<f32> {
    let row = |row: usize| values.iter().skip(row).step_by(rows);
    (0..rows).flat_map(row).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listener_has_the_labels_of_its_example() {
        assert_eq!(repeated(&[1, 2, 3, 4], 2, 2), [1, 2, 1, 2, 3, 4, 3, 4]);
    }

    #[test]
    fn frames_become_rows() {
        let frames = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        assert_eq!(transposed(&frames, 2), [1.0, 3.0, 5.0, 2.0, 4.0, 6.0]);
    }
}
