//! What is sung and played, and when.

use rand::prelude::*;
use rand_chacha::ChaCha8Rng;

use super::register::{Growl, Move};
use super::shift::Shifter;
use super::timeline::{VoiceLine, place};
use super::{Remixer, augment, draw};
use crate::datasets::{HOP, RATE_HZ, Voice};

/// Pieces shorter than this are not begun.
const MIN_PIECE: usize = RATE_HZ as usize / 2;

/// A length up to which a recording is one phrase or two, sung from its start.
const PHRASE: usize = 20 * RATE_HZ as usize;

impl Remixer {
    /// Fills the line with the first voice and others of its song or singer;
    /// with `own`, its accompaniment runs along without a gap.
    pub(super) fn sing(
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

    pub(super) fn next_in_song(&self, current: usize) -> usize {
        let song = &self.by_song[current];
        let place = song.iter().position(|&i| i == current).unwrap_or(0);
        song.get(place + 1)
            .or(song.first())
            .copied()
            .unwrap_or(current)
    }

    pub(super) fn maybe_sustain(&self, line: &mut VoiceLine, rng: &mut ChaCha8Rng) {
        // A recipe without sustained notes draws nothing here, and so stays as it was.
        if self.config.sustain_probability > 0.0
            && self.chance(self.config.sustain_probability, rng)
        {
            for _ in 0..rng.random_range(1..=2) {
                line.sustain(draw(self.config.sustain_secs, rng), rng);
            }
        }
    }

    pub(super) fn maybe_move_register(&self, line: &mut VoiceLine, rng: &mut ChaCha8Rng) {
        let mut by = self.other_register(line, rng);
        if self.config.growl_probability > 0.0 && self.chance(self.config.growl_probability, rng) {
            by.get_or_insert(Move::NONE).growl = Growl::draw(rng);
        }
        if let Some(by) = by {
            line.move_register(&by);
        }
    }

    /// Another register for a line, if the recipe asks for one.
    pub(super) fn other_register(&self, line: &VoiceLine, rng: &mut ChaCha8Rng) -> Option<Move> {
        // A recipe without other registers draws nothing here, and so stays as it was.
        if self.config.register_probability == 0.0
            || !self.chance(self.config.register_probability, rng)
        {
            return None;
        }
        let [low, high] = *self.config.registers_hz.choose(rng)?;
        let target_hz = low * (high / low).powf(rng.random());
        Some(Move::to(target_hz, line.median_hz()?, rng))
    }

    pub(super) fn maybe_rest(&self, line: &mut VoiceLine, rng: &mut ChaCha8Rng) {
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

    pub(super) fn play_other(&self, singer: Option<usize>, out: &mut [f32], rng: &mut ChaCha8Rng) {
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

    pub(super) fn play_instrumental(&self, out: &mut [f32], rng: &mut ChaCha8Rng) {
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
        .map_or(0.0, |c| (HOP * (c + 1)) as f64);
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
