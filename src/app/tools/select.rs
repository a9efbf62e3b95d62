//! A drag takes a span of time, with Ctrl a box; a click takes a note, with Ctrl one more, with Shift all up to there.

use std::ops::Range;

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
        "Drag over a time, with Ctrl over a box; click a note"
    }

    fn hover_cursor(&self) -> Option<CursorIcon> {
        Some(CursorIcon::Text)
    }

    fn drag_cursor(&self) -> CursorIcon {
        CursorIcon::Text
    }

    fn click(&self, click: &Click, session: &Session, view: &ViewState) -> Command {
        let selected = session.selected_secs(&view.selection);
        let (secs, _) = click.projection.at(click.pos);
        let selection = match (note_at(click, session), &view.selection) {
            _ if click.modifiers.shift && selected.is_some() => extended(selected, secs),
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
        let secs = drag.projection.at(drag.pos).0;
        let (a, b) = (drag.from_secs.clamp(0.0, end), secs.clamp(0.0, end));
        let secs = a.min(b)..a.max(b);
        let selection = match drag.modifiers.command {
            true => {
                let [(_, from), (_, to)] = [drag.origin, drag.pos].map(|it| drag.projection.at(it));
                let midi = from.min(to)..from.max(to);
                Selection::Box { secs, midi }
            }
            false => Selection::Span(secs),
        };
        Some(WorkspaceCommand::Select(selection).into())
    }
}

/// What was selected and all up to a time in seconds.
fn extended(selected: Option<Range<f64>>, secs: f64) -> Selection {
    let secs = secs.max(0.0);
    let selected = selected.unwrap_or(secs..secs);
    Selection::Span(selected.start.min(secs)..selected.end.max(secs))
}

/// The note under the mouse.
pub fn note_at(click: &Click, session: &Session) -> Option<NoteId> {
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
