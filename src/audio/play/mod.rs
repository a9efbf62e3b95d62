//! Playing a recording, with its melody as tones, and telling what is heard now.
//!
//! Only [`Player`] is for the window. Behind it, sound flows one way:
//!
//! - `pcm_file`: the recording, decoded once into a temporary file, so that any
//!   sample of any format can be read at once.
//! - `stretch`, `playback`, `transport`: from the file, at a speed, around a loop.
//! - `key`: a key of the pitch axis, over it.
//! - `tone`, `mixer`, `render`: tones at the sounding pitch, mixed in at the
//!   device's rate.
//! - `callback`: all that the audio callback does: it takes finished frames from a
//!   ring without waiting, fades where the sound is cut, and notes what was heard when.
//! - `clock`: those notes → the playhead.
//! - `output`, `connection`, `engine`, `player`: the device, which one, the
//!   thread that keeps the ring full, and the handle that the window holds.

pub mod callback;
mod clock;
mod connection;
mod engine;
mod key;
mod mixer;
mod notice;
mod output;
mod pcm_file;
mod playback;
mod player;
mod render;
mod stretch;
mod tone;
mod transport;

pub use mixer::{MixerSettings, Strip};
pub use notice::PlayNotice;
pub use player::Player;
pub use tone::Melody;

/// Slowest and fastest speed.
pub const MIN_SPEED: f64 = 0.1;
pub const MAX_SPEED: f64 = 2.0;
/// Length of the fades that keep cuts from clicking, in seconds.
pub const FADE_SECS: f64 = 0.005;

#[cfg(test)]
mod tests;
