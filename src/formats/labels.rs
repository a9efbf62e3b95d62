//! Labels of Audacity: start, tab, end, tab, pitch and words.

use std::io::{self, Write};
use std::path::Path;

use super::Aspect::*;
use super::format::{Content, Format, FormatFile, Reader};
use super::mark::{has_decimals, has_lines};
use super::place::{TextPlace, line_break};
use super::table::text;
use super::{Contents, Export, FormatError, SungNote, note_label};
use crate::melody::Note;

/// See the module.
pub const FORMAT: Format = Format {
    name: "labels",
    help: "notes as labels of Audacity: start, end, pitch such as C#4+12, words",
    content: Content::Notes,
    files: &[FormatFile {
        suffix: ".labels.txt",
        holds: Content::Notes,
        keeps: &[Notes, NoteTimes, NoteCents, Lyrics],
        is_ours: |head| has_lines(head, is_line),
        write,
    }],
    reader: Some(Reader {
        endings: &[],
        knows,
        read,
    }),
};

fn write(export: &Export, out: &mut dyn Write) -> io::Result<()> {
    for (i, note) in export.notes.iter().enumerate() {
        let (onset, offset) = (note.onset_secs, note.offset_secs);
        let words = export.lyric(i);
        let blank = if words.is_empty() { "" } else { " " };
        let pitch = note_label::label(note.midi);
        writeln!(out, "{onset:.6}\t{offset:.6}\t{pitch}{blank}{words}")?;
    }
    Ok(())
}

fn is_line(line: &str) -> bool {
    let mut columns = line.splitn(3, '\t');
    let mut time = || columns.next().is_some_and(|it| has_decimals(it, 6));
    let (start, end) = (time(), time());
    let label = columns.next().and_then(note_label::pitch_and_words);
    start && end && label.is_some()
}

/// Whether the first line has two times and a label that is no number.
fn knows(head: &[u8]) -> bool {
    let first = head.split(|byte| matches!(byte, b'\n' | b'\r')).next();
    let first = first.unwrap_or_default();
    let line = String::from_utf8_lossy(&first[..first.len().min(1000)]);
    let columns: Vec<&str> = line.trim_start_matches('\u{feff}').split('\t').collect();
    let [start, end, label] = columns[..] else {
        return false;
    };
    let is_number = |text: &str| seconds(text).is_some();
    is_number(start) && is_number(end) && !label.trim().is_empty() && !is_number(label)
}

/// Seconds; Audacity writes them with the comma of some languages.
fn seconds(text: &str) -> Option<f64> {
    let number = text.trim().replacen(',', ".", 1).parse().ok();
    number.filter(|it: &f64| it.is_finite())
}

/// Reads labels that begin with a pitch; `path` is named in errors. Lines with the frequencies of a
/// label, as Audacity writes them below it, are passed over.
///
/// # Errors
/// [`FormatError::Text`] at a line that is no such label.
fn read(path: &Path, bytes: &[u8]) -> Result<Contents, FormatError> {
    let text = text(path, bytes)?;
    let lines = text.split(line_break(&text));
    let lines = lines.filter(|line| !line.trim().is_empty() && !line.starts_with('\\'));
    let notes = lines.map(|line| {
        note(line).map_err(|(part, expected)| {
            let found = format!("{part:?}");
            FormatError::text(path, TextPlace::of(part, &text), expected, &found)
        })
    });
    let notes: Vec<SungNote> = notes.collect::<Result<_, _>>()?;
    Ok(Contents::of_notes(notes))
}

/// The note of a line; what is no part of one, and what belongs there.
fn note(line: &str) -> Result<SungNote, (&str, &'static str)> {
    let mut columns = line.splitn(3, '\t');
    let mut column = || columns.next().unwrap_or(&line[line.len()..]);
    let (start, end, label) = (column(), column(), column());
    let onset_secs = seconds(start).ok_or((start, "the start of a label in seconds"))?;
    let offset_secs = seconds(end).ok_or((end, "the end of a label in seconds"))?;
    let expected = "a label that begins with a pitch such as C#4+12";
    let (midi, words) = note_label::pitch_and_words(label).ok_or((label, expected))?;
    Ok(SungNote {
        note: Note {
            onset_secs,
            offset_secs,
            midi,
            confidence: 1.0,
        },
        lyric: words.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &str) -> Result<Vec<SungNote>, String> {
        let contents = read(Path::new("a.txt"), text.as_bytes());
        let contents = contents.map_err(|error| error.to_string())?;
        Ok(contents.notes.unwrap())
    }

    #[test]
    fn labels_of_audacity_are_read() {
        let text = "0.500000\t0.900000\tA3 la\r\n\\\t220.0\t230.0\r\n1,5\t2\tC4-20\r\n\r\n";
        let notes = labels(text).unwrap();
        assert_eq!(notes.len(), 2);
        assert_eq!((notes[0].note.midi, &*notes[0].lyric), (57.0, "la"));
        assert_eq!((notes[1].note.onset_secs, notes[1].note.midi), (1.5, 59.8));
        assert!(knows(text.as_bytes()) && knows(b"0\t1\tverse"));
        assert!(!knows(b"0.5\t0.9\t57\n") && !knows(b"0.5 0.9 A3\n") && !knows(b""));
    }

    #[test]
    fn a_label_without_a_pitch_is_named_with_its_place() {
        let error = labels("0\t1\tA3\n1\t2\tverse\n").unwrap_err();
        let expected = "a.txt, line 2, column 5: expected a label that begins with a pitch such as \
                        C#4+12, found \"verse\"";
        assert_eq!(error, expected);
        let error = labels("0\tx\tA3").unwrap_err();
        assert!(
            error.contains("line 1, column 3: expected the end"),
            "{error}"
        );
        assert!(labels("0 1 A3").is_err());
    }
}
