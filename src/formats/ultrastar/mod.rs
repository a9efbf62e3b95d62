//! UltraStar songs: notes with words, counted in beats and semitones.

mod read;
mod write;

use super::Aspect::*;
use super::format::{Content, Format, FormatFile, Reader};
use super::mark::is_marked;

/// See the module.
pub const FORMAT: Format = Format {
    name: "ultrastar",
    help: "notes and words as a song of UltraStar, in beats and semitones",
    content: Content::Notes,
    files: &[FormatFile {
        suffix: ".txt",
        holds: Content::Notes,
        keeps: &[Notes, Lyrics],
        is_ours: is_marked,
        write: write::write,
    }],
    reader: Some(Reader {
        endings: &[],
        knows: read::knows,
        read: read::read,
    }),
};

/// A minute has four times as many beats as a file's BPM says.
const BEATS_PER_QUARTER: f64 = 4.0;
/// Pitch 0, as a MIDI number: C4.
const LOWEST_MIDI: f64 = 60.0;
/// What is written where a vowel is held, or no words are known.
const HELD: &str = "~";
