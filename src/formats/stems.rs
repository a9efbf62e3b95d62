//! Vocals and accompaniment in files of sound, whole or not at all.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::mark;
use crate::analysis::{Stem, StemBlock};
use crate::audio::{AudioInfo, AudioWriter, SoundFormat};
use crate::files::replace_file;

/// Files of vocals and of accompaniment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StemPaths {
    /// The folder they lie in.
    pub folder: PathBuf,
    /// Vocals, then accompaniment.
    pub files: [PathBuf; 2],
    format: SoundFormat,
}

impl StemPaths {
    /// In a folder, for sound like that of a recording; no names that somebody else's files have.
    ///
    /// Sound that the format cannot hold is written as WAV.
    pub fn new(folder: PathBuf, info: &AudioInfo, format: SoundFormat) -> Self {
        let format = format.for_sound(info.rate_hz, info.n_channels);
        Self {
            files: Stem::ALL.map(|stem| free_name(&folder, stem.file_stem(), format)),
            folder,
            format,
        }
    }

    /// Whether both are there.
    pub fn exist(&self) -> bool {
        self.files.iter().all(|file| file.is_file())
    }

    /// Makes the folder and writes both files, or neither: `fill` gives the stems, block by block.
    ///
    /// Returns what the user is to know.
    ///
    /// # Errors
    /// Of the disk, and those of `fill`.
    pub fn write<E: From<io::Error>>(
        &self,
        info: &AudioInfo,
        fill: impl FnOnce(&mut StemFiles) -> Result<(), E>,
    ) -> Result<Option<String>, E> {
        let is_new = !self.folder.exists();
        fs::create_dir_all(&self.folder)?;
        let mut remark = None;
        let [vocals, accompaniment] = &self.files;
        let written = replace_file::<E>(vocals, |vocals| {
            replace_file::<E>(accompaniment, |accompaniment| {
                let writer = |file: &File| {
                    AudioWriter::new(
                        file.try_clone()?,
                        self.format,
                        info.rate_hz,
                        info.n_channels,
                    )
                };
                let mut files = StemFiles {
                    vocals: writer(vocals)?,
                    accompaniment: writer(accompaniment)?,
                };
                fill(&mut files)?;
                remark = files.finish()?;
                Ok(())
            })
        });
        if written.is_err() && is_new {
            // Only an empty folder can be removed so.
            let _ = fs::remove_dir(&self.folder);
        }
        written.map(|()| remark)
    }
}

/// Both files under way.
pub struct StemFiles {
    vocals: AudioWriter,
    accompaniment: AudioWriter,
}

impl StemFiles {
    /// Adds to both.
    ///
    /// # Errors
    /// Of the disk.
    pub fn push(&mut self, block: &StemBlock) -> io::Result<()> {
        self.vocals.write(&block.vocals)?;
        self.accompaniment.write(&block.accompaniment())
    }

    fn finish(self) -> io::Result<Option<String>> {
        let n_clipped = self.vocals.finish()? + self.accompaniment.finish()?;
        Ok((n_clipped > 0).then(|| {
            format!("{n_clipped} samples of the stems lie beyond full scale and are cut there; WAV keeps them")
        }))
    }
}

/// The first name of a stem that nobody else's file has.
fn free_name(folder: &Path, stem: &str, format: SoundFormat) -> PathBuf {
    let infixes = [String::new(), ".melograph".to_owned()].into_iter();
    let numbered = (2..).map(|number| format!(".melograph-{number}"));
    let names = infixes.chain(numbered);
    let mut paths = names.map(|infix| folder.join(format!("{stem}{infix}.{}", format.ending())));
    let is_free = |path: &PathBuf| {
        path.symlink_metadata().is_err() || mark::wrote(path, mark::is_marked).unwrap_or(false)
    };
    paths.find(is_free).unwrap_or_else(|| folder.join(stem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_somebody_else_is_left_and_ours_gets_another_name() {
        let folder = tempfile::tempdir().unwrap();
        let name = || free_name(folder.path(), "vocals", SoundFormat::Flac);
        assert_eq!(name(), folder.path().join("vocals.flac"));
        fs::write(name(), "theirs").unwrap();
        assert_eq!(name(), folder.path().join("vocals.melograph.flac"));
        fs::write(name(), mark::MARK).unwrap();
        assert_eq!(name(), folder.path().join("vocals.melograph.flac"));
    }

    #[test]
    fn what_fails_leaves_no_file_and_no_new_folder() {
        let folder = tempfile::tempdir().unwrap();
        let info = AudioInfo {
            rate_hz: 8000,
            n_channels: 1,
            ..AudioInfo::default()
        };
        let new = folder.path().join("song");
        let paths = StemPaths::new(new.clone(), &info, SoundFormat::Flac);
        let block = StemBlock {
            mixture: vec![vec![0.5; 8000]],
            vocals: vec![vec![0.2; 8000]],
        };
        let failed = paths.write(&info, |files| {
            files.push(&block)?;
            Err(io::Error::other("no"))
        });
        assert!(failed.is_err() && !new.exists());
        let written = paths.write(&info, |files| files.push(&block));
        assert!(written.unwrap().is_none() && paths.exist());
    }
}
