//! Published songs: voicing by the times of their words, pitch where two systems agree on it.

use std::ops::Range;

use super::{Clip, ClipSound, LabelKind, OpenClip, Reference, frame_times};
use crate::datasets::corpora::jamendolyrics::{AnnotatedSong, songs};
use crate::datasets::recording::read_mono;
use crate::datasets::{DataRoots, DatasetError, Split, n_frames};

/// Nearer to a word than this but outside of it, a frame does not count: voices ring on.
const NEAR_SECS: f64 = 0.5;

/// The songs with frames that are sung (within a word) and not (far from any).
///
/// # Errors
/// [`DatasetError`] if the corpus is not there.
pub fn by_words(roots: &DataRoots, split: Split) -> Result<Vec<Clip>, DatasetError> {
    let clip = |song: AnnotatedSong| {
        Clip::new(song.id.clone(), move || {
            let n = n_frames(read_mono(&song.path)?.len());
            Ok(OpenClip {
                reference: sung_within(&song.words()?, frame_times(n)),
                sound: ClipSound::File(song.path.clone()),
                voice: None,
            })
        })
    };
    Ok(dev_songs(roots, split)?.into_iter().map(clip).collect())
}

/// Those of the songs that have an agreed pitch somewhere.
///
/// # Errors
/// [`DatasetError`] if the corpus is not there, or a table holds something else.
pub fn by_pitch(roots: &DataRoots, split: Split) -> Result<Vec<Clip>, DatasetError> {
    let mut clips = Vec::new();
    for song in dev_songs(roots, split)? {
        if let Some(consensus) = song.consensus()? {
            let reference = Reference {
                counts: Some(consensus.f0_hz.iter().map(|&hz| hz > 0.0).collect()),
                times: consensus.times,
                f0_hz: consensus.f0_hz,
                known: LabelKind::Pitch,
                notes: Vec::new(),
            };
            clips.push(Clip::new(song.id.clone(), move || {
                Ok(OpenClip {
                    sound: ClipSound::File(song.path.clone()),
                    voice: None,
                    reference: reference.clone(),
                })
            }));
        }
    }
    Ok(clips)
}

fn dev_songs(roots: &DataRoots, split: Split) -> Result<Vec<AnnotatedSong>, DatasetError> {
    match split {
        Split::Dev => songs(&roots.folder("jamendolyrics")?),
        Split::Train => Ok(Vec::new()),
    }
}

fn sung_within(words: &[Range<f64>], times: Vec<f64>) -> Reference {
    let distance = |time: f64, word: &Range<f64>| (word.start - time).max(time - word.end).max(0.0);
    let nearest = |&time: &f64| {
        let distances = words.iter().map(|word| distance(time, word));
        distances.fold(f64::INFINITY, f64::min)
    };
    let distances: Vec<f64> = times.iter().map(nearest).collect();
    let sung = |&distance: &f64| distance == 0.0;
    Reference {
        f0_hz: distances
            .iter()
            .map(|d| f64::from(u8::from(sung(d))))
            .collect(),
        counts: Some(
            distances
                .iter()
                .map(|d| sung(d) || *d > NEAR_SECS)
                .collect(),
        ),
        times,
        known: LabelKind::Voicing,
        notes: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::datasets::corpora::fixture::write_tones;

    #[test]
    fn frames_near_words_do_not_count() {
        let times = vec![0.0, 0.8, 1.0, 1.2, 1.4, 2.0];
        let reference = sung_within(&[0.9..1.1, 1.15..1.3], times);
        assert_eq!(reference.f0_hz, [0.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
        let counts = [true, false, true, true, false, true];
        assert_eq!(reference.counts.unwrap(), counts);
    }

    #[test]
    fn songs_have_words_and_some_a_pitch() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join("jamendolyrics").join(name);
        for name in ["one", "two"] {
            write_tones(&file(&format!("{name}.wav")), &[220.0]);
            fs::write(
                file(&format!("{name}.csv")),
                "word_start,word_end\n0.2,0.4\n",
            )
            .unwrap();
        }
        fs::create_dir(file("consensus")).unwrap();
        fs::write(
            file("consensus/two.csv"),
            "time,frequency\n0.2,220\n0.21,0\n",
        )
        .unwrap();
        let roots = DataRoots::open(&[folder.path()]).unwrap();
        let words = by_words(&roots, Split::Dev).unwrap();
        assert_eq!(words.len(), 2);
        assert_eq!(words[0].open().unwrap().reference.times.len(), 99);
        let pitch = by_pitch(&roots, Split::Dev).unwrap();
        assert_eq!(pitch.len(), 1);
        let reference = pitch[0].open().unwrap().reference;
        assert_eq!(reference.counts, Some(vec![true, false]));
        assert!(by_words(&roots, Split::Train).unwrap().is_empty());
    }
}
