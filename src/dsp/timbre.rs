//! Timbre of a pitch: the power along its harmonics, and between them.
//!
//! In an arrangement the bands of a spectrogram show all instruments at once. Read where the
//! harmonics of a pitch lie, the same spectrum shows the one that sounds it: peaks trace that
//! instrument's formants, and gaps what everything else leaves there.

use super::LogMelConfig;
use super::log_mel::POWER_FLOOR;

/// How far, in bins, a harmonic may lie from its multiple of the pitch: pitch has errors, and moves.
const REACH: usize = 2;

/// Reads spectra along a pitch, at the centers of mel bands.
pub struct Timbre {
    centers_hz: Vec<f64>,
    bin_hz: f64,
}

/// One thread's buffers: `ln` power of peaks and gaps by number.
#[derive(Default)]
pub struct TimbreScratch {
    peaks: Vec<f32>,
    gaps: Vec<f32>,
}

impl Timbre {
    /// For the bands and spectra of these settings.
    pub fn new(config: &LogMelConfig) -> Self {
        Self {
            centers_hz: config.centers_hz(),
            bin_hz: config.bin_hz(),
        }
    }

    /// Writes `ln(power + POWER_FLOOR)` at the bands' centers, one value a band: to `peaks` along the
    /// harmonics of `f0_hz`, to `gaps` half-way between them, interpolated over frequency.
    ///
    /// Below the first harmonic (gap), its value. `power` is a frame of [`super::MelFrames`].
    ///
    /// # Panics
    /// If `f0_hz` is not positive, or `peaks` or `gaps` is shorter than the bands.
    pub fn trace(
        &self,
        power: &[f32],
        f0_hz: f64,
        scratch: &mut TimbreScratch,
        peaks: &mut [f32],
        gaps: &mut [f32],
    ) {
        assert!(f0_hz > 0.0, "every frame has a pitch");
        let highest = self.centers_hz.last().copied().unwrap_or(0.0);
        let n_harmonics = (highest / f0_hz) as usize + 2;
        let bin = |harmonic: f64| {
            ((harmonic * f0_hz / self.bin_hz).round() as usize).min(power.len() - 1)
        };
        let log = |power: f32| (power + POWER_FLOOR as f32).ln();
        scratch.peaks.clear();
        scratch.gaps.clear();
        for number in 0..n_harmonics {
            let at = bin(number as f64 + 1.0);
            let near = &power[at.saturating_sub(REACH)..(at + REACH + 1).min(power.len())];
            scratch
                .peaks
                .push(log(near.iter().fold(0.0, |a, &b| a.max(b))));
            scratch.gaps.push(log(power[bin(number as f64 + 0.5)]));
        }
        for (band, &hz) in self.centers_hz.iter().enumerate() {
            peaks[band] = interpolate(&scratch.peaks, hz / f0_hz - 1.0);
            gaps[band] = interpolate(&scratch.gaps, hz / f0_hz - 0.5);
        }
    }
}

/// The value of `line` at `place`, of its ends beyond them.
fn interpolate(line: &[f32], place: f64) -> f32 {
    let place = place.clamp(0.0, (line.len() - 1) as f64);
    let (first, share) = (place as usize, place.fract() as f32);
    let next = line[(first + 1).min(line.len() - 1)];
    line[first] + share * (next - line[first])
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use proptest::prelude::*;

    use super::*;
    use crate::dsp::LogMel;

    fn config() -> LogMelConfig {
        LogMelConfig::voicing()
    }

    /// Amplitude of a voice whose formant lies at 1200 Hz.
    fn formant(hz: f64) -> f64 {
        0.01 + 0.2 * (-((hz - 1200.0) / 400.0).powi(2)).exp()
    }

    /// A frame's power of harmonics of `f0_hz`, up to 5 kHz, of these amplitudes.
    fn sung(f0_hz: f64, amplitude: impl Fn(f64) -> f64) -> Vec<f64> {
        let numbers = 1..=(5000.0 / f0_hz) as usize;
        let partials: Vec<(f64, f64)> = numbers
            .map(|k| (k as f64 * f0_hz, amplitude(k as f64 * f0_hz)))
            .collect();
        let sample = |i: usize| {
            let secs = i as f64 / 16_000.0;
            let waves = partials.iter().map(|(hz, a)| a * (TAU * hz * secs).sin());
            waves.sum()
        };
        (0..3200).map(sample).collect()
    }

    fn traced(samples: &[f64], f0_hz: f64) -> (Vec<f32>, Vec<f32>) {
        let samples: Vec<f32> = samples.iter().map(|&sample| sample as f32).collect();
        let frames = LogMel::new(config()).compute(&samples);
        let power = &frames.power[9 * frames.n_bins..10 * frames.n_bins];
        let (mut peaks, mut gaps) = (vec![0.0; 80], vec![0.0; 80]);
        let timbre = Timbre::new(&config());
        timbre.trace(
            power,
            f0_hz,
            &mut TimbreScratch::default(),
            &mut peaks,
            &mut gaps,
        );
        (peaks, gaps)
    }

    /// Bands between 300 and 4000 Hz, with their centers.
    fn middle() -> impl Iterator<Item = (usize, f64)> {
        let centers = config().centers_hz().into_iter().enumerate();
        centers.filter(|(_, hz)| (300.0..4000.0).contains(hz))
    }

    #[test]
    fn peaks_trace_the_formants_and_gaps_what_is_between() {
        let (peaks, gaps) = traced(&sung(220.0, formant), 220.0);
        // A sine's peak is its squared amplitude times that of a Hann window of unit norm.
        let window = (1024.0 / 6.0_f64).ln();
        for (band, hz) in middle() {
            let [low, high] = [(hz / 220.0).floor() * 220.0, (hz / 220.0).ceil() * 220.0];
            let ends = [low, high].map(|hz| 2.0 * formant(hz).ln() + window);
            let (from, to) = (ends[0].min(ends[1]) - 0.7, ends[0].max(ends[1]) + 0.7);
            let peak = f64::from(peaks[band]);
            assert!(
                (from..to).contains(&peak),
                "{hz}: {peak} not in {from}..{to}"
            );
            assert!(gaps[band] < peaks[band] - 3.0, "{hz}: {}", gaps[band]);
        }
    }

    #[test]
    fn another_instrument_shows_in_the_gaps_alone() {
        let voice = sung(220.0, formant);
        let organ = sung(330.0, |_| 0.05);
        let both: Vec<f64> = voice.iter().zip(&organ).map(|(a, b)| a + b).collect();
        let (alone, empty) = traced(&voice, 220.0);
        let (peaks, gaps) = traced(&both, 220.0);
        // Every third harmonic of the voice falls on the organ's; loud ones stay what they were.
        let near_formant = middle().filter(|(_, hz)| (900.0..1150.0).contains(hz));
        for (band, hz) in near_formant {
            assert!((peaks[band] - alone[band]).abs() < 0.5, "{hz}");
        }
        // Every third gap holds the organ's odd harmonics, such as the ninth.
        let distance = |(_, hz): &(usize, f64)| (hz - 9.0 * 330.0).abs();
        let (band, hz) = middle()
            .min_by(|a, b| distance(a).total_cmp(&distance(b)))
            .unwrap();
        assert!(gaps[band] > empty[band] + 5.0, "{hz}: {}", gaps[band]);
    }

    proptest! {
        #[test]
        fn any_pitch_can_be_traced(f0_hz in 1.0..9000.0_f64, level in 0.0..1e6_f32) {
            let power = vec![level; config().n_bins()];
            let (mut peaks, mut gaps) = ([0.0; 80], [0.0; 80]);
            let scratch = &mut TimbreScratch::default();
            Timbre::new(&config()).trace(&power, f0_hz, scratch, &mut peaks, &mut gaps);
            let flat = (level + POWER_FLOOR as f32).ln();
            for value in peaks.into_iter().chain(gaps) {
                prop_assert!((value - flat).abs() < 1e-4);
            }
        }
    }
}
