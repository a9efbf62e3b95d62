//! A drag draws a note, or moves the one under the mouse, by its ends or as a whole.

use eframe::egui::{CursorIcon, Key, Pos2};

use super::select::note_at;
use super::{Click, Drag, Select, Tool};
use crate::annotation::Operation;
use crate::app::command::Command;
use crate::app::icon::Icon;
use crate::app::render::notes;
use crate::app::view_state::{Gesture, Held, Projection, ViewState};
use crate::app::workspace::{Session, WorkspaceCommand};
use crate::melody::Note;

/// Nearer to an end of a note than this, in points, a drag moves that end.
const GRIP: f32 = 6.0;

/// Confidence of a note that a person draws.
const SURE: f32 = 1.0;

/// Draws and moves notes.
pub struct NoteTool;

impl Tool for NoteTool {
    fn name(&self) -> &'static str {
        "Note"
    }

    fn key(&self) -> Key {
        Key::Num5
    }

    fn icon(&self) -> Icon {
        Icon::Music
    }

    fn tip(&self) -> &'static str {
        "Draw a note, drag one or its ends; click selects"
    }

    fn drag_cursor(&self) -> CursorIcon {
        CursorIcon::Grabbing
    }

    fn click(&self, click: &Click, session: &Session, view: &ViewState) -> Command {
        Select.click(click, session, view)
    }

    fn drag(&self, drag: &Drag, session: &Session, view: &mut ViewState) -> Option<Command> {
        let gesture = match view.gesture.take() {
            Some(gesture @ Gesture::Note { .. }) => gesture,
            _ => begun(drag, session),
        };
        if let Gesture::Note { id, held, from, .. } = gesture {
            let [(secs, midi), (at_secs, at_midi)] =
                [drag.origin, drag.pos].map(|pos| drag.projection.at(pos));
            // by as much as the mouse moved, so that nothing jumps when it is taken hold of
            let to = held.dragged(&from, at_secs - secs, at_midi - midi);
            view.gesture = Some(Gesture::Note { id, held, from, to });
        }
        None
    }

    fn release(&self, gesture: Gesture) -> Option<Command> {
        let Gesture::Note { id, from, to, .. } = gesture else {
            return None;
        };
        let operation = match id {
            Some(id) => Operation::ReshapeNote { id, note: to },
            None => Operation::DrawNote { note: to },
        };
        (id.is_none() || from != to).then(|| WorkspaceCommand::Edit(operation).into())
    }
}

/// What a drag takes hold of where it begins: a note there, or a new one.
fn begun(drag: &Drag, session: &Session) -> Gesture {
    let click = Click {
        projection: drag.projection,
        pos: drag.origin,
        modifiers: drag.modifiers,
    };
    let (secs, midi) = drag.projection.at(drag.origin);
    let place = note_at(&click, session).and_then(|id| {
        let all = 0..session.notes().len();
        let place = all.into_iter().find(|&i| session.note_id(i) == Some(id))?;
        Some((id, session.notes()[place]))
    });
    let (id, held, from) = match place {
        Some((id, note)) => (Some(id), held_at(drag.projection, &note, drag.origin), note),
        None => {
            let note = Note {
                onset_secs: secs.max(0.0),
                offset_secs: secs.max(0.0),
                midi: midi as f32,
                confidence: SURE,
            };
            (None, Held::Offset, note)
        }
    };
    Gesture::Note {
        id,
        held,
        from,
        to: from,
    }
}

/// What of a note is under the mouse.
fn held_at(projection: &Projection, note: &Note, pos: Pos2) -> Held {
    let block = notes::place(projection, note);
    let grip = GRIP.min(block.width() / 3.0);
    match () {
        () if pos.x > block.right() - grip => Held::Offset,
        () if pos.x < block.left() + grip => Held::Onset,
        () => Held::Whole,
    }
}
