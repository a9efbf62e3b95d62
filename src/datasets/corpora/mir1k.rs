//! MIR-1K (Hsu & Jang 2010): amateur singers over karaoke, split by singer.
//!
//! `train` and `dev` hold stereo clips (left accompaniment, right voice),
//! `labels/pitch` one `.pv` file a clip: a fractional MIDI number every
//! 20 ms, the first at 20 ms, 0 where unvoiced. The `vocal` labels beside them mark
//! phrases; they add consonants to the pitched frames (7 % of all frames) and are
//! not read: a consonant counts as unvoiced wherever melody is scored.
//!
//! Some labels of low voices are an octave too high (one in twenty of singer `bug`):
//! frames in which [`crate::datasets::yin`] is sure of another octave do not count in the loss.

use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::datasets::recording::{read_stereo, recordings_in, stem};
use crate::datasets::yin::{DryTrack, FrameState, track};
use crate::datasets::{
    Corpus, CorpusContent, DatasetError, Description, Example, HOP, RATE_HZ, Split, Voice, n_frames,
};
use crate::melody::FrameGrid;
use crate::melody::pitch::midi_to_hz;

/// MIR-1K; see the module's documentation.
pub struct Mir1k;

/// Times of the labels.
pub const LABEL_GRID: FrameGrid = FrameGrid {
    first_secs: 0.02,
    hop_secs: 0.02,
};

impl Corpus for Mir1k {
    fn description(&self) -> Description {
        Description {
            name: "mir1k",
            title: "MIR-1K (amateur singers over karaoke, twelve train singers)",
            holds: &[
                CorpusContent::Voice,
                CorpusContent::F0,
                CorpusContent::Accompaniment,
            ],
            splits: &[Split::Train, Split::Dev],
            licence: None,
        }
    }

    fn examples(&self, folder: &Path, split: Split) -> Result<Vec<Example>, DatasetError> {
        let clips = clips(folder, split)?;
        let load = |clip: &LabeledClip| clip.load().map(Example::Voice);
        clips.par_iter().map(load).collect()
    }
}

/// One clip, not yet read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabeledClip {
    /// `singer_song_part`.
    pub id: String,
    /// The singer's name.
    pub singer: String,
    /// The stereo recording.
    pub path: PathBuf,
    /// The `.pv` file.
    pub labels: PathBuf,
}

impl LabeledClip {
    /// The labels as they are: f0 in Hz at the times of [`LABEL_GRID`], 0 where unvoiced.
    ///
    /// # Errors
    /// [`DatasetError::Io`] or [`DatasetError::Label`].
    pub fn reference_hz(&self) -> Result<Vec<f64>, DatasetError> {
        let text = fs::read_to_string(&self.labels).map_err(DatasetError::io(&self.labels))?;
        text.lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
            .map(|(i, line)| match line.trim().parse::<f64>() {
                Ok(midi) if midi > 0.0 && midi < 200.0 => Ok(midi_to_hz(midi)),
                Ok(0.0) => Ok(0.0),
                _ => Err(DatasetError::Label {
                    path: self.labels.clone(),
                    line: i + 1,
                    expected: "a MIDI number",
                    found: line.trim().to_string(),
                }),
            })
            .collect()
    }

    /// Reads the clip with its labels on the 10 ms grid, its accompaniment beside it.
    ///
    /// # Errors
    /// Any [`DatasetError`] of recordings and labels.
    pub fn load(&self) -> Result<Voice, DatasetError> {
        let (accompaniment, samples) = read_stereo(&self.path)?;
        let n = n_frames(samples.len());
        let f0_hz = on_frames(&self.reference_hz()?, n);
        let mask = trusted(&f0_hz, &track(&samples));
        Ok(Voice {
            id: format!("mir1k/{}", self.id),
            singer: format!("mir1k/{}", self.singer),
            samples,
            f0_hz,
            mask,
            accompaniment: Some(accompaniment),
        })
    }
}

/// The clips of a split, sorted by id; `folder` is the corpus's own.
///
/// # Errors
/// [`DatasetError::Io`] or [`DatasetError::Empty`].
pub fn clips(folder: &Path, split: Split) -> Result<Vec<LabeledClip>, DatasetError> {
    let part = match split {
        Split::Train => "train",
        Split::Dev => "dev",
    };
    let clip = |path: PathBuf| {
        let id = stem(&path);
        LabeledClip {
            singer: id.split('_').next().unwrap_or_default().to_string(),
            labels: folder.join("labels/pitch").join(format!("{id}.pv")),
            path,
            id,
        }
    };
    Ok(recordings_in(&folder.join(part))?
        .into_iter()
        .map(clip)
        .collect())
}

/// Labels on 10 ms frames: voicing of the nearest label, cents linear between voiced labels.
///
/// A time between two labels takes the earlier one's voicing (scipy's "nearest"
/// rounds half down too); beyond the last label nothing is voiced.
fn on_frames(reference_hz: &[f64], n: usize) -> Vec<f32> {
    let ratio = LABEL_GRID.hop_secs * f64::from(RATE_HZ) / HOP as f64;
    (0..n)
        .map(|c| {
            // Frame 0 lies at 10 ms, label 0 at 20 ms: before it, its voicing holds.
            let position = ((c + 1) as f64 / ratio - 1.0).max(0.0);
            let nearest = (position - 0.5).ceil().max(0.0) as usize;
            let Some(&here) = reference_hz.get(nearest).filter(|&&hz| hz > 0.0) else {
                return 0.0;
            };
            let below = position.floor() as usize;
            let part = position - below as f64;
            let from = held(reference_hz, below, here);
            let to = held(reference_hz, below + 1, here);
            (from * (to / from).powf(part)) as f32
        })
        .collect()
}

/// All frames but those in which the tracker is sure of another octave.
fn trusted(f0_hz: &[f32], tracked: &DryTrack) -> Vec<bool> {
    let another_octave = |label_hz: f32, tracked_hz: f32| {
        let octaves = (tracked_hz / label_hz).log2();
        octaves.round() != 0.0 && (octaves - octaves.round()).abs() < 0.05
    };
    (0..f0_hz.len())
        .map(|c| {
            let sure = tracked.states[c] == FrameState::Voiced && f0_hz[c] > 0.0;
            !(sure && another_octave(f0_hz[c], tracked.f0_hz[c]))
        })
        .collect()
}

fn held(reference_hz: &[f64], i: usize, otherwise: f64) -> f64 {
    match reference_hz.get(i) {
        Some(&hz) if hz > 0.0 => hz,
        _ => otherwise,
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{sings, train_voices, write_tones};
    use super::*;

    #[test]
    fn labels_fall_on_their_times() {
        let frames = on_frames(&[0.0, 220.0, 440.0, 0.0, 0.0], 12);
        // Labels at 20, 40, .. ms; frame c at 10 * (c + 1) ms.
        assert_eq!(frames[1], 0.0);
        assert_eq!(frames[3], 220.0);
        assert!((frames[4] - 311.127).abs() < 1e-2, "{}", frames[4]);
        assert_eq!(frames[5], 440.0);
        assert_eq!(frames[6], 440.0, "half way rounds to the earlier label");
        assert!(frames[7..].iter().all(|&hz| hz == 0.0));
    }

    #[test]
    fn a_half_step_before_the_first_label_takes_its_voicing() {
        assert_eq!(on_frames(&[220.0, 220.0], 4), [220.0, 220.0, 220.0, 220.0]);
        assert_eq!(on_frames(&[220.0], 4)[2..], [220.0, 0.0]);
    }

    #[test]
    fn a_label_in_another_octave_is_not_trusted() {
        let tracked = DryTrack {
            f0_hz: vec![100.0, 100.0, 100.0, 100.0, 0.0],
            confidence: vec![1.0; 5],
            states: vec![
                FrameState::Voiced,
                FrameState::Voiced,
                FrameState::Voiced,
                FrameState::Doubtful,
                FrameState::Unvoiced,
            ],
        };
        let trusted = trusted(&[100.0, 201.0, 150.0, 200.0, 200.0], &tracked);
        assert_eq!(trusted, [true, false, true, true, true]);
    }

    #[test]
    fn a_label_that_is_no_number_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let labels = folder.path().join("a_1_01.pv");
        fs::write(&labels, "0\n57.5 \nx\n").unwrap();
        let clip = LabeledClip {
            id: "a_1_01".into(),
            singer: "a".into(),
            path: PathBuf::new(),
            labels,
        };
        let error = clip.reference_hz().unwrap_err().to_string();
        assert!(error.contains("line 3"), "{error}");
    }

    #[test]
    fn clips_are_split_by_folder_and_labeled() {
        let folder = tempfile::tempdir().unwrap();
        let labels = folder.path().join("labels/pitch");
        fs::create_dir_all(&labels).unwrap();
        for (split, id) in [("train", "anna_1_01"), ("dev", "carl_1_01")] {
            let path = folder.path().join(split).join(format!("{id}.wav"));
            write_tones(&path, &[131.0, 220.0]);
            fs::write(labels.join(format!("{id}.pv")), "57\n".repeat(49)).unwrap();
        }
        let voices = train_voices(&Mir1k, folder.path());
        assert_eq!(voices.len(), 1);
        assert_eq!(voices[0].singer, "mir1k/anna");
        assert!(sings(&voices[0], 220.0));
        let dev = clips(folder.path(), Split::Dev).unwrap();
        assert_eq!(dev[0].id, "carl_1_01");
    }
}
