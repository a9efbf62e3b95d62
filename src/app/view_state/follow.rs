//! How the view goes with the playhead.

use serde::{Deserialize, Serialize};

/// How the view goes with the playhead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Follow {
    /// Turns a page when the playhead leaves it.
    #[default]
    Page,
    /// Scrolls under a playhead that stays in the middle.
    Scroll,
    /// Stays.
    Off,
}

impl Follow {
    /// All modes.
    pub const ALL: [Self; 3] = [Self::Page, Self::Scroll, Self::Off];

    /// Its name in the window.
    pub fn label(self) -> &'static str {
        match self {
            Follow::Page => "Turn pages",
            Follow::Scroll => "Scroll, playhead centered",
            Follow::Off => "Stay",
        }
    }
}
