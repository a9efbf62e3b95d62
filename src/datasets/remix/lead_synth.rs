//! An instrument that takes the lead: what a voice might sing, by something that has none.
//!
//! Guitars bend and slide, saxophones swell, and both shake their notes as singers do; corpora of
//! karaoke have hardly any of that, and a network that has not heard it takes a solo for singing.
//! This instrument plays the contour of a real voice. What it lacks is what words do to a voice:
//! its spectrum keeps one shape.

use std::f32::consts::TAU;

use rand::prelude::*;

use super::augment::{self, Biquad};
use crate::datasets::{HOP, RATE_HZ};

/// Values of one period of a wave.
const TABLE: usize = 2048;

/// Highest harmonic of a wave, whatever its pitch.
const BAND_HZ: f32 = 7_000.0;

/// A leap of pitch that begins a note: three quarters of a semitone.
const LEAP: f32 = 1.044;

/// How an instrument sounds.
struct SynthTone {
    /// One period.
    wave: Vec<f32>,
    /// Time in which a note comes, in samples.
    attack: f32,
    /// Time in which it falls to a third, in samples; a bowed or blown one hardly does.
    decay: f32,
    /// Whether pitch goes in semitones, with a vibrato of its own, or as the voice went.
    fretted: bool,
    /// Depth of that vibrato in octaves, and its speed in turns a sample.
    vibrato: (f32, f32),
    /// Gain before the amplifier, which limits softly; below 1 it is clean.
    drive: f32,
}

impl SynthTone {
    fn draw(highest_hz: f32, rng: &mut impl Rng) -> Self {
        let n_harmonics = (BAND_HZ / highest_hz).clamp(1.0, 60.0) as usize;
        let tilt: f32 = rng.random_range(0.5..2.0);
        let even = if rng.random_bool(0.25) { 0.15 } else { 1.0 }; // a closed pipe lacks them
        let formed: Vec<(f32, f32)> = (1..=n_harmonics)
            .map(|k| {
                let level = (k as f32).powf(-tilt) * rng.random_range(0.5..1.5f32);
                let level = if k % 2 == 0 { even * level } else { level };
                (level, rng.random_range(0.0..TAU))
            })
            .collect();
        let value = |i: usize| {
            let turn = TAU * i as f32 / TABLE as f32;
            let harmonics = formed.iter().zip(1u16..);
            harmonics
                .map(|((level, phase), k)| level * (turn * f32::from(k) + phase).sin())
                .sum()
        };
        let mut wave: Vec<f32> = (0..TABLE).map(value).collect();
        let level = augment::power(&wave).sqrt().max(1e-6);
        wave.iter_mut().for_each(|value| *value /= level);
        let secs = |secs: f32| secs * RATE_HZ as f32;
        Self {
            wave,
            attack: secs(rng.random_range(0.003..0.06)),
            decay: secs(rng.random_range(0.3f32..8.0)),
            fretted: rng.random_bool(0.6),
            vibrato: (
                rng.random_range(0.0..0.05),
                rng.random_range(4.0..7.0) / RATE_HZ as f32,
            ),
            drive: if rng.random_bool(0.6) {
                10f32.powf(rng.random_range(0.0..1.5))
            } else {
                0.3
            },
        }
    }
}

/// Plays a contour, `f0_hz` by frame and 0 where nothing sounds, as `n` samples.
pub fn play(f0_hz: &[f32], n: usize, rng: &mut impl Rng) -> Vec<f32> {
    let highest = f0_hz.iter().copied().fold(0.0, f32::max);
    if highest == 0.0 {
        return vec![0.0; n];
    }
    let tone = SynthTone::draw(1.1 * highest, rng);
    let mut playing = Playing::at(highest);
    let sample = |sample: usize| playing.next(f0_hz[(sample / HOP).min(f0_hz.len() - 1)], &tone);
    let mut samples: Vec<f32> = (0..n).map(sample).collect();
    if tone.drive > 1.0 {
        Biquad::lowpass(rng.random_range(2_500.0..5_500.0), 0.7).apply(&mut samples); // a loudspeaker's
    }
    samples
}

/// Where an instrument is, from sample to sample.
struct Playing {
    /// Places in the wave and in the vibrato, 0 to 1.
    phase: f32,
    shake: f32,
    /// Level of the note, and its time in samples.
    level: f32,
    age: f32,
    /// Pitch now, and of the contour where the note began; 0 between notes.
    hz: f32,
    begun_hz: f32,
}

impl Playing {
    fn at(hz: f32) -> Self {
        Self {
            phase: 0.0,
            shake: 0.0,
            level: 0.0,
            age: 0.0,
            hz,
            begun_hz: 0.0,
        }
    }

    /// The next sample where the contour is at `sung` Hz.
    fn next(&mut self, sung: f32, tone: &SynthTone) -> f32 {
        self.follow(sung, tone);
        let sounding = if sung > 0.0 {
            (-self.age / tone.decay).exp()
        } else {
            0.0
        };
        self.level += (sounding - self.level) / tone.attack;
        self.age += 1.0;
        let octaves = self.vibrato(tone);
        let turn = self.hz * (1.0 + octaves * std::f32::consts::LN_2) / RATE_HZ as f32;
        self.phase = (self.phase + turn).fract();
        let value = self.level * tone.wave[(self.phase * TABLE as f32) as usize % TABLE];
        (tone.drive * value).tanh()
    }

    /// Moves the pitch, and begins a note where the contour leaps.
    fn follow(&mut self, sung: f32, tone: &SynthTone) {
        if sung == 0.0 {
            self.begun_hz = 0.0;
            return;
        }
        let leap = (sung / self.begun_hz).max(self.begun_hz / sung);
        if self.begun_hz == 0.0 || (leap > LEAP && tone.fretted) {
            (self.age, self.begun_hz) = (0.0, sung);
        }
        let aim = if tone.fretted {
            nearest_semitone(self.begun_hz)
        } else {
            sung
        };
        self.hz += (aim - self.hz) * 0.004; // a slide of some 15 ms
    }

    fn vibrato(&mut self, tone: &SynthTone) -> f32 {
        self.shake = (self.shake + tone.vibrato.1).fract();
        let grown = (self.age / (0.4 * RATE_HZ as f32)).min(1.0);
        if tone.fretted {
            grown * tone.vibrato.0 * (TAU * self.shake).sin()
        } else {
            0.0
        }
    }
}

fn nearest_semitone(hz: f32) -> f32 {
    440.0 * ((12.0 * (hz / 440.0).log2()).round() / 12.0).exp2()
}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn it_sounds_where_the_contour_does_and_at_its_pitch() {
        // 0.5 s of rest, 1 s of 220 Hz, 0.5 s of rest
        let f0_hz: Vec<f32> = (0..200)
            .map(|c| if (50..150).contains(&c) { 220.0 } else { 0.0 })
            .collect();
        for seed in 0..20 {
            let rng = &mut ChaCha8Rng::seed_from_u64(seed);
            let samples = play(&f0_hz, 32_000, rng);
            assert_eq!(samples.len(), 32_000);
            assert!(samples.iter().all(|x| x.is_finite() && x.abs() < 2.0));
            assert!(augment::power(&samples[..7_900]) < 1e-9, "{seed}");
            assert!(augment::power(&samples[12_000..16_000]) > 1e-4, "{seed}");
            assert!(augment::power(&samples[29_000..]) < 1e-5, "{seed}");
            // The period, 72.7 samples, is what the sound repeats by best.
            let sound = &samples[12_000..16_000];
            let likeness = |lag: usize| -> f32 {
                let pairs = sound.iter().zip(&sound[lag..]);
                pairs.map(|(a, b)| a * b).sum()
            };
            let best = (40..110).max_by(|&a, &b| likeness(a).total_cmp(&likeness(b)));
            assert!((69..=77).contains(&best.unwrap()), "{seed}: {best:?}");
        }
    }

    #[test]
    fn where_nothing_is_sung_nothing_plays() {
        let rng = &mut ChaCha8Rng::seed_from_u64(1);
        assert_eq!(play(&[0.0; 20], 3200, rng), vec![0.0; 3200]);
    }
}
