//! Notes as text: `onset,offset,midi,confidence`.

use std::io::{self, Write};

use crate::melody::Note;

/// Writes notes, with a header line; times in seconds, pitches as real MIDI numbers.
pub fn write(notes: &[Note], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "onset,offset,midi,confidence")?;
    for note in notes {
        writeln!(
            out,
            "{:.6},{:.6},{:.4},{:.4}",
            note.onset_secs, note.offset_secs, note.midi, note.confidence
        )?;
    }
    Ok(())
}
