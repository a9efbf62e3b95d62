//! A click on a ridge says which partial it is; what is selected, or the passage there, follows it.

use eframe::egui::{Key, Modifiers};

use super::{Click, Drag, Tool};
use crate::app::command::Command;
use crate::app::icon::Icon;
use crate::app::view_state::ViewState;
use crate::app::workspace::{Session, WorkspaceCommand};
use crate::melody::Partial;

/// Corrects by pointing at ridges.
pub struct Partials;

impl Tool for Partials {
    fn name(&self) -> &'static str {
        "Partials"
    }

    fn key(&self) -> Key {
        Key::Num6
    }

    fn icon(&self) -> Icon {
        Icon::Crosshair
    }

    fn tip(&self) -> &'static str {
        "Click the ridge that is sung; Ctrl: its 2nd partial, Alt: its 3rd, both: its sub-harmonic"
    }

    fn takes_for(&self, modifiers: Modifiers) -> Option<Option<Partial>> {
        Some(match (modifiers.command, modifiers.alt) {
            (false, false) => None,
            (true, false) => Some(Partial::Second),
            (false, true) => Some(Partial::Third),
            (true, true) => Some(Partial::Subharmonic),
        })
    }

    fn click(&self, click: &Click, _: &Session, _: &ViewState) -> Command {
        let (secs, midi) = click.projection.at(click.pos);
        let taken_for = self.takes_for(click.modifiers).flatten();
        WorkspaceCommand::TakeRidge {
            secs,
            midi,
            taken_for,
        }
        .into()
    }

    fn drag(&self, _: &Drag, _: &Session, _: &mut ViewState) -> Option<Command> {
        None
    }
}
