//! JamendoLyrics (Durand et al. 2023): whole songs with the times of their words.
//!
//! `NAME.mp3` is a song, `NAME.csv` its words (`word_start,word_end,line_end`, seconds).
//! `consensus/NAME.csv` holds the pitch of a stretch (`time,frequency`, every 10 ms) where
//! two independent systems agree, and 0 where there is no word or they do not: figures on
//! it flatter, since what it leaves out is harder.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use rayon::prelude::*;

use crate::datasets::recording::{read_mono, recordings_in, stem};
use crate::datasets::{
    Corpus, CorpusContent, DatasetError, Description, Example, Split, UnlabeledRecording,
};

/// JamendoLyrics; see the module's documentation.
pub struct JamendoLyrics;

impl Corpus for JamendoLyrics {
    fn description(&self) -> Description {
        Description {
            name: "jamendolyrics",
            title: "JamendoLyrics (ten published songs, unlabeled)",
            holds: &[CorpusContent::Mixture, CorpusContent::Words],
            splits: &[Split::Dev],
            licence: Some("CC, one each, most NC or ND"),
        }
    }

    fn examples(&self, folder: &Path, split: Split) -> Result<Vec<Example>, DatasetError> {
        if split == Split::Train {
            return Ok(Vec::new());
        }
        let read = |song: &AnnotatedSong| {
            let samples = read_mono(&song.path)?;
            let id = format!("jamendolyrics/{}", song.id);
            Ok(Example::Song(UnlabeledRecording { id, samples }))
        };
        songs(folder)?.par_iter().map(read).collect()
    }
}

/// One song, not yet read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnnotatedSong {
    /// Its file's name without ending.
    pub id: String,
    /// The recording.
    pub path: PathBuf,
    words: PathBuf,
    consensus: PathBuf,
}

/// Pitch of a stretch of a song: times in seconds, and Hz, 0 where it is not known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Consensus {
    /// Every 10 ms.
    pub times: Vec<f64>,
    /// One for each time.
    pub f0_hz: Vec<f64>,
}

/// The songs, sorted by name; `folder` is the corpus's own.
///
/// # Errors
/// [`DatasetError::Io`] or [`DatasetError::Empty`].
pub fn songs(folder: &Path) -> Result<Vec<AnnotatedSong>, DatasetError> {
    let song = |path: PathBuf| {
        let id = stem(&path);
        let table = format!("{id}.csv");
        AnnotatedSong {
            words: folder.join(&table),
            consensus: folder.join("consensus").join(&table),
            path,
            id,
        }
    };
    Ok(recordings_in(folder)?.into_iter().map(song).collect())
}

impl AnnotatedSong {
    /// Times of the words in seconds.
    ///
    /// # Errors
    /// [`DatasetError::Io`] or [`DatasetError::Label`].
    pub fn words(&self) -> Result<Vec<Range<f64>>, DatasetError> {
        let rows = read_table(&self.words, "word_start,word_end,line_end")?;
        Ok(rows.into_iter().map(|[start, end]| start..end).collect())
    }

    /// The agreed pitch; `None` for a song without.
    ///
    /// # Errors
    /// [`DatasetError::Io`] or [`DatasetError::Label`].
    pub fn consensus(&self) -> Result<Option<Consensus>, DatasetError> {
        if !self.consensus.is_file() {
            return Ok(None);
        }
        let rows = read_table(&self.consensus, "time,frequency")?;
        let (times, f0_hz) = rows.into_iter().map(|[time, hz]| (time, hz)).unzip();
        Ok(Some(Consensus { times, f0_hz }))
    }
}

/// The first two columns of a table with a header.
fn read_table(path: &Path, expected: &'static str) -> Result<Vec<[f64; 2]>, DatasetError> {
    let text = fs::read_to_string(path).map_err(DatasetError::io(path))?;
    let row = |(i, line): (usize, &str)| {
        let mut values = line.split(',').map(|value| f64::from_str(value.trim()));
        match (values.next(), values.next()) {
            (Some(Ok(a)), Some(Ok(b))) => Ok([a, b]),
            _ => Err(DatasetError::Label {
                path: path.to_path_buf(),
                line: i + 1,
                expected,
                found: line.to_string(),
            }),
        }
    };
    let lines = text.lines().enumerate().skip(1);
    lines
        .filter(|(_, line)| !line.trim().is_empty())
        .map(row)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::write_tones;
    use super::*;

    #[test]
    fn words_and_pitch_lie_beside_the_songs() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        write_tones(&file("one.wav"), &[220.0]);
        write_tones(&file("two.wav"), &[220.0]);
        fs::create_dir(file("consensus")).unwrap();
        let words = "word_start,word_end,line_end\n0.1,0.25,nan\n0.3,0.5,0.5\n";
        fs::write(file("one.csv"), words).unwrap();
        fs::write(file("two.csv"), "word_start,word_end\n0.1;0.2\n").unwrap();
        fs::write(
            file("consensus/one.csv"),
            "time,frequency\n0.11,0.00\n0.12,221.5\n",
        )
        .unwrap();
        let [one, two] = &songs(folder.path()).unwrap()[..] else {
            panic!("there are two songs");
        };
        assert_eq!(one.words().unwrap(), [0.1..0.25, 0.3..0.5]);
        let consensus = one.consensus().unwrap().unwrap();
        assert_eq!(consensus.times, [0.11, 0.12]);
        assert_eq!(consensus.f0_hz, [0.0, 221.5]);
        assert_eq!(two.consensus().unwrap(), None);
        let error = two.words().unwrap_err().to_string();
        assert!(
            error.contains("line 2") && error.contains("0.1;0.2"),
            "{error}"
        );
        let examples = JamendoLyrics.examples(folder.path(), Split::Dev).unwrap();
        assert!(matches!(
            &examples[..],
            [Example::Song(_), Example::Song(_)]
        ));
    }
}
