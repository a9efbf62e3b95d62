//! Decoding to 16 kHz, and which files a folder holds.

use std::io;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::{DatasetError, RATE_HZ};
use crate::audio::{AudioReader, Resampler, downmix, is_recording};

/// A recording as 16 kHz mono: the mean of its channels.
///
/// # Errors
/// [`DatasetError::Audio`] if it cannot be decoded.
pub fn read_mono(path: &Path) -> Result<Vec<f32>, DatasetError> {
    read_mono_start(path, f64::INFINITY)
}

/// At most the first `max_secs` of a recording as 16 kHz mono.
///
/// # Errors
/// [`DatasetError::Audio`] if it cannot be decoded.
pub fn read_mono_start(path: &Path, max_secs: f64) -> Result<Vec<f32>, DatasetError> {
    let channels = read_with(path, 1, max_secs, |block| vec![downmix(&block)])?;
    Ok(channels.into_iter().next().unwrap_or_default())
}

/// The two channels of a stereo recording at 16 kHz, left first.
///
/// # Errors
/// [`DatasetError::Audio`] if it cannot be decoded, [`DatasetError::Channels`] if it is mono.
pub fn read_stereo(path: &Path) -> Result<(Vec<f32>, Vec<f32>), DatasetError> {
    let found = AudioReader::open(path)?.info().n_channels;
    if found < 2 {
        return Err(DatasetError::Channels {
            path: path.to_path_buf(),
            expected: 2,
            found,
        });
    }
    let mut channels = read_with(path, 2, f64::INFINITY, |block| block)?.into_iter();
    Ok((
        channels.next().unwrap_or_default(),
        channels.next().unwrap_or_default(),
    ))
}

/// Decodes block by block, so that only the 16 kHz result is held whole.
fn read_with(
    path: &Path,
    n_channels: usize,
    max_secs: f64,
    pick: impl Fn(Vec<Vec<f32>>) -> Vec<Vec<f32>>,
) -> Result<Vec<Vec<f32>>, DatasetError> {
    let mut reader = AudioReader::open(path)?;
    let rate_hz = reader.info().rate_hz;
    let mut resamplers = (0..n_channels)
        .map(|_| Resampler::new(rate_hz, RATE_HZ))
        .collect::<Result<Vec<_>, _>>()?;
    let mut channels = vec![Vec::new(); n_channels];
    let limit = max_secs * f64::from(RATE_HZ);
    while (channels[0].len() as f64) < limit
        && let Some(block) = reader.next_block()?
    {
        for (i, picked) in pick(block).into_iter().take(n_channels).enumerate() {
            channels[i].extend(resamplers[i].push(&picked));
        }
    }
    for (channel, resampler) in channels.iter_mut().zip(&mut resamplers) {
        channel.extend(resampler.finish());
        channel.truncate(limit as usize);
        channel.shrink_to_fit();
    }
    Ok(channels)
}

/// The recordings in a folder and below it, sorted by path.
///
/// # Errors
/// [`DatasetError::Io`] if a folder cannot be listed, [`DatasetError::Empty`] if there are none.
pub fn recordings_in(folder: &Path) -> Result<Vec<PathBuf>, DatasetError> {
    let mut found = Vec::new();
    for entry in WalkDir::new(folder) {
        let entry = entry.map_err(|error| unreadable(folder, error))?;
        // a link to a folder is none: it could lead in a circle
        if !entry.file_type().is_dir() && is_recording(entry.path()) {
            found.push(entry.into_path());
        }
    }
    found.sort();
    if found.is_empty() {
        return Err(DatasetError::Empty {
            path: folder.to_path_buf(),
        });
    }
    Ok(found)
}

fn unreadable(folder: &Path, error: walkdir::Error) -> DatasetError {
    let path = error.path().unwrap_or(folder).to_path_buf();
    let source = error.into_io_error();
    DatasetError::Io {
        path,
        source: source.unwrap_or_else(|| io::Error::other("it leads in a circle")),
    }
}

/// A file's name without its ending.
pub fn stem(path: &Path) -> String {
    path.file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn recordings_are_found_below_and_sorted() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("b")).unwrap();
        for name in ["b/two.ogg", "one.WAV", "notes.txt"] {
            fs::write(folder.path().join(name), b"").unwrap();
        }
        let stems: Vec<_> = recordings_in(folder.path())
            .unwrap()
            .iter()
            .map(|path| stem(path))
            .collect();
        assert_eq!(stems, ["two", "one"]);
    }

    #[test]
    fn an_empty_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = recordings_in(folder.path()).unwrap_err();
        assert!(error.to_string().contains("holds no recordings"));
        let missing = folder.path().join("missing");
        let error = recordings_in(&missing).unwrap_err().to_string();
        assert!(error.contains(missing.to_str().unwrap()), "{error}");
    }
}
