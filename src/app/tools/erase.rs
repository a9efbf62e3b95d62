//! A drag makes a time unvoiced.

use eframe::egui::Key;

use super::{Drag, Tool};
use crate::app::command::Command;
use crate::app::icon::Icon;
use crate::app::view_state::{Gesture, ViewState};
use crate::app::workspace::{Session, WorkspaceCommand};

/// Makes what it passes unvoiced.
pub struct Erase;

impl Tool for Erase {
    fn name(&self) -> &'static str {
        "Erase"
    }

    fn key(&self) -> Key {
        Key::Num4
    }

    fn icon(&self) -> Icon {
        Icon::Eraser
    }

    fn tip(&self) -> &'static str {
        "Drag over what is not sung"
    }

    fn drag(&self, drag: &Drag, _: &Session, view: &mut ViewState) -> Option<Command> {
        let [(a, _), (b, _)] = [drag.origin, drag.pos].map(|pos| drag.projection.at(pos));
        view.gesture = Some(Gesture::Erase(a.min(b).max(0.0)..a.max(b).max(0.0)));
        None
    }

    fn release(&self, gesture: Gesture) -> Option<Command> {
        match gesture {
            Gesture::Erase(secs) => Some(WorkspaceCommand::Erase(secs).into()),
            _ => None,
        }
    }
}
