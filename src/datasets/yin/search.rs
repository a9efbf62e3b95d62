//! The periods a frame may have: minima of YIN's difference function.

use std::f32::consts::PI;

use crate::datasets::RATE_HZ;

/// Range of the search in Hz.
pub const RANGE_HZ: [f32; 2] = [65.0, 1200.0];
/// Lags are searched at half the rate and refined at the full one.
const COARSE_RATE_HZ: f32 = RATE_HZ as f32 / 2.0;
/// Samples on either side that a Hann-shaped low-pass spans: half the amplitude is left at 1.6 kHz.
const LOWPASS_REACH: usize = 4;
/// Samples compared at half the rate: 32 ms.
const WINDOW: usize = 256;
/// Minima above this are no candidates.
const MAX_APERIODICITY: f32 = 0.7;

/// A period that a frame may have.
#[derive(Clone, Copy, Debug)]
pub struct PeriodCandidate {
    /// What the lag means.
    pub f0_hz: f32,
    /// YIN's normalized difference there: 0 for a perfect period.
    pub aperiodicity: f32,
}

/// Every second sample, after a low-pass.
///
/// Without it, a lag that falls between two samples would match worse than twice
/// that lag, and bright voices would be tracked an octave down.
pub fn halved(samples: &[f32]) -> Vec<f32> {
    let weights: Vec<f32> = (0..=2 * LOWPASS_REACH)
        .map(|i| {
            let phase = (i + 1) as f32 / (LOWPASS_REACH + 1) as f32;
            (1.0 - (PI * phase).cos()) / (2 * LOWPASS_REACH + 2) as f32
        })
        .collect();
    (0..samples.len().div_ceil(2))
        .map(|i| {
            let first = (2 * i).saturating_sub(LOWPASS_REACH);
            let skipped = first + LOWPASS_REACH - 2 * i;
            let around = samples[first..].iter();
            around.zip(&weights[skipped..]).map(|(x, w)| x * w).sum()
        })
        .collect()
}

/// Buffers of the lag search.
pub struct Search {
    difference: Vec<f32>,
    normalized: Vec<f32>,
    region: Vec<f32>,
}

impl Search {
    /// Buffers for every lag of the range.
    pub fn new() -> Self {
        let n_lags = (COARSE_RATE_HZ / RANGE_HZ[0]).ceil() as usize + 2;
        Self {
            difference: vec![0.0; n_lags],
            normalized: vec![1.0; n_lags],
            region: Vec::new(),
        }
    }

    /// The minima around sample `center` (of the full rate).
    pub fn candidates(
        &mut self,
        samples: &[f32],
        coarse: &[f32],
        center: usize,
    ) -> Vec<PeriodCandidate> {
        self.compare(coarse, center / 2);
        let first = (COARSE_RATE_HZ / RANGE_HZ[1]).floor() as usize;
        let value = &self.normalized;
        let minima = (first.max(2)..value.len() - 1).filter(|&lag| {
            value[lag] < MAX_APERIODICITY
                && value[lag] <= value[lag - 1]
                && value[lag] < value[lag + 1]
        });
        minima
            .map(|lag| PeriodCandidate {
                f0_hz: RATE_HZ as f32 / refined(samples, center, 2 * lag),
                aperiodicity: value_at_minimum(value, lag),
            })
            .filter(|candidate| (RANGE_HZ[0]..=RANGE_HZ[1]).contains(&candidate.f0_hz))
            .collect()
    }

    /// Difference function and its cumulative mean normalization (YIN's steps 2 and 3).
    fn compare(&mut self, coarse: &[f32], center: usize) {
        let n_lags = self.difference.len();
        let reach = (WINDOW + n_lags) / 2 + 1;
        copy_around(coarse, center, reach, &mut self.region);
        let mut sum = 0.0;
        for lag in 1..n_lags {
            // Both windows lie around the center, so that a gliding pitch is that of the center.
            let first = reach - (WINDOW + lag) / 2;
            let a = &self.region[first..first + WINDOW];
            let b = &self.region[first + lag..first + lag + WINDOW];
            self.difference[lag] = squared_distance(a, b);
            sum += self.difference[lag];
            self.normalized[lag] = if sum > 0.0 {
                self.difference[lag] * lag as f32 / sum
            } else {
                1.0
            };
        }
    }
}

/// The samples within `reach` of `center`, zero beyond the ends.
fn copy_around(samples: &[f32], center: usize, reach: usize, region: &mut Vec<f32>) {
    region.clear();
    region.extend((0..2 * reach).map(|i| {
        (center + i)
            .checked_sub(reach)
            .and_then(|i| samples.get(i).copied())
            .unwrap_or(0.0)
    }));
}

/// Sum of squared differences, in lanes that the compiler can keep in one register.
fn squared_distance(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0f32; 8];
    for (a, b) in a.chunks_exact(8).zip(b.chunks_exact(8)) {
        for ((lane, x), y) in lanes.iter_mut().zip(a).zip(b) {
            *lane += (x - y) * (x - y);
        }
    }
    lanes.iter().sum()
}

/// Lag in samples of the full rate, finer than one, near `lag`.
fn refined(samples: &[f32], center: usize, lag: usize) -> f32 {
    let window = 2 * WINDOW;
    let lags = lag - 2..=lag + 2;
    let reach = (window + lag) / 2 + 4;
    let mut region = Vec::new();
    copy_around(samples, center, reach, &mut region);
    let values: Vec<f32> = lags
        .clone()
        .map(|lag| {
            let first = reach - (window + lag) / 2;
            squared_distance(
                &region[first..first + window],
                &region[first + lag..first + lag + window],
            )
        })
        .collect();
    let best = (1..4)
        .min_by(|&a, &b| values[a].total_cmp(&values[b]))
        .unwrap_or(2);
    (lags.start() + best) as f32 + vertex(&values[best - 1..=best + 1])
}

/// Where between -1 and 1 the parabola through three values has its minimum.
fn vertex(values: &[f32]) -> f32 {
    let bend = values[0] - 2.0 * values[1] + values[2];
    if bend <= 0.0 {
        return 0.0;
    }
    (0.5 * (values[0] - values[2]) / bend).clamp(-1.0, 1.0)
}

fn value_at_minimum(value: &[f32], lag: usize) -> f32 {
    let around = &value[lag - 1..=lag + 1];
    (around[1] - 0.25 * (around[0] - around[2]) * vertex(around)).max(0.0)
}
