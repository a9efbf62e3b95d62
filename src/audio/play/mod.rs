//! Playing a recording, with its melody as tones, and telling what is heard now.
//!
//! Only [`Player`] is for the window. Behind it, sound flows one way:
//!
//! - [`pcm_file`]: sound in a temporary file, so that any sample of any format can be read at once:
//!   the recording, decoded once, and its voice, as far as it is separated.
//! - `sources`: both, and what is left of the recording without its voice, side by side.
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
pub mod pcm_file;
mod playback;
mod player;
mod render;
mod sources;
mod stretch;
mod tone;
mod transport;

pub use mixer::{Heard, MixerSettings, Strip};
pub use notice::PlayNotice;
pub use pcm_file::{PcmFile, PcmWriter};
pub use player::Player;
pub use tone::Melody;

/// Slowest and fastest speed.
pub const MIN_SPEED: f64 = 0.1;
pub const MAX_SPEED: f64 = 2.0;
/// Length of the fades that keep cuts from clicking, in seconds.
pub const FADE_SECS: f64 = 0.005;

#[cfg(test)]
mod tests;
