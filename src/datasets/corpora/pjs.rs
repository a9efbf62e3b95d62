//! PJS (Koguchi, Takamichi, Morise 2020): a hundred short songs by one man, in a studio.

use std::path::Path;

use crate::datasets::recording::recordings_in;
use crate::datasets::{Corpus, CorpusContent, DatasetError, Description, Example, Split, solo};

/// PJS; see the module's documentation.
pub struct Pjs;

impl Corpus for Pjs {
    fn description(&self) -> Description {
        Description {
            name: "pjs",
            title: "PJS (one man, studio-clean Japanese)",
            holds: &[CorpusContent::Voice, CorpusContent::F0],
            splits: &[Split::Train],
            licence: Some("CC BY-SA 4.0"),
        }
    }

    fn examples(&self, folder: &Path, split: Split) -> Result<Vec<Example>, DatasetError> {
        match split {
            Split::Train => solo::voices("pjs", &recordings_in(folder)?, |_| "pjs".into()),
            Split::Dev => Ok(Vec::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{sings, train_voices, write_tones};
    use super::*;

    #[test]
    fn recordings_are_tracked_and_of_one_singer() {
        let folder = tempfile::tempdir().unwrap();
        for (name, hz) in [("pjs001.wav", 220.0), ("pjs002.wav", 330.0)] {
            write_tones(&folder.path().join(name), &[hz]);
        }
        let voices = train_voices(&Pjs, folder.path());
        assert_eq!(voices.len(), 2);
        assert_eq!(voices[0].id, "pjs/pjs001");
        assert_eq!(voices[0].singer, voices[1].singer);
        assert!(sings(&voices[0], 220.0) && sings(&voices[1], 330.0));
        assert!(Pjs.examples(folder.path(), Split::Dev).unwrap().is_empty());
    }
}
