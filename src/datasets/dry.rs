//! Solo singing without f0 labels: tracked by [`super::yin`] on the dry voice.

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::recording::{read_mono, recordings_in, stem};
use super::yin::{DryTrack, FrameState, track};
use super::{DatasetError, Voice};

/// A corpus of solo singing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DrySet {
    /// PJS: one man, studio-clean Japanese (CC BY-SA 4.0).
    Pjs,
    /// NIT-SONG070-F001: one woman, children's songs (CC BY 3.0).
    NitSong070,
    /// SSVD 2.0 train and validation: sight-singing on telephones.
    Ssvd,
    /// "Everything is Free": one man, produced, with his accompaniment (CC0).
    EverythingIsFree,
    /// Excerpts of vocadito (CC BY 4.0).
    Vocadito,
}

impl DrySet {
    /// Every set.
    pub const ALL: [Self; 5] = [
        Self::Pjs,
        Self::NitSong070,
        Self::Ssvd,
        Self::EverythingIsFree,
        Self::Vocadito,
    ];

    /// Its name, and that of its folder.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pjs => "pjs",
            Self::NitSong070 => "nit_song070",
            Self::Ssvd => "ssvd",
            Self::EverythingIsFree => "everything_is_free",
            Self::Vocadito => "vocadito",
        }
    }

    fn folder(self, data: &Path) -> PathBuf {
        match self {
            // The only part at hand; a test part beside it must stay unseen.
            Self::Ssvd => data.join("ssvd/train_valid"),
            _ => data.join(self.name()),
        }
    }

    /// Who sings in a recording: where a set does not tell, each recording counts as a singer.
    fn singer(self, recording: &str) -> String {
        match self {
            Self::Pjs | Self::NitSong070 | Self::EverythingIsFree => self.name().to_string(),
            Self::Ssvd | Self::Vocadito => format!("{}/{recording}", self.name()),
        }
    }
}

/// A recording of SSVD with another sound behind the voice, tracked an octave down in places.
const NOT_DRY: &str = "364";

/// Reads and labels the voices of some sets; `data` is the folder that holds them.
///
/// # Errors
/// Any [`DatasetError`] of folders and recordings.
pub fn load(data: &Path, sets: &[DrySet]) -> Result<Vec<Voice>, DatasetError> {
    let mut voices = Vec::new();
    for &set in sets {
        let mut paths = recordings_in(&set.folder(data))?;
        match set {
            DrySet::EverythingIsFree => paths.retain(|path| stem(path) == "vocals_lead"),
            DrySet::Ssvd => paths.retain(|path| stem(path) != NOT_DRY),
            _ => (),
        }
        let loaded: Result<Vec<_>, _> = paths.par_iter().map(|path| read(set, path)).collect();
        voices.extend(loaded?);
    }
    Ok(voices)
}

fn read(set: DrySet, path: &Path) -> Result<Voice, DatasetError> {
    let samples = read_mono(path)?;
    if set != DrySet::EverythingIsFree {
        let recording = stem(path);
        return Ok(labeled(set, &recording, samples, None));
    }
    let song = path.parent().map(stem).unwrap_or_default();
    let mut accompaniment = read_mono(&path.with_file_name("accompaniment.opus"))?;
    accompaniment.resize(samples.len(), 0.0);
    Ok(labeled(set, &song, samples, Some(accompaniment)))
}

fn labeled(
    set: DrySet,
    recording: &str,
    samples: Vec<f32>,
    accompaniment: Option<Vec<f32>>,
) -> Voice {
    let DryTrack { f0_hz, states, .. } = track(&samples);
    Voice {
        id: format!("{}/{recording}", set.name()),
        singer: set.singer(recording),
        samples,
        f0_hz,
        mask: states.iter().map(|&s| s != FrameState::Doubtful).collect(),
        accompaniment,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_recipe() {
        for set in DrySet::ALL {
            let json = serde_json::to_string(&set).unwrap();
            assert_eq!(json, format!("\"{}\"", set.name()));
        }
    }

    #[test]
    fn singers_are_told_apart_as_far_as_known() {
        assert_eq!(DrySet::Pjs.singer("pjs001"), "pjs");
        assert_ne!(DrySet::Ssvd.singer("1011"), DrySet::Ssvd.singer("1072"));
    }
}
