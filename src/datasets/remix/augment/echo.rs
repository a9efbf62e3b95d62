//! Sound that comes again: doubles and reverberation.

use std::f32::consts::PI;

use rand::Rng;
use realfft::RealFftPlanner;

use super::{RATE_HZ, db_to_gain, power};

/// Adds the sound once more, `level_db` relative to it, 15 to 35 ms late by a delay that
/// wanders: a voice recorded twice, or a chorus effect.
pub fn double(samples: &mut [f32], level_db: f64, rng: &mut impl Rng) {
    let (gain, depth) = (
        db_to_gain(level_db),
        RATE_HZ * rng.random_range(0.001..0.005),
    );
    let late = RATE_HZ * rng.random_range(0.02..0.03);
    let step = 2.0 * PI * rng.random_range(0.1..0.6) / RATE_HZ;
    let begin: f32 = rng.random_range(0.0..2.0 * PI);
    let dry = samples.to_vec();
    for (i, sample) in samples.iter_mut().enumerate() {
        let delay = late + depth * (begin + step * i as f32).sin();
        let (whole, part) = (delay as usize, delay.fract());
        if let Some(at) = i.checked_sub(whole + 1) {
            *sample += gain * (dry[at + 1] + part * (dry[at] - dry[at + 1]));
        }
    }
}

/// Adds a diffuse tail: decaying noise after a short pause, `level_db` below the sound.
///
/// The tail's high frequencies die sooner, as in rooms and plates.
pub fn reverberate(samples: &mut [f32], secs: f64, level_db: f64, rng: &mut impl Rng) {
    let response = tail(secs, rng);
    let wet = convolve(samples, &response);
    let (dry_power, wet_power) = (power(samples), power(&wet));
    if wet_power <= 0.0 {
        return;
    }
    let gain = db_to_gain(level_db) * (dry_power / wet_power).sqrt();
    for (sample, tail) in samples.iter_mut().zip(&wet) {
        *sample += gain * tail;
    }
}

fn tail(secs: f64, rng: &mut impl Rng) -> Vec<f32> {
    let n_pause = rng.random_range(0..320);
    let n = (secs * f64::from(RATE_HZ)) as usize;
    let decay = 10f32.powf(-3.0 / n.max(1) as f32); // 60 dB in n samples
    let (mut envelope, mut smoothed) = (1.0f32, 0.0f32);
    let mut response = vec![0.0; n_pause + n];
    for (i, sample) in response[n_pause..].iter_mut().enumerate() {
        let smoothing = 0.2 + 0.6 * i as f32 / n as f32;
        smoothed += (1.0 - smoothing) * (rng.random_range(-1.0f32..1.0) - smoothed);
        *sample = envelope * smoothed;
        envelope *= decay;
    }
    response
}

/// The first `samples.len()` samples of a convolution.
fn convolve(samples: &[f32], response: &[f32]) -> Vec<f32> {
    let n = fast_len(samples.len() + response.len());
    let mut planner = RealFftPlanner::<f32>::new();
    let (forward, inverse) = (planner.plan_fft_forward(n), planner.plan_fft_inverse(n));
    let spectrum = |signal: &[f32]| {
        let mut padded = signal.to_vec();
        padded.resize(n, 0.0);
        let mut spectrum = forward.make_output_vec();
        forward
            .process(&mut padded, &mut spectrum)
            .expect("buffers are those of the plan");
        spectrum
    };
    let mut product = spectrum(samples);
    for (a, b) in product.iter_mut().zip(spectrum(response)) {
        *a *= b / n as f32;
    }
    let last = product.len() - 1;
    // Rounding leaves these a little off the real line, where a real signal's must be.
    product[0].im = 0.0;
    if n.is_multiple_of(2) {
        product[last].im = 0.0;
    }
    let mut out = inverse.make_output_vec();
    inverse
        .process(&mut product, &mut out)
        .expect("buffers are those of the plan");
    out.truncate(samples.len());
    out
}

/// The next length that is 2^a 3^b 5^c with even factors enough to be quick.
fn fast_len(n: usize) -> usize {
    let smooth = |mut n: usize| {
        for factor in [2, 3, 5] {
            while n.is_multiple_of(factor) {
                n /= factor;
            }
        }
        n == 1
    };
    (n.div_ceil(32)..)
        .find(|&n| smooth(n))
        .map_or(n, |n| 32 * n)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::super::tests::tone;
    use super::*;

    #[test]
    fn convolution_is_that_of_the_definition() {
        let (x, h) = (tone(300.0, 100), [0.5, 0.0, -0.25]);
        for (i, y) in convolve(&x, &h).iter().enumerate() {
            let expected = 0.5 * x[i] - if i >= 2 { 0.25 * x[i - 2] } else { 0.0 };
            assert!((y - expected).abs() < 1e-5);
        }
    }

    #[test]
    fn reverberation_rings_on_and_keeps_the_sound() {
        let mut samples = tone(440.0, 8000);
        samples.resize(24_000, 0.0);
        let dry = samples.clone();
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        reverberate(&mut samples, 0.5, -10.0, &mut rng);
        assert!(power(&samples[8800..9600]) > 1e-4);
        let added: Vec<f32> = samples.iter().zip(&dry).map(|(y, x)| y - x).collect();
        let level_db = 10.0 * (power(&added) / power(&dry)).log10();
        assert!((level_db + 10.0).abs() < 0.1, "{level_db}");
        assert!(power(&samples[20_000..]) < 1e-6);
    }

    #[test]
    fn a_double_comes_late_at_its_level() {
        let mut samples = vec![0.0; 16_000];
        samples[4000..4400].fill(1.0);
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        double(&mut samples, -6.0, &mut rng);
        assert_eq!(samples[4100], 1.0);
        assert!(
            (samples[4600..5200]
                .iter()
                .fold(0.0f32, |max, &x| max.max(x))
                - 0.501)
                .abs()
                < 1e-3
        );
        assert!(samples[5400..].iter().all(|&x| x == 0.0));
    }
}
