//! JAMS, the JSON of annotated music: `pitch_contour`, `note_hz` and `lyrics` (Humphrey et al. 2014).

mod read;
mod write;

use super::Aspect::*;
use super::format::{Content, Format, FormatFile, Reader};
use super::mark::is_marked;

/// See the module.
pub const FORMAT: Format = Format {
    name: "jams",
    help: "contour, notes and words as JAMS (pitch_contour, note_hz, lyrics)",
    content: Content::F0AndNotes,
    files: &[FormatFile {
        suffix: ".jams",
        holds: Content::F0AndNotes,
        keeps: &[
            Contour,
            FrameTimes,
            Voicing,
            UnvoicedPitch,
            Confidence,
            Notes,
            NoteTimes,
            NoteCents,
            NoteConfidence,
            Lyrics,
        ],
        is_ours: is_marked,
        write: write::write,
    }],
    reader: Some(Reader {
        endings: &[],
        knows: read::knows,
        read: read::read,
    }),
};
