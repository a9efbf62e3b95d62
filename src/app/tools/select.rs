//! A drag takes a span of time; a click takes a note, with Ctrl one more.

use eframe::egui::{CursorIcon, Key};

use super::{Click, Drag, Tool};
use crate::annotation::{NoteId, Selection};
use crate::app::command::Command;
use crate::app::icon::Icon;
use crate::app::render::notes;
use crate::app::view_state::ViewState;
use crate::app::workspace::{Session, WorkspaceCommand};

/// Takes a span of time, or notes.
pub struct Select;

impl Tool for Select {
    fn name(&self) -> &'static str {
        "Select"
    }

    fn key(&self) -> Key {
        Key::Num2
    }

    fn icon(&self) -> Icon {
        Icon::MousePointer2
    }

    fn tip(&self) -> &'static str {
        "Drag over a time, click a note"
    }

    fn hover_cursor(&self) -> Option<CursorIcon> {
        Some(CursorIcon::Text)
    }

    fn drag_cursor(&self) -> CursorIcon {
        CursorIcon::Text
    }

    fn click(&self, click: &Click, session: &Session, view: &ViewState) -> Command {
        let selection = match (note_at(click, session), &view.selection) {
            (Some(id), Selection::Notes(chosen)) if click.modifiers.command => {
                Selection::Notes(toggled(chosen, id))
            }
            (Some(id), _) => Selection::Notes(vec![id]),
            (None, _) => Selection::Nothing,
        };
        WorkspaceCommand::Select(selection).into()
    }

    fn drag(&self, drag: &Drag, session: &Session, _: &mut ViewState) -> Option<Command> {
        let end = session.bounds().end_secs;
        let secs = |pos| drag.projection.at(pos).0.clamp(0.0, end);
        let (a, b) = (secs(drag.origin), secs(drag.pos));
        let span = Selection::Span(a.min(b)..a.max(b));
        Some(WorkspaceCommand::Select(span).into())
    }
}

/// The note under the mouse.
fn note_at(click: &Click, session: &Session) -> Option<NoteId> {
    let all = session.notes();
    let block = |i: usize| notes::place(click.projection, &all[i]);
    let mut visible = notes::visible(click.projection, all);
    let hit = visible.find(|&i| block(i).expand(3.0).contains(click.pos));
    hit.and_then(|i| session.note_id(i))
}

/// The same notes with one more, or without it if it was among them.
fn toggled(chosen: &[NoteId], id: NoteId) -> Vec<NoteId> {
    let mut toggled = chosen.to_vec();
    match toggled.iter().position(|&known| known == id) {
        Some(place) => drop(toggled.remove(place)),
        None => toggled.push(id),
    }
    toggled
}
