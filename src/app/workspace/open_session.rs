//! A session and how it is looked at.

use std::ops::Range;

use super::Session;
use crate::app::view_state::ViewState;

/// A session with its view, apart so that drawing may move the one and only read the other.
pub struct OpenSession {
    /// The recording.
    pub session: Session,
    /// What is seen of it.
    pub view: ViewState,
}

impl OpenSession {
    /// The time that the selection spans, in seconds.
    pub fn selected_secs(&self) -> Option<Range<f64>> {
        self.session.selected_secs(&self.view.selection)
    }

    /// Where a step to a neighbor begins: at the selection, else at the playhead; in seconds.
    pub fn place_secs(&self, playhead_secs: f64) -> f64 {
        self.selected_secs()
            .map_or(playhead_secs, |secs| secs.start)
    }
}
