//! What can be wrong with a corpus.

use std::path::{Path, PathBuf};

use crate::audio::AudioError;
use crate::files::shown;

/// A corpus that cannot be used as it is.
#[derive(Debug, thiserror::Error)]
pub enum DatasetError {
    /// No corpus has that name.
    #[error("there is no corpus `{name}`; known are {known}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// No validation set has that name.
    #[error("there is no validation set `{name}`; known are {known}")]
    UnknownSet {
        /// What was asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// No data root has the corpus.
    #[error(
        "corpus `{corpus}` is not in {looked_in}; name its folder's parent, or a TOML file with a \
         line `{corpus} = \"folder\"`, with --data"
    )]
    NotThere {
        /// Name of the corpus.
        corpus: String,
        /// The roots that were looked through.
        looked_in: String,
    },
    /// A file that maps names to folders is none.
    #[error(
        "{}: {reason}; expected lines such as `mir1k = \"/data/mir1k\"`",
        shown(path)
    )]
    Roots {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        reason: String,
    },
    /// A file or folder cannot be read.
    #[error("cannot read {}: {source}; check the data folder", shown(path))]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A recording cannot be decoded.
    #[error(transparent)]
    Audio(#[from] AudioError),
    /// A label file holds something else than labels.
    #[error("{} line {line}: expected {expected}, found `{found}`", shown(path))]
    Label {
        /// The label file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What a line should hold.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// A recording has fewer channels than its corpus promises.
    #[error("{}: expected {expected} channels, found {found}", shown(path))]
    Channels {
        /// The recording.
        path: PathBuf,
        /// Channels the corpus promises.
        expected: usize,
        /// Channels of the file.
        found: usize,
    },
    /// A song in stems lacks one.
    #[error("{} has no recording of the stem `{stem}`; check the data folder", path.display())]
    NoStem {
        /// The song's folder.
        path: PathBuf,
        /// Name of the stem.
        stem: String,
    },
    /// A folder holds no recording.
    #[error("{} holds no recordings; check the data folder", shown(path))]
    Empty {
        /// The folder.
        path: PathBuf,
    },
    /// Mixtures cannot be made of what there is.
    #[error(transparent)]
    Remix(#[from] super::remix::RemixError),
}

impl DatasetError {
    /// For a file operation on `path`.
    pub(super) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}
