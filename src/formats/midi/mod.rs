//! Standard MIDI files: notes with bends that follow the contour.

mod read;
mod write;

use super::format::{Content, Format, FormatFile, Reader};
use super::mark::is_marked;

/// See the module.
pub const FORMAT: Format = Format {
    name: "midi",
    help: "notes as a MIDI file, with bends that follow the contour",
    content: Content::F0AndNotes,
    files: &[FormatFile {
        suffix: ".mid",
        holds: Content::Notes,
        is_ours: is_marked,
        write: write::write,
    }],
    reader: Some(Reader {
        endings: &[".mid", ".midi"],
        melody: None,
        notes: Some(read::read),
    }),
};
