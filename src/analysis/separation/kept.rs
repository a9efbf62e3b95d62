//! Stems kept on disk, so that a recording is separated once.
//!
//! Apart from the other products, since they are as large as sound is: of each recording its vocals, as
//! a file of their own, and all together within a size. The accompaniment is the recording less the
//! vocals. A file is named by a checksum of the recording's content and of the network.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::{VoiceSeparator, separate};
use crate::analysis::{Analysis, AnalysisError, Part, Product};
use crate::audio::{AudioReader, AudioWriter, SoundFormat};
use crate::files;
use crate::models::store::checksum;
use crate::progress::Progress;
use serde::{Deserialize, Serialize};

/// Changes when stems do for reasons other than their network.
const VERSION: u32 = 1;

/// The voice of a recording, kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptStems {
    /// Its vocals, at its rate and with its channels.
    pub vocals: PathBuf,
    /// Name of the network.
    pub model: String,
}

/// A folder of vocals, held to a size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StemCache {
    /// Where it is; nothing else may lie in it.
    pub folder: PathBuf,
    /// Largest size in bytes; those not used for longest go first.
    pub limit: u64,
}

impl StemCache {
    /// Adds the stems of an analysis, separating its recording unless they are kept; `on_part` hears of
    /// them once they are whole.
    ///
    /// # Errors
    /// [`AnalysisError`] as of [`separate`], and of the disk.
    pub fn add(
        &self,
        analysis: &mut Analysis,
        separator: &VoiceSeparator,
        progress: &Progress,
        on_part: &mut dyn FnMut(&Part),
    ) -> Result<(), AnalysisError> {
        let stem = self.stem(analysis, separator)?;
        let stems = KeptStems {
            vocals: match find(&stem) {
                Some(vocals) => vocals,
                None => self.make(&stem, analysis, separator, progress)?,
            },
            model: separator.name().to_owned(),
        };
        let part = Part::Stems(stems);
        on_part(&part);
        analysis.take(part);
        analysis.complete.insert(Product::Stems);
        Ok(())
    }

    /// Where the vocals of a recording lie, without the ending of their file.
    fn stem(&self, analysis: &Analysis, separator: &VoiceSeparator) -> io::Result<PathBuf> {
        let sum = files::sha256(&analysis.path, || true)?.unwrap_or_default();
        let (track, network) = (analysis.audio.selection.track, separator.identity());
        let key = format!("{VERSION} {sum} {track:?} {network}");
        Ok(self.folder.join(&checksum(key.as_bytes())[..32]))
    }

    fn make(
        &self,
        stem: &Path,
        analysis: &Analysis,
        separator: &VoiceSeparator,
        progress: &Progress,
    ) -> Result<PathBuf, AnalysisError> {
        let (path, track) = (&analysis.path, analysis.audio.selection.track);
        let info = AudioReader::open_track(path, track)?.info().clone();
        let format = SoundFormat::Flac.for_sound(info.rate_hz, info.n_channels);
        let vocals = stem.with_extension(format.ending());
        fs::create_dir_all(&self.folder)?;
        files::replace_file(&vocals, |file| {
            let file = file.try_clone()?;
            let mut writer = AudioWriter::new(file, format, info.rate_hz, info.n_channels)?;
            separate(path, track, separator, progress, &mut |_, block| {
                writer.write(&block.vocals).map_err(AnalysisError::from)
            })?;
            writer.finish()?;
            Ok::<_, AnalysisError>(())
        })?;
        self.prune(&vocals)?;
        Ok(vocals)
    }

    /// Drops the oldest beyond the limit, but not `newest`.
    fn prune(&self, newest: &Path) -> io::Result<()> {
        let entry = |entry: fs::DirEntry| {
            let metadata = entry.metadata().ok()?;
            Some((metadata.modified().ok()?, metadata.len(), entry.path()))
        };
        let entries = fs::read_dir(&self.folder)?.flatten().filter_map(entry);
        let mut entries: Vec<_> = entries.collect();
        entries.sort();
        let mut size: u64 = entries.iter().map(|(_, size, _)| size).sum();
        for (_, bytes, path) in entries {
            if size <= self.limit {
                break;
            }
            if path != newest {
                fs::remove_file(path)?;
                size -= bytes;
            }
        }
        Ok(())
    }
}

/// The vocals that are kept under a name.
fn find(stem: &Path) -> Option<PathBuf> {
    let files = [SoundFormat::Flac, SoundFormat::Wav];
    let files = files.map(|format| stem.with_extension(format.ending()));
    let found = files.into_iter().find(|file| file.is_file())?;
    // those used last are kept longest
    let file = File::options().write(true).open(&found);
    let _ = file.and_then(|file| file.set_modified(SystemTime::now()));
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_but_never_the_newest() {
        let folder = tempfile::tempdir().unwrap();
        let cache = StemCache {
            folder: folder.path().to_path_buf(),
            limit: 250,
        };
        let paths = ["a.flac", "b.flac", "c.flac"].map(|name| folder.path().join(name));
        for (i, path) in paths.iter().enumerate() {
            fs::write(path, [0; 100]).unwrap();
            let used = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(i as u64);
            let file = File::options().write(true).open(path).unwrap();
            file.set_modified(used).unwrap();
        }
        cache.prune(&paths[0]).unwrap();
        assert_eq!(
            paths.each_ref().map(|path| path.exists()),
            [true, false, true]
        );
    }
}
