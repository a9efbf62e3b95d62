//! Filters: tilts, peaks, low-passes.

use std::f32::consts::PI;

use super::RATE_HZ;

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

#[cfg(test)]
mod tests {
    use super::super::power;
    use super::super::tests::tone;
    use super::*;

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
}
