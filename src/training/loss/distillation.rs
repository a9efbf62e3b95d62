//! What a frozen teacher adds (HKDSME): its distribution over rows, and its confidence in the maps of
//! each pixel.

use rayon::prelude::*;

use super::Loss;
use super::harmonic::MAPS;
use super::rows::ScoreLayout;

/// Added to probabilities ahead of the logarithm.
const LEAST: f32 = 1e-8;

/// Kullback and Leibler's divergence of the student's distribution over rows from the teacher's, map by
/// map, part `divergence`: the mean over maps and frames that count.
///
/// Both scores are laid alike; `weights`, `[examples, frames]`.
pub fn divergence(student: &[f32], teacher: &[f32], weights: &[f32], layout: ScoreLayout) -> Loss {
    let ScoreLayout { maps, frames, .. } = layout;
    let sum = weights.iter().sum::<f32>().max(f32::MIN_POSITIVE) * maps as f32;
    let mut gradient = vec![0.0; student.len()];
    let map_len = layout.map_len();
    let values: Vec<f64> = gradient
        .par_chunks_exact_mut(map_len)
        .zip(student.par_chunks_exact(map_len))
        .zip(teacher.par_chunks_exact(map_len))
        .enumerate()
        .map(|(map, ((gradient, student), teacher))| {
            let weights = &weights[map / maps * frames..][..frames];
            let mut value = 0.0;
            for (t, &weight) in weights.iter().enumerate() {
                let share = weight / sum;
                let own = log_softmax(student.iter().skip(t).step_by(frames).copied());
                let taught = log_softmax(teacher.iter().skip(t).step_by(frames).copied());
                let slopes = gradient.iter_mut().skip(t).step_by(frames);
                for ((slope, own), taught) in slopes.zip(own).zip(taught) {
                    *slope = share * (own.exp() - taught.exp());
                    value += f64::from(share * taught.exp() * (taught - own));
                }
            }
            value
        })
        .collect();
    Loss {
        parts: vec![("divergence", values.iter().sum::<f64>() as f32)],
        gradient,
    }
}

/// Cross-entropy over the maps of each pixel that is guided by the teacher's confidence, part `name`:
/// the mean over pixels of frames that count.
///
/// With `p` the teacher's probability of a map, the right map weighs `(1 + p)^alpha - 1`, any other
/// `p^alpha` (as the published program has it). `right` is the map of each pixel, laid like a map of
/// every example.
pub fn guided(
    name: &'static str,
    student: &[f32],
    teacher: &[f32],
    right: &[u8],
    weights: &[f32],
    layout: ScoreLayout,
    alpha: f32,
) -> Loss {
    let ScoreLayout {
        classes, frames, ..
    } = layout;
    let sum = weights.iter().sum::<f32>().max(f32::MIN_POSITIVE) * classes as f32;
    let (map_len, example_len) = (layout.map_len(), layout.example_len());
    let mut gradient = vec![0.0; student.len()];
    let values: Vec<f64> = gradient
        .par_chunks_exact_mut(example_len)
        .zip(student.par_chunks_exact(example_len))
        .zip(teacher.par_chunks_exact(example_len))
        .zip(right.par_chunks_exact(map_len))
        .zip(weights.par_chunks_exact(frames))
        .map(|((((gradient, student), teacher), right), weights)| {
            let mut value = 0.0;
            for pixel in 0..map_len {
                let share = weights[pixel % frames] / sum;
                if share == 0.0 {
                    continue;
                }
                let own = probabilities(student, pixel, map_len);
                let taught = probabilities(teacher, pixel, map_len);
                let weight = |map: usize| match usize::from(right[pixel]) == map {
                    true => (1.0 + taught[map]).powf(alpha) - 1.0,
                    false => taught[map].powf(alpha),
                };
                let guides: [f32; MAPS] = std::array::from_fn(weight);
                let pulls: [f32; MAPS] =
                    std::array::from_fn(|map| guides[map] * own[map] / (own[map] + LEAST));
                let total: f32 = pulls.iter().sum();
                for map in 0..MAPS {
                    let slope = own[map] * total - pulls[map];
                    gradient[map * map_len + pixel] = share * slope;
                    value -= f64::from(share * guides[map] * (own[map] + LEAST).ln());
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

/// Probabilities of the maps of one pixel of an example.
fn probabilities(scores: &[f32], pixel: usize, map_len: usize) -> [f32; MAPS] {
    let scores: [f32; MAPS] = std::array::from_fn(|map| scores[map * map_len + pixel]);
    let peak = scores.into_iter().fold(f32::NEG_INFINITY, f32::max);
    let exponents = scores.map(|score| (score - peak).exp());
    let total: f32 = exponents.iter().sum();
    exponents.map(|exponent| exponent / total)
}

/// Logarithms of the probabilities of some scores.
fn log_softmax(scores: impl Iterator<Item = f32> + Clone) -> impl Iterator<Item = f32> {
    let peak = scores.clone().fold(f32::NEG_INFINITY, f32::max);
    let total: f32 = scores.clone().map(|score| (score - peak).exp()).sum();
    let log_total = total.ln() + peak;
    scores.map(move |score| score - log_total)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_slopes, noise};
    use super::*;

    const LAYOUT: ScoreLayout = ScoreLayout {
        maps: MAPS,
        classes: 7,
        frames: 3,
    };

    fn teacher() -> Vec<f32> {
        let noise = noise(2 * LAYOUT.example_len());
        noise.iter().map(|x| (3.0 * x).sin()).collect()
    }

    #[test]
    fn the_divergence_has_the_gradient_of_its_value_and_is_none_of_itself() {
        let weights = [1.0, 0.5, 0.0, 1.0, 2.0, 1.0];
        let (student, teacher) = (noise(2 * LAYOUT.example_len()), teacher());
        let loss = |x: &[f32]| divergence(x, &teacher, &weights, LAYOUT);
        assert!(loss(&student).value() > 0.01);
        assert_slopes(&student, &loss(&student).gradient, |x| loss(x).value());
        let same = loss(&teacher);
        assert!(same.value().abs() < 1e-6 && same.gradient.iter().all(|s| s.abs() < 1e-6));
    }

    #[test]
    fn the_guided_loss_has_the_gradient_of_its_value() {
        let weights = [1.0, 0.5, 0.0, 1.0, 2.0, 1.0];
        let (student, teacher) = (noise(2 * LAYOUT.example_len()), teacher());
        let right: Vec<u8> = (0..2 * LAYOUT.map_len())
            .map(|i| (i * 7 % 4) as u8)
            .collect();
        let loss = |x: &[f32]| guided("guided", x, &teacher, &right, &weights, LAYOUT, 1.5);
        assert_slopes(&student, &loss(&student).gradient, |x| loss(x).value());
    }
}
