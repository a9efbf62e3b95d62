//! What stands around the canvas.
//!
//! - [`toolbar`]: the recording, the layers, the threshold.
//! - [`status`]: progress, and what is under the mouse.
//! - [`notices`]: what went wrong.

pub mod notices;
pub mod status;
pub mod toolbar;

pub use notices::notices_ui;
pub use status::status_ui;
pub use toolbar::toolbar_ui;
