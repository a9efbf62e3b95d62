//! What the mouse does on the canvas.
//!
//! A tool is a file here and a line in [`TOOLS`]; toolbar, keys and the key list follow.
//!
//! - [`navigate`]: moves the picture and the playhead.
//! - [`select`]: takes a span of time, a box, or notes.
//! - [`draw`], [`erase`]: the contour; [`note`]: notes.
//! - [`partials`]: corrects by pointing at ridges.

pub mod draw;
pub mod erase;
pub mod navigate;
pub mod note;
pub mod partials;
pub mod select;

use std::fmt;

use eframe::egui::{CursorIcon, Key, Modifiers, Pos2, Vec2};

use super::command::Command;
use super::icon::Icon;
use super::sound::SoundCommand;
use super::view_state::{Gesture, Projection, ViewState};
use super::workspace::Session;
use crate::melody::Partial;

pub use draw::DrawTool;
pub use erase::Erase;
pub use navigate::Navigate;
pub use note::NoteTool;
pub use partials::Partials;
pub use select::Select;

/// Every tool, in the order of the toolbar.
pub static TOOLS: [&dyn Tool; 6] = [&Navigate, &Select, &DrawTool, &Erase, &NoteTool, &Partials];

/// The tool that a new view begins with.
pub fn first() -> &'static dyn Tool {
    TOOLS[0]
}

/// A way to use the mouse on the canvas.
pub trait Tool: Sync {
    /// Its name in the window; no other tool has the same.
    fn name(&self) -> &'static str;

    /// The key that chooses it.
    fn key(&self) -> Key;

    /// Its sign in the toolbar.
    fn icon(&self) -> Icon;

    /// What can be done with it, in a few words.
    fn tip(&self) -> &'static str;

    /// The mouse's form over the canvas; none for the usual one.
    fn hover_cursor(&self) -> Option<CursorIcon> {
        Some(CursorIcon::Crosshair)
    }

    /// The mouse's form during a drag.
    fn drag_cursor(&self) -> CursorIcon {
        CursorIcon::Crosshair
    }

    /// What a click asks for; to play from there, unless the tool has a better use for it.
    fn click(&self, click: &Click, _: &Session, _: &ViewState) -> Command {
        let (secs, _) = click.projection.at(click.pos);
        SoundCommand::Seek(secs).into()
    }

    /// Moves the view with a drag, or returns what the drag asks for.
    fn drag(&self, drag: &Drag, session: &Session, view: &mut ViewState) -> Option<Command>;

    /// What a gesture that [`Self::drag`] began asks for once the button is let go.
    fn release(&self, _gesture: Gesture) -> Option<Command> {
        None
    }

    /// For a tool that points at ridges: what the one under the mouse is taken for while these keys
    /// are held; nothing inside for what the network's classes say.
    fn takes_for(&self, _modifiers: Modifiers) -> Option<Option<Partial>> {
        None
    }
}

/// Tools are told apart by their names.
impl PartialEq for dyn Tool {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl fmt::Debug for dyn Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A click on the canvas.
pub struct Click<'a> {
    /// Where time and pitch lie.
    pub projection: &'a Projection,
    /// Where it was.
    pub pos: Pos2,
    /// Keys held with it.
    pub modifiers: Modifiers,
}

/// A drag on the canvas, as far as it has come.
pub struct Drag<'a> {
    /// Where time and pitch lie.
    pub projection: &'a Projection,
    /// Where it began; a drag of a selection's edge began at the other edge. In seconds.
    pub from_secs: f64,
    /// Where it began.
    pub origin: Pos2,
    /// Where it is now.
    pub pos: Pos2,
    /// Keys held with it.
    pub modifiers: Modifiers,
    /// How far it went since the last frame, in points.
    pub delta: Vec2,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_are_told_apart_by_their_names() {
        for (i, tool) in TOOLS.iter().enumerate() {
            assert!(TOOLS[..i].iter().all(|other| other != tool), "{tool:?}");
        }
    }
}
