//! What recording and mastering do to a sound: filters, reverberation, compression.
//!
//! All in place on 16 kHz mono. No effect moves a sound in time by a frame, so
//! labels stay.

mod dynamics;
mod echo;
mod filters;

pub use dynamics::{Compression, add_noise, compress, limit};
pub use echo::{double, reverberate};
pub use filters::{Biquad, lowpass, tilt};

const RATE_HZ: f32 = crate::datasets::RATE_HZ as f32;

/// Factor of an amplitude for a level in dB.
pub fn db_to_gain(db: f64) -> f32 {
    10f64.powf(db / 20.0) as f32
}

/// Mean power; 0 of nothing.
pub fn power(samples: &[f32]) -> f32 {
    let sum: f64 = samples.iter().map(|&x| f64::from(x * x)).sum();
    (sum / samples.len().max(1) as f64) as f32
}

/// Mean power of the 50 ms blocks that are not 30 dB below the loudest.
pub fn sounding_power(samples: &[f32]) -> f32 {
    let blocks: Vec<f32> = samples.chunks(800).map(power).collect();
    let loudest = blocks.iter().copied().fold(0.0, f32::max);
    let sounding = || blocks.iter().filter(|&&block| block > 1e-3 * loudest);
    sounding().sum::<f32>() / sounding().count().max(1) as f32
}

#[cfg(test)]
mod tests {
    use std::f32::consts::PI;

    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    pub fn tone(hz: f32, n: usize) -> Vec<f32> {
        (0..n)
            .map(|i| (2.0 * PI * hz * i as f32 / RATE_HZ).sin())
            .collect()
    }

    #[test]
    fn silence_stays_silent() {
        let mut samples = vec![0.0; 4000];
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        reverberate(&mut samples, 0.3, -6.0, &mut rng);
        compress(
            &mut samples,
            &Compression {
                threshold_db: -10.0,
                ratio: 3.0,
                attack_secs: 0.01,
                release_secs: 0.1,
            },
        );
        assert!(samples.iter().all(|&x| x == 0.0));
    }
}
