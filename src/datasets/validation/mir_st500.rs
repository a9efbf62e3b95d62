//! Published songs by their notes: MIR-ST500.

use super::{Clip, ClipSound, LabelKind, OpenClip, Reference};
use crate::datasets::corpora::mir_st500::{NotedSong, songs};
use crate::datasets::{DataRoots, DatasetError, Split};

/// The songs of a split that have a recording.
///
/// # Errors
/// [`DatasetError`] if the corpus is not there.
pub fn clips(roots: &DataRoots, split: Split) -> Result<Vec<Clip>, DatasetError> {
    let songs = songs(&roots.folder("mir_st500")?, split)?;
    Ok(songs.into_iter().map(clip).collect())
}

fn clip(song: NotedSong) -> Clip {
    Clip::new(song.number.to_string(), move || {
        Ok(OpenClip {
            sound: ClipSound::File(song.path.clone()),
            reference: Reference {
                known: LabelKind::Notes,
                notes: song.notes.clone(),
                ..Reference::default()
            },
            voice: None,
        })
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::datasets::corpora::fixture::write_tones;

    #[test]
    fn a_song_is_told_by_its_notes() {
        let folder = tempfile::tempdir().unwrap();
        let corpus = folder.path().join("mir_st500");
        write_tones(&corpus.join("450.wav"), &[220.0]);
        let labels = r#"{"450": [[0.5, 0.9, 57.0]]}"#;
        fs::write(corpus.join("MIR-ST500_corrected.json"), labels).unwrap();
        let roots = DataRoots::open(&[folder.path()]).unwrap();
        let clips = clips(&roots, Split::Dev).unwrap();
        let Reference { known, notes, .. } = clips[0].open().unwrap().reference;
        assert_eq!((known, notes.len()), (LabelKind::Notes, 1));
    }
}
