//! f0 of a voice alone: YIN's difference function (de Cheveigne & Kawahara 2002)
//! with a Viterbi path through its minima.
//!
//! Thresholds were set on the voice channel of MIR-1K's training clips.

mod path;
mod search;

use self::path::best_path;
use self::search::{PeriodCandidate, Search, halved};
use super::{HOP, n_frames};

/// What the tracker makes of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameState {
    /// Surely pitched.
    Voiced,
    /// Surely not.
    Unvoiced,
    /// Either; left out of a loss.
    Doubtful,
}

/// f0 of a dry voice on the 10 ms grid.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DryTrack {
    /// Hz; 0 where the path is unvoiced. Doubtful frames may have either.
    pub f0_hz: Vec<f32>,
    /// How periodic the frame is, 0 to 1.
    pub confidence: Vec<f32>,
    /// One for each frame.
    pub states: Vec<FrameState>,
}

/// Below this level, relative to the loud parts of the recording, nothing is voiced ...
const SILENT_DB: f32 = -36.0;
/// ... and above this, the level does not matter.
const AUDIBLE_DB: f32 = -20.0;

/// A voiced frame less periodic than this is doubtful.
const SURE_VOICED: f32 = 0.30;
/// An audible unvoiced frame more periodic than this is doubtful.
const SURE_UNVOICED: f32 = 0.15;

/// Tracks a voice alone, 16 kHz mono; [`n_frames`] values in each part of the result.
///
/// One core does a few hundred seconds of singing in a second.
pub fn track(samples: &[f32]) -> DryTrack {
    let coarse: Vec<f32> = halved(samples);
    let n = n_frames(samples.len());
    let levels = relative_levels(samples, n);
    let mut search = Search::new();
    let candidates: Vec<Vec<PeriodCandidate>> = (0..n)
        .map(|c| {
            if levels[c] < SILENT_DB {
                return Vec::new();
            }
            search.candidates(samples, &coarse, HOP * (c + 1))
        })
        .collect();
    let path = best_path(&candidates, &levels);
    let chosen: Vec<Option<PeriodCandidate>> = path
        .iter()
        .zip(&candidates)
        .map(|(state, candidates)| state.map(|i| candidates[i]))
        .collect();
    DryTrack {
        f0_hz: chosen.iter().map(|c| c.map_or(0.0, |c| c.f0_hz)).collect(),
        confidence: (0..n)
            .map(|c| periodicity(&candidates[c], chosen[c]))
            .collect(),
        states: (0..n)
            .map(|c| state_of(&candidates[c], &chosen, c, levels[c]))
            .collect(),
    }
}

fn periodicity(candidates: &[PeriodCandidate], chosen: Option<PeriodCandidate>) -> f32 {
    let best = chosen.map(|candidate| candidate.aperiodicity);
    1.0 - best.unwrap_or_else(|| lowest(candidates)).min(1.0)
}

fn lowest(candidates: &[PeriodCandidate]) -> f32 {
    let all = candidates.iter().map(|candidate| candidate.aperiodicity);
    all.fold(1.0, f32::min)
}

fn state_of(
    candidates: &[PeriodCandidate],
    chosen: &[Option<PeriodCandidate>],
    c: usize,
    level_db: f32,
) -> FrameState {
    let voiced = |i: usize| chosen.get(i).is_some_and(Option::is_some);
    match chosen[c] {
        Some(candidate) => {
            let edge = c == 0 || !voiced(c - 1) || !voiced(c + 1);
            if edge || candidate.aperiodicity > SURE_VOICED || level_db < AUDIBLE_DB {
                FrameState::Doubtful
            } else {
                FrameState::Voiced
            }
        }
        None => {
            let edge = (c > 0 && voiced(c - 1)) || voiced(c + 1);
            if edge || (lowest(candidates) < SURE_UNVOICED && level_db > AUDIBLE_DB) {
                FrameState::Doubtful
            } else {
                FrameState::Unvoiced
            }
        }
    }
}

/// Level of each frame's 40 ms in dB relative to the 90th percentile of those that sound.
fn relative_levels(samples: &[f32], n: usize) -> Vec<f32> {
    let power = |c: usize| {
        let middle = HOP * (c + 1);
        let around =
            &samples[middle.saturating_sub(2 * HOP)..(middle + 2 * HOP).min(samples.len())];
        around.iter().map(|x| x * x).sum::<f32>() / around.len().max(1) as f32
    };
    let powers: Vec<f32> = (0..n).map(power).collect();
    let loudest = powers.iter().copied().fold(0.0, f32::max);
    let mut sounding: Vec<f32> = powers
        .iter()
        .copied()
        .filter(|&p| p > 1e-4 * loudest)
        .collect();
    sounding.sort_by(f32::total_cmp);
    let reference = sounding
        .get(sounding.len() * 9 / 10)
        .copied()
        .unwrap_or(1.0);
    powers
        .iter()
        .map(|power| 10.0 * (power / reference).max(1e-12).log10())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::datasets::RATE_HZ;

    const TAU: f64 = std::f64::consts::TAU;

    /// Eight harmonics of a pitch that glides and trembles, between silences of half a second.
    fn sung(hz: f64) -> (Vec<f32>, Vec<f64>) {
        let (n, rate_hz) = (40_000, f64::from(RATE_HZ));
        let (mut phase, mut samples, mut pitch) = (0.0, Vec::new(), Vec::new());
        for i in 0..n {
            let secs = i as f64 / rate_hz;
            let f0_hz = hz * (0.2 * secs + 0.02 * (TAU * 5.5 * secs).sin()).exp2();
            phase += TAU * f0_hz / rate_hz;
            let on = (8000..32_000).contains(&i);
            let wave: f64 = (1..=8)
                .filter(|&k| k as f64 * f0_hz < 7000.0)
                .map(|k| (k as f64 * phase).sin() / k as f64)
                .sum();
            samples.push(if on { 0.3 * wave as f32 } else { 0.0 });
            pitch.push(if on { f0_hz } else { 0.0 });
        }
        (samples, pitch)
    }

    #[test]
    fn a_sung_glide_is_followed_within_ten_cents() {
        for hz in [80.0, 220.0, 523.0, 900.0] {
            let (samples, pitch) = sung(hz);
            let found = track(&samples);
            assert_eq!(found.f0_hz.len(), n_frames(samples.len()));
            for c in 53..195 {
                let expected = pitch[HOP * (c + 1)];
                let cents = 1200.0 * (f64::from(found.f0_hz[c]) / expected).log2();
                assert!(cents.abs() < 10.0, "{hz} Hz, frame {c}: {cents} cents");
                assert_eq!(found.states[c], FrameState::Voiced);
            }
            assert!(
                found.states[..45]
                    .iter()
                    .all(|&s| s == FrameState::Unvoiced)
            );
        }
    }

    #[test]
    fn noise_has_no_pitch() {
        let mut state = 1u32;
        let noise: Vec<f32> = (0..32_000)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                state as f32 / u32::MAX as f32 - 0.5
            })
            .collect();
        let n_voiced = track(&noise).f0_hz.iter().filter(|&&hz| hz > 0.0).count();
        assert!(n_voiced < 10, "{n_voiced}");
    }

    #[test]
    fn silence_and_nothing_are_unvoiced() {
        assert!(track(&[]).f0_hz.is_empty());
        let silent = track(&vec![0.0; 16_000]);
        assert_eq!(silent.f0_hz, vec![0.0; 99]);
        assert!(silent.states.iter().all(|&s| s == FrameState::Unvoiced));
    }
}
