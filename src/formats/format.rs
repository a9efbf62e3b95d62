//! What a format is, and the list of all.

use std::fmt;
use std::io::{self, Write};
use std::path::Path;

use super::mark::IsOurs;
use super::{Export, FormatError, MelodyFile};
use super::{csv, figure, midi, mirex, notes, pv, svl, tony};
use crate::melody::Note;

/// All formats, the default first: a new one is a file with a description, and a line here.
pub static FORMATS: [Format; 9] = [
    csv::FORMAT,
    mirex::FORMAT,
    tony::FORMAT,
    pv::FORMAT,
    notes::FORMAT,
    midi::FORMAT,
    svl::FORMAT,
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
    /// Tells from its first bytes whether a file of this name may be one of ours.
    pub is_ours: IsOurs,
    /// Writes its content.
    pub write: fn(&Export, &mut dyn Write) -> io::Result<()>,
}

/// Reads what a file holds; the path is named in errors.
pub type ReadFn<T> = fn(&Path, &[u8]) -> Result<T, FormatError>;

/// How files of a format are read.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    /// Endings that tell these files, whoever wrote them; none for text, which needs no telling.
    pub endings: &'static [&'static str],
    /// Reads a melody, if they hold one frame by frame.
    pub melody: Option<ReadFn<MelodyFile>>,
    /// Reads notes, if they hold some.
    pub notes: Option<ReadFn<Vec<Note>>>,
}

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
        let lower = file_name.to_lowercase();
        let length = |format: &&Self| {
            let fitting = format.endings().filter(|ending| lower.ends_with(ending));
            fitting.map(str::len).max()
        };
        let fitting = FORMATS.iter().filter(|format| length(format).is_some());
        fitting.max_by_key(length)
    }

    fn endings(&self) -> impl Iterator<Item = &'static str> + use<> {
        let written = self.files.iter().map(|file| file.suffix);
        let read = self.reader.map_or(&[][..], |reader| reader.endings);
        written.chain(read.iter().copied())
    }
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
            for ending in format.endings() {
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
