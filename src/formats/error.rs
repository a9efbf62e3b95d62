//! Which file, where, what was expected.

use std::io;
use std::path::{Path, PathBuf};

use super::FORMATS;
use super::place::TextPlace;
use crate::files::shown;

/// Why a file could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// The file system refused.
    #[error("{} could not be {action}: {source}", shown(path))]
    Io {
        /// The file.
        path: PathBuf,
        /// "read" or "written".
        action: &'static str,
        /// Why.
        source: io::Error,
    },
    /// A place in a text does not hold what it should.
    #[error("{}, {place}: expected {expected}, found {found}", shown(path))]
    Text {
        /// The file.
        path: PathBuf,
        /// Where.
        place: TextPlace,
        /// What belongs there.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// The file as a whole is not what it should be.
    #[error("{}: expected {expected}, found {found}", shown(path))]
    Content {
        /// The file.
        path: PathBuf,
        /// What was wanted.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// No format of that name.
    #[error("there is no format {0:?}; choose one of {names}", names = names())]
    UnknownFormat(String),
}

fn names() -> String {
    FORMATS.each_ref().map(|format| format.name).join(", ")
}

impl FormatError {
    /// The file could not be read.
    pub fn reading(path: &Path, source: io::Error) -> Self {
        Self::Io {
            path: path.into(),
            action: "read",
            source,
        }
    }

    /// The file could not be written.
    pub fn writing(path: &Path, source: io::Error) -> Self {
        Self::Io {
            path: path.into(),
            action: "written",
            source,
        }
    }

    /// A place in a text does not hold what it should; much of what is there is cut short.
    pub fn text(path: &Path, place: TextPlace, expected: &'static str, found: &str) -> Self {
        const SHOWN: usize = 60;
        let mut shown: String = found.chars().take(SHOWN).collect();
        if shown.len() < found.len() {
            shown.push('\u{2026}');
        }
        Self::Text {
            path: path.into(),
            place,
            expected,
            found: shown,
        }
    }

    /// JSON that cannot be read, or holds something else.
    pub fn json(path: &Path, expected: &'static str, error: &serde_json::Error) -> Self {
        let place = TextPlace {
            line: error.line().max(1),
            column: error.column().max(1),
        };
        let found = error.to_string();
        // the place is told apart
        let found = found.rsplit_once(" at line ").map_or(&*found, |it| it.0);
        Self::Text {
            path: path.into(),
            place,
            expected,
            found: found.into(),
        }
    }

    /// The file as a whole is not what it should be.
    pub fn content(path: &Path, expected: &'static str, found: impl Into<String>) -> Self {
        Self::Content {
            path: path.into(),
            expected,
            found: found.into(),
        }
    }
}
