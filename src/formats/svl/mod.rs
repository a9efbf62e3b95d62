//! Layers of Sonic Visualiser (`.svl`): the contour as time values, the notes as notes.

mod read;
mod write;

use super::Aspect::*;
use super::format::{Content, Format, FormatFile, Reader};
use super::mark::is_marked;

/// See the module.
pub const FORMAT: Format = Format {
    name: "svl",
    help: "contour and notes as layers of Sonic Visualiser",
    content: Content::F0AndNotes,
    files: &[
        FormatFile {
            suffix: ".f0.svl",
            holds: Content::F0,
            keeps: &[Contour, FrameTimes, Voicing],
            is_ours: is_marked,
            write: write::f0,
        },
        FormatFile {
            suffix: ".notes.svl",
            holds: Content::Notes,
            keeps: &[Notes, NoteTimes, NoteCents, NoteConfidence, Lyrics],
            is_ours: is_marked,
            write: write::notes,
        },
    ],
    reader: Some(Reader {
        endings: &[".svl"],
        knows: read::knows,
        read: read::read,
    }),
};
