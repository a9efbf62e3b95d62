//! Which recordings are meant: files as they are, folders searched through.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::audio::is_recording;

/// A recording, and what its outputs are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// The recording.
    pub path: PathBuf,
    /// Its place in the output folder, without an ending: below a folder that was
    /// named, the same subfolders.
    pub stem: PathBuf,
}

/// A path that gave no recording.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// A folder without a recording in it or below it.
    #[error("{}: no recordings in this folder", .0.display())]
    NothingInside(PathBuf),
    /// A folder that cannot be listed, which the cause names.
    #[error("cannot list a folder: {0}")]
    Unreadable(#[from] walkdir::Error),
}

/// All recordings behind `paths`, in the order given, folders sorted by name.
///
/// A recording that is named twice counts once. Files that do not exist are kept:
/// opening them tells what is wrong.
pub fn collect(paths: &[PathBuf]) -> (Vec<Input>, Vec<InputError>) {
    let mut inputs = Vec::new();
    let mut errors = Vec::new();
    for path in paths {
        if !path.is_dir() {
            let stem = PathBuf::from(path.file_stem().unwrap_or_default());
            inputs.push(Input {
                path: path.clone(),
                stem,
            });
            continue;
        }
        let before = inputs.len();
        match search(path, &mut inputs) {
            Ok(()) if inputs.len() == before => {
                errors.push(InputError::NothingInside(path.clone()));
            }
            Ok(()) => {}
            Err(error) => errors.push(error),
        }
    }
    let mut seen = HashSet::new();
    inputs.retain(|input| {
        let path = fs::canonicalize(&input.path).unwrap_or_else(|_| input.path.clone());
        seen.insert((path, input.stem.clone()))
    });
    (inputs, errors)
}

/// Adds the recordings in `folder` and below. Links to folders are not followed: they could lead in
/// a circle.
fn search(folder: &Path, inputs: &mut Vec<Input>) -> Result<(), InputError> {
    let shown = |entry: &DirEntry| entry.depth() == 0 || !is_hidden(entry);
    let entries = WalkDir::new(folder).sort_by_file_name().into_iter();
    for entry in entries.filter_entry(shown) {
        let entry = entry?;
        let path = entry.path();
        if !entry.file_type().is_dir() && is_recording(path) {
            let below = path.strip_prefix(folder).unwrap_or(path);
            inputs.push(Input {
                path: path.to_path_buf(),
                stem: below.with_extension(""),
            });
        }
    }
    Ok(())
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.file_name().to_string_lossy().starts_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_searched_and_mirrored() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("live")).unwrap();
        for name in ["b.FLAC", "a.mp3", "live/a.ogg", "cover.jpg", ".hidden.wav"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let (inputs, errors) = collect(&[folder.path().to_path_buf()]);
        let stems: Vec<_> = inputs.iter().map(|input| input.stem.clone()).collect();
        assert_eq!(stems, ["a", "b", "live/a"].map(PathBuf::from));
        assert!(errors.is_empty());
    }

    #[test]
    fn a_recording_named_twice_counts_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.mp3");
        fs::write(&path, "").unwrap();
        let (inputs, _) = collect(&[path.clone(), path, folder.path().to_path_buf()]);
        assert_eq!(inputs.len(), 1);
    }

    #[test]
    fn an_empty_folder_is_an_error_and_a_missing_file_is_left_to_the_reader() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing.mp3");
        let (inputs, errors) = collect(&[folder.path().to_path_buf(), missing]);
        assert_eq!((inputs.len(), errors.len()), (1, 1));
    }
}
