//! NIT-SONG070-F001 (Nagoya Institute of Technology): children's songs by one woman, in a studio.

use std::path::Path;

use crate::datasets::recording::recordings_in;
use crate::datasets::{Corpus, CorpusContent, DatasetError, Description, Example, Split, solo};

/// NIT-SONG070; see the module's documentation.
pub struct NitSong070;

impl Corpus for NitSong070 {
    fn description(&self) -> Description {
        Description {
            name: "nit_song070",
            title: "NIT-SONG070 (one woman, children's songs)",
            holds: &[CorpusContent::Voice, CorpusContent::F0],
            splits: &[Split::Train],
            licence: Some("CC BY 3.0"),
        }
    }

    fn examples(&self, folder: &Path, split: Split) -> Result<Vec<Example>, DatasetError> {
        match split {
            Split::Train => solo::voices("nit_song070", &recordings_in(folder)?, |_| {
                "nit_song070".into()
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
    fn recordings_are_tracked_and_of_one_singer() {
        let folder = tempfile::tempdir().unwrap();
        for (name, hz) in [("song_004.wav", 220.0), ("song_007.wav", 330.0)] {
            write_tones(&folder.path().join(name), &[hz]);
        }
        let voices = train_voices(&NitSong070, folder.path());
        assert_eq!(voices.len(), 2);
        assert_eq!(voices[0].id, "nit_song070/song_004");
        assert_eq!(voices[0].singer, voices[1].singer);
        assert!(sings(&voices[0], 220.0) && sings(&voices[1], 330.0));
        assert!(
            NitSong070
                .examples(folder.path(), Split::Dev)
                .unwrap()
                .is_empty()
        );
    }
}
