//! A drag moves the picture, a click the playhead.

use eframe::egui::{CursorIcon, Key};

use super::{Drag, Tool};
use crate::app::command::Command;
use crate::app::icon::Icon;
use crate::app::view_state::ViewState;
use crate::app::workspace::Session;

/// Moves the picture and the playhead.
pub struct Navigate;

impl Tool for Navigate {
    fn name(&self) -> &'static str {
        "Navigate"
    }

    fn key(&self) -> Key {
        Key::Num1
    }

    fn icon(&self) -> Icon {
        Icon::Hand
    }

    fn tip(&self) -> &'static str {
        "Drag the picture, click to go there"
    }

    fn hover_cursor(&self) -> Option<CursorIcon> {
        None
    }

    fn drag_cursor(&self) -> CursorIcon {
        CursorIcon::Grabbing
    }

    fn drag(&self, drag: &Drag, session: &Session, view: &mut ViewState) -> Option<Command> {
        let secs = -f64::from(drag.delta.x) / drag.projection.points_per_sec();
        let semitones = f64::from(drag.delta.y) / drag.projection.points_per_semitone();
        view.pan(secs, semitones, &session.bounds());
        None
    }
}
