//! Harmonic supervision (HKDSME section 3.2, decisions of this project).

use rayon::prelude::*;

use super::Loss;
use super::rows::{Frames, RowTargets, ScoreLayout};
use crate::melody::harmonics::labeled_rows;

/// Maps that it supervises.
pub const MAPS: usize = 4;

/// Weights of the melody, harmonic, sub-harmonic and none classes: almost every pixel is none.
const CLASS_WEIGHTS: [f32; MAPS] = [1.0, 1.0, 1.0, 0.05];

/// The loss of scores with four maps.
///
/// `targets` are the pitch class of each frame, 0 for unvoiced, and `weights` how much it counts,
/// both `[examples, frames]`; `partials` the rows to the multiples that are labeled. Its parts are
/// - `melody`: cross-entropy over the classes of map 0, which decoding uses, and
/// - `maps`: cross-entropy over the four maps of each pixel, with class weights.
pub fn supervision(
    scores: &[f32],
    targets: &[u16],
    weights: &[f32],
    layout: ScoreLayout,
    partials: &[usize],
) -> Loss {
    let rows = |target: u16| labeled_rows(target.into(), layout.classes, partials);
    let sum = weights.iter().sum::<f32>().max(f32::MIN_POSITIVE);
    let pixel_sum: f64 = targets
        .iter()
        .zip(weights)
        .map(|(&target, &weight)| {
            let labeled = rows(target).count();
            let none = f64::from(CLASS_WEIGHTS[3]) * (layout.classes - labeled) as f64;
            f64::from(weight) * (labeled as f64 + none)
        })
        .sum();
    let pixel_sum = (pixel_sum as f32).max(f32::MIN_POSITIVE);
    let mut gradient = vec![0.0; scores.len()];
    let values: Vec<(f64, f64)> = gradient
        .par_chunks_exact_mut(layout.example_len())
        .zip(scores.par_chunks_exact(layout.example_len()))
        .zip(targets.par_chunks_exact(layout.frames))
        .zip(weights.par_chunks_exact(layout.frames))
        .map(|(((gradient, scores), targets), weights)| {
            let map = layout.map_len();
            let frames = Frames { weights, sum };
            let hard = RowTargets::Hard(targets);
            let melody = frames.cross_entropy(&scores[..map], hard, &mut gradient[..map]);
            let classes = pixel_classes(targets, partials, layout);
            let pixels = Pixels {
                scores,
                classes,
                weights,
                sum: pixel_sum,
            };
            (melody, pixels.cross_entropy(gradient))
        })
        .collect();
    let part = |pick: fn(&(f64, f64)) -> f64| values.iter().map(pick).sum::<f64>() as f32;
    Loss {
        parts: vec![("melody", part(|v| v.0)), ("maps", part(|v| v.1))],
        gradient,
    }
}

/// Which map each pixel of an example belongs to.
pub fn pixel_classes(targets: &[u16], partials: &[usize], layout: ScoreLayout) -> Vec<u8> {
    let mut classes = vec![3u8; layout.map_len()];
    for (t, &target) in targets.iter().enumerate() {
        for (map, row) in labeled_rows(target.into(), layout.classes, partials) {
            classes[row * layout.frames + t] = map as u8;
        }
    }
    classes
}

/// The pixels of one example, with four scores each.
struct Pixels<'a> {
    scores: &'a [f32],
    classes: Vec<u8>,
    weights: &'a [f32],
    sum: f32,
}

impl Pixels<'_> {
    /// Cross-entropy over the four maps of each pixel; adds to the gradient.
    fn cross_entropy(&self, gradient: &mut [f32]) -> f64 {
        let size = self.classes.len();
        let mut value = 0.0f64;
        for (pixel, &class) in self.classes.iter().enumerate() {
            let own = usize::from(class);
            let share = self.weights[pixel % self.weights.len()] * CLASS_WEIGHTS[own] / self.sum;
            if share == 0.0 {
                continue;
            }
            let scores = [0, 1, 2, 3].map(|map| self.scores[map * size + pixel]);
            let peak = scores.iter().fold(f32::NEG_INFINITY, |a, &b| a.max(b));
            let exponents = scores.map(|score| (score - peak).exp());
            let total: f32 = exponents.iter().sum();
            for (map, exponent) in exponents.into_iter().enumerate() {
                gradient[map * size + pixel] += share * exponent / total;
            }
            gradient[own * size + pixel] -= share;
            value += f64::from(share * (total.ln() + peak - scores[own]));
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_slopes, noise};
    use super::*;

    fn layout(frames: usize) -> ScoreLayout {
        ScoreLayout {
            maps: MAPS,
            classes: 21,
            frames,
        }
    }

    #[test]
    fn it_has_the_gradient_of_its_value() {
        let layout = layout(3);
        let (targets, weights) = ([0, 7, 9, 12, 3, 20], [1.0, 1.0, 0.0, 0.5, 1.0, 1.0]);
        let scores = noise(2 * layout.example_len());
        let loss = |x: &[f32]| supervision(x, &targets, &weights, layout, &[5, 8]);
        assert_slopes(&scores, &loss(&scores).gradient, |x| loss(x).value());
    }

    #[test]
    fn frames_that_do_not_count_change_nothing() {
        let layout = layout(2);
        let scores = noise(layout.example_len());
        let loss = |class| supervision(&scores, &[5, class], &[1.0, 0.0], layout, &[5]);
        assert_eq!(loss(0), loss(12));
    }

    #[test]
    fn even_scores_have_a_known_loss() {
        // ln(classes) for the rows, ln 4 for the pixels, whatever the weights.
        let loss = supervision(&[0.0; 4 * 21 * 2], &[5, 0], &[1.0, 0.5], layout(2), &[5]);
        for ((_, value), expected) in loss.parts.iter().zip([21f32.ln(), 4f32.ln()]) {
            assert!((value - expected).abs() < 1e-5);
        }
    }
}
