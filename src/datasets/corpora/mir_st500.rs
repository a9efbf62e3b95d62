//! MIR-ST500 (Wang & Jang 2021): Chinese pop songs, of which the notes are known and no part alone.
//!
//! The corpus holds the notes, `MIR-ST500_corrected.json`: of each song, by its number, a list of onset and
//! offset in seconds and MIDI number. Its recordings are to be had elsewhere: song 7 is whatever
//! recording lies in a folder `7`, or is called so. Songs from 401 on are those to choose by.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::datasets::recording::{read_mono, recordings_in, stem};
use crate::datasets::solo::parent_name;
use crate::datasets::{
    Corpus, CorpusContent, DatasetError, Description, Example, Split, UnlabeledRecording,
};
use crate::melody::Note;

/// MIR-ST500; see the module's documentation.
pub struct MirSt500;

const NAME: &str = "mir_st500";
const LABELS: &str = "MIR-ST500_corrected.json";

/// The first song to choose by.
const FIRST_DEV: u32 = 401;

/// A song whose notes are known.
#[derive(Clone, Debug, PartialEq)]
pub struct NotedSong {
    /// Its number.
    pub number: u32,
    /// Its recording.
    pub path: PathBuf,
    /// Its notes, by onset.
    pub notes: Vec<Note>,
}

impl Corpus for MirSt500 {
    fn description(&self) -> Description {
        Description {
            name: NAME,
            title: "MIR-ST500 (Chinese pop songs with notes)",
            holds: &[CorpusContent::Mixture],
            splits: &[Split::Train, Split::Dev],
            licence: None,
        }
    }

    fn examples(&self, folder: &Path, split: Split) -> Result<Vec<Example>, DatasetError> {
        let read = |song: &NotedSong| {
            Ok(Example::Song(UnlabeledRecording {
                id: format!("{NAME}/{}", song.number),
                samples: read_mono(&song.path)?,
            }))
        };
        songs(folder, split)?.par_iter().map(read).collect()
    }
}

/// The songs of a split that have a recording, by number.
///
/// # Errors
/// [`DatasetError`] if the notes or the folder cannot be read.
pub fn songs(folder: &Path, split: Split) -> Result<Vec<NotedSong>, DatasetError> {
    let mut notes = labels(&folder.join(LABELS))?;
    let mut songs = BTreeMap::new();
    for path in recordings_in(folder)? {
        let names = [stem(&path), parent_name(&path)];
        let number = names.iter().find_map(|name| name.parse::<u32>().ok());
        let of_split = number.filter(|number| (*number >= FIRST_DEV) == (split == Split::Dev));
        if let Some(number) = of_split
            && let Some(notes) = notes.remove(&number)
        {
            songs.insert(
                number,
                NotedSong {
                    number,
                    path,
                    notes,
                },
            );
        }
    }
    Ok(songs.into_values().collect())
}

/// The notes of every song.
fn labels(path: &Path) -> Result<BTreeMap<u32, Vec<Note>>, DatasetError> {
    let text = fs::read_to_string(path).map_err(|source| DatasetError::Io {
        path: path.to_path_buf(),
        source,
    })?;
    let songs: BTreeMap<u32, Vec<[f64; 3]>> =
        serde_json::from_str(&text).map_err(|error| DatasetError::Label {
            path: path.to_path_buf(),
            line: error.line(),
            expected: "song numbers, each with a list of [onset, offset, MIDI number]",
            found: error.to_string(),
        })?;
    let note = |[onset_secs, offset_secs, midi]: [f64; 3]| Note {
        onset_secs,
        offset_secs,
        midi: midi as f32,
        confidence: 1.0,
    };
    let notes = |notes: Vec<[f64; 3]>| notes.into_iter().map(note).collect();
    Ok(songs
        .into_iter()
        .map(|(number, song)| (number, notes(song)))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::super::fixture::write_tones;
    use super::*;

    #[test]
    fn songs_are_found_by_their_numbers_with_their_notes() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        for name in ["train/7/Mixture.wav", "401.wav", "train/8/Mixture.wav"] {
            write_tones(&file(name), &[220.0]);
        }
        let text = r#"{"7": [[0.5, 0.9, 57.0], [1, 1.5, 60]], "9": [], "401": [[0.1, 0.2, 64]]}"#;
        fs::write(file(LABELS), text).unwrap();
        let train = songs(folder.path(), Split::Train).unwrap();
        assert_eq!(train.len(), 1);
        assert_eq!((train[0].number, train[0].notes.len()), (7, 2));
        assert_eq!(train[0].notes[1].offset_secs, 1.5);
        let dev = MirSt500.examples(folder.path(), Split::Dev).unwrap();
        let [Example::Song(song)] = &dev[..] else {
            panic!("one song: {}", dev.len());
        };
        assert_eq!(
            (song.id.as_str(), song.samples.len()),
            ("mir_st500/401", 16_000)
        );
        fs::write(file(LABELS), "{\"7\":\n [[0.5, 0.9]]}").unwrap();
        let error = songs(folder.path(), Split::Train).unwrap_err().to_string();
        assert!(error.contains("line 2"), "{error}");
    }
}
