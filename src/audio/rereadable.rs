//! Recordings that can be read more than once, as an analysis does.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::error::AudioError;

/// A file as it is; of a pipe or a terminal, which give their bytes once, a copy that lives as long
/// as this.
pub struct Rereadable {
    path: PathBuf,
    copy: Option<NamedTempFile>,
}

impl Rereadable {
    /// Makes a recording readable more than once; waits for the end of a pipe.
    ///
    /// # Errors
    /// [`AudioError::Unreadable`] if a pipe breaks, or there is no room for the copy. A file that
    /// is missing is left to its reader.
    pub fn new(path: &Path) -> Result<Self, AudioError> {
        let is_stream = fs::metadata(path).is_ok_and(|it| !it.is_file() && !it.is_dir());
        let copy = is_stream.then(|| copy(path)).transpose();
        Ok(Self {
            path: path.to_path_buf(),
            copy: copy.map_err(|error| AudioError::from_io(path, error))?,
        })
    }

    /// The path to read from.
    pub fn path(&self) -> &Path {
        self.copy.as_ref().map_or(&self.path, NamedTempFile::path)
    }
}

fn copy(path: &Path) -> io::Result<NamedTempFile> {
    let mut copy = NamedTempFile::new()?;
    io::copy(&mut File::open(path)?, &mut copy)?;
    Ok(copy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_not_copied() {
        let file = NamedTempFile::new().unwrap();
        let rereadable = Rereadable::new(file.path()).unwrap();
        assert_eq!(rereadable.path(), file.path());
        let missing = Path::new("missing.wav");
        assert_eq!(Rereadable::new(missing).unwrap().path(), missing);
    }

    #[cfg(unix)]
    #[test]
    fn a_stream_is_copied_whole() {
        let rereadable = Rereadable::new(Path::new("/dev/null")).unwrap();
        assert_ne!(rereadable.path(), Path::new("/dev/null"));
        assert!(fs::read(rereadable.path()).unwrap().is_empty());
    }
}
