//! Text files of Praat: pitch with its candidates, the contour as points, the notes as intervals.
//!
//! - `pitch`: Pitch, candidates of every frame with their strengths.
//! - `pitch_tier`: PitchTier, points of the voiced contour.
//! - `text_grid`: TextGrid, an interval for each note.
//! - `tokens`: what of a text file Praat reads.

mod pitch;
mod pitch_tier;
mod text_grid;
mod tokens;

use std::io::{self, Write};
use std::path::Path;

use self::tokens::Tokens;
use super::Aspect::*;
use super::format::{Content, Format, FormatFile, Reader};
use super::mark::has_decimals;
use super::table::text;
use super::{Contents, FormatError};

/// See the module.
pub const FORMAT: Format = Format {
    name: "praat",
    help: "pitch with candidates, contour and notes as Praat has them: Pitch, PitchTier, TextGrid",
    content: Content::F0AndNotes,
    files: &[
        FormatFile {
            suffix: ".Pitch",
            holds: Content::F0,
            keeps: &[Contour, FrameTimes, Voicing, UnvoicedPitch, Confidence],
            is_ours,
            write: pitch::write,
        },
        FormatFile {
            suffix: ".PitchTier",
            holds: Content::F0,
            keeps: &[Contour, FrameTimes, Voicing],
            is_ours,
            write: pitch_tier::write,
        },
        FormatFile {
            suffix: ".TextGrid",
            holds: Content::Notes,
            keeps: &[Notes, NoteTimes, NoteCents, Lyrics],
            is_ours,
            write: text_grid::write,
        },
    ],
    reader: Some(Reader {
        endings: &[],
        knows,
        read,
    }),
};

/// What text files of Praat begin with, and binary ones.
const TEXT_FILE: &str = "ooTextFile";
const BINARY_FILE: &[u8] = b"ooBinaryFile";

/// Whether the first bytes of a file are Praat's, in whatever encoding.
fn knows(head: &[u8]) -> bool {
    const HEAD_BYTES: usize = 80;
    let head = head.iter().take(HEAD_BYTES).filter(|byte| **byte != 0);
    let head: Vec<u8> = head.copied().collect();
    let is_text = String::from_utf8_lossy(&head).contains(&format!("\"{TEXT_FILE}"));
    is_text || head.starts_with(BINARY_FILE)
}

/// Reads a Pitch, PitchTier or TextGrid in any of Praat's text layouts, and pairs of time and Hz without a
/// header; `path` is named in errors.
///
/// # Errors
/// [`FormatError`] if it is binary, another object, or damaged.
fn read(path: &Path, bytes: &[u8]) -> Result<Contents, FormatError> {
    let expected = "a Pitch, PitchTier or TextGrid saved as a text file";
    if bytes.starts_with(BINARY_FILE) {
        return Err(FormatError::content(path, expected, "a binary file"));
    }
    let text = text(path, bytes)?;
    let mut tokens = Tokens::new(path, &text);
    if !knows(bytes) {
        return pitch_tier::read_pairs(tokens);
    }
    tokens.text("\"ooTextFile\"")?;
    let place = tokens.place();
    let class = tokens.text(expected)?;
    match &*class {
        "Pitch" | "Pitch 1" => pitch::read(tokens, class == "Pitch 1"),
        "PitchTier" => pitch_tier::read(tokens),
        "TextGrid" => text_grid::read(tokens),
        _ => Err(FormatError::text(path, place, expected, &class)),
    }
}

/// Begins a file of a class of objects that lasts from `from_secs` to `to_secs`.
fn begin(out: &mut dyn Write, class: &str, from_secs: f64, to_secs: f64) -> io::Result<()> {
    writeln!(
        out,
        "File type = \"{TEXT_FILE}\"\nObject class = \"{class}\"\n"
    )?;
    writeln!(out, "xmin = {from_secs:.6} \nxmax = {to_secs:.6} ")
}

/// Praat itself writes no zeros at the end of a number: what it has saved anew is no longer ours.
fn is_ours(head: &[u8]) -> bool {
    let head = String::from_utf8_lossy(head);
    let number = |name: &str| {
        let mut lines = head.lines().take(6);
        let number = lines.find_map(|line| line.strip_prefix(name));
        number.is_some_and(|number| has_decimals(number.trim_end(), 6))
    };
    knows(head.as_bytes()) && number("xmin = ") && number("xmax = ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_objects_and_binary_files_are_named() {
        let error = |bytes: &[u8]| read(Path::new("a"), bytes).unwrap_err().to_string();
        let sound = error(b"File type = \"ooTextFile\"\nObject class = \"Sound 2\"\n");
        assert!(
            sound.starts_with("a, line 2, column 16: expected a Pitch, "),
            "{sound}"
        );
        assert!(sound.ends_with("found Sound 2"), "{sound}");
        assert!(error(b"ooBinaryFile\x07Pitch 1").ends_with("found a binary file"));
    }
}
