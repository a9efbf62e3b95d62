//! MIR-1K's clips against their labels as they are, the voice as loud as recorded or not.

use super::{Clip, ClipSound, ClipVoice, LabelKind, OpenClip, Reference};
use crate::datasets::corpora::mir1k::{LABEL_GRID, LabeledClip, clips as labeled_clips};
use crate::datasets::recording::read_stereo;
use crate::datasets::remix::augment::db_to_gain;
use crate::datasets::{DataRoots, DatasetError, Split};

/// The clips of a split, the voice raised by `voice_db` over what was recorded.
///
/// # Errors
/// [`DatasetError`] if the corpus is not there.
pub fn clips(roots: &DataRoots, split: Split, voice_db: f64) -> Result<Vec<Clip>, DatasetError> {
    let clips = labeled_clips(&roots.folder("mir1k")?, split)?.into_iter();
    Ok(clips
        .map(|clip| Clip::new(clip.id.clone(), move || open(&clip, voice_db)))
        .collect())
}

fn open(clip: &LabeledClip, voice_db: f64) -> Result<OpenClip, DatasetError> {
    let f0_hz = clip.reference_hz()?;
    let (sound, voice) = if voice_db == 0.0 {
        let path = clip.path.clone();
        (ClipSound::File(path.clone()), ClipVoice::RightChannel(path))
    } else {
        let gain = db_to_gain(voice_db);
        let (accompaniment, voice) = read_stereo(&clip.path)?;
        let voice: Vec<f32> = voice.iter().map(|v| 0.5 * gain * v).collect();
        let pairs = voice.iter().zip(&accompaniment);
        let mixture = pairs.map(|(v, a)| v + 0.5 * a).collect();
        (ClipSound::Samples(mixture), ClipVoice::Samples(voice))
    };
    Ok(OpenClip {
        sound,
        voice: Some(voice),
        reference: Reference {
            times: (0..f0_hz.len()).map(|i| LABEL_GRID.time(i)).collect(),
            f0_hz,
            counts: None,
            known: LabelKind::Melody,
            notes: Vec::new(),
        },
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::datasets::corpora::fixture::write_tones;
    use crate::datasets::remix::augment::power;

    #[test]
    fn the_voice_alone_changes_its_level() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("mir1k");
        write_tones(&root.join("dev/carl_1_01.wav"), &[131.0, 220.0]);
        fs::create_dir_all(root.join("labels/pitch")).unwrap();
        fs::write(root.join("labels/pitch/carl_1_01.pv"), "0\n57\n57\n").unwrap();
        let roots = DataRoots::open(&[folder.path()]).unwrap();
        let open = |voice_db| {
            let clips = clips(&roots, Split::Dev, voice_db).unwrap();
            assert_eq!(clips.len(), 1);
            clips[0].open().unwrap()
        };
        let level = |clip: OpenClip| power(&clip.sound.samples().unwrap());
        let (recorded, softer) = (open(0.0), open(-60.0));
        assert_eq!(recorded.reference, softer.reference);
        assert_eq!(recorded.reference.times, [0.02, 0.04, 0.06]);
        assert_eq!(recorded.reference.f0_hz[0], 0.0);
        assert!((recorded.reference.f0_hz[1] - 220.0).abs() < 1e-9);
        // Two tones of one level, and one of them alone.
        let ratio = level(recorded) / level(softer);
        assert!((ratio - 2.0).abs() < 0.01, "{ratio}");
    }
}
