//! What mouse and wheel do on the canvas.

use std::ops::Range;

use eframe::egui::{CursorIcon, Event, EventFilter, Pos2, Rect, Response, Ui};

use crate::app::Command;
use crate::app::tools::{Click, Drag, Select};
use crate::app::view_state::{Bounds, Projection, ViewState};
use crate::app::workspace::Session;

/// Nearer to an edge of the selection than this, in points, a drag moves that edge.
const GRIP: f32 = 5.0;

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
    let edges = session.selected_secs(&view.selection);
    let edge = response
        .hover_pos()
        .and_then(|pos| other_edge(&projection, edges, pos));
    if response.drag_started() {
        // an edge of the selection is dragged with any tool
        let origin = ui.input(|input| input.pointer.press_origin());
        let edges = session.selected_secs(&view.selection);
        view.drag_from_secs = origin.and_then(|pos| other_edge(&projection, edges, pos));
    }
    let tool = if view.drag_from_secs.is_some() {
        &Select
    } else {
        tool
    };
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
        let drag = drag(ui, response, &projection, view.drag_from_secs);
        commands.extend(drag.and_then(|drag| tool.drag(&drag, session, view)));
    } else if edge.is_some() {
        ui.ctx().set_cursor_icon(CursorIcon::ResizeHorizontal);
    } else if let Some(cursor) = tool.hover_cursor().filter(|_| response.hovered()) {
        ui.ctx().set_cursor_icon(cursor);
    }
    if response.drag_stopped() {
        view.drag_from_secs = None;
    }
    wheel(ui, response, rect, view, &bounds);
}

/// Zooms and scrolls by the wheel over `response`; `canvas` is where time and pitch lie.
pub fn wheel(ui: &Ui, response: &Response, canvas: Rect, view: &mut ViewState, bounds: &Bounds) {
    if let Some(pos) = response.hover_pos() {
        zoom(ui, pos, canvas, view, bounds);
        scroll(ui, canvas, view, bounds);
    }
}

/// Zooms and scrolls pitch by the wheel, whatever keys are held.
pub fn pitch_wheel(
    ui: &Ui,
    response: &Response,
    canvas: Rect,
    view: &mut ViewState,
    bounds: &Bounds,
) {
    let Some(pos) = response.hover_pos() else {
        return;
    };
    let (factor, delta) = ui.input(|i| (f64::from(i.zoom_delta()), i.smooth_scroll_delta()));
    let projection = view.projection(canvas);
    if factor != 1.0 {
        view.zoom_pitch(factor, projection.at(pos).1, bounds);
    }
    let points = f64::from(delta.x + delta.y);
    view.pan(0.0, points / projection.points_per_semitone(), bounds);
}

/// The edge across from the one that is under the mouse, in seconds.
fn other_edge(projection: &Projection, edges: Option<Range<f64>>, pos: Pos2) -> Option<f64> {
    let Range { start, end } = edges?;
    let near = |secs: f64| (projection.x(secs) - pos.x).abs() < GRIP;
    match (near(start), near(end)) {
        (_, true) => Some(start),
        (true, _) => Some(end),
        _ => None,
    }
}

fn drag<'a>(
    ui: &Ui,
    response: &Response,
    projection: &'a Projection,
    from_secs: Option<f64>,
) -> Option<Drag<'a>> {
    let pointer = ui.input(|input| input.pointer.clone());
    let origin = projection.at(pointer.press_origin()?).0;
    Some(Drag {
        projection,
        from_secs: from_secs.unwrap_or(origin),
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
