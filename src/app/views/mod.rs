//! What is shown in the middle.
//!
//! - [`canvas`]: time across, pitch up: the spectrogram and the melody.
//! - [`pitch_axis`], [`time_axis`]: its scales.
//! - [`readout`]: what is under the mouse.
//! - [`empty`]: what to do when nothing is open.

pub mod canvas;
pub mod empty;
pub mod pitch_axis;
pub mod readout;
pub mod time_axis;

pub use canvas::canvas_ui;
pub use empty::{drop_hint_ui, empty_ui};
