//! The window: a recording, its spectrogram, and the melody drawn over it.
//!
//! A frame takes the jobs' reports, applies the commands, and draws. Drawing
//! borrows the session shared and the [`view_state`] mutably, and pushes
//! [`Command`]s; one `match` in [`command`] applies them.
//!
//! - [`start`]: opens the window, on the renderer that suits the machine.
//! - [`window`]: the program in the window; how a frame is made.
//! - [`session`]: the opened recording and what is known of it so far.
//! - [`command`]: what a person can ask for; [`opening`], [`playing`] and [`editing`] do it.
//! - [`keys`]: which key asks for what.
//! - [`jobs`]: threads, and the reports they send.
//! - [`notice`]: what went wrong, in one sentence.
//! - [`view_state`]: zoom, scroll, selection and visible layers.
//! - [`settings`]: what is remembered between two runs.
//! - [`incoming`]: paths that come by drop, clipboard, or with the program.
//! - [`theme`], [`fonts`], [`icon`]: how it looks.
//! - [`panels`], [`views`], [`dialogs`]: what is shown where.
//! - [`render`]: how it is painted.

pub mod command;
pub mod dialogs;
pub mod editing;
pub mod fonts;
pub mod icon;
pub mod incoming;
pub mod jobs;
pub mod keys;
pub mod notice;
pub mod opening;
pub mod panels;
pub mod playing;
pub mod render;
pub mod session;
pub mod settings;
pub mod start;
pub mod theme;
pub mod view_state;
pub mod views;
pub mod window;

pub use command::Command;
pub use incoming::demo_track;
pub use start::run;
pub use window::App;
