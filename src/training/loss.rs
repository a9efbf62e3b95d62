//! Losses with their gradients, over plain slices.
//!
//! A loss takes a network's output to a value and to the gradient by that
//! output; the learner hands the gradient on. So every network, on every
//! device, shares these few loops.

use rayon::prelude::*;

use crate::melody::harmonics::harmonic_maps;

/// Target class of a frame that does not count.
pub const IGNORED: u16 = u16::MAX;

/// Weights of the melody, harmonic, sub-harmonic and none classes: almost every pixel is none.
const CLASS_WEIGHTS: [f32; 4] = [1.0, 1.0, 1.0, 0.05];

/// A value and its gradient by the network's output, laid like the output.
pub struct Loss {
    /// Mean over what counts.
    pub value: f32,
    /// Gradient by each output.
    pub gradient: Vec<f32>,
}

/// Harmonic supervision (HKDSME section 3.2, decisions of this project).
///
/// `scores` is `[batch, 4, n_classes, frames]`; `targets` the pitch class of
/// each frame, `[batch, frames]`, 0 for unvoiced. The sum of
/// - cross-entropy over the classes of map 0, which decoding uses, and
/// - cross-entropy over the four maps of each pixel, with class weights.
pub fn harmonic_supervision(
    scores: &[f32],
    targets: &[u16],
    n_classes: usize,
    bins_per_octave: f64,
    frames: usize,
) -> Loss {
    let counted = targets.iter().filter(|&&target| target != IGNORED);
    let maps = |target: u16| harmonic_maps(target.into(), n_classes, bins_per_octave);
    let n_frames = counted.clone().count().max(1) as f32;
    let weight: f64 = counted
        .map(|&target| {
            let labeled = maps(target).iter().flatten().count();
            labeled as f64 + f64::from(CLASS_WEIGHTS[3]) * (n_classes - labeled) as f64
        })
        .sum();
    let weight = weight.max(1.0) as f32;
    let item_len = 4 * n_classes * frames;
    let mut gradient = vec![0.0; scores.len()];
    let values: Vec<f64> = gradient
        .par_chunks_exact_mut(item_len)
        .zip(scores.par_chunks_exact(item_len))
        .zip(targets.par_chunks_exact(frames))
        .map(|((gradient, scores), targets)| {
            let item = Item {
                scores,
                n_classes,
                frames,
            };
            let rows = item.rows(targets, n_frames, gradient);
            rows + item.pixels(targets, maps, weight, gradient)
        })
        .collect();
    Loss {
        value: values.iter().sum::<f64>() as f32,
        gradient,
    }
}

/// Scores of one item, `[4, n_classes, frames]`.
struct Item<'a> {
    scores: &'a [f32],
    n_classes: usize,
    frames: usize,
}

impl Item<'_> {
    /// Cross-entropy over the classes of map 0, row by row as they lie in memory.
    fn rows(&self, targets: &[u16], n_frames: f32, gradient: &mut [f32]) -> f64 {
        let map = &self.scores[..self.n_classes * self.frames];
        let mut peak = vec![f32::NEG_INFINITY; self.frames];
        for row in map.chunks_exact(self.frames) {
            peak.iter_mut()
                .zip(row)
                .for_each(|(peak, &score)| *peak = peak.max(score));
        }
        let mut total = vec![0.0f32; self.frames];
        for (row, gradient) in map
            .chunks_exact(self.frames)
            .zip(gradient.chunks_exact_mut(self.frames))
        {
            for t in 0..self.frames {
                gradient[t] = (row[t] - peak[t]).exp();
                total[t] += gradient[t];
            }
        }
        let factor: Vec<f32> = (0..self.frames)
            .map(|t| {
                if targets[t] == IGNORED {
                    0.0
                } else {
                    1.0 / (total[t] * n_frames)
                }
            })
            .collect();
        let map_gradient = &mut gradient[..self.n_classes * self.frames];
        for gradient in map_gradient.chunks_exact_mut(self.frames) {
            gradient
                .iter_mut()
                .zip(&factor)
                .for_each(|(gradient, factor)| *gradient *= factor);
        }
        let mut value = 0.0;
        for (t, &target) in targets
            .iter()
            .enumerate()
            .filter(|(_, target)| **target != IGNORED)
        {
            let at = usize::from(target) * self.frames + t;
            gradient[at] -= 1.0 / n_frames;
            value += f64::from((total[t].ln() + peak[t] - map[at]) / n_frames);
        }
        value
    }

    /// Cross-entropy over the four maps of each pixel; adds to the gradient.
    fn pixels(
        &self,
        targets: &[u16],
        maps: impl Fn(u16) -> [Option<usize>; 3],
        weight: f32,
        gradient: &mut [f32],
    ) -> f64 {
        let size = self.n_classes * self.frames;
        let mut class = vec![3u8; size];
        for (t, &target) in targets.iter().enumerate() {
            if target == IGNORED {
                (0..self.n_classes).for_each(|row| class[row * self.frames + t] = u8::MAX);
                continue;
            }
            // The melody is set last: it wins where rows coincide.
            for (map, row) in maps(target).into_iter().enumerate().rev() {
                if let Some(row) = row {
                    class[row * self.frames + t] = map as u8;
                }
            }
        }
        let mut value = 0.0f64;
        for (pixel, &class) in class.iter().enumerate() {
            let Some(&share) = CLASS_WEIGHTS.get(usize::from(class)) else {
                continue;
            };
            let share = share / weight;
            let scores = [0, 1, 2, 3].map(|map| self.scores[map * size + pixel]);
            let peak = scores.iter().fold(f32::NEG_INFINITY, |a, &b| a.max(b));
            let exponents = scores.map(|score| (score - peak).exp());
            let total: f32 = exponents.iter().sum();
            for (map, exponent) in exponents.into_iter().enumerate() {
                gradient[map * size + pixel] += share * exponent / total;
            }
            let own = usize::from(class);
            gradient[own * size + pixel] -= share;
            value += f64::from(share * (total.ln() + peak - scores[own]));
        }
        value
    }
}

/// Binary cross-entropy of voicing: `logits` and `voiced` a frame each; frames with `mask` 0 do not count.
pub fn voicing(logits: &[f32], voiced: &[bool], mask: &[u8]) -> Loss {
    let count = mask.iter().filter(|&&counts| counts != 0).count().max(1) as f32;
    let mut value = 0.0f64;
    let gradient = logits
        .iter()
        .zip(voiced.iter().zip(mask))
        .map(|(&logit, (&voiced, &counts))| {
            if counts == 0 {
                return 0.0;
            }
            let target = if voiced { 1.0 } else { 0.0 };
            // ln(1 + e^x) - target * x, without overflow.
            let softplus = logit.max(0.0) + (-logit.abs()).exp().ln_1p();
            value += f64::from((softplus - target * logit) / count);
            (1.0 / (1.0 + (-logit).exp()) - target) / count
        })
        .collect();
    Loss {
        value: value as f32,
        gradient,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(len: usize) -> Vec<f32> {
        (0..len)
            .map(|i| ((i * 7919 % 1000) as f32 / 250.0) - 2.0)
            .collect()
    }

    fn assert_slopes(x: &[f32], gradient: &[f32], loss: impl Fn(&[f32]) -> f32) {
        for at in (0..x.len()).step_by(x.len() / 40 + 1) {
            let at_step = |step: f32| {
                let mut moved = x.to_vec();
                moved[at] += step;
                f64::from(loss(&moved))
            };
            let slope = (at_step(0.05) - at_step(-0.05)) / 0.1;
            assert!(
                (slope - f64::from(gradient[at])).abs() < 2e-4,
                "{at}: {slope} {}",
                gradient[at]
            );
        }
    }

    #[test]
    fn harmonic_supervision_has_the_gradient_of_its_value() {
        let (n_classes, frames) = (21, 3);
        let targets = [0, 7, IGNORED, 12, 3, 20];
        let scores = noise(2 * 4 * n_classes * frames);
        let loss = |x: &[f32]| harmonic_supervision(x, &targets, n_classes, 5.0, frames);
        assert_slopes(&scores, &loss(&scores).gradient, |x| loss(x).value);
    }

    #[test]
    fn harmonic_supervision_of_even_scores_is_known() {
        // Even scores: ln(classes) for the rows, ln 4 for the pixels, whatever the weights.
        let loss = harmonic_supervision(&[0.0; 4 * 21 * 2], &[5, 0], 21, 5.0, 2);
        let expected = 21f32.ln() + 4f32.ln();
        assert!((loss.value - expected).abs() < 1e-5);
    }

    #[test]
    fn voicing_has_the_gradient_of_its_value_and_ignores_the_mask() {
        let logits = noise(9);
        let voiced = [true, false, true, true, false, false, true, false, true];
        let mask = [1, 1, 1, 0, 1, 1, 1, 0, 1];
        let loss = |x: &[f32]| voicing(x, &voiced, &mask);
        assert_slopes(&logits, &loss(&logits).gradient, |x| loss(x).value);
        assert_eq!(loss(&logits).gradient[3], 0.0);
    }
}
