//! Corpora, mixtures made of them, and the clips that networks are compared on.
//!
//! Everything is read as 16 kHz mono, labeled on the 10 ms grid of CFP frames.
//!
//! - [`corpus`]: what a corpus is, and the list of those known; [`corpora`]: one file each.
//! - [`roots`]: where they lie on this machine.
//! - [`example`]: what a corpus gives: voices, instrumentals, songs.
//! - [`remix`]: mixtures of voices and accompaniments that never were.
//! - [`validation`]: named lists of clips to compare networks on.
//! - [`recording`]: decoding to 16 kHz, and which files a folder holds.
//! - [`score`]: scores as matrices.
//! - [`solo`], [`yin`]: labels for solo singing that has none.
//! - [`error`]: what can be wrong with a corpus.

pub mod corpora;
pub mod corpus;
pub mod error;
pub mod example;
pub mod recording;
pub mod remix;
pub mod roots;
pub mod score;
pub mod solo;
pub mod validation;
pub mod yin;

pub use corpus::{CORPORA, Corpus, CorpusContent, Description, Split};
pub use error::DatasetError;
pub use example::{Example, HOP, RATE_HZ, UnlabeledRecording, Voice, n_frames};
pub use roots::DataRoots;
pub use score::{Score, ScoreMatrix};
