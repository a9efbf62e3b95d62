//! Where and how high is sung.

use std::ops::Range;

use crate::melody::F0Track;
use crate::melody::pitch::hz_to_midi;

/// A longer silence, in seconds, ends a phrase.
const PAUSE_SECS: f64 = 0.6;
/// A shorter sound, in seconds, is no phrase to begin with.
const LEAST_SECS: f64 = 1.0;
/// Seconds that are shown on either side of a phrase.
const AROUND_SECS: f64 = 0.3;
/// Semitones that are shown above and below a voice.
const AROUND_MIDI: f64 = 4.0;
/// This share of the voiced frames is left out at either end of the range, where errors lie.
const ODD: f64 = 0.02;

/// The range of the voice in some frames, as MIDI numbers; `None` where nobody sings.
pub fn voice_midi(f0: &F0Track, frames: Range<usize>) -> Option<Range<f64>> {
    let voiced = f0.frames[frames].iter().filter(|frame| frame.voiced);
    let mut midi: Vec<f64> = voiced.map(|it| hz_to_midi(f64::from(it.f0_hz))).collect();
    midi.sort_by(f64::total_cmp);
    let odd = (ODD * midi.len() as f64) as usize;
    let (low, high) = (midi.get(odd)?, midi[midi.len() - 1 - odd]);
    Some(low - AROUND_MIDI..high + AROUND_MIDI)
}

/// The phrase that is sung at a time or next after it: what to show of it in seconds, and its frames.
pub fn phrase_at(f0: &F0Track, secs: f64) -> Option<(Range<f64>, Range<usize>)> {
    let mut phrases = phrases(f0).into_iter();
    let frames = phrases.find(|it| f0.grid.time(it.end) > secs)?;
    Some((around(f0, &frames), frames))
}

/// The first phrase that is no mere sound, once its end is known: as [`phrase_at`]. Of a whole
/// recording without one, the longest sound.
pub fn first_phrase(f0: &F0Track, is_whole: bool) -> Option<(Range<f64>, Range<usize>)> {
    let pause = (PAUSE_SECS / f0.grid.hop_secs) as usize;
    let least = (LEAST_SECS / f0.grid.hop_secs) as usize;
    let phrases = phrases(f0);
    let ended = |it: &&Range<usize>| is_whole || it.end + pause < f0.frames.len();
    let first = phrases.iter().filter(ended).find(|it| it.len() >= least);
    let longest = phrases.iter().max_by_key(|it| it.len());
    let frames = first.or(longest.filter(|_| is_whole))?.clone();
    Some((around(f0, &frames), frames))
}

/// Stretches that are sung without a pause.
fn phrases(f0: &F0Track) -> Vec<Range<usize>> {
    let pause = (PAUSE_SECS / f0.grid.hop_secs) as usize;
    let voiced = (0..f0.frames.len()).filter(|&i| f0.frames[i].voiced);
    let mut phrases: Vec<Range<usize>> = Vec::new();
    for i in voiced {
        match phrases.last_mut() {
            Some(phrase) if i <= phrase.end + pause => phrase.end = i + 1,
            _ => phrases.push(i..i + 1),
        }
    }
    phrases
}

/// Seconds to show of some frames.
fn around(f0: &F0Track, frames: &Range<usize>) -> Range<f64> {
    let (start, end) = (f0.grid.time(frames.start), f0.grid.time(frames.end));
    start - AROUND_SECS..end + AROUND_SECS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::melody::{F0Frame, FrameGrid};

    #[test]
    fn a_phrase_ends_where_the_voice_pauses() {
        let frame = |i: usize| F0Frame {
            f0_hz: if i < 300 { 220.0 } else { 440.0 },
            confidence: 0.9,
            voiced: (100..200).contains(&i) || (220..250).contains(&i) || i >= 400,
        };
        let f0 = F0Track {
            grid: FrameGrid {
                first_secs: 0.0,
                hop_secs: 0.01,
            },
            frames: (0..500).map(frame).collect(),
        };
        let (secs, frames) = phrase_at(&f0, 0.0).unwrap();
        assert_eq!(frames, 100..250);
        assert!((secs.start - 0.7).abs() < 1e-9 && (secs.end - 2.8).abs() < 1e-9);
        assert_eq!(phrase_at(&f0, 3.0).unwrap().1, 400..500);
        assert_eq!(phrase_at(&f0, 9.0), None);
        let midi = voice_midi(&f0, frames).unwrap();
        assert!((midi.start - 53.0).abs() < 1e-6 && (midi.end - 61.0).abs() < 1e-6);
        assert_eq!(voice_midi(&f0, 0..50), None);
    }

    #[test]
    fn the_first_phrase_is_known_once_it_has_ended_and_no_mere_sound() {
        let sung = |spans: &'static [Range<usize>], n: usize| F0Track {
            grid: FrameGrid {
                first_secs: 0.0,
                hop_secs: 0.01,
            },
            frames: (0..n)
                .map(|i| F0Frame {
                    f0_hz: 220.0,
                    confidence: 0.9,
                    voiced: spans.iter().any(|span| span.contains(&i)),
                })
                .collect(),
        };
        let frames = |f0: &F0Track, is_whole| Some(first_phrase(f0, is_whole)?.1);
        let song = &[20..50, 200..400, 600..900];
        assert_eq!(frames(&sung(song, 420), false), None);
        assert_eq!(frames(&sung(song, 420), true), Some(200..400));
        assert_eq!(frames(&sung(song, 1000), false), Some(200..400));
        assert_eq!(frames(&sung(&[20..50, 300..380], 1000), false), None);
        assert_eq!(
            frames(&sung(&[20..50, 300..380], 1000), true),
            Some(300..380)
        );
        assert_eq!(frames(&sung(&[], 1000), true), None);
    }
}
