//! Levels: compression, limiting, noise.

use rand::Rng;

use super::{RATE_HZ, db_to_gain, power, sounding_power};

/// How a compressor acts.
#[derive(Clone, Copy, Debug)]
pub struct Compression {
    /// Level above which it acts, relative to the signal's mean level where it sounds.
    pub threshold_db: f32,
    /// By how much less the level grows above the threshold.
    pub ratio: f32,
    /// Time to take hold.
    pub attack_secs: f32,
    /// Time to let go.
    pub release_secs: f32,
}

/// Samples over which the compressor measures once.
const BLOCK: usize = 32;

/// Compresses in place.
pub fn compress(samples: &mut [f32], settings: &Compression) {
    let threshold = sounding_power(samples).sqrt() * db_to_gain(settings.threshold_db.into());
    if threshold <= 0.0 {
        return;
    }
    let step = |secs: f32| 1.0 - (-(BLOCK as f32) / (secs * RATE_HZ)).exp();
    let (attack, release) = (step(settings.attack_secs), step(settings.release_secs));
    let exponent = settings.ratio.recip() - 1.0;
    let (mut level, mut gain) = (0.0f32, 1.0f32);
    for block in samples.chunks_mut(BLOCK) {
        let now = power(block).sqrt();
        level += (now - level) * if now > level { attack } else { release };
        let target = (level / threshold).max(1.0).powf(exponent);
        let slope = (target - gain) / block.len() as f32;
        for sample in block {
            gain += slope;
            *sample *= gain;
        }
    }
}

/// Bends peaks over so that nothing exceeds `ceiling`; below half of it nothing changes.
pub fn limit(samples: &mut [f32], ceiling: f32) {
    let knee = 0.5 * ceiling;
    for sample in samples {
        let size = sample.abs();
        if size > knee {
            *sample = (knee + knee * ((size - knee) / knee).tanh()).copysign(*sample);
        }
    }
}

/// Adds white noise of the given RMS amplitude.
pub fn add_noise(samples: &mut [f32], rms: f32, rng: &mut impl Rng) {
    let size = rms * 3f32.sqrt();
    for sample in samples {
        *sample += size * rng.random_range(-1.0f32..1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::tone;
    use super::*;

    #[test]
    fn compression_brings_loud_and_soft_closer() {
        let mut samples = tone(440.0, 32_000);
        samples[16_000..].iter_mut().for_each(|x| *x *= 0.1);
        compress(
            &mut samples,
            &Compression {
                threshold_db: -20.0,
                ratio: 4.0,
                attack_secs: 0.01,
                release_secs: 0.1,
            },
        );
        let ratio = power(&samples[8000..16_000]) / power(&samples[24_000..]);
        // 20 dB apart, 3 and 23 dB above the threshold: a quarter of that is left.
        assert!((2.5..4.5).contains(&ratio), "{ratio}");
    }

    #[test]
    fn a_limiter_holds_peaks_and_spares_the_rest() {
        let mut samples = [0.1, -0.4, 3.0, -9.0];
        limit(&mut samples, 0.9);
        assert_eq!(samples[..2], [0.1, -0.4]);
        assert!(samples[2] <= 0.9 && samples[3] >= -0.9);
    }
}
