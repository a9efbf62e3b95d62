//! What a document was made of, as the journal keeps it.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::annotation::{AudioReference, ModelReference, SavedFile};
use crate::files::FileStamp;

/// What a document was made of, and where it is saved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DocumentOrigin {
    /// The recording.
    #[serde(with = "path_text")]
    pub recording: PathBuf,
    /// What the recording's file was like; `None` if that could not be seen.
    pub stamp: Option<FileStamp>,
    /// Its sampling rate in Hz.
    pub rate_hz: u32,
    /// Its length in seconds, if the container says.
    pub duration_secs: Option<f64>,
    /// Which of its tracks of sound; `None` for the default one.
    pub track: Option<usize>,
    /// The networks that made the first draft.
    pub models: Vec<ModelReference>,
    /// The project file it was read from or written to.
    pub file: Option<SavedFile>,
    /// Whether it began with what the networks say, rather than with that file.
    pub began_with_networks: bool,
}

impl DocumentOrigin {
    /// The recording, by its checksum.
    pub fn audio(&self, sha256: String) -> AudioReference {
        AudioReference {
            sha256,
            rate_hz: self.rate_hz,
            duration_secs: self.duration_secs,
            relative_path: None,
            absolute_path: self.recording.clone(),
            track: self.track,
        }
    }
}

/// [`SavedFile`] as it is written.
#[derive(Serialize, Deserialize)]
struct SavedFileText {
    #[serde(with = "path_text")]
    path: PathBuf,
    stamp: Option<FileStamp>,
}

impl Serialize for SavedFile {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let SavedFile { path, stamp } = self.clone();
        SavedFileText { path, stamp }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for SavedFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let SavedFileText { path, stamp } = SavedFileText::deserialize(deserializer)?;
        Ok(Self { path, stamp })
    }
}

/// Paths as text; on Unix, those that are no text as their bytes.
mod path_text {
    use super::*;

    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum PathText {
        Text(String),
        Bytes(Vec<u8>),
    }

    pub fn serialize<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
        let text = match path.to_str() {
            Some(text) => PathText::Text(text.to_owned()),
            None => PathText::Bytes(bytes_of(path)),
        };
        text.serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
        Ok(match PathText::deserialize(deserializer)? {
            PathText::Text(text) => text.into(),
            PathText::Bytes(bytes) => path_of(bytes),
        })
    }

    #[cfg(unix)]
    fn bytes_of(path: &Path) -> Vec<u8> {
        use std::os::unix::ffi::OsStrExt;
        path.as_os_str().as_bytes().to_vec()
    }

    #[cfg(unix)]
    fn path_of(bytes: Vec<u8>) -> PathBuf {
        use std::os::unix::ffi::OsStringExt;
        std::ffi::OsString::from_vec(bytes).into()
    }

    #[cfg(not(unix))]
    fn bytes_of(path: &Path) -> Vec<u8> {
        path.to_string_lossy().into_owned().into_bytes()
    }

    #[cfg(not(unix))]
    fn path_of(bytes: Vec<u8>) -> PathBuf {
        String::from_utf8_lossy(&bytes).into_owned().into()
    }
}
