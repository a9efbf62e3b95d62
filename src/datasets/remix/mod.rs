//! Mixtures that never were: a voice over an accompaniment, as another recording would have it.
//!
//! - [`Remixer::excerpt`] draws everything from one seed.
//! - [`config`]: the shares, probabilities and ranges it draws from.
//! - [`excerpt`]: a mixture with the labels of its voice.
//! - [`timeline`]: pieces laid one after another; [`shift`]: read faster or slower.
//! - [`register`]: sung higher or lower, or with a growl.
//! - [`sustain`]: notes held for seconds; [`lead_synth`]: an instrument in place of a voice.
//! - [`augment`]: what recording and mastering do; `sound`: in which order.
//! - `parts`: what is sung and played, and when; `sources`: which recordings belong together.

pub mod augment;
pub mod config;
pub mod excerpt;
pub mod lead_synth;
mod parts;
pub mod register;
pub mod shift;
mod sound;
mod sources;
pub mod sustain;
pub mod timeline;

use std::sync::Arc;

use rand::distr::weighted::WeightedIndex;
use rand::prelude::*;
use rand_chacha::ChaCha8Rng;

pub use self::config::{RemixConfig, RemixError};
pub use self::excerpt::Excerpt;
use self::shift::Shifter;
use self::sources::{check_lengths, grouped, song};
use self::timeline::VoiceLine;
use super::{RATE_HZ, UnlabeledRecording, Voice};

/// What a voice is sung over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Background {
    Own,
    Other,
    Instrumental,
    Nothing,
}

/// Makes excerpts of voices and instrumentals; may be shared among threads.
#[derive(Debug)]
pub struct Remixer {
    config: RemixConfig,
    voices: Arc<[Voice]>,
    instrumentals: Arc<[UnlabeledRecording]>,
    voice_lots: WeightedIndex<f64>,
    backing_lots: Option<WeightedIndex<f64>>, // voices that have an accompaniment
    instrumental_lots: Option<WeightedIndex<f64>>,
    by_song: Vec<Arc<[usize]>>,   // for each voice, the voices of its song
    by_singer: Vec<Arc<[usize]>>, // for each voice, the voices of its singer
}

impl Remixer {
    /// A remixer of these recordings.
    ///
    /// # Errors
    /// [`RemixError`] if the recipe is out of range, a voice's parts differ in
    /// length, or there is nothing to mix.
    pub fn new(
        config: RemixConfig,
        voices: impl Into<Arc<[Voice]>>,
        instrumentals: impl Into<Arc<[UnlabeledRecording]>>,
    ) -> Result<Self, RemixError> {
        let (voices, instrumentals) = (voices.into(), instrumentals.into());
        config.validate()?;
        voices.iter().try_for_each(check_lengths)?;
        let weight = |id: &str| {
            let corpus = id.split('/').next().unwrap_or_default();
            config.weights.get(corpus).copied().unwrap_or(1.0)
        };
        let voice_lots = lots(
            voices
                .iter()
                .map(|voice| weight(&voice.id) * voice.n_voiced() as f64),
        )
        .ok_or(RemixError::NoVoices)?;
        let backing_lots = lots(voices.iter().map(|voice| match &voice.accompaniment {
            Some(samples) => weight(&voice.id) * samples.len() as f64,
            None => 0.0,
        }));
        let instrumental_lots = lots(
            instrumentals
                .iter()
                .map(|track| weight(&track.id) * track.samples.len() as f64),
        );
        if backing_lots.is_none() && instrumental_lots.is_none() {
            return Err(RemixError::NoAccompaniment);
        }
        Ok(Self {
            by_song: grouped(&voices, song),
            by_singer: grouped(&voices, |voice| &voice.singer),
            config,
            voices,
            instrumentals,
            voice_lots,
            backing_lots,
            instrumental_lots,
        })
    }

    /// The recipe it follows.
    pub fn config(&self) -> &RemixConfig {
        &self.config
    }

    /// An excerpt of `seconds`; the same seed gives the same excerpt.
    pub fn excerpt(&self, seed: u64, seconds: f64) -> Excerpt {
        let rng = &mut ChaCha8Rng::seed_from_u64(seed);
        let n = (seconds.max(0.0) * f64::from(RATE_HZ)).round() as usize;
        let singer = (!self.chance(self.config.no_voice_probability, rng))
            .then(|| self.voice_lots.sample(rng));
        let background = self.background(singer, rng);
        let mut line = VoiceLine::silent(n);
        let mut backing = vec![0.0; n];
        if let Some(first) = singer {
            let own = (background == Background::Own).then_some(&mut backing[..]);
            self.sing(first, &mut line, own, rng);
            self.maybe_sustain(&mut line, rng);
            self.maybe_move_register(&mut line, rng);
            self.maybe_rest(&mut line, rng);
        }
        match background {
            Background::Other => self.play_other(singer, &mut backing, rng),
            Background::Instrumental => self.play_instrumental(&mut backing, rng),
            Background::Own | Background::Nothing => (),
        }
        self.treat_voice(&mut line.samples, rng);
        self.color(&mut backing, rng);
        self.maybe_lead_synth(&line, &mut backing, rng);
        let mut mix = self.balance(&line, backing, rng);
        let mut voice = line.samples.clone();
        self.maybe_harmonize(singer, &line, [&mut mix, &mut voice], rng);
        self.finish(&mut mix, &mut voice, rng);
        Excerpt {
            mix,
            voice,
            f0_hz: line.f0_hz,
            mask: line.mask,
        }
    }

    fn background(&self, singer: Option<usize>, rng: &mut ChaCha8Rng) -> Background {
        let config = &self.config;
        let has_own = singer.is_some_and(|i| self.voices[i].accompaniment.is_some());
        let when = |possible: bool, share: f64| if possible { share } else { 0.0 };
        let shares = [
            (Background::Own, when(has_own, config.own_share)),
            (
                Background::Other,
                when(self.backing_lots.is_some(), config.other_share),
            ),
            (
                Background::Instrumental,
                when(self.instrumental_lots.is_some(), config.instrumental_share),
            ),
            (
                Background::Nothing,
                when(singer.is_some(), config.alone_share),
            ),
        ];
        match lots(shares.iter().map(|(_, share)| *share)) {
            Some(lots) => shares[lots.sample(rng)].0,
            None if self.instrumental_lots.is_some() => Background::Instrumental,
            None => Background::Other,
        }
    }

    fn shifter(&self, rng: &mut ChaCha8Rng) -> Shifter {
        let most = self.config.shift_semitones;
        if self.chance(self.config.shift_probability, rng) {
            Shifter::semitones(draw([-most, most], rng))
        } else {
            Shifter::new(1.0)
        }
    }

    fn chance(&self, probability: f64, rng: &mut ChaCha8Rng) -> bool {
        rng.random::<f64>() < probability
    }
}

fn draw([low, high]: [f64; 2], rng: &mut ChaCha8Rng) -> f64 {
    low + (high - low) * rng.random::<f64>()
}

/// Lots by weight, or none if every weight is 0.
fn lots(weights: impl Iterator<Item = f64>) -> Option<WeightedIndex<f64>> {
    WeightedIndex::new(weights).ok()
}

#[cfg(test)]
mod tests;
