//! Which file, where, what was expected.

use std::io;
use std::path::{Path, PathBuf};

use super::FORMATS;

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
    /// A line does not hold what it should.
    #[error("{}, line {line}: expected {expected}, found {found}", shown(path))]
    Line {
        /// The file.
        path: PathBuf,
        /// Line number from 1.
        line: usize,
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

    /// The file as a whole is not what it should be.
    pub fn content(path: &Path, expected: &'static str, found: impl Into<String>) -> Self {
        Self::Content {
            path: path.into(),
            expected,
            found: found.into(),
        }
    }
}
