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

use eframe::egui::Context;

/// A narrower window, in points, has no room for a panel beside the canvas.
const NARROW: f32 = 560.0;

/// Whether the window is as narrow as a small one with large text.
pub fn is_narrow(ctx: &Context) -> bool {
    ctx.content_rect().width() < NARROW
}

pub use menu::menu_ui;
pub use notices::notices_ui;
pub use side::side_ui;
pub use status::status_ui;
pub use transport::transport_ui;
