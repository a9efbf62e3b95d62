//! What mouse and wheel do on the canvas.

use std::ops::Range;

use eframe::egui::{CursorIcon, Event, EventFilter, Pos2, Rect, Response, Ui, Vec2, vec2};

use crate::app::Command;
use crate::app::render::candidates;
use crate::app::tools::{Click, Drag, Select};
use crate::app::view_state::{Bounds, Gesture, Projection, ViewState};
use crate::app::workspace::{Session, WorkspaceCommand};

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
        .and_then(|pos| grip(&projection, edges, pos));
    if response.drag_started() {
        // an edge of the selection is dragged with any tool
        let origin = ui.input(|input| input.pointer.press_origin());
        let edges = session.selected_secs(&view.selection);
        let grip = origin.and_then(|pos| grip(&projection, edges, pos));
        view.drag_from_secs = grip.map(|(from_secs, _)| from_secs);
        view.grip_points = grip.map_or(0.0, |(_, points)| points);
        view.gesture = None;
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
        let chosen = candidates::at(&projection, session, view, pos);
        commands.push(match chosen {
            Some(place) => WorkspaceCommand::TakeCandidate(place).into(),
            None => tool.click(&click, session, view),
        });
    }
    if response.dragged() && view.gesture != Some(Gesture::TakenBack) {
        ui.ctx().set_cursor_icon(tool.drag_cursor());
        let drag = drag(ui, response, &projection, view);
        commands.extend(drag.and_then(|drag| tool.drag(&drag, session, view)));
    } else if edge.is_some() {
        ui.ctx().set_cursor_icon(CursorIcon::ResizeHorizontal);
    } else if let Some(cursor) = tool.hover_cursor().filter(|_| response.hovered()) {
        ui.ctx().set_cursor_icon(cursor);
    }
    if response.drag_stopped() {
        view.drag_from_secs = None;
        let gesture = view.gesture.take();
        commands.extend(gesture.and_then(|gesture| tool.release(gesture)));
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

/// The edge across from the one that is under the mouse, in seconds, and how far that lies right of
/// the mouse, in points.
fn grip(projection: &Projection, edges: Option<Range<f64>>, pos: Pos2) -> Option<(f64, f32)> {
    let Range { start, end } = edges?;
    let beside = |secs: f64| projection.x(secs) - pos.x;
    match (beside(start), beside(end)) {
        (_, points) if points.abs() < GRIP => Some((start, points)),
        (points, _) if points.abs() < GRIP => Some((end, points)),
        _ => None,
    }
}

fn drag<'a>(
    ui: &Ui,
    response: &Response,
    projection: &'a Projection,
    view: &ViewState,
) -> Option<Drag<'a>> {
    let (pointer, modifiers) = ui.input(|input| (input.pointer.clone(), input.modifiers));
    let origin = pointer.press_origin()?;
    // an edge stays under the mouse where it was taken hold of
    let grip = match view.drag_from_secs {
        Some(_) => vec2(view.grip_points, 0.0),
        None => Vec2::ZERO,
    };
    Some(Drag {
        projection,
        from_secs: view.drag_from_secs.unwrap_or(projection.at(origin).0),
        origin,
        pos: pointer.latest_pos()? + grip,
        modifiers,
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
