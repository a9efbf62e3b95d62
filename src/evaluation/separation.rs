//! Separated voices against the voices themselves, sample by sample, in dB.
//!
//! Plain SDR is sensitive to level and delay: a voice at half its level has 6 dB. SI-SDR (Le Roux
//! et al. 2019) takes the level that fits best. Sums are over the samples both have.

/// Below this mean power nothing is told apart.
const FLOOR: f64 = 1e-8;

/// A sample of single or double precision.
pub trait Sample: Copy + Into<f64> {}

impl<T: Copy + Into<f64>> Sample for T {}

/// Mean power in dB.
pub fn level_db<T: Sample>(samples: &[T]) -> f64 {
    db(mean(samples.iter().map(|&x| square(x.into()))))
}

/// The level of `reference` over that of its difference to `estimate`.
pub fn sdr<T: Sample>(reference: &[T], estimate: &[T]) -> f64 {
    let errors = pairs(reference, estimate).map(|(s, e)| square(e - s));
    let powers = pairs(reference, estimate).map(|(s, _)| square(s));
    db(mean(powers)) - db(mean(errors))
}

/// [`sdr`] of the reference at the level that fits the estimate best; infinite for a perfect fit.
pub fn si_sdr<T: Sample>(reference: &[T], estimate: &[T]) -> f64 {
    let dot: f64 = pairs(reference, estimate).map(|(s, e)| s * e).sum();
    let power: f64 = pairs(reference, estimate).map(|(s, _)| square(s)).sum();
    let level = if power > 0.0 { dot / power } else { 0.0 };
    let wanted = square(level) * power;
    let errors = pairs(reference, estimate).map(|(s, e)| square(e - level * s));
    10.0 * (wanted / errors.sum::<f64>()).log10()
}

fn pairs<'a, T: Sample>(a: &'a [T], b: &'a [T]) -> impl Iterator<Item = (f64, f64)> + 'a {
    a.iter().zip(b).map(|(&a, &b)| (a.into(), b.into()))
}

fn square(value: f64) -> f64 {
    value * value
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut n) = (0.0, 0.0f64);
    for value in values {
        sum += value;
        n += 1.0;
    }
    sum / n.max(1.0)
}

fn db(power: f64) -> f64 {
    10.0 * power.max(FLOOR).log10()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(n: usize) -> Vec<f32> {
        (0..n).map(|i| (i as f32 * 0.3).sin()).collect()
    }

    #[test]
    fn half_the_level_is_six_db_and_no_loss_of_shape() {
        let voice = tone(4000);
        let half: Vec<f32> = voice.iter().map(|x| 0.5 * x).collect();
        assert!((sdr(&voice, &half) - 6.0206).abs() < 1e-3);
        assert!(si_sdr(&voice, &half) > 100.0);
        assert!((level_db(&voice) - level_db(&half) - 6.0206).abs() < 1e-3);
    }

    #[test]
    fn silence_has_finite_figures() {
        let silence = vec![0.0; 100];
        assert_eq!(sdr(&silence, &silence), 0.0);
        assert_eq!(sdr::<f32>(&[], &[]), 0.0);
        assert_eq!(level_db(&silence), -80.0);
    }
}
