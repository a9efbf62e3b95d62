//! DiffSinger's `.ds`: a list of phrases, each with its notes, words and f0.

mod read;
mod write;

use super::Aspect::*;
use super::format::{Content, Format, FormatFile, Reader};
use super::mark::is_marked;

/// See the module.
pub const FORMAT: Format = Format {
    name: "ds",
    help: "phrases with notes, words and f0 for DiffSinger",
    content: Content::F0AndNotes,
    files: &[FormatFile {
        suffix: ".ds",
        holds: Content::F0AndNotes,
        keeps: &[Contour, FrameTimes, Notes, NoteTimes, NoteCents, Lyrics],
        is_ours: |head| is_marked(head) || head == EMPTY,
        write: write::write,
    }],
    reader: Some(Reader {
        endings: &[],
        knows: read::knows,
        read: read::read,
    }),
};

/// What stands for silence among words and phonemes, and among notes.
const SILENCE: &str = "SP";
const REST: &str = "rest";
/// A song without a phrase.
const EMPTY: &[u8] = b"[\n]\n";
