//! "Everything is Free" (Software-Entwicklungskit): produced songs by one man, in stems.
//!
//! `SONG/vocals_lead` is the voice, `SONG/accompaniment` all but voices.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::datasets::recording::{read_mono, recordings_in, stem};
use crate::datasets::solo::{labeled, parent_name};
use crate::datasets::{
    Corpus, CorpusContent, DatasetError, Description, Example, Split, UnlabeledRecording, Voice,
};

/// "Everything is Free"; see the module's documentation.
pub struct EverythingIsFree;

const NAME: &str = "everything_is_free";

impl Corpus for EverythingIsFree {
    fn description(&self) -> Description {
        Description {
            name: NAME,
            title: "\"Everything is Free\" (one man, produced, in stems)",
            holds: &[
                CorpusContent::Voice,
                CorpusContent::F0,
                CorpusContent::Accompaniment,
            ],
            splits: &[Split::Train],
            licence: Some("CC0"),
        }
    }

    /// Voices with their accompaniments, then these alone.
    fn examples(&self, folder: &Path, split: Split) -> Result<Vec<Example>, DatasetError> {
        if split == Split::Dev {
            return Ok(Vec::new());
        }
        let paths = recordings_in(folder)?;
        let voices = stems(&paths, "vocals_lead", |path| {
            voice(path).map(Example::Voice)
        });
        let accompaniments = stems(&paths, "accompaniment", |path| {
            instrumental(path).map(Example::Instrumental)
        });
        voices.into_par_iter().chain(accompaniments).collect()
    }
}

/// What `read` makes of every stem of a name.
fn stems<T: Send>(paths: &[PathBuf], name: &str, read: impl Fn(&Path) -> T + Sync) -> Vec<T> {
    let named = paths.par_iter().filter(|path| stem(path) == name);
    named.map(|path| read(path)).collect()
}

fn voice(path: &Path) -> Result<Voice, DatasetError> {
    let samples = read_mono(path)?;
    let beside = recordings_in(path.parent().unwrap_or(path))?;
    let accompaniment = beside.iter().find(|path| stem(path) == "accompaniment");
    let mut accompaniment = accompaniment.map(|path| read_mono(path)).transpose()?;
    if let Some(accompaniment) = &mut accompaniment {
        accompaniment.resize(samples.len(), 0.0);
    }
    Ok(Voice {
        accompaniment,
        ..labeled(NAME, &parent_name(path), NAME.into(), samples)
    })
}

fn instrumental(path: &Path) -> Result<UnlabeledRecording, DatasetError> {
    Ok(UnlabeledRecording {
        id: format!("{NAME}/{}", parent_name(path)),
        samples: read_mono(path)?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{sings, train_voices, write_secs, write_tones};
    use super::*;

    #[test]
    fn stems_of_a_song_belong_together() {
        let folder = tempfile::tempdir().unwrap();
        let stem = |name: &str| folder.path().join("sodium").join(name);
        write_tones(&stem("vocals_lead.wav"), &[220.0]);
        write_tones(&stem("vocals_all.wav"), &[277.0]);
        write_secs(&stem("accompaniment.wav"), &[110.0], 1.5);
        let voices = train_voices(&EverythingIsFree, folder.path());
        assert_eq!(voices.len(), 1);
        assert_eq!(voices[0].id, "everything_is_free/sodium");
        assert!(sings(&voices[0], 220.0));
        assert!(voices[0].accompaniment.is_some());
        let examples = EverythingIsFree.examples(folder.path(), Split::Train);
        let Some(Example::Instrumental(alone)) = examples.unwrap().pop() else {
            panic!("the accompaniment comes last");
        };
        assert_eq!(alone.samples.len(), 24_000);
    }
}
