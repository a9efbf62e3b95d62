//! The project file: an annotation beside its recording.
//!
//! - `text`: what stands in it.
//! - `write`, `read`: there and back.

mod read;
mod text;
mod write;

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

pub(super) use read::read_annotation;
pub(super) use write::write_annotation;

use super::{Annotation, AnnotationError, AudioReference};
use crate::files;

/// Longest project file that is read: more than a day of frames every 10 ms.
const MAX_BYTES: u64 = 256 << 20;

/// What a `.melograph` file holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Project {
    /// The recording.
    pub audio: AudioReference,
    /// The networks that made the first draft.
    pub models: Vec<ModelReference>,
    /// The melody as it stands.
    pub annotation: Annotation,
}

/// A network, by name and by the checksum of its weights.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelReference {
    /// The name it is installed under.
    pub name: String,
    /// SHA-256 of its weights, in hexadecimal.
    pub sha256: String,
}

impl Project {
    /// Writes the file whole or not at all, with the way from it to the recording renewed.
    ///
    /// # Errors
    /// [`AnnotationError::Io`]; what was there before stays.
    pub fn save(&self, path: &Path) -> Result<(), AnnotationError> {
        let audio = self.audio.seen_from(path);
        files::replace(path, |file| {
            let mut buffered = BufWriter::new(file);
            write::write(&mut buffered, &audio, &self.models, &self.annotation)?;
            buffered.flush()
        })
        .map_err(|source| AnnotationError::writing(path, source))
    }

    /// Reads a project file. It does not look for the recording: [`AudioReference::find`] does.
    ///
    /// # Errors
    /// [`AnnotationError::Io`] if it cannot be read, [`AnnotationError::Newer`] if it is of a later
    /// version, [`AnnotationError::Content`] if it is cut off, damaged, or something else.
    pub fn open(path: &Path) -> Result<Self, AnnotationError> {
        let failed = |source| AnnotationError::reading(path, source);
        let file = File::open(path).map_err(failed)?;
        let mut text = Vec::new();
        file.take(MAX_BYTES + 1)
            .read_to_end(&mut text)
            .map_err(failed)?;
        if text.len() as u64 > MAX_BYTES {
            let reason = format!("it is longer than {MAX_BYTES} bytes");
            return Err(AnnotationError::content(path, reason));
        }
        read::read(path, &text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation::arbitrary::annotations;
    use proptest::prelude::*;
    use std::path::PathBuf;

    fn project(annotation: Annotation) -> Project {
        Project {
            audio: AudioReference {
                sha256: "0f".repeat(32),
                rate_hz: 44_100,
                duration_secs: Some(100.0 / 3.0),
                track: Some(2),
                relative_path: Some("Lieder/\"Ständchen\".flac".into()),
                absolute_path: PathBuf::from("/nowhere/Ständchen 茉莉花.flac"),
            },
            models: vec![ModelReference {
                name: "msnet-hs".into(),
                sha256: "a0".repeat(32),
            }],
            annotation,
        }
    }

    proptest! {
        #[test]
        fn a_saved_project_opens_as_it_was(annotation in annotations()) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("song.melograph");
            let project = project(annotation);
            project.save(&path).unwrap();
            prop_assert_eq!(Project::open(&path).unwrap(), project);
        }
    }

    #[test]
    fn saving_beside_the_recording_writes_the_way_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let song = folder.path().join("song.wav");
        std::fs::write(&song, b"RIFF").unwrap();
        let f0 = crate::melody::F0Track {
            grid: crate::melody::FrameGrid::from_hop(0.01),
            frames: Vec::new(),
        };
        let mut project = project(Annotation::new(f0, Vec::new()).unwrap());
        project.audio.absolute_path = song;
        let path = folder.path().join("song.melograph");
        project.save(&path).unwrap();
        let opened = Project::open(&path).unwrap();
        assert_eq!(opened.audio.relative_path.as_deref(), Some("song.wav"));
    }

    #[test]
    fn what_is_not_there_or_no_folder_is_said_so() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing.melograph");
        let error = Project::open(&missing).unwrap_err().to_string();
        assert!(
            error.contains("missing.melograph could not be read"),
            "{error}"
        );
        let path = folder.path().join("no/folder.melograph");
        let f0 = crate::melody::F0Track {
            grid: crate::melody::FrameGrid::from_hop(0.01),
            frames: Vec::new(),
        };
        let project = project(Annotation::new(f0, Vec::new()).unwrap());
        let error = project.save(&path).unwrap_err().to_string();
        assert!(
            error.contains("folder.melograph could not be written"),
            "{error}"
        );
    }
}
