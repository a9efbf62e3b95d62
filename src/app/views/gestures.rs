//! What mouse and wheel do on the canvas.

use eframe::egui::{Event, EventFilter, Pos2, Rect, Response, Ui};

use crate::app::Command;
use crate::app::tools::{Click, Drag, Select};
use crate::app::view_state::{Bounds, Projection, ViewState};
use crate::app::workspace::Session;

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
    // with Shift held, any tool selects
    let tool = if modifiers.shift { &Select } else { view.tool };
    let projection = view.projection(rect);
    if response.clicked()
        && let Some(pos) = response.interact_pointer_pos()
    {
        let click = Click {
            projection: &projection,
            pos,
            modifiers,
        };
        commands.push(tool.click(&click, session, view));
    }
    if response.dragged() {
        ui.ctx().set_cursor_icon(tool.drag_cursor());
        let drag = drag(ui, response, &projection);
        commands.extend(drag.and_then(|drag| tool.drag(&drag, session, view)));
    } else if let Some(cursor) = tool.hover_cursor().filter(|_| response.hovered()) {
        ui.ctx().set_cursor_icon(cursor);
    }
    if let Some(pos) = response.hover_pos() {
        zoom(ui, pos, rect, view, &bounds);
        scroll(ui, rect, view, &bounds);
    }
}

fn drag<'a>(ui: &Ui, response: &Response, projection: &'a Projection) -> Option<Drag<'a>> {
    let pointer = ui.input(|input| input.pointer.clone());
    Some(Drag {
        projection,
        origin: pointer.press_origin()?,
        pos: pointer.latest_pos()?,
        delta: response.drag_delta(),
    })
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
