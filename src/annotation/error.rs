//! What can go wrong in the document and its file, a sentence each.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::files::shown;
use crate::progress::Cancelled;

/// Why an edit, an operation or a project file was refused. The document stays as it was.
#[derive(Debug, thiserror::Error)]
pub enum AnnotationError {
    /// Times of frames must rise.
    #[error(
        "the frames are {hop_secs} s apart from {first_secs} s on; expected a distance above 0"
    )]
    Grid {
        /// Time of the first frame.
        first_secs: f64,
        /// Distance of frames.
        hop_secs: f64,
    },
    /// A frame that cannot be.
    #[error("frame {at}: {problem}")]
    Frame {
        /// Index of the frame.
        at: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A note that cannot be.
    #[error("note {at}: {problem}")]
    Note {
        /// Index of the note.
        at: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A mark that cannot be.
    #[error("mark {at}: {problem}")]
    Mark {
        /// Its place among the marked spans.
        at: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A threshold that cannot be.
    #[error("the voicing threshold {0} must lie within 0 and 1")]
    Threshold(f32),
    /// An edit of what is not there.
    #[error("there are no {what} {} to {}; the annotation has {count}", range.start, range.end)]
    Range {
        /// "frames", "notes" or "marks".
        what: &'static str,
        /// What the edit names.
        range: Range<usize>,
        /// How many there are.
        count: usize,
    },
    /// An operation that cannot be done on what is selected.
    #[error("{operation} {refusal}")]
    Refused {
        /// Its label.
        operation: &'static str,
        /// Why.
        refusal: Refusal,
    },
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
    /// The file is something else, or damaged.
    #[error("{} cannot be read as a Melograph project: {reason}", shown(path))]
    Content {
        /// The file.
        path: PathBuf,
        /// What departs from the format, and where.
        reason: String,
    },
    /// The file is from a later version of the program.
    #[error(
        "{} is a project of version {version}; this program reads version {known}, so please update it",
        shown(path)
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u64,
        /// The latest that is understood.
        known: u64,
    },
    /// The database of unsaved work refused.
    #[error("unsaved work cannot be kept in {}: {reason}", shown(path))]
    Database {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The database is from a later version of the program.
    #[error(
        "{} is of version {version}; this program knows version {known}, so please update it",
        shown(path)
    )]
    NewerDatabase {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: usize,
        /// The latest that is understood.
        known: usize,
    },
    /// The user stopped it.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// Why an operation cannot be done; the sentence begins with its label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It would do nothing.
    #[error("would change nothing here; select other frames or notes")]
    NothingToDo,
    /// It would give a pitch that is none.
    #[error("would leave the range of voices, 30 to 2100 Hz; select less")]
    OutOfRange,
    /// It is for one note.
    #[error("is given to one note at a time; select one")]
    NotOneNote,
    /// It knows no pitch to begin from.
    #[error("finds no pitch to go by; extend the selection to voiced frames")]
    NoPitch,
    /// It is about a note, and none is there.
    #[error("finds no note there; point at one")]
    NoNote,
    /// It is about several notes.
    #[error("needs two notes or more; select them")]
    NotTwoNotes,
    /// It would make a note that cannot be.
    #[error("would make a note too short, or out of the range of notes")]
    NoSuchNote,
}

impl AnnotationError {
    /// The file could not be read.
    pub(super) fn reading(path: &Path, source: io::Error) -> Self {
        Self::Io {
            path: path.into(),
            action: "read",
            source,
        }
    }

    /// The file could not be written.
    pub(super) fn writing(path: &Path, source: io::Error) -> Self {
        Self::Io {
            path: path.into(),
            action: "written",
            source,
        }
    }

    /// The database refused.
    pub(super) fn database(path: &Path, error: &rusqlite::Error) -> Self {
        let reason = match error {
            // the reason alone, without the statement
            rusqlite::Error::SqliteFailure(code, text) => {
                text.clone().unwrap_or_else(|| code.to_string())
            }
            other => other.to_string(),
        };
        Self::Database {
            path: path.into(),
            reason,
        }
    }

    /// The file does not hold what it should.
    pub(super) fn content(path: &Path, reason: impl ToString) -> Self {
        Self::Content {
            path: path.into(),
            reason: reason.to_string(),
        }
    }
}
