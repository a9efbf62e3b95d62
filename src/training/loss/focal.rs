//! Focal loss (Lin et al. 2017): binary cross-entropy of pixels, in which those that the network tells
//! already weigh little, as almost every pixel of a melody's picture does.

use rayon::prelude::*;

use super::Loss;
use super::rows::ScoreLayout;

/// Weight of what is there; what is not weighs the rest.
const ALPHA: f32 = 0.25;

/// How fast the weight falls with what the network tells; a square.
const GAMMA: i32 = 2;

/// Logarithms are of no less than this.
const LEAST: f32 = 1e-8;

/// The loss of two maps of log-odds, no melody and melody, part `pixels`: the mean over all pixels.
///
/// `targets` are the row of the melody in each frame, 0 for none, and `weights` how much the frame
/// counts, both `[examples, frames]`.
pub fn pixels(logits: &[f32], targets: &[u16], weights: &[f32], layout: ScoreLayout) -> Loss {
    let ScoreLayout {
        maps,
        classes,
        frames,
    } = layout;
    let sum = weights.iter().sum::<f32>().max(f32::MIN_POSITIVE) * (maps * classes) as f32;
    let mut gradient = vec![0.0; logits.len()];
    let values: Vec<f64> = gradient
        .par_chunks_exact_mut(frames)
        .zip(logits.par_chunks_exact(frames))
        .enumerate()
        .map(|(line, (gradient, logits))| {
            let (map, row) = (line / classes % maps, line % classes);
            let first = line / (maps * classes) * frames;
            let mut value = 0.0;
            for (t, (slope, &logit)) in gradient.iter_mut().zip(logits).enumerate() {
                let target = usize::from(targets[first + t]);
                let is_melody = row > 0 && target == row;
                let (own, own_slope) = element(logit, is_melody == (map == 1));
                let share = weights[first + t] / sum;
                *slope = share * own_slope;
                value += f64::from(share * own);
            }
            value
        })
        .collect();
    Loss {
        parts: vec![("pixels", values.iter().sum::<f64>() as f32)],
        gradient,
    }
}

/// The loss of one log-odds and its slope, where the thing is there or not.
pub fn element(logit: f32, is_there: bool) -> (f32, f32) {
    let (sign, weight) = if is_there {
        (1.0, ALPHA)
    } else {
        (-1.0, 1.0 - ALPHA)
    };
    // p is the probability of what is right; the slope by the log-odds that it is.
    let p = 1.0 / (1.0 + (-sign * logit).exp());
    let rest = 1.0 - p;
    let log = p.max(LEAST).ln();
    let hard = rest.powi(GAMMA);
    let of_log = if p > LEAST { rest } else { 0.0 };
    let slope = weight * (GAMMA as f32 * hard * p * log - hard * of_log);
    (-weight * hard * log, sign * slope)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_slopes, noise};
    use super::*;

    #[test]
    fn it_has_the_gradient_of_its_value_and_follows_the_weights() {
        let layout = ScoreLayout {
            maps: 2,
            classes: 7,
            frames: 3,
        };
        let (targets, weights) = ([0, 6, 3, 1, 2, 0], [1.0, 1.0, 0.0, 0.5, 1.0, 1.0]);
        let logits = noise(2 * layout.example_len());
        let loss = |x: &[f32]| pixels(x, &targets, &weights, layout);
        assert_slopes(&logits, &loss(&logits).gradient, |x| loss(x).value());
        let unseen = loss(&logits)
            .gradient
            .into_iter()
            .skip(2)
            .step_by(3)
            .take(14);
        assert!(unseen.into_iter().all(|slope| slope == 0.0));
    }

    #[test]
    fn what_is_told_already_weighs_nothing() {
        let (value, slope) = element(30.0, true);
        assert!(value < 1e-9 && slope.abs() < 1e-9);
        let (value, slope) = element(-60.0, true);
        assert!(value.is_finite() && slope.is_finite() && value > 4.0);
    }
}
