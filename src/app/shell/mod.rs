//! The window itself: dialogs, notices, settings, presentation.
//!
//! - [`state`]: dialogs, notices, settings and the window's frame.
//! - [`command`]: what a person can ask of it.
//! - [`bar_menu`]: the menus of the menu bar.
//! - [`settings`]: how a person wants the program to be.
//! - [`dialogs`]: windows within the window.

pub mod bar_menu;
pub mod command;
pub mod dialogs;
pub mod settings;
pub mod state;

pub use bar_menu::BarMenu;
pub use command::ShellCommand;
pub use dialogs::Dialogs;
pub use settings::{AppSettings, Appearance};
pub use state::Shell;
