//! How a recording is looked at: remembered, not undone.
//!
//! - [`state`]: zoom, scroll and selection.
//! - [`command`]: what a person can ask of it.
//! - [`overlays`]: what is drawn over the spectrogram.
//! - [`follow`]: how the view goes with the playhead.
//! - [`phrase`]: where and how high is sung.
//! - [`projection`]: where time and pitch lie on the screen.

pub mod command;
pub mod follow;
pub mod overlays;
pub mod phrase;
pub mod projection;
pub mod state;

pub use command::ViewCommand;
pub use follow::Follow;
pub use overlays::{Overlay, Overlays};
pub use projection::Projection;
pub use state::{Bounds, ViewState};
