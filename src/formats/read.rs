//! A melody or notes from any file that holds some.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::{Contents, Format, FormatError, MelodyFile, melody_columns, note_columns};
use crate::melody::Note;

/// Longest file that is read: a day of frames every 10 ms, with all their columns.
const MAX_BYTES: u64 = 512 << 20;

/// A file's contents, and how they were read.
#[derive(Clone, Debug)]
pub struct Found {
    /// The format; `None` for text in columns that says no more of itself.
    pub format: Option<&'static Format>,
    /// What it holds.
    pub contents: Contents,
}

impl Found {
    /// What the file is, in a few words.
    pub fn kind(&self) -> &'static str {
        self.format.map_or("text in columns", |format| format.name)
    }
}

/// Reads what a file holds, as the format that its content tells, else its name; `from` names it.
///
/// Text in columns with nothing to tell it holds notes if its header names an onset, an offset or a
/// duration, or if there is none and its numbers can only be notes; else a melody.
///
/// # Errors
/// [`FormatError`] if the file cannot be read, or holds nothing of a melody.
pub fn read_any(path: &Path, from: Option<&'static Format>) -> Result<Found, FormatError> {
    found_in(path, &bytes(path)?, from)
}

/// What a file's bytes hold, as [`read_any`] reads them; `path` is named in errors.
///
/// # Errors
/// [`FormatError`] if they hold nothing of a melody.
pub fn found_in(
    path: &Path,
    bytes: &[u8],
    from: Option<&'static Format>,
) -> Result<Found, FormatError> {
    let format = from.or_else(|| format_of(path, bytes));
    let contents = match format {
        Some(format) => contents(path, bytes, format)?,
        None if note_columns::are_notes(path, bytes)? => note_columns::read(path, bytes)?,
        None => melody_columns::read(path, bytes)?,
    };
    let contents = checked(path, contents)?;
    Ok(Found { format, contents })
}

/// Reads a melody: as the format that a file's content or ending tells, else as text in columns.
///
/// Text has time and Hz first, with commas, semicolons, tabs or blanks between columns, and perhaps a
/// header. Columns named time, frequency (or f0), confidence (or activation) and voiced are understood;
/// without the last a frame is voiced where its frequency is above 0 and its confidence, if there is
/// one, at least 0.5.
///
/// # Errors
/// [`FormatError`] if the file cannot be read or holds something else.
pub fn read_melody(path: &Path) -> Result<MelodyFile, FormatError> {
    melody_of(path, &bytes(path)?)
}

fn melody_of(path: &Path, bytes: &[u8]) -> Result<MelodyFile, FormatError> {
    let format = format_of(path, bytes);
    let found = match format {
        Some(format) => contents(path, bytes, format),
        None => melody_columns::read(path, bytes),
    };
    let melody = checked(path, found?)?.melody;
    melody.ok_or_else(|| refused(path, "a melody frame by frame", format))
}

/// Reads notes in order of onset: as the format that a file's content or ending tells, else as text
/// in columns.
///
/// A header (`onset`, `offset` or `duration`, `midi`, `pitch` or `frequency`) names the columns.
/// Without one the order is told from the numbers: onset, offset, MIDI; or onset, Hz, duration
/// (Tony); or onset, duration, Hz (pYIN). Where nothing names the unit of pitches, those above MIDI 96
/// are Hz, and whole numbers below are MIDI. Notes without a confidence get 1.
///
/// # Errors
/// [`FormatError`] if the file cannot be read or holds something else.
pub fn read_notes(path: &Path) -> Result<Vec<Note>, FormatError> {
    notes_of(path, &bytes(path)?)
}

fn notes_of(path: &Path, bytes: &[u8]) -> Result<Vec<Note>, FormatError> {
    let format = format_of(path, bytes);
    let found = match format {
        Some(format) => contents(path, bytes, format),
        None => note_columns::read(path, bytes),
    };
    let notes = checked(path, found?)?.notes;
    let notes = notes.ok_or_else(|| refused(path, "notes", format))?;
    Ok(notes.into_iter().map(|it| it.note).collect())
}

/// The format that a file's first bytes tell; `None` also if it cannot be read.
pub fn format_by_content(path: &Path) -> Option<&'static Format> {
    const HEAD_BYTES: u64 = 1 << 16;
    let mut head = Vec::new();
    let file = File::open(path).ok()?;
    file.take(HEAD_BYTES).read_to_end(&mut head).ok()?;
    Format::of_content(&head)
}

/// The format of a file by its content, else by its name.
fn format_of(path: &Path, bytes: &[u8]) -> Option<&'static Format> {
    let name = path.file_name().unwrap_or_default();
    Format::of_content(bytes).or_else(|| Format::of_file(&name.to_string_lossy()))
}

fn contents(path: &Path, bytes: &[u8], format: &'static Format) -> Result<Contents, FormatError> {
    match format.reader {
        Some(reader) => (reader.read)(path, bytes),
        None => Err(refused(path, "a melody or notes", Some(format))),
    }
}

/// What may be a recording's, in order.
fn checked(path: &Path, contents: Contents) -> Result<Contents, FormatError> {
    let contents = contents.in_order();
    match contents.fault() {
        None => Ok(contents),
        Some(found) => Err(FormatError::content(
            path,
            "times in seconds within a day, and pitches in Hz",
            found,
        )),
    }
}

fn refused(path: &Path, expected: &'static str, format: Option<&Format>) -> FormatError {
    let name = format.map_or("other", |format| format.name);
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
        let melody = |name: &str, bytes: &[u8]| {
            let error = melody_of(Path::new(name), bytes).unwrap_err();
            error.to_string()
        };
        let midi = b"MThd\0\0\0\x06\0\0\0\x01\0\x60MTrk\0\0\0\x04\0\xff\x2f\0";
        let expected = "a.xyz: expected a melody frame by frame, found a file of the format midi";
        assert_eq!(melody("a.xyz", midi), expected);
        assert!(melody("a.png", b"").ends_with("found a file of the format png"));
        let notes = notes_of(Path::new("a.pv"), b"0\n57").unwrap_err();
        let expected = "a.pv: expected notes, found a file of the format pv";
        assert_eq!(notes.to_string(), expected);
    }

    #[test]
    fn columns_are_notes_if_they_can_be_nothing_else() {
        let holds = |text: &str| {
            let found = found_in(Path::new("a.txt"), text.as_bytes(), None).unwrap();
            let Contents { melody, notes, .. } = found.contents;
            (melody.is_some(), notes.is_some())
        };
        let (melody, notes) = ((true, false), (false, true));
        assert_eq!(holds("0.01 220\n0.02 221"), melody);
        assert_eq!(holds("0.01 220 0.9\n0.02 221 0.8\n0.03 222 0.9\n"), melody);
        assert_eq!(holds("time,frequency,confidence\n0.5,220,1\n"), melody);
        assert_eq!(holds("0.5 0.9 57\n1 1.25 69"), notes);
        assert_eq!(holds("0.5,220,0.4\n1,440,0.25\n2.7,220,1\n"), notes);
        assert_eq!(holds("onset,offset,midi\n"), notes);
        assert_eq!(holds(""), melody);
    }
}
