//! vocadito (Bittner et al. 2021): solo singing in several languages, a singer each.

use std::path::Path;

use crate::datasets::recording::recordings_in;
use crate::datasets::{Corpus, CorpusContent, DatasetError, Description, Example, Split, solo};

/// vocadito; see the module's documentation.
pub struct Vocadito;

impl Corpus for Vocadito {
    fn description(&self) -> Description {
        Description {
            name: "vocadito",
            title: "vocadito (solo excerpts)",
            holds: &[CorpusContent::Voice, CorpusContent::F0],
            splits: &[Split::Train],
            licence: Some("CC BY 4.0"),
        }
    }

    fn examples(&self, folder: &Path, split: Split) -> Result<Vec<Example>, DatasetError> {
        match split {
            Split::Train => solo::voices("vocadito", &recordings_in(folder)?, |recording| {
                format!("vocadito/{recording}")
            }),
            Split::Dev => Ok(Vec::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{sings, train_voices, write_tones};
    use super::*;

    #[test]
    fn recordings_are_tracked_and_of_a_singer_each() {
        let folder = tempfile::tempdir().unwrap();
        for (name, hz) in [("vocadito_10.wav", 220.0), ("vocadito_14.wav", 330.0)] {
            write_tones(&folder.path().join(name), &[hz]);
        }
        let voices = train_voices(&Vocadito, folder.path());
        assert_eq!(voices.len(), 2);
        assert_eq!(voices[0].id, "vocadito/vocadito_10");
        assert_ne!(voices[0].singer, voices[1].singer);
        assert!(sings(&voices[0], 220.0) && sings(&voices[1], 330.0));
        assert!(
            Vocadito
                .examples(folder.path(), Split::Dev)
                .unwrap()
                .is_empty()
        );
    }
}
