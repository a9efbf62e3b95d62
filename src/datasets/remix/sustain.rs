//! Sustained notes: held for seconds.
//!
//! Corpora of short phrases have few of them and songs have many; a network that
//! has not heard one takes it for an instrument. A steady part of a note is read
//! back and forth, which keeps the voice's own unsteadiness, with a vibrato and a
//! swell as singers give to a note they hold.

use std::f64::consts::PI;
use std::ops::Range;

use rand::prelude::*;

use super::augment::db_to_gain;
use super::shift::Shifter;
use super::timeline::VoiceLine;
use crate::datasets::{HOP, RATE_HZ};

/// The shortest part of a note that is steady enough: 0.15 s.
const MIN_FRAMES: usize = 15;

/// The longest part that is read: 0.3 s.
const MAX_FRAMES: usize = 30;

/// How far f0 may stray within it, as a factor: 70 cents.
const STEADY: f32 = 1.041;

/// The shortest way between two turns: 60 ms.
const MIN_SWEEP: f64 = 0.06 * RATE_HZ as f64;

/// A turn is moved to the loudest sample this near, where a mirrored wave has no corner.
const TURN_REACH: usize = RATE_HZ as usize / 200;

/// Time in which a vibrato grows.
const VIBRATO_ONSET: f64 = 0.6 * RATE_HZ as f64;

/// How a note is read while it is held.
struct HeldSample {
    position: f64,
    /// Factor on f0: the speed of reading.
    speed: f64,
}

/// How loud a sustained note goes on.
struct SustainShape {
    dies: bool,
    swell_db: f64,
    fall_db: f64,
}

impl SustainShape {
    fn draw(rng: &mut impl Rng) -> Self {
        Self {
            dies: rng.random_bool(0.5),
            swell_db: rng.random_range(-9.0..3.0),
            fall_db: rng.random_range(-18.0..-6.0),
        }
    }

    /// Gain of sample `i` of `n`, and the fade at its end if it dies.
    fn gains(&self, i: usize, n: usize) -> [f32; 2] {
        let share = i as f64 / n as f64;
        if self.dies {
            let left = (n - i) as f32 / HOP as f32;
            return [db_to_gain(self.fall_db * share), left.min(1.0)];
        }
        [db_to_gain(self.swell_db * (PI * share).sin().powi(2)), 1.0]
    }
}

/// A note that goes on from a sample of the line, after which the line resumes at another.
struct Sustained {
    at: usize,
    path: Vec<HeldSample>,
    resumed: usize,
}

impl VoiceLine {
    /// Sustains one of the notes for `secs` more; what follows comes later, and what no
    /// longer fits is lost. Half of them die away, and a rest follows. Where no note is
    /// steady, nothing changes.
    pub fn sustain(&mut self, secs: f64, rng: &mut impl Rng) {
        let Some(steady) = self.steady(rng) else {
            return;
        };
        let at = steady.end;
        let path = self.path(steady, (secs * f64::from(RATE_HZ)) as usize, rng);
        let shape = SustainShape::draw(rng);
        // What is left of the note is not sung if it has died.
        let resumed = if shape.dies { self.end_of_note(at) } else { at };
        let note = Sustained { at, path, resumed };
        let samples = self.samples_with(&note, &shape);
        (self.f0_hz, self.mask) = self.labels_with(&note);
        self.samples = samples;
    }

    fn samples_with(&self, note: &Sustained, shape: &SustainShape) -> Vec<f32> {
        let shifter = Shifter::new(1.0);
        let held = note.path.iter().enumerate().map(|(i, held)| {
            let [gain, fade] = shape.gains(i, note.path.len());
            shifter.at(&self.samples, held.position) * gain * fade
        });
        let before = self.samples[..note.at].iter().copied();
        let after = self.samples[note.resumed..].iter().copied();
        let sounding = before.chain(held).chain(after);
        let endless = sounding.chain(std::iter::repeat(0.0));
        endless.take(self.samples.len()).collect()
    }

    fn labels_with(&self, note: &Sustained) -> (Vec<f32>, Vec<bool>) {
        let label = |position: f64| {
            let frame = (position / HOP as f64).round() as usize;
            let frame = frame.max(1) - 1;
            let known = self.f0_hz.get(frame).zip(self.mask.get(frame));
            known.map_or((0.0, true), |(&f0_hz, &counts)| (f0_hz, counts))
        };
        let labels = (1..=self.f0_hz.len()).map(|frame| match HOP * frame {
            sample if sample < note.at => label(sample as f64),
            sample => match note.path.get(sample - note.at) {
                Some(held) => {
                    let (f0_hz, counts) = label(held.position);
                    (f0_hz * held.speed as f32, counts)
                }
                None => label((sample - note.path.len() + note.resumed - note.at) as f64),
            },
        });
        labels.unzip()
    }

    /// Samples of a steady part of some note, its end on a peak.
    fn steady(&self, rng: &mut impl Rng) -> Option<Range<usize>> {
        let voiced: Vec<usize> = (0..self.f0_hz.len())
            .filter(|&frame| self.f0_hz[frame] > 0.0)
            .collect();
        (0..8).find_map(|_| {
            let &middle = voiced.choose(rng)?;
            let near = |&frame: &usize| {
                let ratio = self.f0_hz[frame] / self.f0_hz[middle];
                self.mask[frame] && ratio < STEADY && ratio > STEADY.recip()
            };
            let first = (0..=middle).rev().take_while(near).last()?;
            let last = (middle..self.f0_hz.len()).take_while(near).last()?;
            let end = self.peak_near(HOP * (last + 1));
            let first = first.max(last.saturating_sub(MAX_FRAMES));
            (last - first >= MIN_FRAMES && end < self.samples.len()).then(|| HOP * (first + 1)..end)
        })
    }

    /// The first sample behind `sample` at which nothing is sung.
    fn end_of_note(&self, sample: usize) -> usize {
        let first = (sample / HOP).saturating_sub(1).min(self.f0_hz.len());
        let rest = self.f0_hz[first..].iter().position(|&hz| hz == 0.0);
        rest.map_or(self.samples.len(), |frames| HOP * (first + frames + 1))
            .max(sample)
    }

    fn peak_near(&self, sample: usize) -> usize {
        let from = sample.saturating_sub(TURN_REACH);
        let to = (sample + TURN_REACH).min(self.samples.len());
        (from..to)
            .max_by(|&a, &b| self.samples[a].abs().total_cmp(&self.samples[b].abs()))
            .unwrap_or(sample)
    }

    /// Back and forth through `steady`, from its end to its end, for at least `n` samples.
    fn path(&self, steady: Range<usize>, n: usize, rng: &mut impl Rng) -> Vec<HeldSample> {
        let (low, high) = (steady.start as f64, steady.end as f64);
        let step = 2.0 * PI * rng.random_range(4.5..6.5) / f64::from(RATE_HZ);
        let octaves: f64 = rng.random_range(0.0..60.0) / 1200.0;
        let mut path = Vec::with_capacity(n + steady.len());
        let (mut position, mut forward) = (high, true);
        let mut turn = high;
        loop {
            let arrived = if forward {
                position >= turn
            } else {
                position <= turn
            };
            if arrived && forward && path.len() >= n {
                if turn >= high {
                    return path;
                }
                turn = high;
            } else if arrived {
                forward = !forward;
                let edge = if forward { high } else { low };
                let nearest = position + MIN_SWEEP.copysign(edge - position);
                turn = if (edge - position).abs() > MIN_SWEEP {
                    let drawn = nearest + rng.random::<f64>() * (edge - nearest);
                    (self.peak_near(drawn as usize) as f64).clamp(low, high)
                } else {
                    edge
                };
            }
            let i = path.len() as f64;
            let vibrato = octaves * (i / VIBRATO_ONSET).min(1.0) * (step * i).sin();
            let speed = vibrato.exp2();
            path.push(HeldSample { position, speed });
            position += if forward { speed } else { -speed };
        }
    }
}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::datasets::remix::augment;

    /// Two seconds: silence, a tone of 220 Hz from 0.5 to 1 s, silence.
    fn note() -> VoiceLine {
        let rate = RATE_HZ as usize;
        let mut line = VoiceLine::silent(2 * rate);
        for i in rate / 2..rate {
            let t = i as f64 / f64::from(RATE_HZ);
            line.samples[i] = (2.0 * PI * 220.0 * t).sin() as f32;
        }
        for frame in 50..99 {
            line.f0_hz[frame] = 220.0;
        }
        line
    }

    /// Whether the note of [`note`] dies when it is held with this seed.
    fn dies(seed: u64) -> bool {
        let mut line = note();
        line.sustain(0.5, &mut ChaCha8Rng::seed_from_u64(seed));
        let last = line.f0_hz.iter().rposition(|&hz| hz > 0.0).unwrap();
        let end = HOP * (last + 1);
        augment::power(&line.samples[end - 1600..end]) < 0.1
    }

    #[test]
    fn half_of_the_held_notes_die_and_a_rest_follows() {
        let died: Vec<u64> = (0..40).filter(|&seed| dies(seed)).collect();
        assert!((10..=30).contains(&died.len()), "{}", died.len());
        for seed in died {
            let mut line = note();
            line.sustain(0.5, &mut ChaCha8Rng::seed_from_u64(seed));
            let last = line.f0_hz.iter().rposition(|&hz| hz > 0.0).unwrap();
            let after = &line.samples[HOP * (last + 2)..];
            assert!(augment::power(after) < 1e-6, "{seed}");
            assert_eq!((line.samples.len(), line.f0_hz.len()), (32_000, 199));
        }
    }

    #[test]
    fn a_held_note_lasts_longer_and_keeps_its_pitch() {
        let mut line = note();
        let (n, frames) = (line.samples.len(), line.f0_hz.len());
        let seed = (0..).find(|&seed| !dies(seed)).unwrap();
        line.sustain(0.5, &mut ChaCha8Rng::seed_from_u64(seed));
        assert_eq!((line.samples.len(), line.f0_hz.len()), (n, frames));
        let voiced: Vec<f32> = line.f0_hz.iter().copied().filter(|&hz| hz > 0.0).collect();
        assert!((98..150).contains(&voiced.len()), "{}", voiced.len());
        assert!(
            voiced
                .iter()
                .all(|hz| (1200.0 * (hz / 220.0).log2()).abs() < 61.0)
        );
        // Zero crossings tell the pitch of what sounds.
        let held = &line.samples[12_000..20_000];
        let crossings = held
            .windows(2)
            .filter(|w| w[0] < 0.0 && w[1] >= 0.0)
            .count();
        assert!((104..=116).contains(&crossings), "{crossings}");
        // No click: a tone of this pitch moves by .09 a sample at most, by 3 dB more when swelled.
        let largest = held
            .windows(2)
            .map(|w| (w[1] - w[0]).abs())
            .fold(0.0, f32::max);
        assert!(largest < 0.15, "{largest}");
    }

    #[test]
    fn what_follows_comes_later() {
        let mut line = note();
        line.samples[16_500] = 0.5;
        let seed = (0..).find(|&seed| !dies(seed)).unwrap();
        line.sustain(0.3, &mut ChaCha8Rng::seed_from_u64(seed));
        let click = 17_000
            + line.samples[17_000..]
                .iter()
                .position(|&x| x == 0.5)
                .unwrap();
        assert!(click >= 16_500 + 4_800, "{click}");
        let last = line.f0_hz.iter().rposition(|&hz| hz > 0.0).unwrap();
        let since_last = click - HOP * (last + 1);
        assert!(
            (660 - HOP..=660 + HOP).contains(&since_last),
            "{since_last}"
        );
    }

    #[test]
    fn where_nothing_is_sung_nothing_changes() {
        let mut line = VoiceLine::silent(16_000);
        let before = line.clone();
        line.sustain(1.0, &mut ChaCha8Rng::seed_from_u64(3));
        assert_eq!(line, before);
    }
}
