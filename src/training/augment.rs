//! What recording and mastering do to a sound: filters, reverberation, compression.
//!
//! All in place on 16 kHz mono. No effect moves a sound in time by a frame, so
//! labels stay.

use std::f32::consts::PI;

use rand::Rng;
use realfft::RealFftPlanner;

const RATE_HZ: f32 = crate::datasets::RATE_HZ as f32;

/// Factor of an amplitude for a level in dB.
pub fn db_to_gain(db: f64) -> f32 {
    10f64.powf(db / 20.0) as f32
}

/// Tilts the spectrum by a first-order filter: brighter for `slope` in 0..1, darker in -1..0.
///
/// The gain at 1 kHz stays about 1.
pub fn tilt(samples: &mut [f32], slope: f32) {
    let w = 2.0 * PI * 1000.0 / RATE_HZ;
    let at_1_khz = (1.0 + slope * slope - 2.0 * slope * w.cos()).sqrt();
    let mut last = 0.0;
    for sample in samples {
        let x = *sample;
        *sample = (x - slope * last) / at_1_khz;
        last = x;
    }
}

/// A second-order filter (Bristow-Johnson's audio EQ cookbook).
#[derive(Clone, Copy, Debug)]
pub struct Biquad {
    b: [f32; 3],
    a: [f32; 2],
}

impl Biquad {
    /// Raises or lowers a band around `hz` by `db`.
    pub fn peaking(hz: f32, q: f32, db: f32) -> Self {
        let amplitude = 10f32.powf(db / 40.0);
        let (sin, cos) = (2.0 * PI * hz / RATE_HZ).sin_cos();
        let alpha = sin / (2.0 * q);
        let a0 = 1.0 + alpha / amplitude;
        Self {
            b: [
                (1.0 + alpha * amplitude) / a0,
                -2.0 * cos / a0,
                (1.0 - alpha * amplitude) / a0,
            ],
            a: [-2.0 * cos / a0, (1.0 - alpha / amplitude) / a0],
        }
    }

    /// Passes what is below `hz`.
    pub fn lowpass(hz: f32, q: f32) -> Self {
        let (sin, cos) = (2.0 * PI * hz / RATE_HZ).sin_cos();
        let alpha = sin / (2.0 * q);
        let a0 = 1.0 + alpha;
        let side = (1.0 - cos) / 2.0 / a0;
        Self {
            b: [side, 2.0 * side, side],
            a: [-2.0 * cos / a0, (1.0 - alpha) / a0],
        }
    }

    /// Filters in place.
    pub fn apply(&self, samples: &mut [f32]) {
        let [b0, b1, b2] = self.b;
        let [a1, a2] = self.a;
        let (mut z1, mut z2) = (0.0f32, 0.0f32);
        for sample in samples {
            let x = *sample;
            let y = b0 * x + z1;
            z1 = b1 * x - a1 * y + z2;
            z2 = b2 * x - a2 * y;
            *sample = y;
        }
    }
}

/// A steep low-pass: Butterworth of order 8.
pub fn lowpass(samples: &mut [f32], hz: f32) {
    for q in [0.5098, 0.6013, 0.9, 2.5629] {
        Biquad::lowpass(hz, q).apply(samples);
    }
}

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
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    fn tone(hz: f32, n: usize) -> Vec<f32> {
        (0..n)
            .map(|i| (2.0 * PI * hz * i as f32 / RATE_HZ).sin())
            .collect()
    }

    fn gain_db(hz: f32, effect: impl Fn(&mut [f32])) -> f32 {
        let mut samples = tone(hz, 16_000);
        let before = power(&samples[8000..]);
        effect(&mut samples);
        10.0 * (power(&samples[8000..]) / before).log10()
    }

    #[test]
    fn a_peak_raises_its_band_only() {
        let filter = Biquad::peaking(1000.0, 1.0, 6.0);
        assert!((gain_db(1000.0, |x| filter.apply(x)) - 6.0).abs() < 0.1);
        assert!(gain_db(60.0, |x| filter.apply(x)).abs() < 0.2);
    }

    #[test]
    fn a_low_pass_passes_what_is_low() {
        assert!((gain_db(4000.0, |x| lowpass(x, 4000.0)) + 3.0).abs() < 0.1);
        assert!(gain_db(6000.0, |x| lowpass(x, 4000.0)) < -30.0);
        assert!(gain_db(2000.0, |x| lowpass(x, 4000.0)).abs() < 0.1);
    }

    #[test]
    fn a_tilt_turns_about_1_khz() {
        assert!(gain_db(1000.0, |x| tilt(x, 0.6)).abs() < 0.1);
        assert!(gain_db(6000.0, |x| tilt(x, 0.6)) > 3.0);
        assert!(gain_db(6000.0, |x| tilt(x, -0.6)) < -3.0);
    }

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
