//! A melody or notes from any file that holds some.

use std::fs;
use std::path::Path;

use super::format::Reader;
use super::{Format, FormatError, MelodyFile, melody_columns, note_columns};
use crate::melody::Note;

/// Text in columns, as many tools write it.
pub const COLUMNS: Reader = Reader {
    endings: &[],
    melody: Some(melody_columns::read),
    notes: Some(note_columns::read),
};

/// Reads a melody: by the file's ending as one of the formats, else as text in columns.
///
/// Text has time and Hz first, with commas, tabs or blanks between columns, and perhaps a header.
/// Columns named confidence (or activation) and voiced are understood; without the latter a frame
/// is voiced where its frequency is above 0 and its confidence, if there is one, at least 0.5.
///
/// # Errors
/// [`FormatError`] if the file cannot be read or holds something else.
pub fn read_melody(path: &Path) -> Result<MelodyFile, FormatError> {
    let read = reader(path).and_then(|reader| reader.melody);
    let read = read.ok_or_else(|| refused(path, "a melody frame by frame"))?;
    read(path, &bytes(path)?)
}

/// Reads notes in order of onset: by the file's ending as one of the formats, else as text in
/// columns.
///
/// A header (`onset`, `offset` or `duration`, `midi`, `pitch` or `frequency`) names the columns.
/// Without one the order is told from the numbers: onset, offset, MIDI; or onset, Hz, duration
/// (Tony); or onset, duration, Hz (pYIN). Where nothing names the unit of pitches, those above MIDI 96
/// are Hz, and whole numbers below are MIDI. Notes without a confidence get 1.
///
/// # Errors
/// [`FormatError`] if the file cannot be read or holds something else.
pub fn read_notes(path: &Path) -> Result<Vec<Note>, FormatError> {
    let read = reader(path).and_then(|reader| reader.notes);
    let read = read.ok_or_else(|| refused(path, "notes"))?;
    let mut notes = read(path, &bytes(path)?)?;
    notes.sort_by(|a, b| a.onset_secs.total_cmp(&b.onset_secs));
    Ok(notes)
}

/// How a file is read by its name; `None` if it is of a format that is only written.
fn reader(path: &Path) -> Option<Reader> {
    format_of(path).map_or(Some(COLUMNS), |format| format.reader)
}

fn format_of(path: &Path) -> Option<&'static Format> {
    let name = path.file_name().unwrap_or_default();
    Format::of_file(&name.to_string_lossy())
}

fn refused(path: &Path, expected: &'static str) -> FormatError {
    let name = format_of(path).map_or("other", |format| format.name);
    FormatError::content(path, expected, format!("a file of the format {name}"))
}

fn bytes(path: &Path) -> Result<Vec<u8>, FormatError> {
    fs::read(path).map_err(|source| FormatError::reading(path, source))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_format_does_not_hold_is_refused_by_its_name() {
        let melody = |name: &str| read_melody(Path::new(name)).unwrap_err().to_string();
        let expected = "a.MID: expected a melody frame by frame, found a file of the format midi";
        assert_eq!(melody("a.MID"), expected);
        assert!(melody("a.png").ends_with("found a file of the format png"));
        let notes = read_notes(Path::new("a.pv")).unwrap_err().to_string();
        assert_eq!(notes, "a.pv: expected notes, found a file of the format pv");
    }
}
