//! Folders of recordings without labels: music without a voice, or songs.
//!
//! Which there are differs from machine to machine: recipes name them, and
//! [`crate::datasets::DataRoots`] says where they lie.

use std::path::PathBuf;

use rayon::prelude::*;

use crate::datasets::recording::{read_mono_start, recordings_in, stem};
use crate::datasets::{DataRoots, DatasetError, RATE_HZ, UnlabeledRecording};

/// Jingles and sound effects are shorter than this.
const MIN_SECS: f64 = 30.0;

/// A folder with its name in recipes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedFolder {
    /// What its recordings' ids begin with.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
}

impl NamedFolder {
    /// The folder of a name, where a root has it.
    ///
    /// # Errors
    /// [`DatasetError::NotThere`].
    pub fn find(name: &str, roots: &DataRoots) -> Result<Self, DatasetError> {
        Ok(Self {
            name: name.to_owned(),
            path: roots.folder(name)?,
        })
    }
}

/// Every recording of half a minute or more in `folders` and below,
/// but those whose name without ending is in `exclude` (instrumentals with voices, say).
///
/// Of each, at most `max_secs` from the start are read. Recordings that cannot be
/// decoded are left out and come back as warnings, and so do names that exclude nothing.
///
/// # Errors
/// [`DatasetError::Io`] or [`DatasetError::Empty`] of a folder.
pub fn read(
    folders: &[NamedFolder],
    exclude: &[String],
    max_secs: f64,
) -> Result<(Vec<UnlabeledRecording>, Vec<String>), DatasetError> {
    let mut paths = Vec::new();
    for NamedFolder { name, path } in folders {
        let found = recordings_in(path)?;
        paths.extend(found.into_iter().map(|path| (name, path)));
    }
    let mut warnings = unknown_names(exclude, &paths);
    paths.retain(|(_, path)| !exclude.contains(&stem(path)));
    let read = |(corpus, path): &(&String, PathBuf)| {
        let samples = read_mono_start(path, max_secs)?;
        Ok(UnlabeledRecording {
            id: format!("{corpus}/{}", stem(path)),
            samples,
        })
    };
    let results: Vec<Result<_, DatasetError>> = paths.par_iter().map(read).collect();
    let mut tracks = Vec::new();
    for result in results {
        match result {
            Ok(track) => tracks.push(track),
            Err(error) => warnings.push(error.to_string()),
        }
    }
    tracks.retain(|track| track.samples.len() as f64 >= MIN_SECS * f64::from(RATE_HZ));
    Ok((tracks, warnings))
}

fn unknown_names(exclude: &[String], paths: &[(&String, PathBuf)]) -> Vec<String> {
    let unknown = |name: &&String| paths.iter().all(|(_, path)| stem(path) != **name);
    let warning = |name| format!("no recording is named {name}; write its name without the ending");
    exclude.iter().filter(unknown).map(warning).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::fixture::write_secs;
    use super::*;

    fn named(path: &Path) -> NamedFolder {
        NamedFolder {
            name: "music".into(),
            path: path.to_path_buf(),
        }
    }

    #[test]
    fn a_missing_folder_is_named() {
        let missing = named(Path::new("/no/such/folder"));
        let error = read(&[missing], &[], 60.0).unwrap_err();
        assert!(error.to_string().contains("/no/such/folder"));
    }

    #[test]
    fn what_is_excluded_is_left_out_and_wrong_names_are_told() {
        let folder = tempfile::tempdir().unwrap();
        for (name, secs) in [("sung", 40.0), ("played", 40.0), ("jingle", 5.0)] {
            write_secs(&folder.path().join(format!("{name}.wav")), &[220.0], secs);
        }
        let exclude = ["sung".to_owned(), "played.wav".to_owned()];
        let (tracks, warnings) = read(&[named(folder.path())], &exclude, 35.0).unwrap();
        assert_eq!(tracks.len(), 1);
        assert_eq!(tracks[0].id, "music/played");
        assert_eq!(tracks[0].samples.len(), 35 * RATE_HZ as usize);
        assert_eq!(warnings.len(), 1);
        assert!(warnings[0].contains("played.wav"), "{warnings:?}");
    }
}
