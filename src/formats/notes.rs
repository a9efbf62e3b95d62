//! Notes as text: `onset,offset,midi,confidence`.

use std::io::{self, Write};

use super::Aspect::*;
use super::format::{Content, Format, FormatFile, Reader};
use super::{Export, note_columns};

/// See the module.
pub const FORMAT: Format = Format {
    name: "notes",
    help: "every note's onset, offset, pitch and confidence",
    content: Content::Notes,
    files: &[FormatFile {
        suffix: ".notes.csv",
        holds: Content::Notes,
        keeps: &[Notes, NoteTimes, NoteCents, NoteConfidence],
        is_ours: |head| head.starts_with(HEADER.as_bytes()),
        write,
    }],
    reader: Some(Reader {
        endings: &[],
        knows: |_| false,
        read: note_columns::read,
    }),
};

const HEADER: &str = "onset,offset,midi,confidence\n";

/// Writes notes, with a header line; times in seconds, pitches as real MIDI numbers.
fn write(export: &Export, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(HEADER.as_bytes())?;
    for note in export.notes {
        writeln!(
            out,
            "{:.6},{:.6},{:.4},{:.4}",
            note.onset_secs, note.offset_secs, note.midi, note.confidence
        )?;
    }
    Ok(())
}
