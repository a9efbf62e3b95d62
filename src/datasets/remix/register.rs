//! A dry voice in another register: its pitch moved, its timing kept, its formants moved as little as asked.
//!
//! Pitch-synchronous overlap-add (Moulines & Charpentier 1990): every period, windowed, is laid down
//! again at the distance that the new pitch has. Corpora have few sopranos and basses; the singers
//! there are, moved, are what a network can learn high and low voices from. The same way makes a
//! growl, of periods that alternate.

use std::f64::consts::PI;

use rand::prelude::*;

use super::timeline::VoiceLine;
use crate::datasets::{HOP, RATE_HZ};

/// How far a pitch may be moved, as a factor.
const RATIO: [f64; 2] = [0.3, 8.0];

/// How far formants may be moved, as a factor.
const FORMANTS: [f64; 2] = [0.8, 1.7];

/// How far from where it is expected the next period may begin, in periods.
const REACH: f64 = 0.12;

/// Another pitch, by factors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Move {
    /// On the pitch.
    pub pitch: f64,
    /// On the formants.
    pub formants: f64,
    /// How periods alternate.
    pub growl: Growl,
}

/// Periods that alternate: heard as a rough voice, of the pitch that its periods have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Growl {
    /// Every how-manieth period is another; 1 for none.
    pub every: usize,
    /// What such a period lacks of its amplitude, 0 to 1.
    pub weaker: f64,
    /// By how much of a period it is late.
    pub late: f64,
}

impl Growl {
    /// A voice whose periods are alike.
    pub const NONE: Self = Self {
        every: 1,
        weaker: 0.0,
        late: 0.0,
    };

    /// Of some depth.
    pub fn draw(rng: &mut impl Rng) -> Self {
        Self {
            every: if rng.random_bool(0.75) { 2 } else { 3 },
            weaker: rng.random_range(0.15..0.7),
            late: rng.random_range(-0.04..0.04),
        }
    }

    fn is_other(&self, period: usize) -> bool {
        self.every > 1 && period.is_multiple_of(self.every)
    }
}

impl Move {
    /// None at all.
    pub const NONE: Self = Self {
        pitch: 1.0,
        formants: 1.0,
        growl: Growl::NONE,
    };

    /// To a median pitch of `target_hz` from one of `median_hz`; formants follow up to half of the way.
    pub fn to(target_hz: f64, median_hz: f64, rng: &mut impl Rng) -> Self {
        let pitch = (target_hz / median_hz).clamp(RATIO[0], RATIO[1]);
        let followed = pitch.powf(rng.random_range(0.0..0.5));
        Self {
            pitch,
            formants: followed.clamp(FORMANTS[0], FORMANTS[1]),
            ..Self::NONE
        }
    }
}

impl VoiceLine {
    /// Median pitch of the voiced frames; none if there are none.
    pub fn median_hz(&self) -> Option<f64> {
        let mut voiced: Vec<f32> = self.f0_hz.iter().copied().filter(|&hz| hz > 0.0).collect();
        let middle = voiced.len() / 2;
        voiced.sort_by(f32::total_cmp);
        voiced.get(middle).map(|&hz| f64::from(hz))
    }

    /// Moves the pitch; labels follow it.
    pub fn move_register(&mut self, by: &Move) {
        let mut moved = self.samples.clone();
        for run in voiced_runs(&self.f0_hz) {
            let periods = periods(&self.samples, &self.f0_hz, run);
            lay_down(&self.samples, &periods, by, &mut moved);
        }
        self.samples = moved;
        self.f0_hz.iter_mut().for_each(|hz| *hz *= by.pitch as f32);
    }
}

/// The samples of each voiced stretch.
fn voiced_runs(f0_hz: &[f32]) -> Vec<std::ops::Range<usize>> {
    let mut runs = Vec::new();
    let mut first = 0;
    for frames in f0_hz.chunk_by(|a, b| (*a > 0.0) == (*b > 0.0)) {
        let end = first + frames.len();
        if frames[0] > 0.0 {
            runs.push(HOP * first + HOP / 2..HOP * end + HOP / 2);
        }
        first = end;
    }
    runs
}

/// Where a period is, in samples.
#[derive(Clone, Copy, Debug)]
struct Period {
    at: f64,
    len: f64,
}

/// The periods of a voiced stretch: each begins where it is most like the one before.
fn periods(samples: &[f32], f0_hz: &[f32], run: std::ops::Range<usize>) -> Vec<Period> {
    let len_at = |at: f64| {
        let frame = (at / HOP as f64 - 1.0).round().max(0.0) as usize;
        let hz = f0_hz[frame.min(f0_hz.len() - 1)];
        if hz > 0.0 {
            Some(f64::from(RATE_HZ) / f64::from(hz))
        } else {
            None
        }
    };
    let end = run.end.min(samples.len()) as f64;
    let mut found: Vec<Period> = Vec::new();
    let Some(first_len) = len_at((run.start + HOP / 2) as f64) else {
        return found;
    };
    let mut at = loudest(samples, run.start, first_len);
    let mut len = first_len;
    while at < end {
        len = len_at(at).unwrap_or(len);
        found.push(Period { at, len });
        at += most_alike(samples, at, len);
    }
    found
}

/// The loudest sample within a period from `start` on.
fn loudest(samples: &[f32], start: usize, len: f64) -> f64 {
    let end = (start + len.ceil() as usize).min(samples.len());
    let loudest =
        (start.min(end)..end).max_by(|&a, &b| samples[a].abs().total_cmp(&samples[b].abs()));
    loudest.unwrap_or(start) as f64
}

/// The lag near `len` at which the samples around `at` look most alike, finer than a sample.
fn most_alike(samples: &[f32], at: f64, len: f64) -> f64 {
    let center = at.round() as isize;
    let half = (len / 2.0).ceil().max(4.0) as isize;
    let reach = (REACH * len).ceil().max(1.0) as isize;
    let sample = |i: isize| {
        usize::try_from(i)
            .ok()
            .and_then(|i| samples.get(i))
            .copied()
            .unwrap_or(0.0)
    };
    let product = |lag: isize| {
        let (mut both, mut later) = (0.0f32, 1e-9f32);
        for i in center - half..=center + half {
            let (a, b) = (sample(i), sample(i + lag));
            both += a * b;
            later += b * b;
        }
        both / later.sqrt()
    };
    let middle = len.round() as isize;
    let values: Vec<f32> = (middle - reach..=middle + reach).map(product).collect();
    let best = (0..values.len())
        .max_by(|&a, &b| values[a].total_cmp(&values[b]))
        .unwrap_or(0);
    if best == 0 || best + 1 == values.len() {
        return len; // nothing there is alike: what the pitch says
    }
    let (a, b, c) = (values[best - 1], values[best], values[best + 1]);
    let bend = a - 2.0 * b + c;
    let finer = if bend < 0.0 {
        0.5 * (a - c) / bend
    } else {
        0.0
    };
    (middle - reach) as f64 + best as f64 + f64::from(finer.clamp(-0.5, 0.5))
}

/// Lays the periods down at their new distance, in place of what `out` has there.
fn lay_down(samples: &[f32], periods: &[Period], by: &Move, out: &mut [f32]) {
    let (Some(first), Some(last)) = (periods.first(), periods.last()) else {
        return;
    };
    for period in periods {
        add_window(out, period.at, period.len, |i, window| -window * samples[i]);
    }
    let (mut at, mut nearest, mut number) = (first.at, 0, 0);
    let end = last.at + last.len / 2.0;
    while at < end {
        while nearest + 1 < periods.len()
            && (periods[nearest + 1].at - at).abs() <= (periods[nearest].at - at).abs()
        {
            nearest += 1;
        }
        let period = periods[nearest];
        let (mut place, mut gain) = (at, (by.formants / by.pitch).sqrt());
        if by.growl.is_other(number) {
            place += by.growl.late * period.len / by.pitch;
            gain *= 1.0 - by.growl.weaker;
        }
        let reach = period.len / by.formants;
        add_window(out, place, reach, |i, window| {
            let from = period.at + (i as f64 - place) * by.formants;
            (gain * f64::from(window)) as f32 * interpolated(samples, from)
        });
        at += period.len / by.pitch;
        number += 1;
    }
}

/// Adds `value` of a sample's number and a Hann window of `reach` on either side of `at`.
fn add_window(out: &mut [f32], at: f64, reach: f64, value: impl Fn(usize, f32) -> f32) {
    let first = (at - reach).ceil().max(0.0) as usize;
    let end = ((at + reach).floor().max(0.0) as usize + 1).min(out.len());
    for (i, sum) in out.iter_mut().enumerate().take(end).skip(first) {
        let window = 0.5 + 0.5 * (PI * (i as f64 - at) / reach).cos();
        *sum += value(i, window as f32);
    }
}

/// The value between samples, by a cubic through four.
fn interpolated(samples: &[f32], at: f64) -> f32 {
    let before = at.floor();
    let part = (at - before) as f32;
    let sample = |offset: isize| {
        let i = before as isize + offset;
        usize::try_from(i)
            .ok()
            .and_then(|i| samples.get(i))
            .copied()
            .unwrap_or(0.0)
    };
    let [a, b, c, d] = [sample(-1), sample(0), sample(1), sample(2)];
    let slope = 0.5 * (c - a);
    let bend = a - 2.5 * b + 2.0 * c - 0.5 * d;
    let twist = 0.5 * (d - a) + 1.5 * (b - c);
    ((twist * part + bend) * part + slope) * part + b
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::datasets::n_frames;

    /// Half a second of silence, then a voice of 200 Hz with a formant at 700 Hz, then silence.
    fn line() -> VoiceLine {
        let n = 32_000;
        let level = |hz: f64| 0.02 + (-((hz - 700.0) / 200.0).powi(2)).exp();
        let sung = |i: usize| {
            let turn = TAU * 200.0 * i as f64 / 16_000.0;
            (1..=30)
                .map(|k| level(200.0 * f64::from(k)) * (turn * f64::from(k)).cos())
                .sum::<f64>()
        };
        let on = |sample: usize| (8_000..24_000).contains(&sample);
        let frames = n_frames(n);
        VoiceLine {
            samples: (0..n)
                .map(|i| if on(i) { 0.1 * sung(i) as f32 } else { 0.0 })
                .collect(),
            f0_hz: (0..frames)
                .map(|c| if on(HOP * (c + 1)) { 200.0 } else { 0.0 })
                .collect(),
            mask: vec![true; frames],
        }
    }

    fn amplitude(line: &VoiceLine, hz: f64) -> f64 {
        let part = &line.samples[12_000..20_000];
        let (mut re, mut im) = (0.0, 0.0);
        for (i, &x) in part.iter().enumerate() {
            let hann = 1.0 - (TAU * i as f64 / part.len() as f64).cos();
            let angle = TAU * hz * i as f64 / 16_000.0;
            re += hann * f64::from(x) * angle.cos();
            im += hann * f64::from(x) * angle.sin();
        }
        (re * re + im * im).sqrt() / part.len() as f64
    }

    fn moved(pitch: f64, growl: Growl) -> VoiceLine {
        let mut line = line();
        line.move_register(&Move {
            pitch,
            formants: 1.0,
            growl,
        });
        line
    }

    #[test]
    fn the_pitch_moves_and_the_formant_stays() {
        for pitch in [0.5, 1.0, 2.1, 3.7] {
            let line = moved(pitch, Growl::NONE);
            let hz = 200.0 * pitch;
            assert!((f64::from(line.f0_hz[100]) - hz).abs() < 1e-3);
            let strongest = (1..=(3_000.0 / hz) as usize)
                .map(|k| k as f64 * hz)
                .max_by(|a, b| amplitude(&line, *a).total_cmp(&amplitude(&line, *b)))
                .unwrap();
            assert!(
                (strongest - 700.0).abs() <= hz.max(200.0) / 2.0 + 1.0,
                "{pitch}: {strongest}"
            );
            let between = amplitude(&line, strongest + hz / 2.0);
            assert!(amplitude(&line, strongest) > 8.0 * between, "{pitch}");
        }
    }

    #[test]
    fn silence_and_timing_stay() {
        let line = moved(2.0, Growl::NONE);
        assert!(line.samples[..7_800].iter().all(|&x| x == 0.0));
        assert!(line.samples[24_400..].iter().all(|&x| x == 0.0));
        assert_eq!(line.f0_hz.iter().filter(|&&hz| hz > 0.0).count(), 100);
        let power = |line: &VoiceLine| line.voiced_power();
        let ratio = power(&line) / power(&moved(1.0, Growl::NONE));
        assert!((0.4..2.5).contains(&ratio), "{ratio}");
    }

    #[test]
    fn a_growl_has_half_its_pitch_too() {
        let growl = Growl {
            every: 2,
            weaker: 0.6,
            late: 0.0,
        };
        let (rough, smooth) = (moved(1.0, growl), moved(1.0, Growl::NONE));
        assert_eq!(rough.f0_hz, smooth.f0_hz);
        assert!(amplitude(&rough, 700.0) > 5.0 * amplitude(&smooth, 700.0));
        assert!(amplitude(&rough, 600.0) > amplitude(&rough, 700.0));
    }

    #[test]
    fn a_register_is_reached_as_far_as_it_can_be() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let near = Move::to(880.0, 220.0, &mut rng);
        assert!((near.pitch - 4.0).abs() < 1e-9 && (1.0..=1.7).contains(&near.formants));
        assert_eq!(Move::to(2000.0, 100.0, &mut rng).pitch, RATIO[1]);
        assert_eq!(line().median_hz(), Some(200.0));
        assert_eq!(VoiceLine::silent(8000).median_hz(), None);
    }

    #[test]
    fn nothing_is_moved_without_a_fault() {
        for n in [0, 1, 159, 161, 400] {
            let mut line = VoiceLine::silent(n);
            line.f0_hz.fill(90.0);
            line.move_register(&Move {
                pitch: 0.4,
                formants: 1.2,
                growl: Growl::NONE,
            });
            assert!(line.samples.iter().all(|x| x.is_finite()));
        }
    }
}
