//! A drag draws the contour; it goes to the ridges beside it unless Ctrl is held.

use eframe::egui::Key;

use super::{Drag, Tool};
use crate::app::command::Command;
use crate::app::icon::Icon;
use crate::app::view_state::{Gesture, ViewState};
use crate::app::workspace::{Session, WorkspaceCommand};

/// Draws the contour freehand.
pub struct DrawTool;

impl Tool for DrawTool {
    fn name(&self) -> &'static str {
        "Draw"
    }

    fn key(&self) -> Key {
        Key::Num3
    }

    fn icon(&self) -> Icon {
        Icon::Pencil
    }

    fn tip(&self) -> &'static str {
        "Draw the pitch along a ridge; with Ctrl exactly as drawn"
    }

    fn drag(&self, drag: &Drag, _: &Session, view: &mut ViewState) -> Option<Command> {
        let now = drag.projection.at(drag.pos);
        let mut points = match view.gesture.take() {
            Some(Gesture::Draw { points, .. }) => points,
            _ => vec![drag.projection.at(drag.origin)],
        };
        if points.last() != Some(&now) {
            points.push(now);
        }
        let snaps = !drag.modifiers.command;
        view.gesture = Some(Gesture::Draw { points, snaps });
        None
    }

    fn release(&self, gesture: Gesture) -> Option<Command> {
        match gesture {
            Gesture::Draw { points, snaps } => {
                Some(WorkspaceCommand::Redraw { points, snaps }.into())
            }
            _ => None,
        }
    }
}
