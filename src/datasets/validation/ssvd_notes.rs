//! Notes of SSVD's solo sight-singing, in halves: one to fit the note stage on, one kept out.
//!
//! No label tells who sings. Recordings whose voices and rooms sound alike are in the same half, so
//! that 1201 to 1230, which have most of their spectrum in common, are together.
//!
//! Pitches are labeled in multiples of 44100 / 8192 Hz, read off a spectrogram, and on average lie 4.3
//! Hz above the f0; in man1, man2, 1252 and 4380, which are fitted on, by a semitone.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Clip, ClipSound, LabelKind, OpenClip, Reference};
use crate::datasets::recording::{recordings_in, stem};
use crate::datasets::{DataRoots, DatasetError, Split};
use crate::melody::Note;

/// Names of the recordings kept out of fitting, one a line.
const KEPT_OUT: &str = include_str!("ssvd_notes_kept_out.txt");

/// The recordings of a split: kept out for [`Split::Dev`], fitted on for [`Split::Train`].
///
/// # Errors
/// [`DatasetError`] if the corpus is not there.
pub fn clips(roots: &DataRoots, split: Split) -> Result<Vec<Clip>, DatasetError> {
    let recordings = recordings_in(&roots.folder("ssvd")?.join("train_valid"))?;
    let is_kept_out = |path: &PathBuf| KEPT_OUT.lines().any(|name| name == stem(path));
    let of_split = recordings
        .into_iter()
        .filter(|path| is_kept_out(path) == (split == Split::Dev));
    let clip = |path: PathBuf| {
        Clip::new(stem(&path), move || {
            Ok(OpenClip {
                sound: ClipSound::File(path.clone()),
                reference: Reference {
                    known: LabelKind::Notes,
                    notes: labels(&path.with_extension("txt"))?,
                    ..Reference::default()
                },
                voice: None,
            })
        })
    };
    Ok(of_split.map(clip).collect())
}

/// Lines of onset and offset in seconds and pitch as a real MIDI number.
fn labels(path: &Path) -> Result<Vec<Note>, DatasetError> {
    let text = fs::read_to_string(path).map_err(|source| DatasetError::Io {
        path: path.to_path_buf(),
        source,
    })?;
    let lines = text.lines().enumerate();
    let filled = lines.filter(|(_, line)| !line.trim().is_empty());
    let note = |(i, line): (usize, &str)| {
        label(line).ok_or_else(|| DatasetError::Label {
            path: path.to_path_buf(),
            line: i + 1,
            expected: "onset, offset and MIDI number",
            found: line.to_owned(),
        })
    };
    filled.map(note).collect()
}

fn label(line: &str) -> Option<Note> {
    let values = line.split_whitespace().map(|value| value.parse().ok());
    let values = values.collect::<Option<Vec<f64>>>()?;
    let [onset_secs, offset_secs, midi] = values[..] else {
        return None;
    };
    Some(Note {
        onset_secs,
        offset_secs,
        midi: midi as f32,
        confidence: 1.0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::datasets::corpora::fixture::write_tones;

    #[test]
    fn each_half_has_its_recordings_with_their_notes() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join("ssvd/train_valid").join(name);
        for name in ["1011", "1201"] {
            write_tones(&file(&format!("{name}.wav")), &[220.0]);
            let text = "0.5\t0.9\t57.25\n\n1.0 1.2 60\n";
            fs::write(file(&format!("{name}.txt")), text).unwrap();
        }
        let roots = DataRoots::open(&[folder.path()]).unwrap();
        for (split, name) in [(Split::Train, "1011"), (Split::Dev, "1201")] {
            let clips = clips(&roots, split).unwrap();
            assert_eq!(clips.len(), 1);
            assert_eq!(clips[0].id, name);
            let Reference { known, notes, .. } = clips[0].open().unwrap().reference;
            assert_eq!(known, LabelKind::Notes);
            let found: Vec<_> = notes
                .iter()
                .map(|note| (note.onset_secs, note.midi))
                .collect();
            assert_eq!(found, [(0.5, 57.25), (1.0, 60.0)]);
        }
        fs::write(file("1201.txt"), "0.5 0.9 57\n1 up\n").unwrap();
        let error = clips(&roots, Split::Dev).unwrap()[0].open().unwrap_err();
        assert!(error.to_string().contains("line 2"), "{error}");
    }
}
