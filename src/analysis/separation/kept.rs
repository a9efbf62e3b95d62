//! Stems kept on disk, so that a recording is separated once.
//!
//! Apart from the other products, since they are as large as sound is: of each recording its vocals, as
//! a file of their own, and all together within a size. The accompaniment is the recording less the
//! vocals. A file is named by a checksum of the recording's content and of the network.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::{StemBlock, VoiceSeparator, separate};
use crate::analysis::AnalysisError;
use crate::audio::{AudioInfo, AudioReader, AudioWriter, SoundFormat};
use crate::files;
use crate::models::ModelFolder;
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

impl KeptStems {
    /// Reads a recording and its vocals side by side, from start to end.
    ///
    /// # Errors
    /// [`AnalysisError`] if one of both cannot be read, and those of `on_block`.
    pub fn read<E: From<AnalysisError>>(
        &self,
        path: &Path,
        track: Option<usize>,
        on_block: &mut dyn FnMut(&AudioInfo, StemBlock) -> Result<(), E>,
    ) -> Result<(), E> {
        let unreadable = |error| AnalysisError::from(error);
        let mut recording = AudioReader::open_track(path, track).map_err(unreadable)?;
        let mut kept = AudioReader::open_track(&self.vocals, None).map_err(unreadable)?;
        let info = recording.info().clone();
        let mut waiting = vec![Vec::new(); info.n_channels];
        while let Some(mixture) = recording.next_block().map_err(unreadable)? {
            let n = mixture.first().map_or(0, Vec::len);
            while waiting.first().is_some_and(|channel| channel.len() < n)
                && let Some(block) = kept.next_block().map_err(unreadable)?
            {
                let channels = waiting.iter_mut().zip(block);
                channels.for_each(|(channel, samples)| channel.extend(samples));
            }
            let next = |channel: &mut Vec<f32>| {
                channel.resize(channel.len().max(n), 0.0);
                channel.drain(..n).collect()
            };
            let vocals = waiting.iter_mut().map(next).collect();
            on_block(&info, StemBlock { mixture, vocals })?;
        }
        Ok(())
    }
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
    /// The stems of a recording by a network, found by folder or name, if they are kept.
    ///
    /// # Errors
    /// [`AnalysisError`] if the recording cannot be read, or there is no such network.
    pub fn find(
        &self,
        path: &Path,
        track: Option<usize>,
        network: &str,
    ) -> Result<Option<KeptStems>, AnalysisError> {
        let is_empty = fs::read_dir(&self.folder).map_or(true, |mut it| it.next().is_none());
        if is_empty {
            return Ok(None);
        }
        let vocals = find(&self.stem(path, track, network)?);
        Ok(vocals.map(|vocals| KeptStems {
            vocals,
            model: network.to_owned(),
        }))
    }

    /// Separates a recording, and keeps its vocals; `on_block` hears of both stems meanwhile.
    ///
    /// # Errors
    /// [`AnalysisError`] as of [`separate`], and of the disk; nothing is kept then.
    pub fn make(
        &self,
        path: &Path,
        track: Option<usize>,
        separator: &VoiceSeparator,
        progress: &Progress,
        on_block: &mut dyn FnMut(&AudioInfo, &StemBlock) -> Result<(), AnalysisError>,
    ) -> Result<KeptStems, AnalysisError> {
        let stem = self.stem(path, track, separator.name())?;
        let info = AudioReader::open_track(path, track)?.info().clone();
        let format = SoundFormat::Flac.for_sound(info.rate_hz, info.n_channels);
        let vocals = stem.with_extension(format.ending());
        fs::create_dir_all(&self.folder)?;
        files::replace_file(&vocals, |file| {
            let file = file.try_clone()?;
            let mut writer = AudioWriter::new(file, format, info.rate_hz, info.n_channels)?;
            separate(path, track, separator, progress, &mut |info, block| {
                writer.write(&block.vocals)?;
                on_block(info, &block)
            })?;
            writer.finish()?;
            Ok::<_, AnalysisError>(())
        })?;
        self.prune(&vocals)?;
        Ok(KeptStems {
            vocals,
            model: separator.name().to_owned(),
        })
    }

    /// Where the vocals of a recording lie, without the ending of their file.
    ///
    /// They depend on the recording's content, and on the network with its weights, not on the device.
    fn stem(
        &self,
        path: &Path,
        track: Option<usize>,
        network: &str,
    ) -> Result<PathBuf, AnalysisError> {
        let network = ModelFolder::find(network)?.config;
        let sum = files::sha256(path, || true)?.unwrap_or_default();
        let key = format!("{VERSION} {sum} {track:?} {network:?}");
        Ok(self.folder.join(&checksum(key.as_bytes())[..32]))
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
