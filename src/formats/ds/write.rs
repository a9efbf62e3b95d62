//! Writes phrases.

use std::io::{self, Write};
use std::ops::Range;

use serde_json::{Value, json};

use super::{REST, SILENCE};
use crate::formats::mark::MARK;
use crate::formats::phrases::PAUSE_SECS;
use crate::formats::{Export, note_label};
use crate::melody::pitch::{hz_to_midi, midi_to_hz};

/// What a note without words is sung on.
const VOWEL: &str = "a";
/// Times closer than this part of a frame's distance are the same.
const ROUNDED: f64 = 1e-6;

/// Writes what is sung without a pause, notes and voiced frames, as one phrase. Its f0 begins at its
/// offset and goes on through what is unvoiced, as the synthesizer needs it.
pub fn write(export: &Export, out: &mut dyn Write) -> io::Result<()> {
    let phrases = phrases(export);
    writeln!(out, "[")?;
    for (i, secs) in phrases.iter().enumerate() {
        let comma = if i + 1 < phrases.len() { "," } else { "" };
        writeln!(out, "{{\n\"written_by\": \"{MARK}\"")?;
        for (name, value) in phrase(export, secs) {
            writeln!(out, ", \"{name}\": {value}")?;
        }
        writeln!(out, "}}{comma}")?;
    }
    writeln!(out, "]")
}

/// The times in seconds of what is sung without a pause.
fn phrases(export: &Export) -> Vec<Range<f64>> {
    let track = export.f0;
    let frames = track.times().zip(&track.frames);
    let voiced = frames.filter(|(_, frame)| frame.voiced && frame.f0_hz > 0.0);
    let voiced = voiced.map(|(time, _)| time..time);
    let notes = export.notes.iter();
    let notes = notes.map(|note| note.onset_secs..note.offset_secs);
    let mut sung: Vec<Range<f64>> = voiced.chain(notes).collect();
    sung.sort_by(|a, b| a.start.total_cmp(&b.start));
    let mut phrases: Vec<Range<f64>> = Vec::new();
    for it in sung {
        match phrases.last_mut() {
            Some(last) if it.start < last.end + PAUSE_SECS => last.end = last.end.max(it.end),
            _ => phrases.push(it),
        }
    }
    phrases
}

/// Frames that a phrase lies from the contour's beginning, at most.
const MOST_FRAMES: f64 = 1e12;

/// Frames before the contour's beginning for which a pitch is made up.
const MOST_BEFORE: i64 = 100_000;

fn phrase(export: &Export, secs: &Range<f64>) -> Vec<(&'static str, Value)> {
    let grid = export.f0.grid;
    let at =
        |secs: f64| ((secs - grid.first_secs) / grid.hop_secs).clamp(-MOST_FRAMES, MOST_FRAMES);
    // frames from one before the beginning, if it is none, to one behind the end
    let first = (at(secs.start) + ROUNDED).floor() as i64;
    let last = (at(secs.end) - ROUNDED).ceil() as i64;
    let offset = grid.first_secs + first as f64 * grid.hop_secs;
    let mut phrase = Vec::new();
    let mut say = |name: &'static str, value: Value| phrase.push((name, value));
    say("offset", json!(rounded(offset)));
    let (names, durations, words) = notes(export, secs, offset);
    say("text", json!(words.join(" ")));
    if names.iter().any(|name| name != REST) {
        let same = |text: &str| vec![text; names.len()].join(" ");
        say("ph_seq", json!(words.join(" ")));
        say("ph_dur", json!(durations.join(" ")));
        say("ph_num", json!(same("1")));
        say("note_seq", json!(names.join(" ")));
        say("note_dur", json!(durations.join(" ")));
        say("note_slur", json!(same("0")));
    }
    // a phrase far from the contour has none
    let known = -MOST_BEFORE..export.f0.frames.len() as i64 + 1;
    let frames = first..(last + 1).min(known.end);
    if known.contains(&first)
        && let Some(f0) = f0(export, frames)
    {
        let f0: Vec<String> = f0.iter().map(|hz| format!("{hz:.3}")).collect();
        say("f0_seq", json!(f0.join(" ")));
        say("f0_timestep", json!(grid.hop_secs.to_string()));
    }
    phrase
}

/// Names, durations in seconds and words of a phrase's notes, and of the rests between them.
fn notes(
    export: &Export,
    secs: &Range<f64>,
    offset: f64,
) -> (Vec<String>, Vec<String>, Vec<String>) {
    const SHORTEST_SECS: f64 = 1e-6;
    let (mut names, mut durations, mut words) = (Vec::new(), Vec::new(), Vec::new());
    let mut now = offset;
    let mut say = |name: String, word: &str, until: f64, now: &mut f64| {
        let duration = until - *now;
        if duration >= SHORTEST_SECS {
            names.push(name);
            durations.push(format!("{duration:.6}"));
            words.push(word.split_whitespace().collect::<Vec<_>>().join("_"));
            *now = until;
        }
    };
    let all = export.notes;
    let first = all.partition_point(|note| note.onset_secs < secs.start);
    for (i, note) in all.iter().enumerate().skip(first) {
        if note.onset_secs > secs.end {
            break;
        }
        let next = all.get(i + 1).map_or(f64::INFINITY, |next| next.onset_secs);
        say(REST.into(), SILENCE, note.onset_secs, &mut now);
        let word = export.lyric(i);
        let word = if word.is_empty() { VOWEL } else { word };
        say(
            note_label::label(note.midi),
            word,
            note.offset_secs.min(next),
            &mut now,
        );
    }
    say(REST.into(), SILENCE, secs.end, &mut now);
    (names, durations, words)
}

/// The pitch in Hz of frames, which may lie beyond the contour; between voiced ones on a straight line of
/// pitch. `None` if none is voiced.
fn f0(export: &Export, frames: Range<i64>) -> Option<Vec<f64>> {
    let track = &export.f0.frames;
    let pitch = |i: i64| {
        let frame = usize::try_from(i).ok().and_then(|i| track.get(i))?;
        let is_voiced = frame.voiced && frame.f0_hz > 0.0;
        is_voiced.then(|| hz_to_midi(f64::from(frame.f0_hz)))
    };
    let known: Vec<(i64, f64)> = frames
        .clone()
        .filter_map(|i| pitch(i).map(|midi| (i, midi)))
        .collect();
    let (first, last) = (*known.first()?, *known.last()?);
    let mut next = 0;
    Some(
        frames
            .map(|i| {
                while next < known.len() && known[next].0 < i {
                    next += 1;
                }
                let after = known.get(next).copied().unwrap_or(last);
                let before = next.checked_sub(1).map_or(first, |it| known[it]);
                let way = (after.0 - before.0).max(1) as f64;
                let part = ((i - before.0) as f64 / way).clamp(0.0, 1.0);
                midi_to_hz(before.1 + part * (after.1 - before.1))
            })
            .collect(),
    )
}

/// To a microsecond; never -0.
fn rounded(secs: f64) -> f64 {
    (secs * 1e6).round() / 1e6 + 0.0
}
