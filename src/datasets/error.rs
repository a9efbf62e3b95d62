//! What can be wrong with a corpus.

use std::path::PathBuf;

use crate::audio::AudioError;

/// A corpus that cannot be used as it is.
#[derive(Debug, thiserror::Error)]
pub enum DatasetError {
    /// A file or folder cannot be read.
    #[error("cannot read {}: {source}; check the data folder", path.display())]
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
    #[error("{} line {line}: expected a MIDI number, found `{found}`", path.display())]
    Label {
        /// The label file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What stands there.
        found: String,
    },
    /// A recording has fewer channels than its corpus promises.
    #[error("{}: expected {expected} channels, found {found}", path.display())]
    Channels {
        /// The recording.
        path: PathBuf,
        /// Channels the corpus promises.
        expected: usize,
        /// Channels of the file.
        found: usize,
    },
    /// A folder holds no recording.
    #[error("{} holds no recordings; check the data folder", path.display())]
    Empty {
        /// The folder.
        path: PathBuf,
    },
}
