//! Solo singing without f0 labels: tracked by [`super::yin`] on the dry voice.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::recording::{read_mono, recordings_in, stem};
use super::yin::{DryTrack, FrameState, track};
use super::{Corpus, CorpusContent, DatasetError, Description, Example, Split, Voice};

/// A corpus that is a folder of dry recordings, all of them to learn from.
pub struct SoloCorpus {
    /// Its name in recipes, and that of its folder.
    pub name: &'static str,
    /// What it is, for cards of models.
    pub title: &'static str,
    /// Under which licence.
    pub licence: &'static str,
    /// Who sings.
    pub singers: SoloSingers,
}

/// Who sings in the recordings of a [`SoloCorpus`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SoloSingers {
    /// The same person in all.
    One,
    /// Another person in each.
    OnePerRecording,
}

impl Corpus for SoloCorpus {
    fn description(&self) -> Description {
        Description {
            name: self.name,
            title: self.title,
            holds: &[CorpusContent::Voice, CorpusContent::F0],
            splits: &[Split::Train],
            licence: Some(self.licence),
        }
    }

    fn examples(&self, folder: &Path, split: Split) -> Result<Vec<Example>, DatasetError> {
        if split == Split::Dev {
            return Ok(Vec::new());
        }
        let singer = |recording: &str| match self.singers {
            SoloSingers::One => self.name.to_owned(),
            SoloSingers::OnePerRecording => format!("{}/{recording}", self.name),
        };
        voices(self.name, &recordings_in(folder)?, singer)
    }
}

/// Reads and labels dry recordings; `singer` tells who sings in one of a name.
///
/// # Errors
/// [`DatasetError::Audio`] of the first recording that cannot be decoded.
pub fn voices(
    corpus: &str,
    paths: &[PathBuf],
    singer: impl Fn(&str) -> String + Sync,
) -> Result<Vec<Example>, DatasetError> {
    let read = |path: &PathBuf| {
        let recording = stem(path);
        let samples = read_mono(path)?;
        let voice = labeled(corpus, &recording, singer(&recording), samples);
        Ok(Example::Voice(voice))
    };
    paths.par_iter().map(read).collect()
}

/// A voice alone with the f0 that the tracker finds; frames it doubts do not count.
pub fn labeled(corpus: &str, recording: &str, singer: String, samples: Vec<f32>) -> Voice {
    let DryTrack { f0_hz, states, .. } = track(&samples);
    Voice {
        id: format!("{corpus}/{recording}"),
        singer,
        samples,
        f0_hz,
        mask: states.iter().map(|&s| s != FrameState::Doubtful).collect(),
        accompaniment: None,
    }
}

/// Name of the folder a recording lies in.
pub fn parent_name(path: &Path) -> String {
    path.parent().map(stem).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::corpora::fixture::{sings, train_voices, write_tones};
    use super::*;

    #[test]
    fn recordings_are_tracked_and_have_their_singers() {
        let folder = tempfile::tempdir().unwrap();
        for (name, hz) in [("song_004.wav", 220.0), ("song_007.wav", 330.0)] {
            write_tones(&folder.path().join(name), &[hz]);
        }
        for singers in [SoloSingers::One, SoloSingers::OnePerRecording] {
            let corpus = SoloCorpus {
                name: "solo",
                title: "Solo",
                licence: "CC0",
                singers,
            };
            let voices = train_voices(&corpus, folder.path());
            assert_eq!(voices.len(), 2);
            assert_eq!(voices[0].id, "solo/song_004");
            let is_one = voices[0].singer == voices[1].singer;
            assert_eq!(is_one, singers == SoloSingers::One);
            assert!(sings(&voices[0], 220.0) && sings(&voices[1], 330.0));
            let unseen = corpus.examples(folder.path(), Split::Dev).unwrap();
            assert!(unseen.is_empty());
        }
    }
}
