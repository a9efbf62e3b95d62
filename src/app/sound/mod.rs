//! Playing the recording and its melody.
//!
//! - [`state`]: the player, its loop, and the melody as tones.
//! - [`command`]: what a person can ask of it.

pub mod command;
pub mod state;

pub use command::SoundCommand;
pub use state::Sound;
