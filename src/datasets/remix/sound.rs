//! How the parts of an excerpt are treated and brought together.

use rand::prelude::*;
use rand_chacha::ChaCha8Rng;

use super::augment::{self, Biquad, Compression, db_to_gain};
use super::timeline::VoiceLine;
use super::{Remixer, draw, lead_synth};
use crate::datasets::HOP;

/// Level of a lead instrument behind the voice, relative to where that rests.
const BEHIND_DB: [f64; 2] = [-24.0, -6.0];

impl Remixer {
    pub(super) fn treat_voice(&self, samples: &mut [f32], rng: &mut ChaCha8Rng) {
        let config = &self.config;
        if self.chance(config.voice_compression_probability, rng) {
            augment::compress(samples, &compression(rng));
        }
        self.color(samples, rng);
        if self.chance(config.doubling_probability, rng) {
            augment::double(samples, draw(config.doubling_db, rng), rng);
        }
        if self.chance(config.reverb_probability, rng) {
            let secs = draw(config.reverb_secs, rng);
            augment::reverberate(samples, secs, draw(config.reverb_db, rng), rng);
        }
    }

    pub(super) fn color(&self, samples: &mut [f32], rng: &mut ChaCha8Rng) {
        let config = &self.config;
        if self.chance(config.tilt_probability, rng) {
            augment::tilt(samples, rng.random_range(-0.6..0.6));
        }
        if self.chance(config.eq_probability, rng) {
            for _ in 0..rng.random_range(1..=2) {
                let hz = 100.0 * 60f32.powf(rng.random_range(0.0..1.0));
                let db = draw([-config.eq_db, config.eq_db], rng) as f32;
                Biquad::peaking(hz, rng.random_range(0.5..2.0), db).apply(samples);
            }
        }
    }

    /// Lets an instrument play the contour of some voice, where `line` rests and softer behind it.
    pub(super) fn maybe_lead_synth(
        &self,
        line: &VoiceLine,
        backing: &mut [f32],
        rng: &mut ChaCha8Rng,
    ) {
        let config = &self.config;
        let backing_power = augment::sounding_power(backing);
        // A recipe without leads draws nothing here, and so stays as it was.
        let wanted =
            config.lead_synth_probability > 0.0 && self.chance(config.lead_synth_probability, rng);
        if !wanted || backing_power == 0.0 {
            return;
        }
        let mut contour = VoiceLine::silent(backing.len());
        self.sing(self.voice_lots.sample(rng), &mut contour, None, rng);
        if let Some(by) = self.other_register(&contour, rng) {
            contour
                .f0_hz
                .iter_mut()
                .for_each(|hz| *hz *= by.pitch as f32);
        }
        let mut lead = lead_synth::play(&contour.f0_hz, backing.len(), rng);
        self.color(&mut lead, rng);
        if self.chance(config.reverb_probability, rng) {
            let secs = draw(config.reverb_secs, rng);
            augment::reverberate(&mut lead, secs, draw(config.reverb_db, rng), rng);
        }
        let level = db_to_gain(draw(config.lead_synth_db, rng));
        let power = augment::sounding_power(&lead).max(f32::MIN_POSITIVE);
        let gain = level * (backing_power / power).sqrt();
        let behind = db_to_gain(draw(BEHIND_DB, rng));
        let mut now = 1.0;
        for (i, (sum, lead)) in backing.iter_mut().zip(&lead).enumerate() {
            let frame = (i / HOP).min(line.f0_hz.len() - 1);
            let aim = if line.f0_hz[frame] > 0.0 { behind } else { 1.0 };
            now += (aim - now) * 0.001; // in some 60 ms
            *sum += gain * now * lead;
        }
    }

    /// Voice and accompaniment at a level drawn from the recipe, the voice as it is.
    pub(super) fn balance(
        &self,
        line: &VoiceLine,
        mut backing: Vec<f32>,
        rng: &mut ChaCha8Rng,
    ) -> Vec<f32> {
        let snr_db = draw(self.config.snr_db, rng);
        let (voice, other) = (line.voiced_power(), augment::sounding_power(&backing));
        let gain = if voice > 0.0 && other > 0.0 {
            (voice / other).sqrt() / db_to_gain(snr_db)
        } else {
            1.0
        };
        for (sum, voice) in backing.iter_mut().zip(&line.samples) {
            *sum = gain * *sum + voice;
        }
        backing
    }

    /// Adds another voice to the mix and to what of it is voice.
    pub(super) fn maybe_harmonize(
        &self,
        singer: Option<usize>,
        line: &VoiceLine,
        [mix, voice]: [&mut [f32]; 2],
        rng: &mut ChaCha8Rng,
    ) {
        if !self.chance(self.config.harmony_probability, rng) || singer.is_none() {
            return;
        }
        let mut second = VoiceLine::silent(mix.len());
        self.sing(self.voice_lots.sample(rng), &mut second, None, rng);
        let (first_power, power) = (line.voiced_power(), second.voiced_power());
        if power > 0.0 {
            let level = db_to_gain(draw(self.config.harmony_db, rng));
            let gain = level * (first_power / power).sqrt();
            for sum in [mix, voice] {
                for (sum, second) in sum.iter_mut().zip(&second.samples) {
                    *sum += gain * second;
                }
            }
        }
    }

    /// Masters a mix; its voice follows as a part of it.
    pub(super) fn finish(&self, mix: &mut [f32], voice: &mut [f32], rng: &mut ChaCha8Rng) {
        let config = &self.config;
        if self.chance(config.noise_probability, rng) {
            let level = db_to_gain(draw(config.noise_db, rng));
            augment::add_noise(mix, level * augment::power(mix).sqrt(), rng);
        }
        if self.chance(config.mastering_probability, rng) {
            let before = mix.to_vec();
            augment::compress(mix, &compression(rng));
            scale_peak(mix, db_to_gain(rng.random_range(-3.0..9.0)));
            augment::limit(mix, 0.95);
            follow(voice, &before, mix);
        }
        if self.chance(config.lowpass_probability, rng) {
            let hz = draw(config.lowpass_hz, rng) as f32;
            augment::lowpass(mix, hz);
            augment::lowpass(voice, hz);
        }
        let gain = scale_peak(mix, db_to_gain(draw(config.gain_db, rng)));
        voice.iter_mut().for_each(|x| *x *= gain);
    }
}

fn compression(rng: &mut ChaCha8Rng) -> Compression {
    Compression {
        threshold_db: rng.random_range(-15.0..0.0),
        ratio: rng.random_range(1.5..6.0),
        attack_secs: rng.random_range(0.002..0.03),
        release_secs: rng.random_range(0.05..0.3),
    }
}

/// Brings the loudest sample to `peak`; returns the gain.
fn scale_peak(samples: &mut [f32], peak: f32) -> f32 {
    let now = samples.iter().fold(0.0f32, |max, x| max.max(x.abs()));
    if now == 0.0 {
        return 1.0;
    }
    samples.iter_mut().for_each(|x| *x *= peak / now);
    peak / now
}

/// Gives a part of a mix the gains that took the mix from `before` to `after`.
fn follow(part: &mut [f32], before: &[f32], after: &[f32]) {
    let mut gain = 1.0;
    for (part, (before, after)) in part.iter_mut().zip(before.iter().zip(after)) {
        // Where the mix is silent for a moment, its gain is that of the moment before.
        if *before != 0.0 {
            gain = after / before;
        }
        *part *= gain;
    }
}
