//! A melody or notes from any file that holds some.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::format::{ReadFn, Reader};
use super::{Format, FormatError, MelodyFile, melody_columns, note_columns};
use crate::melody::Note;

/// Longest file that is read: a day of frames every 10 ms, with all their columns.
const MAX_BYTES: u64 = 512 << 20;

/// Text in columns, as many tools write it.
pub const COLUMNS: Reader = Reader {
    endings: &[],
    melody: Some(melody_columns::read),
    notes: Some(note_columns::read),
};

/// Reads a melody: by the file's ending as one of the formats, else as text in columns.
///
/// Text has time and Hz first, with commas, semicolons, tabs or blanks between columns, and perhaps a
/// header. Columns named time, frequency (or f0), confidence (or activation) and voiced are understood;
/// without the last a frame is voiced where its frequency is above 0 and its confidence, if there is
/// one, at least 0.5.
///
/// # Errors
/// [`FormatError`] if the file cannot be read or holds something else.
pub fn read_melody(path: &Path) -> Result<MelodyFile, FormatError> {
    melody_reader(path)?;
    melody_of(path, &bytes(path)?)
}

/// The melody in a file's bytes, as [`read_melody`] reads it; `path` tells the format.
///
/// # Errors
/// [`FormatError`] if they hold something else.
pub fn melody_of(path: &Path, bytes: &[u8]) -> Result<MelodyFile, FormatError> {
    let melody = melody_reader(path)?(path, bytes)?;
    match melody.fault() {
        None => Ok(melody),
        Some(found) => Err(FormatError::content(
            path,
            "times in seconds within a day",
            found,
        )),
    }
}

fn melody_reader(path: &Path) -> Result<ReadFn<MelodyFile>, FormatError> {
    let read = reader(path).and_then(|reader| reader.melody);
    read.ok_or_else(|| refused(path, "a melody frame by frame"))
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
    notes_reader(path)?;
    notes_of(path, &bytes(path)?)
}

/// The notes in a file's bytes, as [`read_notes`] reads them; `path` tells the format.
///
/// # Errors
/// [`FormatError`] if they hold something else.
pub fn notes_of(path: &Path, bytes: &[u8]) -> Result<Vec<Note>, FormatError> {
    let mut notes = notes_reader(path)?(path, bytes)?;
    notes.sort_by(|a, b| a.onset_secs.total_cmp(&b.onset_secs));
    Ok(notes)
}

fn notes_reader(path: &Path) -> Result<ReadFn<Vec<Note>>, FormatError> {
    let read = reader(path).and_then(|reader| reader.notes);
    read.ok_or_else(|| refused(path, "notes"))
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
    let failed = |source| FormatError::reading(path, source);
    let file = File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > MAX_BYTES {
        let found = format!("more than {MAX_BYTES} bytes");
        return Err(FormatError::content(path, "a melody or notes", found));
    }
    Ok(bytes)
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
