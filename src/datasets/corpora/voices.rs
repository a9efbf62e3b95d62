//! Short dry solos by some 45 singers: women, men, children, single parts of choirs.

use std::path::Path;

use crate::datasets::recording::recordings_in;
use crate::datasets::{Corpus, CorpusContent, DatasetError, Description, Example, Split, solo};

/// Short solos; see the module's documentation.
pub struct Voices;

impl Corpus for Voices {
    fn description(&self) -> Description {
        Description {
            name: "voices",
            title: "short solos (OpenSinger, NUS-48E, VISinger, choir and children's takes)",
            holds: &[CorpusContent::Voice, CorpusContent::F0],
            splits: &[Split::Train],
            licence: None,
        }
    }

    fn examples(&self, folder: &Path, split: Split) -> Result<Vec<Example>, DatasetError> {
        match split {
            Split::Train => solo::voices("voices", &recordings_in(folder)?, singer),
            Split::Dev => Ok(Vec::new()),
        }
    }
}

/// Choir takes are named `choir_PART_PIECE`, a singer a part; all of `visinger` is one singer's.
fn singer(recording: &str) -> String {
    let name = match recording.split_once('_') {
        Some(("choir", _)) => recording
            .rsplit_once('_')
            .map_or(recording, |(part, _)| part),
        Some((source @ "visinger", _)) => source,
        _ => recording,
    };
    format!("voices/{name}")
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{train_voices, write_tones};
    use super::*;

    #[test]
    fn takes_of_one_singer_are_told_by_their_names() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "choir_alto1_loc",
            "choir_alto1_ros",
            "children_pong1",
            "children_star1",
        ] {
            write_tones(&folder.path().join(format!("{name}.wav")), &[300.0]);
        }
        let singers: Vec<String> = train_voices(&Voices, folder.path())
            .into_iter()
            .map(|voice| voice.singer)
            .collect();
        let expected = [
            "children_pong1",
            "children_star1",
            "choir_alto1",
            "choir_alto1",
        ];
        assert_eq!(singers, expected.map(|name| format!("voices/{name}")));
        assert_eq!(singer("visinger_10"), singer("visinger_19"));
    }
}
