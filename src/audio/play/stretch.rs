//! Other speeds at the same pitch: a phase vocoder.

use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

/// Least length of a window in seconds: several periods of the lowest voice.
const MIN_WINDOW_SECS: f64 = 0.06;
/// Windows that overlap at any time.
const OVERLAP: usize = 4;
/// Sum of overlapping squared Hann windows at this overlap.
const WINDOW_SUM: f32 = 1.5;
/// A peak is larger than so many neighbors on either side.
const PEAK_REACH: usize = 2;

/// Window and transforms for one sampling rate; made once, shared by voices.
pub struct StretchTables {
    window: Vec<f32>,
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
}

impl StretchTables {
    /// For sound of this rate.
    pub fn new(rate_hz: u32) -> Self {
        let least = (f64::from(rate_hz) * MIN_WINDOW_SECS) as usize;
        let n = least.next_power_of_two().max(64);
        let hann = |i: usize| 0.5 - 0.5 * (std::f64::consts::TAU * i as f64 / n as f64).cos();
        let mut planner = RealFftPlanner::new();
        Self {
            window: (0..n).map(|i| hann(i) as f32).collect(),
            forward: planner.plan_fft_forward(n),
            inverse: planner.plan_fft_inverse(n),
        }
    }

    /// Samples in a window.
    pub fn window_len(&self) -> usize {
        self.window.len()
    }

    /// Samples between windows of the output.
    pub fn hop(&self) -> usize {
        self.window.len() / OVERLAP
    }
}

/// Lays windows of a stereo recording out at other distances, with phases that go on.
///
/// Phase vocoder with identity phase locking (Laroche & Dolson 1999). Each window is
/// analyzed twice, a hop apart, so that phases advance by what they truly advance in
/// a hop (Moulines & Laroche 1995): pitch is exact, and at speed 1 so is every sample.
/// Both channels turn by one angle, which keeps the stereo image.
pub struct PhaseVocoder {
    tables: Arc<StretchTables>,
    /// Spectra of the last window as laid out.
    laid: [Vec<Complex<f32>>; 2],
    now: [Vec<Complex<f32>>; 2],
    before: [Vec<Complex<f32>>; 2],
    /// Output to which later windows will add.
    sum: [Vec<f32>; 2],
    frame: Vec<f32>,
    fresh: bool,
}

impl PhaseVocoder {
    /// At the start of a sound.
    pub fn new(tables: Arc<StretchTables>) -> Self {
        let spectra = || std::array::from_fn(|_| tables.forward.make_output_vec());
        let n = tables.window_len();
        Self {
            laid: spectra(),
            now: spectra(),
            before: spectra(),
            sum: [vec![0.0; n], vec![0.0; n]],
            frame: vec![0.0; n],
            fresh: true,
            tables,
        }
    }

    /// Lays one window out; returns the hop of samples that is complete.
    ///
    /// `sound` holds, for left and right, a hop more than a window: the window's own
    /// samples are the last ones. What is complete starts half a window before the
    /// window's center.
    pub fn step(&mut self, sound: &[Vec<f32>; 2]) -> [Vec<f32>; 2] {
        let hop = self.tables.hop();
        for (side, samples) in sound.iter().enumerate() {
            let n = self.tables.window_len();
            transform(
                &self.tables,
                &mut self.frame,
                &samples[hop..],
                &mut self.now[side],
            );
            transform(
                &self.tables,
                &mut self.frame,
                &samples[..n],
                &mut self.before[side],
            );
        }
        if !self.fresh {
            self.turn();
        }
        self.fresh = false;
        std::mem::swap(&mut self.laid, &mut self.now);
        std::array::from_fn(|side| self.add(side))
    }

    /// Turns each peak, and the bins around it, on from where it was laid out.
    fn turn(&mut self) {
        let power: Vec<f32> = (0..self.now[0].len())
            .map(|bin| self.now.iter().map(|side| side[bin].norm_sqr()).sum())
            .collect();
        let peaks = peaks(&power);
        let mut start = 0;
        for (i, &peak) in peaks.iter().enumerate() {
            let end = match peaks.get(i + 1) {
                Some(&next) => valley(&power, peak, next),
                None => power.len(),
            };
            let angle = self.angle(peak);
            for side in &mut self.now {
                side[start..end]
                    .iter_mut()
                    .for_each(|value| *value *= angle);
            }
            start = end;
        }
    }

    /// How far the bin has turned since it was laid out, less what it turned in the sound.
    fn angle(&self, bin: usize) -> Complex<f32> {
        let pairs = self.laid.iter().zip(&self.before);
        let sum: Complex<f32> = pairs
            .map(|(laid, before)| laid[bin] * before[bin].conj())
            .sum();
        match sum.norm() {
            norm if norm > f32::MIN_POSITIVE => sum / norm,
            _ => Complex::new(1.0, 0.0),
        }
    }

    /// Adds the laid-out window to one side's output.
    fn add(&mut self, side: usize) -> Vec<f32> {
        let n = self.tables.window_len();
        // The inverse transform uses up its input.
        self.now[side].copy_from_slice(&self.laid[side]);
        self.now[side][0].im = 0.0;
        self.now[side][n / 2].im = 0.0;
        let result = self
            .tables
            .inverse
            .process(&mut self.now[side], &mut self.frame);
        debug_assert!(result.is_ok(), "{result:?}");
        let scale = 1.0 / (n as f32 * WINDOW_SUM);
        let sum = &mut self.sum[side];
        for ((sum, value), window) in sum.iter_mut().zip(&self.frame).zip(&self.tables.window) {
            *sum += scale * window * value;
        }
        let complete: Vec<f32> = sum.drain(..self.tables.hop()).collect();
        sum.resize(n, 0.0);
        complete
    }
}

fn transform(
    tables: &StretchTables,
    frame: &mut [f32],
    samples: &[f32],
    spectrum: &mut [Complex<f32>],
) {
    for ((out, sample), window) in frame.iter_mut().zip(samples).zip(&tables.window) {
        *out = sample * window;
    }
    let result = tables.forward.process(frame, spectrum);
    debug_assert!(result.is_ok(), "{result:?}");
}

/// Bins that are larger than their neighbors; the first bin if none is.
fn peaks(power: &[f32]) -> Vec<usize> {
    let is_peak = |&bin: &usize| {
        let around = bin.saturating_sub(PEAK_REACH)..(bin + PEAK_REACH + 1).min(power.len());
        around
            .filter(|&other| other != bin)
            .all(|other| power[other] < power[bin])
    };
    let mut peaks: Vec<usize> = (0..power.len()).filter(is_peak).collect();
    if peaks.is_empty() {
        peaks.push(0);
    }
    peaks
}

/// The least bin between two peaks: from there on the second one rules.
fn valley(power: &[f32], left: usize, right: usize) -> usize {
    let between = left + 1..right;
    between
        .min_by(|&a, &b| power[a].total_cmp(&power[b]))
        .unwrap_or(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_the_original_distance_every_sample_is_the_original() {
        let tables = Arc::new(StretchTables::new(8000));
        let (n, hop) = (tables.window_len(), tables.hop());
        let sound: Vec<f32> = (0..16 * n).map(|i| ((i * i) as f32 * 1e-4).sin()).collect();
        let mut stretch = PhaseVocoder::new(tables);
        for k in 0..40 {
            let cut = sound[k * hop..k * hop + n + hop].to_vec();
            let [left, right] = stretch.step(&[cut.clone(), cut]);
            assert_eq!(left, right);
            for (i, sample) in left.iter().enumerate().filter(|_| k >= OVERLAP) {
                let expected = sound[(k + 1) * hop + i];
                assert!((sample - expected).abs() < 1e-4, "window {k}, sample {i}");
            }
        }
    }
}
