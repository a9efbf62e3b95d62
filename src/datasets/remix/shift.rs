//! Pitch and speed together, by reading a recording faster or slower.

use std::f64::consts::PI;

/// Zero crossings of the interpolating sinc on either side.
const ZEROS: f64 = 12.0;

/// Positions between two samples for which the kernel is tabulated.
const PHASES: usize = 256;

/// Part of the band that is passed; the rest is the filter's slope.
const PASSED: f64 = 0.94;

/// Reads recordings at `ratio` times their speed, band-limited.
///
/// A windowed sinc, cut off below the lower of both Nyquist frequencies.
pub struct Shifter {
    ratio: f64,
    n_taps: usize,
    kernel: Vec<f32>, // [phase, tap]
}

impl Shifter {
    /// A reader that raises pitch and speed by the factor `ratio`.
    pub fn new(ratio: f64) -> Self {
        let cutoff = PASSED * ratio.recip().min(1.0);
        let half = (ZEROS / cutoff).ceil();
        let n_taps = 2 * half as usize;
        let kernel = (0..=PHASES)
            .flat_map(|phase| {
                let offset = phase as f64 / PHASES as f64 + half - 1.0;
                (0..n_taps).map(move |tap| tap_weight(tap as f64 - offset, cutoff, half))
            })
            .collect();
        Self {
            ratio,
            n_taps,
            kernel,
        }
    }

    /// A shift by semitones, up if positive.
    pub fn semitones(semitones: f64) -> Self {
        Self::new((semitones / 12.0).exp2())
    }

    /// How much faster it reads.
    pub fn ratio(&self) -> f64 {
        self.ratio
    }

    /// Fills `out`: sample `i` is `source` at `start + i * ratio`; beyond its ends it is silent.
    pub fn read(&self, source: &[f32], start: usize, out: &mut [f32]) {
        if self.ratio == 1.0 {
            let available = source.get(start..).unwrap_or_default();
            let n = available.len().min(out.len());
            out[..n].copy_from_slice(&available[..n]);
            out[n..].fill(0.0);
            return;
        }
        for (i, sample) in out.iter_mut().enumerate() {
            *sample = self.at(source, start as f64 + i as f64 * self.ratio);
        }
    }

    /// The recording's value between its samples; silent beyond its ends.
    pub fn at(&self, source: &[f32], position: f64) -> f32 {
        let base = position.floor();
        let phase = ((position - base) * PHASES as f64).round() as usize;
        let taps = &self.kernel[phase * self.n_taps..(phase + 1) * self.n_taps];
        let first = base as isize - (self.n_taps / 2) as isize + 1;
        if first >= 0
            && let Some(samples) = source.get(first as usize..first as usize + self.n_taps)
        {
            return taps.iter().zip(samples).map(|(tap, x)| tap * x).sum();
        }
        let inside = |i: isize| usize::try_from(i).ok().and_then(|i| source.get(i));
        taps.iter()
            .enumerate()
            .filter_map(|(i, tap)| inside(first + i as isize).map(|x| tap * x))
            .sum()
    }
}

fn tap_weight(distance: f64, cutoff: f64, half: f64) -> f32 {
    let x = distance / half;
    if x.abs() >= 1.0 {
        return 0.0;
    }
    let window = 0.42 + 0.5 * (PI * x).cos() + 0.08 * (2.0 * PI * x).cos();
    let angle = PI * cutoff * distance;
    let sinc = if angle.abs() < 1e-9 {
        1.0
    } else {
        angle.sin() / angle
    };
    (cutoff * sinc * window) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hz: f64, n: usize) -> Vec<f32> {
        (0..n)
            .map(|i| (2.0 * PI * hz * i as f64 / 16_000.0).sin() as f32)
            .collect()
    }

    #[test]
    fn a_shifted_tone_is_the_tone_of_the_shifted_frequency() {
        for semitones in [-3.0, -0.4, 2.0, 3.0] {
            let shifter = Shifter::semitones(semitones);
            let mut out = vec![0.0; 4000];
            shifter.read(&tone(440.0, 8000), 100, &mut out);
            let start = 100.0;
            let worst = out[50..]
                .iter()
                .enumerate()
                .map(|(i, &y)| {
                    let position = start + (i + 50) as f64 * shifter.ratio();
                    let x = (2.0 * PI * 440.0 * position / 16_000.0).sin();
                    (f64::from(y) - x).abs()
                })
                .fold(0.0, f64::max);
            assert!(worst < 2e-3, "{semitones}: {worst}");
        }
    }

    #[test]
    fn what_would_fold_back_is_cut_off() {
        let mut out = vec![0.0; 4000];
        Shifter::semitones(5.0).read(&tone(7500.0, 8000), 100, &mut out);
        let peak = out.iter().fold(0.0f32, |max, x| max.max(x.abs()));
        assert!(peak < 0.01, "{peak}");
    }

    #[test]
    fn beyond_the_source_is_silence() {
        let mut out = vec![1.0; 400];
        Shifter::new(1.0).read(&tone(440.0, 100), 50, &mut out);
        assert!(out[50..].iter().all(|&x| x == 0.0));
        let mut out = vec![1.0; 400];
        Shifter::new(1.1).read(&tone(440.0, 100), 5000, &mut out);
        assert!(out.iter().all(|&x| x == 0.0));
    }
}
