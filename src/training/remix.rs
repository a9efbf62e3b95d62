//! Excerpts that never were: a voice over an accompaniment, as another recording would have it.
//!
//! - [`Remixer::excerpt`] draws everything from one seed.
//! - [`Excerpt`] is what training sees.

mod sound;

use std::collections::HashMap;
use std::sync::Arc;

use rand::distr::weighted::WeightedIndex;
use rand::prelude::*;
use rand_chacha::ChaCha8Rng;

use super::augment;
pub use super::remix_config::{RemixConfig, RemixError};
use super::shift::Shifter;
use super::timeline::{VoiceLine, place};
use crate::datasets::{Instrumental, RATE_HZ, Voice, n_frames};

/// Pieces shorter than this are not begun.
const MIN_PIECE: usize = RATE_HZ as usize / 2;

/// A length up to which a recording is one phrase or two, sung from its start.
const PHRASE: usize = 20 * RATE_HZ as usize;

/// A mixture with the labels of its voice.
///
/// Frame `c` is centered on sample `160 * (c + 1)`, like the frames of CFP set B.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Excerpt {
    /// 16 kHz mono.
    pub mix: Vec<f32>,
    /// f0 of the voice in Hz, 0 where unvoiced.
    pub f0_hz: Vec<f32>,
    /// Whether a frame counts in the loss.
    pub mask: Vec<bool>,
}

impl Excerpt {
    /// Number of frames.
    pub fn n_frames(&self) -> usize {
        self.f0_hz.len()
    }

    /// Whether the voice is pitched, for each frame.
    pub fn voiced(&self) -> impl Iterator<Item = bool> + '_ {
        self.f0_hz.iter().map(|&f0_hz| f0_hz > 0.0)
    }
}

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
    instrumentals: Arc<[Instrumental]>,
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
        instrumentals: impl Into<Arc<[Instrumental]>>,
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
            self.maybe_hold(&mut line, rng);
            self.maybe_rest(&mut line, rng);
        }
        match background {
            Background::Other => self.play_other(singer, &mut backing, rng),
            Background::Instrumental => self.play_instrumental(&mut backing, rng),
            Background::Own | Background::Nothing => (),
        }
        self.treat_voice(&mut line.samples, rng);
        self.color(&mut backing, rng);
        self.maybe_lead(&line, &mut backing, rng);
        let mut mix = self.balance(&line, backing, rng);
        self.maybe_harmonize(singer, &line, &mut mix, rng);
        self.finish(&mut mix, rng);
        Excerpt {
            mix,
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

    /// Fills the line with the first voice and others of its song or singer;
    /// with `own`, its accompaniment runs along without a gap.
    fn sing(
        &self,
        first: usize,
        line: &mut VoiceLine,
        mut own: Option<&mut [f32]>,
        rng: &mut ChaCha8Rng,
    ) {
        let shifter = self.shifter(rng);
        let n = line.samples.len();
        let (mut start, mut at) = opening(&self.voices[first], n, own.is_some(), &shifter, rng);
        let mut current = first;
        loop {
            let voice = &self.voices[current];
            let end = line.place(at, voice, start, &shifter);
            if let (Some(own), Some(accompaniment)) = (&mut own, &voice.accompaniment) {
                place(own, at, accompaniment, start, &shifter);
            }
            if own.is_some() {
                (at, current) = (end, self.next_in_song(current));
            } else {
                at = end + rng.random_range(RATE_HZ as usize / 10..3 * RATE_HZ as usize);
                current = *self.by_singer[current].choose(rng).unwrap_or(&current);
            }
            if at + MIN_PIECE > n {
                return;
            }
            start = match self.voices[current].samples.len() {
                n_voice if n_voice > PHRASE => rng.random_range(0..n_voice - PHRASE / 2),
                _ => 0,
            };
            if own.is_some() {
                start = 0;
            }
        }
    }

    fn next_in_song(&self, current: usize) -> usize {
        let song = &self.by_song[current];
        let place = song.iter().position(|&i| i == current).unwrap_or(0);
        song.get(place + 1)
            .or(song.first())
            .copied()
            .unwrap_or(current)
    }

    fn maybe_hold(&self, line: &mut VoiceLine, rng: &mut ChaCha8Rng) {
        // A recipe without held notes draws nothing here, and so stays as it was.
        if self.config.hold_probability > 0.0 && self.chance(self.config.hold_probability, rng) {
            for _ in 0..rng.random_range(1..=2) {
                line.hold(draw(self.config.hold_secs, rng), rng);
            }
        }
    }

    fn maybe_rest(&self, line: &mut VoiceLine, rng: &mut ChaCha8Rng) {
        if !self.chance(self.config.rest_probability, rng) {
            return;
        }
        let n = line.samples.len();
        let n_rest = (draw(self.config.rest_share, rng) * n as f64) as usize;
        // A voice comes in, stops, or pauses, each as often.
        let from = match rng.random_range(0..3) {
            0 => 0,
            1 => n - n_rest,
            _ => rng.random_range(0..=n - n_rest),
        };
        line.rest(from, from + n_rest);
    }

    fn play_other(&self, singer: Option<usize>, out: &mut [f32], rng: &mut ChaCha8Rng) {
        let Some(lots) = &self.backing_lots else {
            return;
        };
        let singer = singer.map(|i| &self.voices[i].singer);
        let mut current = lots.sample(rng);
        for _ in 0..8 {
            if singer != Some(&self.voices[current].singer) {
                break;
            }
            current = lots.sample(rng);
        }
        let shifter = self.shifter(rng);
        let accompaniment = |i: usize| self.voices[i].accompaniment.as_deref().unwrap_or_default();
        let mut start = random_start(accompaniment(current).len(), out.len(), rng);
        let mut at = 0;
        while at + MIN_PIECE <= out.len() {
            let end = place(out, at, accompaniment(current), start, &shifter);
            // A song of empty recordings would never fill the line.
            at = end.max(at + MIN_PIECE);
            (current, start) = (self.next_in_song(current), 0);
        }
    }

    fn play_instrumental(&self, out: &mut [f32], rng: &mut ChaCha8Rng) {
        let Some(lots) = &self.instrumental_lots else {
            return;
        };
        let shifter = self.shifter(rng);
        let (mut at, mut n_tries) = (0, 0);
        while at + MIN_PIECE <= out.len() {
            let source = &self.instrumentals[lots.sample(rng)].samples;
            let start = random_start(source.len(), out.len() - at, rng);
            let end = place(out, at, source, start, &shifter);
            // Tracks fade in and out, and some are quiet for long: draw again then.
            let heard = augment::sounding_power(&out[at..end]) > 1e-6;
            if heard || n_tries == 4 {
                at = end.max(at + MIN_PIECE);
            } else {
                n_tries += 1;
            }
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

/// Where a voice is begun, and when: some frame it sings falls anywhere within `n` samples.
///
/// A voice that begins later than the line does leaves it silent till then, unless
/// its accompaniment must be there from the start.
fn opening(
    voice: &Voice,
    n: usize,
    from_zero: bool,
    shifter: &Shifter,
    rng: &mut ChaCha8Rng,
) -> (usize, usize) {
    let nth = rng.random_range(0..voice.n_voiced().max(1));
    let anchor = (0..voice.f0_hz.len())
        .filter(|&c| voice.f0_hz[c] > 0.0)
        .nth(nth)
        .map_or(0.0, |c| (crate::datasets::HOP * (c + 1)) as f64);
    let span = n as f64 * shifter.ratio();
    let start = anchor - rng.random::<f64>() * span;
    if from_zero {
        let latest = (voice.samples.len() as f64 - span).max(0.0);
        return (start.clamp(0.0, latest) as usize, 0);
    }
    let late = (-start).max(0.0) / shifter.ratio();
    (start.max(0.0) as usize, late as usize)
}

fn random_start(n_source: usize, n_wanted: usize, rng: &mut ChaCha8Rng) -> usize {
    rng.random_range(0..=n_source.saturating_sub(n_wanted))
}

fn draw([low, high]: [f64; 2], rng: &mut ChaCha8Rng) -> f64 {
    low + (high - low) * rng.random::<f64>()
}

/// Lots by weight, or none if every weight is 0.
fn lots(weights: impl Iterator<Item = f64>) -> Option<WeightedIndex<f64>> {
    WeightedIndex::new(weights).ok()
}

/// The recording a part belongs to: `mir1k/leon_1` of `mir1k/leon_1_01`; elsewhere the id.
fn song(voice: &Voice) -> &str {
    match voice.id.rsplit_once('_') {
        Some((song, part))
            if voice.accompaniment.is_some()
                && part.len() == 2
                && part.bytes().all(|b| b.is_ascii_digit()) =>
        {
            song
        }
        _ => &voice.id,
    }
}

fn grouped(voices: &[Voice], name: impl Fn(&Voice) -> &str) -> Vec<Arc<[usize]>> {
    let mut groups: HashMap<&str, Vec<usize>> = HashMap::new();
    for (i, voice) in voices.iter().enumerate() {
        groups.entry(name(voice)).or_default().push(i);
    }
    let groups: HashMap<&str, Arc<[usize]>> = groups
        .into_iter()
        .map(|(name, members)| (name, members.into()))
        .collect();
    voices
        .iter()
        .map(|voice| groups[name(voice)].clone())
        .collect()
}

fn check_lengths(voice: &Voice) -> Result<(), RemixError> {
    let n = voice.samples.len();
    let own = voice.accompaniment.as_ref().map_or(n, Vec::len);
    let parts = [
        ("labels", voice.f0_hz.len(), n_frames(n)),
        ("mask values", voice.mask.len(), n_frames(n)),
        ("samples of accompaniment", own, n),
    ];
    match parts
        .into_iter()
        .find(|(_, found, expected)| found != expected)
    {
        None => Ok(()),
        Some((what, found, expected)) => Err(RemixError::Length {
            id: voice.id.clone(),
            what,
            found,
            expected,
        }),
    }
}

#[cfg(test)]
mod tests;
