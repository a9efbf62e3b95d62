//! A session and how it is looked at.

use std::ops::Range;

use super::Session;
use crate::annotation::Selection;
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
        match &self.view.selection {
            Selection::Nothing => None,
            Selection::Span(secs) => Some(secs.clone()),
            Selection::Notes(_) => {
                let annotation = self.session.document.as_ref()?.annotation();
                let places = self.view.selection.notes(annotation).into_iter();
                let notes = places.map(|i| annotation.notes()[i]);
                let spans = notes.map(|note| note.onset_secs..note.offset_secs);
                spans.reduce(|a, b| a.start.min(b.start)..a.end.max(b.end))
            }
        }
    }
}
