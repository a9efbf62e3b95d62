//! Cross-entropy over pitch classes, with hard or soft targets.

use burn::tensor::Tensor;
use rayon::prelude::*;

use super::Loss;

/// How scores lie: `[examples, maps, classes, frames]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScoreLayout {
    /// Maps of an example; the first is the melody's.
    pub maps: usize,
    /// Pitch classes, 0 for none.
    pub classes: usize,
    /// Frames of an example.
    pub frames: usize,
}

impl ScoreLayout {
    /// That of a network's scores.
    pub fn of(scores: &Tensor<4>) -> Self {
        let [_, maps, classes, frames] = scores.dims();
        Self {
            maps,
            classes,
            frames,
        }
    }

    /// Values of one map.
    pub fn map_len(&self) -> usize {
        self.classes * self.frames
    }

    /// Values of one example.
    pub fn example_len(&self) -> usize {
        self.maps * self.map_len()
    }
}

/// What the classes of a frame are compared with.
#[derive(Clone, Copy, Debug)]
pub enum RowTargets<'a> {
    /// The class of each frame.
    Hard(&'a [u16]),
    /// Probabilities `[classes, frames]`.
    Soft(&'a [f32]),
}

/// Cross-entropy of the melody map alone, part `melody`.
///
/// `targets` are the class of each frame, 0 for unvoiced, and `weights` how much it counts, both
/// `[examples, frames]`.
pub fn melody(scores: &[f32], targets: &[u16], weights: &[f32], layout: ScoreLayout) -> Loss {
    hard("melody", scores, targets, weights, layout)
}

/// The same over note classes, part `notes`.
pub fn notes(scores: &[f32], targets: &[u16], weights: &[f32], layout: ScoreLayout) -> Loss {
    hard("notes", scores, targets, weights, layout)
}

fn hard(
    part: &'static str,
    scores: &[f32],
    targets: &[u16],
    weights: &[f32],
    layout: ScoreLayout,
) -> Loss {
    let target =
        |example: usize| RowTargets::Hard(&targets[example * layout.frames..][..layout.frames]);
    over_examples(part, scores, weights, layout, target)
}

/// The same against probabilities, each example `[classes, frames]`; the part is named `part`.
pub fn soft_melody(
    part: &'static str,
    scores: &[f32],
    targets: &[f32],
    weights: &[f32],
    layout: ScoreLayout,
) -> Loss {
    let len = layout.map_len();
    let target = |example: usize| RowTargets::Soft(&targets[example * len..][..len]);
    over_examples(part, scores, weights, layout, target)
}

fn over_examples<'a>(
    part: &'static str,
    scores: &[f32],
    weights: &[f32],
    layout: ScoreLayout,
    target: impl Fn(usize) -> RowTargets<'a> + Sync,
) -> Loss {
    let sum = weights.iter().sum::<f32>().max(f32::MIN_POSITIVE);
    let mut gradient = vec![0.0; scores.len()];
    let values: Vec<f64> = gradient
        .par_chunks_exact_mut(layout.example_len())
        .zip(scores.par_chunks_exact(layout.example_len()))
        .zip(weights.par_chunks_exact(layout.frames))
        .enumerate()
        .map(|(example, ((gradient, scores), weights))| {
            let map = layout.map_len();
            let frames = Frames { weights, sum };
            frames.cross_entropy(&scores[..map], target(example), &mut gradient[..map])
        })
        .collect();
    Loss {
        parts: vec![(part, values.iter().sum::<f64>() as f32)],
        gradient,
    }
}

/// How much the frames of an example count, and all of a batch together.
pub(super) struct Frames<'a> {
    pub weights: &'a [f32],
    pub sum: f32,
}

impl Frames<'_> {
    /// Cross-entropy of one map, row by row as they lie in memory; sets the gradient.
    pub fn cross_entropy(&self, map: &[f32], target: RowTargets, gradient: &mut [f32]) -> f64 {
        let n = self.weights.len();
        let mut peak = vec![f32::NEG_INFINITY; n];
        for row in map.chunks_exact(n) {
            peak.iter_mut()
                .zip(row)
                .for_each(|(peak, &score)| *peak = peak.max(score));
        }
        let mut total = vec![0.0f32; n];
        for (row, gradient) in map.chunks_exact(n).zip(gradient.chunks_exact_mut(n)) {
            for t in 0..n {
                gradient[t] = (row[t] - peak[t]).exp();
                total[t] += gradient[t];
            }
        }
        let factor: Vec<f32> = (0..n)
            .map(|t| self.weights[t] / (total[t] * self.sum))
            .collect();
        for gradient in gradient.chunks_exact_mut(n) {
            gradient
                .iter_mut()
                .zip(&factor)
                .for_each(|(gradient, factor)| *gradient *= factor);
        }
        let log_total: Vec<f32> = (0..n).map(|t| total[t].ln() + peak[t]).collect();
        match target {
            RowTargets::Hard(classes) => self.against_classes(map, classes, &log_total, gradient),
            RowTargets::Soft(shares) => self.against_shares(map, shares, &log_total, gradient),
        }
    }

    fn against_classes(
        &self,
        map: &[f32],
        classes: &[u16],
        log_total: &[f32],
        gradient: &mut [f32],
    ) -> f64 {
        let n = self.weights.len();
        let mut value = 0.0;
        for (t, &class) in classes.iter().enumerate() {
            let (at, weight) = (usize::from(class) * n + t, self.weights[t]);
            gradient[at] -= weight / self.sum;
            value += f64::from(weight * (log_total[t] - map[at]) / self.sum);
        }
        value
    }

    fn against_shares(
        &self,
        map: &[f32],
        shares: &[f32],
        log_total: &[f32],
        gradient: &mut [f32],
    ) -> f64 {
        let n = self.weights.len();
        let mut value = 0.0;
        for (at, (&share, gradient)) in shares.iter().zip(gradient).enumerate() {
            let weight = share * self.weights[at % n] / self.sum;
            *gradient -= weight;
            value += f64::from(weight * (log_total[at % n] - map[at]));
        }
        value
    }
}

/// Probabilities of the melody map's classes, `[examples, classes, frames]`.
pub fn melody_probabilities(scores: &[f32], layout: ScoreLayout) -> Vec<f32> {
    let n = layout.frames;
    let mut probabilities = Vec::with_capacity(scores.len() / layout.maps);
    for example in scores.chunks_exact(layout.example_len()) {
        let map = &example[..layout.map_len()];
        let column = |t: usize| map.iter().skip(t).step_by(n);
        let scale: Vec<(f32, f32)> = (0..n)
            .map(|t| {
                let peak = column(t).fold(f32::NEG_INFINITY, |peak, &x| peak.max(x));
                (peak, column(t).map(|&x| (x - peak).exp()).sum())
            })
            .collect();
        let share = |(at, &x): (usize, &f32)| {
            let (peak, total) = scale[at % n];
            (x - peak).exp() / total
        };
        probabilities.extend(map.iter().enumerate().map(share));
    }
    probabilities
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_slopes, noise};
    use super::*;

    const LAYOUT: ScoreLayout = ScoreLayout {
        maps: 2,
        classes: 11,
        frames: 3,
    };

    #[test]
    fn hard_targets_have_the_gradient_of_their_value() {
        let (targets, weights) = ([0, 7, 3, 10, 3, 1], [1.0, 0.5, 0.0, 1.0, 2.0, 1.0]);
        let scores = noise(2 * LAYOUT.example_len());
        let loss = |x: &[f32]| melody(x, &targets, &weights, LAYOUT);
        assert_slopes(&scores, &loss(&scores).gradient, |x| loss(x).value());
        let second_map = &loss(&scores).gradient[LAYOUT.map_len()..LAYOUT.example_len()];
        assert!(second_map.iter().all(|&slope| slope == 0.0));
    }

    #[test]
    fn soft_targets_have_the_gradient_of_their_value() {
        let weights = [1.0, 0.5, 0.0, 1.0, 2.0, 1.0];
        let scores = noise(2 * LAYOUT.example_len());
        let other: Vec<f32> = scores.iter().map(|x| (3.0 * x).sin()).collect();
        let targets = melody_probabilities(&other, LAYOUT);
        let loss = |x: &[f32]| soft_melody("agreement", x, &targets, &weights, LAYOUT);
        assert_slopes(&scores, &loss(&scores).gradient, |x| loss(x).value());
    }

    #[test]
    fn a_certain_soft_target_is_a_hard_one() {
        let layout = ScoreLayout { maps: 1, ..LAYOUT };
        let (classes, weights) = ([4u16, 0, 9], [1.0, 1.0, 0.5]);
        let mut shares = vec![0.0; layout.map_len()];
        for (t, &class) in classes.iter().enumerate() {
            shares[usize::from(class) * layout.frames + t] = 1.0;
        }
        let scores = noise(layout.map_len());
        let hard = melody(&scores, &classes, &weights, layout);
        let soft = soft_melody("melody", &scores, &shares, &weights, layout);
        assert!((hard.value() - soft.value()).abs() < 1e-6);
        for (a, b) in hard.gradient.iter().zip(&soft.gradient) {
            assert!((a - b).abs() < 1e-6);
        }
    }

    #[test]
    fn probabilities_are_of_one_frame_each() {
        let probabilities = melody_probabilities(&noise(2 * LAYOUT.example_len()), LAYOUT);
        assert_eq!(probabilities.len(), 2 * LAYOUT.map_len());
        for example in probabilities.chunks_exact(LAYOUT.map_len()) {
            for t in 0..LAYOUT.frames {
                let sum: f32 = example.iter().skip(t).step_by(LAYOUT.frames).sum();
                assert!((sum - 1.0).abs() < 1e-5);
            }
        }
    }
}
