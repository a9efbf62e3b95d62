//! Binary cross-entropy of a voice.

use super::Loss;

/// The loss of log-odds, one for each frame, part `voicing`; frames count by their weights.
pub fn cross_entropy(logits: &[f32], voiced: &[bool], weights: &[f32]) -> Loss {
    let sum = weights.iter().sum::<f32>().max(f32::MIN_POSITIVE);
    let mut value = 0.0f64;
    let gradient = logits
        .iter()
        .zip(voiced.iter().zip(weights))
        .map(|(&logit, (&voiced, &weight))| {
            let target = if voiced { 1.0 } else { 0.0 };
            // ln(1 + e^x) - target * x, without overflow.
            let softplus = logit.max(0.0) + (-logit.abs()).exp().ln_1p();
            value += f64::from(weight * (softplus - target * logit) / sum);
            weight * (1.0 / (1.0 + (-logit).exp()) - target) / sum
        })
        .collect();
    Loss {
        parts: vec![("voicing", value as f32)],
        gradient,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_slopes, noise};
    use super::*;

    #[test]
    fn it_has_the_gradient_of_its_value_and_follows_the_weights() {
        let logits = noise(9);
        let voiced = [true, false, true, true, false, false, true, false, true];
        let weights = [1.0, 1.0, 1.0, 0.0, 1.0, 0.5, 1.0, 0.0, 1.0];
        let loss = |x: &[f32]| cross_entropy(x, &voiced, &weights);
        assert_slopes(&logits, &loss(&logits).gradient, |x| loss(x).value());
        assert_eq!(loss(&logits).gradient[3], 0.0);
    }
}
