//! The window: a recording, its spectrogram, and the melody drawn over it.
//!
//! Three owners hold its state, and do not know each other: the [`workspace`] has the recordings,
//! [`sound`] what is heard, the [`shell`] dialogs, notices and settings. Each applies its own part
//! of a [`Command`] and leaves [`event`]s for the others, which [`App`] passes on.
//!
//! A frame takes the jobs' reports, applies the commands, and draws. Drawing borrows a session
//! shared and its [`view_state`] mutably, and pushes [`Command`]s.
//!
//! - [`start`]: opens the window, on the renderer that suits the machine.
//! - [`window`]: the program in the window; how a frame is made, and [`drawing`] it.
//! - [`workspace`], [`sound`], [`shell`]: the owners.
//! - [`command`]: what a person can ask for; [`event`]: what owners tell each other.
//! - [`bindings`]: names and keys of commands; [`keys`]: those that are pressed.
//! - [`tools`]: what the mouse does on the canvas.
//! - [`jobs`]: threads, and the reports they send.
//! - [`notice`]: what went wrong, in one sentence.
//! - [`view_state`]: zoom, scroll, selection and overlays.
//! - [`memory`]: what is remembered of files; [`storage`] keeps it between two runs.
//! - [`incoming`]: paths that come by drop, clipboard, or with the program.
//! - [`theme`], [`fonts`], [`icon`]: how it looks.
//! - [`panels`], [`views`]: what is shown where.
//! - [`render`]: how it is painted; [`pace`]: how often.

pub mod bindings;
pub mod command;
pub mod drawing;
pub mod event;
pub mod fonts;
pub mod icon;
pub mod incoming;
pub mod jobs;
pub mod keys;
pub mod memory;
pub mod notice;
pub mod pace;
pub mod panels;
pub mod render;
pub mod shell;
pub mod sound;
pub mod start;
pub mod storage;
pub mod theme;
pub mod tools;
pub mod view_state;
pub mod views;
pub mod window;
pub mod workspace;

pub use command::Command;
pub use incoming::demo_track;
pub use start::run;
pub use window::App;
