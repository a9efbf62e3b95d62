//! Folders of MIDI files whose melody has a track of its own.

use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use walkdir::WalkDir;

use super::folders::NamedFolder;
use crate::datasets::recording::stem;
use crate::datasets::score::Score;
use crate::datasets::{DatasetError, Split};
use crate::formats::read_score;

/// Every how-manieth score is kept out of training.
const KEPT_OUT: usize = 10;

/// The scores of a split with a melody in some folders and below, sorted by path; every tenth is for
/// [`Split::Dev`].
///
/// Files that are no MIDI come back as warnings; those without a melody's track are left out, and how
/// many is a warning too.
///
/// # Errors
/// [`DatasetError::Empty`] of a folder without a MIDI file.
pub fn read(
    folders: &[NamedFolder],
    split: Split,
) -> Result<(Vec<Score>, Vec<String>), DatasetError> {
    let mut paths = Vec::new();
    for NamedFolder { name, path } in folders {
        let found = midi_files(path);
        if found.is_empty() {
            return Err(DatasetError::Empty { path: path.clone() });
        }
        paths.extend(found.into_iter().map(|path| (name, path)));
    }
    let results: Vec<_> = paths
        .par_iter()
        .map(|(name, path)| score(name, path))
        .collect();
    let (mut scores, mut warnings, mut n_without) = (Vec::new(), Vec::new(), 0);
    for result in results {
        match result {
            Ok(Some(score)) => scores.push(score),
            Ok(None) => n_without += 1,
            Err(warning) => warnings.push(warning),
        }
    }
    if n_without > 0 {
        let n = paths.len();
        warnings.push(format!("{n_without} of {n} scores name no melody's track"));
    }
    let is_of_split = |i: usize| (i % KEPT_OUT == KEPT_OUT - 1) == (split == Split::Dev);
    let of_split = scores
        .into_iter()
        .enumerate()
        .filter(|(i, _)| is_of_split(*i));
    Ok((of_split.map(|(_, score)| score).collect(), warnings))
}

fn midi_files(folder: &Path) -> Vec<PathBuf> {
    let is_midi = |path: &PathBuf| {
        let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
        ending.is_some_and(|ending| ending == "mid" || ending == "midi")
    };
    let entries = WalkDir::new(folder).into_iter().flatten();
    let mut found: Vec<PathBuf> = entries
        .filter(|entry| !entry.file_type().is_dir())
        .map(|entry| entry.into_path())
        .filter(is_midi)
        .collect();
    found.sort();
    found
}

/// The score of a file, if it has a melody; what is wrong with it, in a sentence.
fn score(folder: &str, path: &Path) -> Result<Option<Score>, String> {
    let bytes = fs::read(path).map_err(|source| {
        let path = path.to_path_buf();
        DatasetError::Io { path, source }.to_string()
    })?;
    let notes = read_score(path, &bytes).map_err(|error| error.to_string())?;
    let has_melody = |notes: &Vec<_>| {
        notes
            .iter()
            .any(|note: &crate::formats::ScoreNote| note.is_melody)
    };
    Ok(notes.filter(has_melody).map(|notes| Score {
        id: format!("{folder}/{}", stem(path)),
        notes,
    }))
}
