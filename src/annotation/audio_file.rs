//! Which recording an annotation belongs to, and where that recording is now.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use pathdiff::diff_paths;
use serde::{Deserialize, Serialize, Serializer};

use super::AnnotationError;
use crate::files;
use crate::progress::{Cancelled, Canceller};

/// The recording an annotation was made on. The checksum names it; the paths say where to look.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AudioReference {
    /// SHA-256 of the bytes of the file, in hexadecimal.
    pub sha256: String,
    /// Sampling rate of the decoded sound in Hz.
    pub rate_hz: u32,
    /// Length in seconds; `None` if the container does not say.
    pub duration_secs: Option<f64>,
    /// Which of its tracks of sound, from 1 on; `None` where it has only one, and in files from before
    /// tracks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub track: Option<usize>,
    /// Where it lay as seen from the project file, with `/` between folders; `None` before the
    /// first save and where no such path leads there (another drive). Saving renews it.
    pub relative_path: Option<String>,
    /// Where it lay when it was last seen.
    #[serde(serialize_with = "as_text")]
    pub absolute_path: PathBuf,
}

/// Where the recording of a project is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AudioSearch {
    /// Here, the very same bytes.
    Found(PathBuf),
    /// There is a file where it should be, but of other content; labels may not fit it.
    Differs(PathBuf),
    /// Nowhere it was looked for.
    Missing,
}

impl AudioReference {
    /// Refers to the file at `path`, read once for its checksum.
    ///
    /// # Errors
    /// [`AnnotationError::Io`] if it cannot be read, [`AnnotationError::Cancelled`].
    pub fn new(
        path: &Path,
        rate_hz: u32,
        duration_secs: Option<f64>,
        canceller: &Canceller,
    ) -> Result<Self, AnnotationError> {
        Ok(Self {
            sha256: sha256(path, canceller)?,
            rate_hz,
            duration_secs,
            track: None,
            relative_path: None,
            absolute_path: full(path),
        })
    }

    /// Looks for the recording of the project file at `project`: by the relative path, then the
    /// absolute one, then a file of the same name beside the project, then one of another name but
    /// of the same ending there.
    ///
    /// Each file found is read once for its checksum, and the first that agrees is taken. One that
    /// cannot be read counts as not there.
    ///
    /// # Errors
    /// [`Cancelled`] once the user stopped it.
    pub fn find(&self, project: &Path, canceller: &Canceller) -> Result<AudioSearch, Cancelled> {
        let places = self.places(project);
        let mut other = None;
        for path in &places {
            match self.compare(path.clone(), canceller)? {
                AudioSearch::Differs(path) => other = other.or(Some(path)),
                AudioSearch::Missing => {}
                found => return Ok(found),
            }
        }
        for path in self
            .renamed(project)
            .into_iter()
            .filter(|it| !places.contains(it))
        {
            let found = self.compare(path, canceller)?;
            if matches!(found, AudioSearch::Found(_)) {
                return Ok(found);
            }
        }
        Ok(other.map_or(AudioSearch::Missing, AudioSearch::Differs))
    }

    /// Whether the file at `path` is the recording, by its checksum; one that cannot be read counts
    /// as not there.
    ///
    /// # Errors
    /// [`Cancelled`] once the user stopped it.
    pub fn compare(&self, path: PathBuf, canceller: &Canceller) -> Result<AudioSearch, Cancelled> {
        match sha256(&path, canceller) {
            Ok(sum) if sum.eq_ignore_ascii_case(&self.sha256) => Ok(AudioSearch::Found(path)),
            Ok(_) => Ok(AudioSearch::Differs(path)),
            Err(AnnotationError::Cancelled(stop)) => Err(stop),
            Err(_) => Ok(AudioSearch::Missing),
        }
    }

    /// Files beside the project that have the recording's ending, by name.
    fn renamed(&self, project: &Path) -> Vec<PathBuf> {
        let ending = |path: &Path| path.extension().map(|it| it.to_ascii_lowercase());
        let wanted = ending(&self.absolute_path);
        let folder = full(project).parent().map(Path::to_path_buf);
        let files = folder.and_then(|folder| folder.read_dir().ok());
        let paths = files.into_iter().flatten().flatten().map(|it| it.path());
        let mut paths: Vec<_> = paths
            .filter(|path| ending(path) == wanted && path.is_file())
            .collect();
        paths.sort();
        paths
    }

    /// Files to look at, in order, none twice.
    fn places(&self, project: &Path) -> Vec<PathBuf> {
        let folder = full(project).parent().map(Path::to_path_buf);
        let beside = |name: &str| folder.as_ref().map(|folder| folder.join(name));
        let absolute = self.absolute_path.to_string_lossy();
        // A project may come from another system, with its mark between folders.
        let name = absolute.rsplit(['/', '\\']).next();
        let relative = self.relative_path.as_deref().and_then(beside);
        let absolute = Some(self.absolute_path.clone());
        let mut places = Vec::new();
        for place in [relative, absolute, name.and_then(beside)] {
            places.extend(place.filter(|path| path.is_file() && !places.contains(path)));
        }
        places
    }

    /// The reference as a project file at `project` should hold it: the path there renewed, if the
    /// recording is where it was last seen.
    pub(super) fn seen_from(&self, project: &Path) -> Self {
        let mut seen = self.clone();
        if self.absolute_path.is_file() {
            let folder = full(project).parent().map(true_path);
            let audio = true_path(&self.absolute_path);
            seen.relative_path = folder.and_then(|folder| relative(&folder, &audio));
        }
        seen
    }
}

/// SHA-256 of a file in hexadecimal, read block by block.
///
/// # Errors
/// [`AnnotationError::Io`] if it is no plain file or cannot be read, [`AnnotationError::Cancelled`].
pub fn sha256(path: &Path, canceller: &Canceller) -> Result<String, AnnotationError> {
    let sum = files::sha256(path, || !canceller.is_cancelled());
    match sum.map_err(|source| AnnotationError::reading(path, source))? {
        Some(sum) => Ok(sum),
        None => Err(Cancelled.into()),
    }
}

/// A path from the root, whether there is something or not.
fn full(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

/// The path without links, where there is something.
fn true_path(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| full(path))
}

/// The way from a folder to a file, both from the root; `None` from one drive to another.
fn relative(folder: &Path, file: &Path) -> Option<String> {
    let way = diff_paths(file, folder).filter(|way| way.is_relative())?;
    let parts = way.components().map(|part| part.as_os_str());
    let parts: Vec<_> = parts.map(OsStr::to_string_lossy).collect();
    Some(parts.join("/"))
}

/// Writes a path as text; signs that are no Unicode are replaced, and the file found by its name.
fn as_text<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.to_string_lossy())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn reference(path: &Path) -> AudioReference {
        AudioReference::new(path, 44_100, Some(1.0), &Canceller::default()).unwrap()
    }

    fn write(path: &Path, bytes: &[u8]) -> PathBuf {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        path.to_path_buf()
    }

    #[test]
    fn the_checksum_is_that_of_the_standard() {
        let folder = tempfile::tempdir().unwrap();
        let path = write(&folder.path().join("a"), b"abc");
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(reference(&path).sha256, expected);
        let stopped = Canceller::default();
        stopped.cancel();
        let error = sha256(&path, &stopped).unwrap_err();
        assert!(matches!(error, AnnotationError::Cancelled(_)));
        assert!(sha256(folder.path(), &Canceller::default()).is_err());
    }

    #[test]
    fn the_recording_is_found_again_wherever_it_went() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        let song = write(&root.join("a/music/song.flac"), b"song");
        let project = root.join("a/takes/song.melograph");
        let search = |audio: &AudioReference, project: &Path| {
            audio.find(project, &Canceller::default()).unwrap()
        };
        fs::create_dir_all(root.join("a/takes")).unwrap();
        let audio = reference(&song).seen_from(&project);
        assert_eq!(audio.relative_path.as_deref(), Some("../music/song.flac"));
        // Both folders moved together: by the relative path.
        fs::rename(root.join("a"), root.join("b")).unwrap();
        let moved = root.join("b/takes/song.melograph");
        let expected = root.join("b/takes/../music/song.flac");
        assert_eq!(search(&audio, &moved), AudioSearch::Found(expected));
        // Back again, and the project alone moved: by the absolute path.
        fs::rename(root.join("b"), root.join("a")).unwrap();
        let alone = root.join("song.melograph");
        assert_eq!(search(&audio, &alone), AudioSearch::Found(song.clone()));
        // Another file there, the right one beside the project.
        write(&song, b"other");
        assert_eq!(search(&audio, &alone), AudioSearch::Differs(song.clone()));
        let beside = write(&root.join("song.flac"), b"song");
        assert_eq!(search(&audio, &alone), AudioSearch::Found(beside.clone()));
        // Under another name there, and the other file gone too.
        let renamed = root.join("take 2.FLAC");
        fs::rename(&beside, &renamed).unwrap();
        assert_eq!(search(&audio, &alone), AudioSearch::Found(renamed.clone()));
        fs::remove_file(renamed).unwrap();
        fs::remove_file(song).unwrap();
        assert_eq!(search(&audio, &alone), AudioSearch::Missing);
        // Saved without the recording: the way to it is kept.
        assert_eq!(audio.seen_from(&alone), audio);
    }

    #[test]
    fn ways_between_folders() {
        let way = |from: &str, to: &str| relative(Path::new(from), Path::new(to));
        assert_eq!(way("/a/b", "/a/b/c.wav").as_deref(), Some("c.wav"));
        assert_eq!(way("/a/b", "/x/c.wav").as_deref(), Some("../../x/c.wav"));
        assert_eq!(way("/a", "/a/b c/d.wav").as_deref(), Some("b c/d.wav"));
        #[cfg(windows)]
        assert_eq!(way(r"C:\a", r"D:\c.wav"), None);
    }
}
