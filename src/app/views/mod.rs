//! What is shown in the middle.
//!
//! - [`canvas`]: time across, pitch up: the spectrogram and the melody.
//! - [`gestures`]: what mouse and wheel do there.
//! - [`pitch_axis`], [`time_axis`]: its scales.
//! - [`overview`]: the whole recording in a strip.
//! - [`readout`]: what is under the mouse.
//! - [`scrolled_menu`]: menus that are higher than the window.
//! - [`empty`]: what to do when nothing is open.

pub mod canvas;
pub mod empty;
pub mod gestures;
pub mod overview;
pub mod pitch_axis;
pub mod readout;
pub mod scrolled_menu;
pub mod time_axis;

pub use canvas::Canvas;
pub use empty::{drop_hint_ui, empty_ui};
pub use overview::Overview;
pub use scrolled_menu::scrolled_menu_ui;
