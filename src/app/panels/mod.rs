//! What stands around the canvas.
//!
//! - [`menu`]: the menu bar and the recording's title.
//! - [`notices`]: what went wrong.
//! - [`side`]: layers, mixer, selection, analysis.
//! - [`transport`]: playing, tools, what is under the mouse.
//! - [`status`]: how far the work is.

pub mod menu;
pub mod notices;
pub mod side;
pub mod status;
pub mod transport;

pub use menu::menu_ui;
pub use notices::notices_ui;
pub use side::side_ui;
pub use status::status_ui;
pub use transport::transport_ui;
