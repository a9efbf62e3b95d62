//! Standard MIDI files: notes with bends that follow the contour.

mod channels;
pub(super) mod read;
mod score;
pub(super) mod write;
mod zones;

pub use score::{ScoreNote, ScoreTime, read_score};

use super::Aspect::*;
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
        keeps: &[Notes, NoteTimes, NoteCents, Lyrics],
        is_ours: is_marked,
        write: |export, out| write::write(export, write::ChannelLayout::PLAIN, out),
    }],
    reader: Some(Reader {
        endings: &[".mid", ".midi"],
        knows: |head| head.starts_with(b"MThd") || is_riff(head),
        read: read::read,
    }),
};

/// Whether it is MIDI in the chunks of Windows.
fn is_riff(head: &[u8]) -> bool {
    head.starts_with(b"RIFF") && head.get(8..12) == Some(b"RMID")
}
