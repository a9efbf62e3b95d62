//! Corpora that papers report on: whole recordings against the melody that comes with them.
//!
//! None travels with this project, and most must be asked for. A reader knows the folders and columns
//! they are published in, and which recordings papers score.
//!
//! - [`adc2004`], [`mirex05`]: the vocal clips of two contests.
//! - [`ikala`]: karaoke, with the voice in the right channel.
//! - [`medleydb`]: twelve songs, their melody where a singer sings it.
//! - [`rwc`]: popular songs of the RWC Music Database.
//! - [`mdb_stem_synth`]: single instruments, synthesized anew from their f0.
//! - [`labels`]: their label files.

pub mod adc2004;
pub mod ikala;
pub mod labels;
pub mod mdb_stem_synth;
pub mod medleydb;
pub mod mirex05;
pub mod rwc;

use std::path::{Path, PathBuf};

use super::{Clip, ClipSound, ClipVoice, LabelKind, OpenClip, Reference};
use crate::datasets::recording::{recordings_in, stem};
use crate::datasets::{DatasetError, Split};
use labels::LabelLayout;

/// A recording and the file of its melody.
#[derive(Clone, Debug, PartialEq)]
struct LabeledRecording {
    audio: PathBuf,
    labels: PathBuf,
    layout: LabelLayout,
    /// Times within which the labels are of a voice; elsewhere nobody sings.
    singing: Option<PathBuf>,
    voice_right: bool,
}

impl LabeledRecording {
    fn new(audio: PathBuf, labels: PathBuf, layout: LabelLayout) -> Self {
        Self {
            audio,
            labels,
            layout,
            singing: None,
            voice_right: false,
        }
    }

    fn clip(self) -> Clip {
        Clip::new(stem(&self.audio), move || self.open())
    }

    fn open(&self) -> Result<OpenClip, DatasetError> {
        let mut melody = labels::read(&self.labels, self.layout)?;
        if let Some(path) = &self.singing {
            let singing = labels::singing(path)?;
            for (time, hz) in melody.iter_mut() {
                if !singing.iter().any(|sung| sung.contains(time)) {
                    *hz = 0.0;
                }
            }
        }
        let (times, f0_hz) = melody.into_iter().unzip();
        let voice = self
            .voice_right
            .then(|| ClipVoice::RightChannel(self.audio.clone()));
        Ok(OpenClip {
            sound: ClipSound::File(self.audio.clone()),
            reference: Reference {
                times,
                f0_hz,
                counts: None,
                known: LabelKind::Melody,
                notes: Vec::new(),
            },
            voice,
        })
    }
}

/// Clips of the recordings in a folder and below, all of them to be scored; `labeled` tells where the
/// labels of one lie, or that it is not among those that are scored.
fn clips(
    folder: &Path,
    split: Split,
    labeled: impl Fn(PathBuf) -> Option<LabeledRecording>,
) -> Result<Vec<Clip>, DatasetError> {
    if split == Split::Train {
        return Ok(Vec::new());
    }
    let recordings = recordings_in(folder)?.into_iter().filter_map(labeled);
    let clips: Vec<Clip> = recordings.map(LabeledRecording::clip).collect();
    match clips.is_empty() {
        true => Err(DatasetError::Empty {
            path: folder.to_path_buf(),
        }),
        false => Ok(clips),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::datasets::DataRoots;
    use crate::datasets::corpora::fixture::write_tones;
    use crate::datasets::validation::ValidationSet;

    /// The clips of a set made of these files; recordings have a tone in each channel.
    fn opened(set: &str, recordings: &[&str], texts: &[(&str, &str)]) -> Vec<(String, OpenClip)> {
        let root = tempfile::tempdir().unwrap();
        let file = |name: &str| root.path().join(set).join(name);
        for name in recordings {
            write_tones(&file(name), &[131.0, 220.0]);
        }
        for (name, text) in texts {
            let path = file(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let roots = DataRoots::open(&[root.path()]).unwrap();
        let set = ValidationSet::named(set).unwrap();
        assert!(set.clips(&roots, Split::Train).unwrap().is_empty());
        let clips = set.clips(&roots, Split::Dev).unwrap();
        let open = |clip: &Clip| (clip.id.clone(), clip.open().unwrap());
        clips.iter().map(open).collect()
    }

    fn melody(clip: &OpenClip) -> Vec<(f64, f64)> {
        let Reference { times, f0_hz, .. } = &clip.reference;
        let rounded = |x: f64| (1e4 * x).round() / 1e4;
        let pairs = times.iter().zip(f0_hz);
        pairs.map(|(t, hz)| (rounded(*t), rounded(*hz))).collect()
    }

    #[test]
    fn contests_have_their_vocal_clips_alone() {
        let text = "0.000 0\n0.0058\t220.5\n";
        let adc = opened(
            "adc2004",
            &["pop1.wav", "jazz1.wav"],
            &[("pop1REF.txt", text), ("jazz1REF.txt", text)],
        );
        assert_eq!(adc.len(), 1);
        assert_eq!(adc[0].0, "pop1");
        assert_eq!(melody(&adc[0].1), [(0.0, 0.0), (0.0058, 220.5)]);
        let mirex = opened(
            "mirex05",
            &["train01.wav", "train13MIDI.wav"],
            &[("train01REF.txt", text), ("train13REF.txt", text)],
        );
        assert_eq!(mirex.len(), 1);
    }

    #[test]
    fn ikala_has_semitones_every_32_ms_and_a_voice() {
        let clips = opened(
            "ikala",
            &["Wavfile/10161_chorus.wav"],
            &[("PitchLabel/10161_chorus.pv", "0\n57\n69\n")],
        );
        let (_, clip) = &clips[0];
        assert_eq!(melody(clip), [(0.016, 0.0), (0.048, 220.0), (0.08, 440.0)]);
        assert!(matches!(clip.voice, Some(ClipVoice::RightChannel(_))));
    }

    #[test]
    fn medleydb_has_a_melody_where_a_singer_sings() {
        let track = "Creepoid_OldTree";
        let melody_file = format!("Annotations/Melody_Annotations/MELODY2/{track}_MELODY2.csv");
        let source_file =
            format!("Annotations/Instrument_Activations/SOURCEID/{track}_SOURCEID.lab");
        let audio = [
            format!("Audio/{track}/{track}_MIX.wav"),
            format!("Audio/{track}/{track}_STEMS/{track}_STEM_01.wav"),
            "Audio/Some_Other/Some_Other_MIX.wav".to_owned(),
        ];
        let clips = opened(
            "medleydb",
            &audio.each_ref().map(String::as_str),
            &[
                (&melody_file, "0.0,110.0\n0.5,220.0\n1.0,330.0\n"),
                (
                    &source_file,
                    "start_time,end_time,instrument_label\n0.2,0.7,female singer\n0.8,2.0,flute\n",
                ),
            ],
        );
        assert_eq!(clips.len(), 1);
        assert_eq!(melody(&clips[0].1), [(0.0, 0.0), (0.5, 220.0), (1.0, 0.0)]);
    }

    #[test]
    fn rwc_and_stem_synth_have_their_columns() {
        let rwc = opened(
            "rwc",
            &["RM-P001.wav"],
            &[("RM-P001.MELODY.TXT", "0\t1\tm\t0.0\t0\n1\t2\tm\t220.0\t5\n")],
        );
        assert_eq!(melody(&rwc[0].1), [(0.0, 0.0), (0.01, 220.0)]);
        let synth = opened(
            "mdb-stem-synth",
            &["audio_stems/A_STEM_01.RESYN.wav"],
            &[(
                "annotation_stems/A_STEM_01.RESYN.csv",
                "0.0,0.0\n0.0029,330.0\n",
            )],
        );
        assert_eq!(synth[0].0, "A_STEM_01.RESYN");
        assert_eq!(melody(&synth[0].1), [(0.0, 0.0), (0.0029, 330.0)]);
    }
}
