//! The pitch of the sung melody: cross-entropy over pitch classes, or harmonic supervision; and over
//! note classes, where the network scores them.

use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};
use rand::prelude::*;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::Deserialize;

use super::{Estimate, TrainingTask};
use crate::datasets::remix::Excerpt;
use crate::dsp::{Cfp, CfpConfig};
use crate::evaluation::{EvaluationError, Scorecard, score_clip};
use crate::melody::harmonics::partial_rows;
use crate::melody::{NoteRule, PitchAxis, decode};
use crate::models::{AnyNetwork, Framing, NetworkInfo, OutputKind};
use crate::training::Recipe;
use crate::training::batch::{Batch, Targets, weights};
use crate::training::blocks::in_blocks;
use crate::training::excerpt_cache::Crop;
use crate::training::features::pitch_stack;
use crate::training::loss::{Term, distillation, harmonic, rows, values};
use crate::training::objective::{Objective, TrainingStep};
use crate::training::recipe::TeacherConfig;
use crate::training::validation::HeldClip;

/// How much notes count beside pitches.
const NOTES_WEIGHT: f64 = 0.5;

/// Training of a network that scores pitch classes.
pub struct MelodyTask {
    cfp: Arc<Cfp>,
    framing: Framing,
    axis: PitchAxis,
    /// Note class of each pitch class, if the network scores notes.
    note_of_pitch: Option<Vec<u16>>,
    shift_rows: usize,
    /// Rows to the multiples of the pitch that are labeled.
    partials: Vec<usize>,
    teacher: Option<TeacherConfig>,
}

/// The setting that networks with an output of notes share.
#[derive(Default, Deserialize)]
#[serde(default)]
struct NoteSettings {
    note_rule: NoteRule,
}

impl MelodyTask {
    /// For a recipe's network, of this line of the registry, that reads these features.
    pub fn new(config: CfpConfig, info: &NetworkInfo, recipe: &Recipe) -> Self {
        let scores_notes = info.outputs.contains(&OutputKind::NoteScores);
        let note_of_pitch = scores_notes.then(|| {
            let settings = serde_json::from_value(recipe.network.config().settings);
            let NoteSettings { note_rule } = settings.expect("the network was checked");
            note_rule.note_of_pitch()
        });
        let axis = config.axis();
        Self {
            axis,
            cfp: Arc::new(Cfp::new(config)),
            framing: info.framing,
            note_of_pitch,
            shift_rows: recipe.optimizer.shift_rows,
            partials: partial_rows(&recipe.partials, axis.bins_per_octave),
            teacher: recipe.teacher.clone(),
        }
    }

    /// How an excerpt is changed: rows that it is moved up by, and a gain, for a song's loudest
    /// moment is seldom in the excerpt.
    fn draw_change(&self, rng: &mut ChaCha8Rng) -> (i64, f32) {
        let reach = self.shift_rows as i64;
        let shift = rng.random_range(-reach..=reach);
        (shift, rng.random_range(0.75..=1.0))
    }

    /// A voice beyond the rows has no pitch there: better none than one folded onto them.
    fn classes<'a>(&'a self, crop: &'a Crop, shift: i64) -> impl Iterator<Item = u16> + 'a {
        let ratio = (shift as f64 / self.axis.bins_per_octave).exp2();
        let frames = crop.f0_hz.iter();
        frames.map(move |&hz| self.axis.class_within(f64::from(hz) * ratio) as u16)
    }
}

impl Objective for MelodyTask {
    /// Harmonic supervision where the head has its four maps, else the melody map alone.
    fn term(&self, step: &TrainingStep) -> Option<Term> {
        let Batch {
            targets, weights, ..
        } = step.labeled;
        let Targets::Classes(classes) = targets else {
            return None;
        };
        let mut outputs = step.network.forward(step.labeled.tensor(step.device));
        let output = outputs.remove(0);
        let (layout, scores) = (rows::ScoreLayout::of(&output), values(&output));
        let loss = if layout.maps == harmonic::MAPS {
            harmonic::supervision(&scores, classes, weights, layout, &self.partials)
        } else {
            rows::melody(&scores, classes, weights, layout)
        };
        let pitch = loss.into_term(output.clone());
        if let (Some(config), Some(guide)) = (&self.teacher, step.guide) {
            let guided = self.guided(config, guide, step, [&[output][..], &outputs].concat());
            return Some(guided.into_iter().fold(pitch, Term::plus));
        }
        let Some(note_of_pitch) = &self.note_of_pitch else {
            return Some(pitch);
        };
        let notes = note_term(outputs.remove(0), note_of_pitch, classes, weights);
        Some(pitch.plus(notes.times(NOTES_WEIGHT)))
    }
}

impl MelodyTask {
    /// What a frozen teacher adds to the loss of outputs: the scores, and those of projections.
    fn guided(
        &self,
        config: &TeacherConfig,
        guide: &AnyNetwork,
        step: &TrainingStep,
        outputs: Vec<Tensor<4>>,
    ) -> Vec<Term> {
        let batch = step.labeled;
        let Targets::Classes(classes) = &batch.targets else {
            return Vec::new();
        };
        let plain = step.device.clone().inner();
        let taught = guide.forward(batch.tensor(&plain)).swap_remove(0);
        let (layout, taught) = (rows::ScoreLayout::of(&taught), values(&taught));
        let examples = classes.chunks_exact(layout.frames);
        let right: Vec<u8> = examples
            .flat_map(|classes| harmonic::pixel_classes(classes, &self.partials, layout))
            .collect();
        let guided = |name, output: &Tensor<4>| {
            let (scores, weights) = (values(output), &batch.weights);
            let alpha = config.alpha;
            distillation::guided(name, &scores, &taught, &right, weights, layout, alpha)
                .into_term(output.clone())
        };
        let mut terms = Vec::new();
        for (i, output) in outputs.iter().enumerate() {
            let is_main = i == 0;
            if is_main && config.divergence > 0.0 {
                let loss =
                    distillation::divergence(&values(output), &taught, &batch.weights, layout);
                terms.push(loss.into_term(output.clone()).times(config.divergence));
            }
            let (name, weight) = match is_main {
                true => ("guided", config.guidance),
                false => ("projections", config.projections),
            };
            if weight > 0.0 {
                terms.push(guided(name, output).times(weight));
            }
        }
        terms
    }

    /// A batch whose crops are moved and scaled so.
    fn changed(&self, crops: &[Crop], changes: &[(i64, f32)]) -> Batch {
        let (frames, rows) = (crops[0].f0_hz.len(), self.axis.n_rows);
        let example_len = 3 * rows * frames;
        let mut input = vec![0.0; crops.len() * example_len];
        input
            .par_chunks_exact_mut(example_len)
            .zip(crops)
            .zip(changes)
            .for_each(|((input, crop), &(shift, gain))| {
                crop.transpose_into(input);
                input.iter_mut().for_each(|value| *value *= gain);
                input
                    .chunks_exact_mut(rows * frames)
                    .for_each(|channel| shift_rows(channel, shift, frames));
            });
        let changed = crops.iter().zip(changes);
        let classes = changed.flat_map(|(crop, &(shift, _))| self.classes(crop, shift));
        Batch {
            input,
            dims: [crops.len(), 3, rows, frames],
            targets: Targets::Classes(classes.collect()),
            weights: weights(crops),
        }
    }
}

/// Cross-entropy of an output over the notes of pitch classes.
fn note_term(output: Tensor<4>, note_of_pitch: &[u16], classes: &[u16], weights: &[f32]) -> Term {
    let note = |&class: &u16| note_of_pitch[usize::from(class)];
    let notes: Vec<u16> = classes.iter().map(note).collect();
    let layout = rows::ScoreLayout::of(&output);
    rows::notes(&values(&output), &notes, weights, layout).into_term(output)
}

impl TrainingTask for MelodyTask {
    fn width(&self) -> usize {
        3 * self.axis.n_rows
    }

    fn features(&self, excerpt: &Excerpt) -> Vec<f32> {
        let (stack, frames) = pitch_stack(&self.cfp, &excerpt.mix);
        let mut out = vec![0.0; stack.len()];
        for (i, row) in stack.chunks_exact(frames).enumerate() {
            for (t, &value) in row.iter().enumerate() {
                out[t * self.width() + i] = value;
            }
        }
        out
    }

    /// Shifts rows by up to the recipe's amount, labels with them, and scales.
    fn batch(&self, crops: &[Crop], rng: &mut ChaCha8Rng) -> Batch {
        let changes: Vec<(i64, f32)> = crops.iter().map(|_| self.draw_change(rng)).collect();
        self.changed(crops, &changes)
    }

    fn examples(&self, crops: &[Crop]) -> Batch {
        self.changed(crops, &vec![(0, 1.0); crops.len()])
    }

    /// Voiced by the papers' rule: row 0 against the rest.
    fn estimate(&self, net: &AnyNetwork, clip: &HeldClip, device: &Device) -> Estimate {
        let mix = &clip.samples[..];
        let (stack, frames) = pitch_stack(&self.cfp, mix);
        let mut maps = 1;
        let scores = in_blocks(&stack, frames, self.framing, |part, frames| {
            let data = TensorData::new(part, [1, 3, self.axis.n_rows, frames]);
            let scores = net.forward(Tensor::from_data(data, device)).swap_remove(0);
            maps = scores.dims()[1];
            values(&scores)
        });
        let decoded = decode::decode(&scores, maps, &self.axis);
        let frames = decoded.pitch.iter();
        Estimate {
            f0_hz: frames.clone().map(|frame| frame.f0_hz).collect(),
            confidence: frames.map(|frame| frame.confidence).collect(),
            ..Estimate::default()
        }
    }

    fn score(&self, clip: &HeldClip, estimate: &Estimate) -> Result<Scorecard, EvaluationError> {
        score_clip(&clip.reference, &estimate.compared())
    }
}

/// Moves rows of `[rows, frames]` up by `shift`; what comes in is zero.
pub(super) fn shift_rows(channel: &mut [f32], shift: i64, frames: usize) {
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
