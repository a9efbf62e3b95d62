//! Confidence binary regularization (SpectMamba): of all classes those that matter against the rest.
//!
//! Of a frame's probabilities the dominant ones are the fewest whose sum reaches a threshold. The
//! network's sum over the teacher's dominant classes is to be the teacher's, and large.

use rayon::prelude::*;

use super::Loss;
use super::rows::ScoreLayout;

/// The most dominant classes.
const MOST: usize = 15;

/// Weight of the network's own certainty in the threshold; the rest is that of the teacher so far.
const OWN_SHARE: f32 = 0.9;

/// How much it counts that the dominant classes are likely.
const LIKELY_WEIGHT: f32 = 0.1;

/// Probabilities are held so far from 0 and 1.
const LEAST: f32 = 1e-6;

/// The sum that dominant classes reach: by the mean probability of the network's best class in a batch,
/// and the teacher's certainty so far.
pub fn threshold(own_best: f32, certainty: f32) -> f32 {
    OWN_SHARE * own_best + (1.0 - OWN_SHARE) * certainty
}

/// The dominant classes of a frame's probabilities: the likeliest ones until their sum reaches
/// `threshold`, of which there may be fifteen.
pub fn dominant(probabilities: &[f32], threshold: f32) -> Vec<usize> {
    let mut order: Vec<usize> = (0..probabilities.len()).collect();
    order.sort_by(|&a, &b| {
        probabilities[b]
            .total_cmp(&probabilities[a])
            .then(a.cmp(&b))
    });
    let mut sum = 0.0;
    let mut taken = 0;
    while taken < order.len().min(MOST) && (taken == 0 || sum < threshold) {
        sum += probabilities[order[taken]];
        taken += 1;
    }
    order.truncate(taken);
    order
}

/// The loss of scores whose first map is compared, part `name`: the mean over frames that count.
///
/// `own` and `taught` are probabilities of that map, `[examples, classes, frames]`, of the network and
/// of the teacher; `threshold` is what [`dominant`] takes.
pub fn regularization(
    name: &'static str,
    own: &[f32],
    taught: &[f32],
    weights: &[f32],
    layout: ScoreLayout,
    threshold: f32,
) -> Loss {
    let (frames, map_len) = (layout.frames, layout.map_len());
    let sum = weights.iter().sum::<f32>().max(f32::MIN_POSITIVE);
    let mut gradient = vec![0.0; weights.len() / frames * layout.example_len()];
    let values: Vec<f64> = gradient
        .par_chunks_exact_mut(layout.example_len())
        .zip(own.par_chunks_exact(map_len))
        .zip(taught.par_chunks_exact(map_len))
        .zip(weights.par_chunks_exact(frames))
        .map(|(((gradient, own), taught), weights)| {
            let mut value = 0.0;
            for (t, &weight) in weights
                .iter()
                .enumerate()
                .filter(|(_, weight)| **weight > 0.0)
            {
                let share = weight / sum;
                let column = |of: &[f32]| -> Vec<f32> {
                    of.iter().skip(t).step_by(frames).copied().collect()
                };
                let (own, taught) = (column(own), column(taught));
                let dominant = dominant(&taught, threshold);
                let within = |of: &[f32]| dominant.iter().map(|&class| of[class]).sum::<f32>();
                let taught = within(&taught).min(1.0);
                let likely = within(&own).clamp(LEAST, 1.0 - LEAST);
                let (log, log_rest) = (likely.ln(), (1.0 - likely).ln());
                let loss = -(taught + LIKELY_WEIGHT) * log - (1.0 - taught) * log_rest;
                value += f64::from(share * loss);
                let slope = (1.0 - taught) / (1.0 - likely) - (taught + LIKELY_WEIGHT) / likely;
                for (class, &p) in own.iter().enumerate() {
                    let is_dominant = f32::from(u8::from(dominant.contains(&class)));
                    gradient[class * frames + t] = share * slope * p * (is_dominant - likely);
                }
            }
            value
        })
        .collect();
    Loss {
        parts: vec![(name, values.iter().sum::<f64>() as f32)],
        gradient,
    }
}

#[cfg(test)]
mod tests {
    use super::super::rows::melody_probabilities;
    use super::super::tests::{assert_slopes, noise};
    use super::*;

    #[test]
    fn dominant_classes_are_the_fewest_that_reach_the_sum() {
        let probabilities = [0.1, 0.5, 0.05, 0.35];
        assert_eq!(dominant(&probabilities, 0.4), [1]);
        assert_eq!(dominant(&probabilities, 0.8), [1, 3]);
        assert_eq!(dominant(&probabilities, 0.0), [1]);
        assert_eq!(dominant(&[1.0 / 40.0; 40], 0.9).len(), MOST);
    }

    #[test]
    fn it_has_the_gradient_of_its_value() {
        let layout = ScoreLayout {
            maps: 2,
            classes: 11,
            frames: 3,
        };
        let weights = [1.0, 0.5, 0.0, 1.0, 2.0, 1.0];
        let scores = noise(2 * layout.example_len());
        let other: Vec<f32> = scores.iter().map(|x| (3.0 * x).sin()).collect();
        let taught = melody_probabilities(&other, layout);
        let loss = |x: &[f32]| {
            let own = melody_probabilities(x, layout);
            regularization("binary", &own, &taught, &weights, layout, 0.4)
        };
        assert_slopes(&scores, &loss(&scores).gradient, |x| loss(x).value());
    }
}
