//! SSVD 2.0 (Wang et al. 2022): sight-singing on telephones, a singer a recording.

use std::path::Path;

use crate::datasets::recording::{recordings_in, stem};
use crate::datasets::{Corpus, CorpusContent, DatasetError, Description, Example, Split, solo};

/// SSVD; see the module's documentation.
pub struct Ssvd;

/// A recording with another sound behind the voice, tracked an octave down in places.
const NOT_DRY: &str = "364";

/// The part to learn from; a test part beside it stays unseen.
const FOLDER: &str = "train_valid";

impl Corpus for Ssvd {
    fn description(&self) -> Description {
        Description {
            name: "ssvd",
            title: "SSVD 2.0 train and validation (sight-singing)",
            holds: &[CorpusContent::Voice, CorpusContent::F0],
            splits: &[Split::Train],
            licence: None,
        }
    }

    fn examples(&self, folder: &Path, split: Split) -> Result<Vec<Example>, DatasetError> {
        if split == Split::Dev {
            return Ok(Vec::new());
        }
        let mut paths = recordings_in(&folder.join(FOLDER))?;
        paths.retain(|path| stem(path) != NOT_DRY);
        solo::voices("ssvd", &paths, |recording| format!("ssvd/{recording}"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{sings, train_voices, write_tones};
    use super::*;

    #[test]
    fn what_is_not_dry_or_for_tests_stays_out() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["train_valid/1011", "train_valid/364", "test/7"] {
            write_tones(&folder.path().join(format!("{name}.wav")), &[247.0]);
        }
        let voices = train_voices(&Ssvd, folder.path());
        assert_eq!(voices.len(), 1);
        assert_eq!(voices[0].id, "ssvd/1011");
        assert!(sings(&voices[0], 247.0));
    }
}
