//! What a format is, and the list of all.

use std::fmt;
use std::io::{self, Write};
use std::path::Path;

use super::mark::IsOurs;
use super::ultrastar;
use super::{Aspect, Contents, Export, FormatError};
use super::{csv, ds, figure, jams, labels, midi, mirex, mpe, notes, praat, pv, soft, svl, tony};

/// All formats, the default first: a new one is a file with a description, and a line here.
pub static FORMATS: [Format; 16] = [
    csv::FORMAT,
    mirex::FORMAT,
    tony::FORMAT,
    pv::FORMAT,
    notes::FORMAT,
    jams::FORMAT,
    svl::FORMAT,
    praat::FORMAT,
    midi::FORMAT,
    mpe::FORMAT,
    ultrastar::FORMAT,
    ds::FORMAT,
    labels::FORMAT,
    soft::FORMAT,
    figure::png::FORMAT,
    figure::svg::FORMAT,
];

/// A file format: what it is called, what it holds, how it is written and read.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// The name it is asked for by.
    pub name: &'static str,
    /// What it is, in a line of help.
    pub help: &'static str,
    /// What it holds.
    pub content: Content,
    /// The files it writes for a recording, at least one.
    pub files: &'static [FormatFile],
    /// How it is read; figures are not.
    pub reader: Option<Reader>,
}

/// What a format holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// The contour.
    F0,
    /// The notes.
    Notes,
    /// Both.
    F0AndNotes,
    /// A drawing of everything, the spectrogram included.
    Figure,
}

/// One file of a format.
#[derive(Clone, Copy, Debug)]
pub struct FormatFile {
    /// What follows the recording's name: `.f0.svl`.
    pub suffix: &'static str,
    /// What this file holds.
    pub holds: Content,
    /// What it keeps of a melody.
    pub keeps: &'static [Aspect],
    /// Tells from its first bytes whether a file of this name may be one of ours.
    pub is_ours: IsOurs,
    /// Writes its content.
    pub write: fn(&Export, &mut dyn Write) -> io::Result<()>,
}

/// How files of a format are read.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    /// Endings that tell these files, whoever wrote them.
    pub endings: &'static [&'static str],
    /// Tells from its first bytes, whatever its name, whether a file is of this format; never of text
    /// in columns.
    pub knows: fn(&[u8]) -> bool,
    /// Reads what a file holds; the path is named in errors.
    pub read: fn(&Path, &[u8]) -> Result<Contents, FormatError>,
}

/// An ending that any text may have tells nothing.
const ANY_TEXT: &str = ".txt";

impl Format {
    /// The format of this name, in capitals or not.
    ///
    /// # Errors
    /// [`FormatError::UnknownFormat`], which lists the names.
    pub fn named(name: &str) -> Result<&'static Self, FormatError> {
        let mut all = FORMATS.iter();
        let found = all.find(|format| format.name.eq_ignore_ascii_case(name));
        found.ok_or_else(|| FormatError::UnknownFormat(name.to_owned()))
    }

    /// The format that a file's name tells: by the longest suffix of those written and read.
    pub fn of_file(file_name: &str) -> Option<&'static Self> {
        let length = |format: &&Self| {
            let endings = format.endings().filter(|it| *it != ANY_TEXT);
            let fitting = endings.filter(|ending| has_ending(file_name, ending));
            fitting.map(str::len).max()
        };
        // the first of those that fit as well
        let fitting = FORMATS.iter().rev().filter(|it| length(it).is_some());
        fitting.max_by_key(length)
    }

    /// The format that the first bytes of a file tell.
    pub fn of_content(head: &[u8]) -> Option<&'static Self> {
        let mut all = FORMATS.iter();
        all.find(|it| it.reader.is_some_and(|reader| (reader.knows)(head)))
    }

    fn endings(&self) -> impl Iterator<Item = &'static str> + use<> {
        let written = self.files.iter().map(|file| file.suffix);
        let read = self.reader.map_or(&[][..], |reader| reader.endings);
        written.chain(read.iter().copied())
    }
}

/// Whether a file's name has an ending, in capitals or not.
pub fn has_ending(file_name: &str, ending: &str) -> bool {
    file_name.to_lowercase().ends_with(&ending.to_lowercase())
}

/// Names tell formats apart.
impl PartialEq for Format {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_endings_lead_back() {
        for format in &FORMATS {
            assert_eq!(Format::named(&format.name.to_uppercase()).unwrap(), format);
            for ending in format.endings().filter(|it| *it != ANY_TEXT) {
                let name = format!("A Song{}", ending.to_uppercase());
                assert_eq!(Format::of_file(&name), Some(format));
            }
        }
        assert_eq!(Format::of_file("song.txt"), None);
    }

    #[test]
    fn an_unknown_name_is_answered_with_all_names() {
        let message = Format::named("jpeg").unwrap_err().to_string();
        let expected = "there is no format \"jpeg\"; choose one of csv, mirex, ";
        assert!(message.starts_with(expected), "{message}");
        assert!(message.ends_with(", png, svg"), "{message}");
    }

    #[test]
    fn the_readme_tells_of_every_format() {
        let readme = include_str!("../../README.md");
        for format in &FORMATS {
            for file in format.files {
                let (name, file) = (format.name, format!("`STEM{}`", file.suffix));
                let mut lines = readme.lines();
                let told = |line: &str| line.starts_with(&format!("| `{name}` |"));
                let row = lines.find(|line| told(line)).unwrap_or_default();
                assert!(row.contains(&file), "{name}: {file}");
            }
        }
    }
}
