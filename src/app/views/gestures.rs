//! What mouse and wheel do on the canvas.

use eframe::egui::{CursorIcon, Event, EventFilter, Modifiers, Pos2, Rect, Response, Ui};

use crate::annotation::Selection;
use crate::app::Command;
use crate::app::command::PlayCommand;
use crate::app::render::notes;
use crate::app::session::Session;
use crate::app::view_state::{Bounds, Projection, Tool, ViewState};

/// Moves the view, and pushes what clicks and drags ask for.
pub fn apply(
    ui: &Ui,
    response: &Response,
    session: &Session,
    view: &mut ViewState,
    commands: &mut Vec<Command>,
) {
    let (rect, bounds) = (response.rect, session.bounds());
    keep_focus(ui, response);
    let modifiers = ui.input(|input| input.modifiers);
    let selects = view.tool == Tool::Select || modifiers.shift;
    let projection = view.projection(rect);
    if response.clicked()
        && let Some(pos) = response.interact_pointer_pos()
    {
        commands.push(click(&projection, session, view, pos, selects, modifiers));
    }
    if response.dragged() {
        match drag_origin(ui).filter(|_| selects) {
            Some(origin) => commands.extend(drag_over(ui, &projection, origin, &bounds)),
            None => drag_picture(ui, response, &projection, view, &bounds),
        }
    } else if response.hovered() && selects {
        ui.ctx().set_cursor_icon(CursorIcon::Text);
    }
    if let Some(pos) = response.hover_pos() {
        zoom(ui, pos, rect, view, &bounds);
        scroll(ui, rect, view, &bounds);
    }
}

fn keep_focus(ui: &Ui, response: &Response) {
    if response.clicked() || response.drag_started() {
        response.request_focus();
    }
    if response.has_focus() {
        // arrows move the view and not the focus
        let filter = EventFilter {
            horizontal_arrows: true,
            vertical_arrows: true,
            escape: true,
            ..EventFilter::default()
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    }
}

/// A click goes there; with the Select tool it takes the note there, with Ctrl one more.
fn click(
    projection: &Projection,
    session: &Session,
    view: &ViewState,
    pos: Pos2,
    selects: bool,
    modifiers: Modifiers,
) -> Command {
    let (secs, _) = projection.at(pos);
    if !selects {
        return Command::Play(PlayCommand::Seek(secs));
    }
    let all = session.notes();
    let mut visible = notes::visible(projection, all);
    let hit = visible.find(|&i| notes::place(projection, &all[i]).expand(3.0).contains(pos));
    match (hit.and_then(|i| session.note_id(i)), &view.selection) {
        (Some(id), Selection::Notes(chosen)) if modifiers.command => {
            let mut chosen = chosen.clone();
            match chosen.iter().position(|&known| known == id) {
                Some(place) => drop(chosen.remove(place)),
                None => chosen.push(id),
            }
            Command::Select(Selection::Notes(chosen))
        }
        (Some(id), _) => Command::Select(Selection::Notes(vec![id])),
        (None, _) => Command::Select(Selection::Nothing),
    }
}

fn drag_origin(ui: &Ui) -> Option<Pos2> {
    ui.input(|input| input.pointer.press_origin())
}

fn drag_over(ui: &Ui, projection: &Projection, origin: Pos2, bounds: &Bounds) -> Option<Command> {
    ui.ctx().set_cursor_icon(CursorIcon::Text);
    let now = ui.input(|input| input.pointer.latest_pos())?;
    let [a, b] = [origin, now].map(|pos| projection.at(pos).0.clamp(0.0, bounds.end_secs));
    Some(Command::Select(Selection::Span(a.min(b)..a.max(b))))
}

fn drag_picture(
    ui: &Ui,
    response: &Response,
    projection: &Projection,
    view: &mut ViewState,
    bounds: &Bounds,
) {
    ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
    let delta = response.drag_delta();
    let secs = -f64::from(delta.x) / projection.points_per_sec();
    let semitones = f64::from(delta.y) / projection.points_per_semitone();
    view.pan(secs, semitones, bounds);
}

/// Ctrl and wheel zoom time, with Shift they zoom pitch; so does a pinch.
fn zoom(ui: &Ui, pos: Pos2, rect: Rect, view: &mut ViewState, bounds: &Bounds) {
    let (factor, pinch) = ui.input(|i| (f64::from(i.zoom_delta()), pinch(&i.events)));
    ui.input(|i| {
        for event in &i.events {
            if let Event::MouseWheel { modifiers, .. } = event {
                // the wheel's motion outlasts the key: what it does is settled when it turns
                view.wheel_zooms_pitch = modifiers.shift;
            }
        }
    });
    if factor == 1.0 {
        return;
    }
    let (secs, midi) = view.projection(rect).at(pos);
    if pinch || view.wheel_zooms_pitch {
        view.zoom_pitch(factor, midi, bounds);
    } else {
        view.zoom_time(factor, Some(secs), bounds);
    }
}

fn pinch(events: &[Event]) -> bool {
    events.iter().any(|event| matches!(event, Event::Zoom(_)))
}

/// The wheel scrolls time; with Shift it scrolls pitch.
fn scroll(ui: &Ui, rect: Rect, view: &mut ViewState, bounds: &Bounds) {
    let delta = ui.input(|i| i.smooth_scroll_delta());
    let projection = view.projection(rect);
    let points = f64::from(delta.x + delta.y);
    if view.wheel_zooms_pitch {
        view.pan(0.0, points / projection.points_per_semitone(), bounds);
    } else {
        view.pan(-points / projection.points_per_sec(), 0.0, bounds);
    }
}
