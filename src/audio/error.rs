//! What can go wrong with a recording, in the user's words.

use std::io;
use std::path::{Path, PathBuf};

use crate::files::shown;

/// A recording that cannot be used: which file, what was found, what to do.
#[derive(Debug, thiserror::Error)]
pub enum AudioError {
    /// Nothing has this name.
    #[error("{} does not exist; check the name and the folder", shown(path))]
    Missing { path: PathBuf },
    /// The name is a folder's.
    #[error("{} is a folder, not a recording; name a file inside it", shown(path))]
    Folder { path: PathBuf },
    /// The system refused to read the file.
    #[error(
        "{} cannot be read ({source}); check its permissions and its disk",
        shown(path)
    )]
    Unreadable { path: PathBuf, source: io::Error },
    /// The file has no bytes.
    #[error("{} is empty (0 bytes); copy it again from its source", shown(path))]
    Empty { path: PathBuf },
    /// The file holds something else.
    #[error(
        "{} is {found}, not a recording; open a WAV, AIFF, FLAC, MP3, Ogg, Opus, M4A, CAF or MKV file",
        shown(path)
    )]
    NotAudio { path: PathBuf, found: String },
    /// The file holds sound in a form without a decoder here.
    #[error(
        "{} holds {found}, which cannot be decoded here; convert it to WAV or FLAC",
        shown(path)
    )]
    Unsupported { path: PathBuf, found: String },
    /// The file has fewer tracks of sound.
    #[error(
        "{} has no sound track {track}; it has {n_tracks}, counted from 1",
        shown(path)
    )]
    NoTrack {
        path: PathBuf,
        track: usize,
        n_tracks: usize,
    },
    /// The container is a recording's, but it has no sound in it.
    #[error(
        "{} is a recording without a single sample; record or export it again",
        shown(path)
    )]
    NoSamples { path: PathBuf },
    /// The container is a recording's, but nothing of it can be decoded.
    #[error(
        "{} is damaged or cut short ({found}); copy it again from its source",
        shown(path)
    )]
    Damaged { path: PathBuf, found: String },
    /// A rate that no resampler takes.
    #[error(
        "cannot convert from {from_hz} Hz to {to_hz} Hz; rates from {min} to {max} Hz are possible",
        min = super::resample::MIN_RATE_HZ,
        max = super::resample::MAX_RATE_HZ
    )]
    Rate { from_hz: u32, to_hz: u32 },
}

impl AudioError {
    /// The same of a file with another name.
    pub fn renamed(mut self, name: &Path) -> Self {
        match &mut self {
            AudioError::Missing { path }
            | AudioError::Folder { path }
            | AudioError::Unreadable { path, .. }
            | AudioError::Empty { path }
            | AudioError::NotAudio { path, .. }
            | AudioError::Unsupported { path, .. }
            | AudioError::NoTrack { path, .. }
            | AudioError::NoSamples { path }
            | AudioError::Damaged { path, .. } => *path = name.to_path_buf(),
            AudioError::Rate { .. } => {}
        }
        self
    }

    /// Names the file in an error of the file system.
    pub(super) fn from_io(path: &Path, source: io::Error) -> Self {
        let path = path.to_path_buf();
        match source.kind() {
            io::ErrorKind::NotFound => AudioError::Missing { path },
            _ => AudioError::Unreadable { path, source },
        }
    }
}
