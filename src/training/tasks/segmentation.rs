//! The melody as the pixels of a picture (Lu & Su 2018): focal loss of what is melody and what is not.

use std::convert::Infallible;
use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};
use rand::prelude::*;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::melody::shift_rows;
use super::{Estimate, TrainingTask};
use crate::datasets::remix::Excerpt;
use crate::datasets::{HOP, RATE_HZ, n_frames};
use crate::dsp::{Cfp, CfpConfig};
use crate::evaluation::{EvaluationError, Scorecard, score_clip};
use crate::melody::PitchAxis;
use crate::melody::column_maxima::{against_mean, decode};
use crate::models::networks::segmentation::WINDOW_FRAMES;
use crate::models::{AnyNetwork, NetworkConfig, WindowLayout};
use crate::training::Recipe;
use crate::training::batch::{Batch, Targets, weights};
use crate::training::excerpt_cache::{CachedExcerpt, Crop};
use crate::training::features::salience;
use crate::training::loss::{Term, focal, rows, values};
use crate::training::objective::{Objective, TrainingStep};
use crate::training::validation::{HeldClip, THRESHOLD};

/// Training of a network that tells which pixels of a mixture's salience are melody.
pub struct SegmentationTask {
    cfp: Arc<Cfp>,
    pixels: MelodyPixels,
    /// Labels, which are 10 ms apart, from one frame to the next.
    labels_a_frame: usize,
}

/// What pixels of mixtures and of scores have in common.
pub(super) struct MelodyPixels {
    pub axis: PitchAxis,
    windows: WindowLayout,
    shift_rows: usize,
}

impl SegmentationTask {
    /// For a recipe's network that reads the salience of these settings.
    pub fn new(config: CfpConfig, network: &NetworkConfig, recipe: &Recipe) -> Self {
        let hop_secs = config.hop as f64 / f64::from(config.rate_hz);
        let label_secs = HOP as f64 / f64::from(RATE_HZ);
        Self {
            pixels: MelodyPixels::new(config.axis(), network, recipe),
            cfp: Arc::new(Cfp::new(config)),
            labels_a_frame: (hop_secs / label_secs).round().max(1.0) as usize,
        }
    }

    /// Every how-manieth label; the first frame lies at the last of the first labels.
    fn of_frames<T: Copy>(&self, labels: &[T]) -> Vec<T> {
        let labels = labels.chunks_exact(self.labels_a_frame);
        labels.map(|labels| labels[labels.len() - 1]).collect()
    }
}

impl MelodyPixels {
    pub fn new(axis: PitchAxis, network: &NetworkConfig, recipe: &Recipe) -> Self {
        Self {
            axis,
            windows: WindowLayout::of(network, WINDOW_FRAMES),
            shift_rows: recipe.optimizer.shift_rows,
        }
    }

    /// Row of the melody, or 0 where it has none.
    fn row(&self, f0_hz: f32, shift: i64) -> u16 {
        let row = self.axis.class_within(f64::from(f0_hz)) as i64;
        let shifted = row + shift;
        match row > 0 && (1..self.axis.n_rows as i64).contains(&shifted) {
            true => shifted as u16,
            false => 0,
        }
    }

    /// Shifts rows by up to the recipe's amount, labels with them.
    pub fn batch(&self, crops: &[Crop], rng: &mut ChaCha8Rng) -> Batch {
        let (frames, rows) = (crops[0].f0_hz.len(), self.axis.n_rows);
        let reach = self.shift_rows as i64;
        let shifts: Vec<i64> = crops
            .iter()
            .map(|_| rng.random_range(-reach..=reach))
            .collect();
        let mut input = vec![0.0; crops.len() * rows * frames];
        input
            .par_chunks_exact_mut(rows * frames)
            .zip(crops)
            .zip(&shifts)
            .for_each(|((input, crop), &shift)| {
                crop.transpose_into(input);
                shift_rows(input, shift, frames);
            });
        let shifted = crops.iter().zip(&shifts);
        let melody = shifted.flat_map(|(crop, &shift)| {
            let frames = crop.f0_hz.iter();
            frames.map(move |&hz| self.row(hz, shift))
        });
        Batch {
            input,
            dims: [crops.len(), 1, rows, frames],
            targets: Targets::Classes(melody.collect()),
            weights: weights(crops),
        }
    }

    /// Pitch and relative confidence of the frames of `[rows, frames]`, voiced by the mean of all
    /// frames' strongest pixels.
    pub fn estimate(&self, net: &AnyNetwork, input: &[f32], device: &Device) -> Estimate {
        let (rows, len) = (self.axis.n_rows, self.windows.len);
        let frames = input.len() / rows;
        let run = |window: Vec<f32>| {
            let data = TensorData::new(window, [1, 1, rows, len]);
            let logits = net.forward(Tensor::from_data(data, device)).swap_remove(0);
            Ok::<_, Infallible>(values(&logits)[rows * len..].to_vec())
        };
        let Ok(map) = self.windows.superpose(input, frames, 0..frames, run);
        let pitch = decode(&map, frames, &self.axis).pitch;
        let maxima: Vec<f32> = pitch.iter().map(|frame| frame.confidence).collect();
        Estimate {
            f0_hz: pitch.iter().map(|frame| frame.f0_hz).collect(),
            confidence: against_mean(&maxima),
            ..Estimate::default()
        }
    }
}

impl Objective for SegmentationTask {
    fn term(&self, step: &TrainingStep) -> Option<Term> {
        pixel_term(step)
    }
}

/// Focal loss of a network's two maps on labeled examples.
pub(super) fn pixel_term(step: &TrainingStep) -> Option<Term> {
    let Batch {
        targets, weights, ..
    } = step.labeled;
    let Targets::Classes(melody) = targets else {
        return None;
    };
    let output = step.network.forward(step.labeled.tensor(step.device));
    let logits = output.into_iter().next()?;
    let layout = rows::ScoreLayout::of(&logits);
    Some(focal::pixels(&values(&logits), melody, weights, layout).into_term(logits))
}

impl TrainingTask for SegmentationTask {
    fn width(&self) -> usize {
        self.pixels.axis.n_rows
    }

    fn n_frames(&self, seconds: f64) -> usize {
        let samples = (seconds * f64::from(RATE_HZ)).round() as usize;
        n_frames(samples) / self.labels_a_frame
    }

    fn features(&self, excerpt: &Excerpt) -> Vec<f32> {
        let (salience, frames) = salience(&self.cfp, &excerpt.mix);
        let frame = |t: usize| salience.iter().skip(t).step_by(frames).copied();
        let kept = n_frames(excerpt.mix.len()) / self.labels_a_frame;
        (0..kept).flat_map(frame).collect()
    }

    fn kept(&self, excerpt: &Excerpt) -> CachedExcerpt {
        CachedExcerpt {
            features: self.features(excerpt),
            f0_hz: self.of_frames(&excerpt.f0_hz),
            mask: self.of_frames(&excerpt.mask),
        }
    }

    fn batch(&self, crops: &[Crop], rng: &mut ChaCha8Rng) -> Batch {
        self.pixels.batch(crops, rng)
    }

    fn estimate(&self, net: &AnyNetwork, clip: &HeldClip, device: &Device) -> Estimate {
        let (salience, frames) = salience(&self.cfp, &clip.samples);
        let found = self.pixels.estimate(net, &salience, device);
        // A frame stands for the labels up to its own.
        let label = |c: usize| (c / self.labels_a_frame).min(frames.saturating_sub(1));
        let n_labels = match frames {
            0 => 0,
            _ => n_frames(clip.samples.len()),
        };
        Estimate {
            f0_hz: (0..n_labels).map(|c| found.f0_hz[label(c)]).collect(),
            confidence: (0..n_labels).map(|c| found.confidence[label(c)]).collect(),
            ..Estimate::default()
        }
    }

    fn threshold(&self) -> Option<f32> {
        Some(THRESHOLD)
    }

    fn score(&self, clip: &HeldClip, estimate: &Estimate) -> Result<Scorecard, EvaluationError> {
        score_clip(&clip.reference, &estimate.compared())
    }
}
