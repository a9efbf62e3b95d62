//! What the note stage takes of a contour and of the level of its harmonics.
//!
//! Around a frame twelve measures tell of a boundary. Levels are in dB, odds in nats: depth of the dip
//! and its root; roots of the rise out of it and of the fall into it; change of the level, roots of
//! its rise and of its fall over a longer stretch; how much it sags; odds of a voice after and before,
//! their change, and the least of them.

use std::ops::RangeInclusive;

use super::F0Track;
use super::calibrate::log_odds;
use super::note_constants::STEP_REACH;
use super::pitch::hz_to_midi;

/// Number of measures around a frame.
pub(super) const N_MEASURES: usize = 12;

/// Softer than the loud frames by more dB counts as silent.
const QUIET_DB: f64 = 40.0;
/// Part of the frames that is not loud.
const LOUD: f64 = 0.95;
/// Bounds of the log-odds of a voice, nearest to and farthest from undecided.
const ODDS: [f64; 2] = [0.5, 4.0];
/// Part of the frames on each side that must be voiced: with less of a cycle, a vibrato is a step.
const LEAST_VOICED: f64 = 0.8;
/// MIDI numbers that are a pitch.
const MIDI: RangeInclusive<f64> = 0.0..=140.0;

/// Frames of 10 ms → frames of a contour.
#[derive(Clone, Copy)]
pub(super) struct NoteScale {
    hop_secs: f64,
}

impl NoteScale {
    /// So many frames of 10 ms, in frames.
    pub fn frames(self, frames: i32) -> isize {
        (f64::from(frames) * 0.01 / self.hop_secs).round() as isize
    }

    /// The same for what has no sign: at least one.
    pub fn count(self, frames: i32) -> usize {
        self.frames(frames).max(1) as usize
    }

    /// A frame's length in frames of 10 ms.
    pub fn weight(self) -> f64 {
        self.hop_secs / 0.01
    }
}

/// A contour and its level, frame by frame.
pub(super) struct NoteFrames {
    pub scale: NoteScale,
    /// Pitch; where there is none, the last one.
    pub midi: Vec<f64>,
    /// Whether a voice with a pitch was decided.
    pub voiced: Vec<bool>,
    /// Log-odds of a voice, with the sign of what was decided: people are heard too.
    odds: Vec<f64>,
    /// dB below the loud frames.
    level: Vec<f64>,
}

impl NoteFrames {
    /// Of a contour and the level of its harmonics in dB; without, the level stays the same.
    pub fn new(f0: &F0Track, voice_level: Option<&[f32]>) -> Self {
        let hop_secs = match f0.grid.hop_secs {
            hop if hop > 0.0 && hop.is_finite() => hop,
            _ => 0.01,
        };
        let n = f0.frames.len();
        let pitches = f0.frames.iter().map(|f| hz_to_midi(f64::from(f.f0_hz)));
        let pitches: Vec<f64> = pitches.collect();
        let is_voiced = |i: usize| f0.frames[i].voiced && MIDI.contains(&pitches[i]);
        let voiced: Vec<bool> = (0..n).map(is_voiced).collect();
        let odds = |i: usize| {
            // a maximum with NaN is the other number
            let odds = f64::from(log_odds(f0.frames[i].confidence.clamp(0.0, 1.0).max(0.0)));
            match voiced[i] {
                true => odds.clamp(ODDS[0], ODDS[1]),
                false => odds.clamp(-ODDS[1], -ODDS[0]),
            }
        };
        Self {
            scale: NoteScale { hop_secs },
            odds: (0..n).map(odds).collect(),
            level: relative(voice_level.unwrap_or_default(), n),
            midi: held(&pitches),
            voiced,
        }
    }

    /// The measures around a frame.
    pub fn measures(&self, at: usize) -> [f64; N_MEASURES] {
        let level = |first, last| self.mean(&self.level, at, first..=last);
        let odds = |first, last| self.mean(&self.odds, at, first..=last);
        let most = |first, last| self.fold(&self.level, at, first..=last, f64::max);
        let root = |value: f64| value.max(0.0).sqrt();
        let least = self.fold(&self.level, at, -5..=1, f64::min);
        let (up, down) = (most(1, 10) - least, most(-14, -2) - least);
        let rise = level(0, 3) - level(-4, -1);
        [
            up.min(down),
            root(up.min(down)),
            root(up),
            root(down),
            level(0, 2) - level(-3, -1),
            root(rise),
            root(-rise),
            level(4, 7) + level(-8, -5) - 2.0 * level(-2, 1),
            odds(1, 8),
            odds(-8, -1),
            odds(0, 3) - odds(-4, -1),
            self.fold(&self.odds, at, -5..=1, f64::min),
        ]
    }

    /// How many semitones the mean pitch of the next cycle of a vibrato lies from that of the last.
    pub fn steps(&self) -> Vec<f64> {
        let weights: Vec<f64> = self
            .voiced
            .iter()
            .map(|&it| f64::from(u8::from(it)))
            .collect();
        let weighted = self.midi.iter().zip(&weights).map(|(m, w)| m * w);
        let (total, count) = (sums(weighted), sums(weights.iter().copied()));
        let (n, reach) = (self.midi.len(), self.scale.count(STEP_REACH));
        let step = |t: usize| {
            let (left, right) = (t.saturating_sub(reach), (t + reach).min(n));
            let (before, after) = (count[t] - count[left], count[right] - count[t]);
            if before.min(after) < LEAST_VOICED * reach as f64 {
                return 0.0;
            }
            ((total[right] - total[t]) / after - (total[t] - total[left]) / before).abs()
        };
        (0..n).map(step).collect()
    }

    fn mean(&self, values: &[f64], at: usize, span: RangeInclusive<i32>) -> f64 {
        let (sum, count) = self
            .near(values, at, span)
            .fold((0.0, 0.0), |(sum, n), value| (sum + value, n + 1.0));
        sum / count
    }

    fn fold(
        &self,
        values: &[f64],
        at: usize,
        span: RangeInclusive<i32>,
        f: fn(f64, f64) -> f64,
    ) -> f64 {
        self.near(values, at, span)
            .reduce(f)
            .expect("a span has a frame")
    }

    /// Values of the frames around, the last again beyond the ends.
    fn near<'a>(
        &self,
        values: &'a [f64],
        at: usize,
        span: RangeInclusive<i32>,
    ) -> impl Iterator<Item = f64> + 'a {
        let first = self.scale.frames(*span.start());
        let last = self.scale.frames(*span.end()).max(first);
        let end = values.len() - 1;
        (first..=last).map(move |by| values[at.saturating_add_signed(by).min(end)])
    }
}

/// Sums of the first values: none, one, and so on.
pub(super) fn sums(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let running = values.scan(0.0, |sum, value| {
        *sum += value;
        Some(*sum)
    });
    [0.0].into_iter().chain(running).collect()
}

/// Each pitch, or the last one where it is none.
fn held(pitches: &[f64]) -> Vec<f64> {
    let first = pitches.iter().copied().find(|pitch| MIDI.contains(pitch));
    let mut last = first.unwrap_or(0.0);
    let hold = |&pitch: &f64| {
        last = if MIDI.contains(&pitch) { pitch } else { last };
        last
    };
    pitches.iter().map(hold).collect()
}

/// Levels below the loud frames, no lower than what counts as silent; `n` of them.
fn relative(level: &[f32], n: usize) -> Vec<f64> {
    let mut sorted: Vec<f32> = level.iter().copied().filter(|it| it.is_finite()).collect();
    let loud = match sorted.len() {
        0 => return vec![0.0; n],
        len => {
            let at = (LOUD * (len - 1) as f64).round() as usize;
            f64::from(*sorted.select_nth_unstable_by(at, f32::total_cmp).1)
        }
    };
    let value = |i: usize| {
        let level = level
            .get(i)
            .map_or(f64::NAN, |&level| f64::from(level) - loud);
        if level.is_finite() {
            level.max(-QUIET_DB)
        } else {
            0.0
        }
    };
    (0..n).map(value).collect()
}
