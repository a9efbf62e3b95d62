//! MUSDB18-HQ (Rafii et al. 2019): produced songs in stems, without pitch.
//!
//! `train/TRACK/` holds `vocals`, `drums`, `bass` and `other`; the accompaniment is all but the vocals.
//! The part named `test` stays unseen.

use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::datasets::recording::{read_mono, recordings_in, stem};
use crate::datasets::solo::labeled;
use crate::datasets::{
    Corpus, CorpusContent, DatasetError, Description, Example, Split, UnlabeledRecording,
};

/// MUSDB18-HQ; see the module's documentation.
pub struct Musdb18;

const NAME: &str = "musdb18hq";

/// The part to learn from and to choose by.
const FOLDER: &str = "train";

/// Stems of the accompaniment.
const INSTRUMENTS: [&str; 3] = ["drums", "bass", "other"];

/// Tracks that the corpus's authors set aside to choose by.
const DEV: [&str; 14] = [
    "ANiMAL - Rockshow",
    "Actions - One Minute Smile",
    "Alexander Ross - Goodbye Bolero",
    "Clara Berry And Wooldog - Waltz For My Victims",
    "Fergessen - Nos Palpitants",
    "James May - On The Line",
    "Johnny Lokke - Promises & Lies",
    "Leaf - Summerghost",
    "Meaxic - Take A Step",
    "Patrick Talbot - A Reason To Leave",
    "Skelpolu - Human Mistakes",
    "Traffic Experiment - Sirens",
    "Triviul - Angelsaint",
    "Young Griffo - Pennies",
];

impl Corpus for Musdb18 {
    fn description(&self) -> Description {
        Description {
            name: NAME,
            title: "MUSDB18-HQ, its train part (produced songs in stems)",
            holds: &[
                CorpusContent::Voice,
                CorpusContent::F0,
                CorpusContent::Accompaniment,
            ],
            splits: &[Split::Train, Split::Dev],
            licence: Some("for education and research; most tracks CC BY-NC-SA"),
        }
    }

    /// Voices with their accompaniments, then these alone.
    ///
    /// The corpus tells no pitch: a tracker finds it on the dry voice, and what it doubts does not count.
    fn examples(&self, folder: &Path, split: Split) -> Result<Vec<Example>, DatasetError> {
        let tracks = tracks(&folder.join(FOLDER), split)?;
        let songs: Vec<[Example; 2]> = tracks
            .par_iter()
            .map(|track| song(track))
            .collect::<Result<_, _>>()?;
        let (voices, accompaniments): (Vec<_>, Vec<_>) =
            songs.into_iter().map(<(Example, Example)>::from).unzip();
        Ok(voices.into_iter().chain(accompaniments).collect())
    }
}

/// The folders of a split's tracks, by name.
fn tracks(folder: &Path, split: Split) -> Result<Vec<PathBuf>, DatasetError> {
    let entries = fs::read_dir(folder).map_err(|source| DatasetError::Io {
        path: folder.to_path_buf(),
        source,
    })?;
    let folders = entries.flatten().map(|entry| entry.path());
    let is_dev = |path: &PathBuf| {
        path.file_name()
            .is_some_and(|name| DEV.iter().any(|it| *it == name))
    };
    let mut tracks: Vec<PathBuf> = folders
        .filter(|path| path.is_dir() && is_dev(path) == (split == Split::Dev))
        .collect();
    tracks.sort();
    Ok(tracks)
}

/// Voice and accompaniment of a track.
fn song(track: &Path) -> Result<[Example; 2], DatasetError> {
    let name = track.file_name().unwrap_or_default().to_string_lossy();
    let paths = recordings_in(track)?;
    let stem_of = |name: &str| -> Result<Vec<f32>, DatasetError> {
        match paths.iter().find(|path| stem(path) == name) {
            Some(path) => read_mono(path),
            None => Err(DatasetError::NoStem {
                path: track.to_path_buf(),
                stem: name.to_owned(),
            }),
        }
    };
    let samples = stem_of("vocals")?;
    let mut accompaniment = vec![0.0; samples.len()];
    for instrument in INSTRUMENTS {
        let stem = stem_of(instrument)?;
        let sums = accompaniment.iter_mut().zip(stem);
        sums.for_each(|(sum, sample)| *sum += sample);
    }
    let alone = UnlabeledRecording {
        id: format!("{NAME}/{name}"),
        samples: accompaniment.clone(),
    };
    let mut voice = labeled(NAME, &name, format!("{NAME}/{name}"), samples);
    voice.accompaniment = Some(accompaniment);
    Ok([Example::Voice(voice), Example::Instrumental(alone)])
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{sings, train_voices, write_tones};
    use super::*;

    #[test]
    fn a_track_is_its_voice_over_all_other_stems() {
        let folder = tempfile::tempdir().unwrap();
        let track = |track: &str| folder.path().join("train").join(track);
        for name in ["Somebody - A Song", DEV[3]] {
            for (stem, hz) in [
                ("vocals", 220.0),
                ("drums", 60.0),
                ("bass", 80.0),
                ("other", 500.0),
            ] {
                write_tones(&track(name).join(format!("{stem}.wav")), &[hz, hz]);
            }
            write_tones(&track(name).join("mixture.wav"), &[100.0, 100.0]);
        }
        let voices = train_voices(&Musdb18, folder.path());
        assert_eq!(voices.len(), 1);
        assert_eq!(voices[0].id, "musdb18hq/Somebody - A Song");
        assert!(sings(&voices[0], 220.0));
        let loudest = voices[0].accompaniment.iter().flatten();
        let loudest = loudest.fold(0.0f32, |most, sample| most.max(sample.abs()));
        assert!(loudest > 0.6, "three tones of a quarter: {loudest}");
        let dev = Musdb18.examples(folder.path(), Split::Dev).unwrap();
        assert_eq!(dev.len(), 2);
        assert!(dev[0].clone().into_voice().unwrap().id.contains(DEV[3]));
        fs::remove_file(track(DEV[3]).join("bass.wav")).unwrap();
        let error = Musdb18.examples(folder.path(), Split::Dev).unwrap_err();
        assert!(error.to_string().contains("bass"), "{error}");
    }
}
