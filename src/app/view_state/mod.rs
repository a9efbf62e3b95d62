//! How a recording is looked at: remembered, not undone.
//!
//! - [`state`]: zoom, scroll and selection.
//! - [`command`]: what a person can ask of it.
//! - [`overlays`]: what is drawn over the spectrogram.
//! - [`gesture`]: what a tool is doing while the mouse button is held.
//! - [`choices`]: candidates that are shown to choose from.
//! - [`follow`]: how the view goes with the playhead.
//! - [`phrase`]: where and how high is sung.
//! - [`projection`]: where time and pitch lie on the screen.

pub mod choices;
pub mod command;
pub mod follow;
pub mod gesture;
pub mod overlays;
pub mod phrase;
pub mod projection;
pub mod state;

pub use choices::{ChoiceStep, PitchChoices};
pub use command::ViewCommand;
pub use follow::Follow;
pub use gesture::{Gesture, Held};
pub use overlays::{Overlay, Overlays};
pub use projection::Projection;
pub use state::{Bounds, ViewState};
