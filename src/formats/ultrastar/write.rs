//! Writes a song.

use std::io::{self, Write};

use super::{BEATS_PER_QUARTER, HELD, LOWEST_MIDI};
use crate::audio::is_recording;
use crate::formats::Export;
use crate::formats::mark::MARK;
use crate::formats::phrases::phrases;

/// The tempo is doubled until a beat is no longer than this, in seconds.
const LONGEST_BEAT_SECS: f64 = 0.0375;

/// Writes the notes from the first on, each at least a beat long and none over the next; pauses part
/// the lines. Pitches are rounded to semitones.
pub fn write(export: &Export, out: &mut dyn Write) -> io::Result<()> {
    let mut bpm = export.tempo_bpm;
    while 60.0 / (bpm * BEATS_PER_QUARTER) > LONGEST_BEAT_SECS {
        bpm *= 2.0;
    }
    let beat_secs = 60.0 / (bpm * BEATS_PER_QUARTER);
    let notes = export.notes;
    let gap_ms = notes
        .first()
        .map_or(0.0, |it| (it.onset_secs * 1e3).round());
    writeln!(out, "#VERSION:1.0.0\n#TITLE:{}", export.title())?;
    let artist = export.audio.artist.as_deref().unwrap_or("Unknown");
    writeln!(out, "#ARTIST:{}", artist.lines().collect::<String>())?;
    if is_recording(export.path) {
        let name = export.path.file_name().unwrap_or_default();
        writeln!(out, "#MP3:{}", name.to_string_lossy().replace('\n', " "))?;
    }
    writeln!(out, "#BPM:{bpm}\n#GAP:{gap_ms}\n#COMMENT:{MARK}")?;
    let beat = |secs: f64| {
        ((secs - gap_ms / 1e3) / beat_secs)
            .round()
            .clamp(-1e12, 1e12) as i64
    };
    let mut end = 0;
    for (n, phrase) in phrases(notes).into_iter().enumerate() {
        if n > 0 {
            writeln!(out, "- {end}")?;
        }
        let mut goes_on = true;
        for i in phrase {
            let note = &notes[i];
            let next = notes.get(i + 1).map_or(i64::MAX, |it| beat(it.onset_secs));
            let start = beat(note.onset_secs).max(end);
            end = beat(note.offset_secs).min(next).max(start + 1);
            let pitch = f64::from(note.midi).round() - LOWEST_MIDI;
            let (length, words) = (end - start, syllable(export.lyric(i), &mut goes_on));
            writeln!(out, ": {start} {length} {pitch} {words}")?;
        }
    }
    writeln!(out, "E")
}

/// A syllable with a blank before it where a word begins; `goes_on` says whether the one before ends
/// no word, and then whether this one does not.
fn syllable(lyric: &str, goes_on: &mut bool) -> String {
    if lyric.is_empty() {
        return HELD.to_owned();
    }
    let blank = if *goes_on { "" } else { " " };
    let part = lyric.strip_suffix('-').filter(|it| !it.is_empty());
    *goes_on = part.is_some();
    format!("{blank}{}", part.unwrap_or(lyric))
}
