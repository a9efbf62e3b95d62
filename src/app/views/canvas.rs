//! Time across, pitch up: the spectrogram and the melody over it.

use eframe::egui::accesskit::Role;
use eframe::egui::{
    CursorIcon, Event, EventFilter, Painter, Pos2, Rect, Response, Sense, Stroke, Ui, pos2,
};

use super::{pitch_axis, readout, time_axis};
use crate::app::keys::canvas_id;
use crate::app::render::{SpectrogramPainter, classes, contour, notes};
use crate::app::session::Session;
use crate::app::theme::DARK;
use crate::app::view_state::{Bounds, Layer, Projection, ViewState};

/// Draws the canvas and its axes, and moves the view by mouse and wheel.
pub fn canvas_ui(
    ui: &mut Ui,
    session: &Session,
    view: &mut ViewState,
    spectrogram: &mut SpectrogramPainter,
) {
    let bounds = session.bounds();
    view.follow(&bounds);
    let all = ui.available_rect_before_wrap();
    let corner = all.min + eframe::egui::vec2(pitch_axis::WIDTH, time_axis::HEIGHT);
    let rect = Rect::from_min_max(snap(ui, corner), all.max);
    let response = ui.interact(rect, canvas_id(), Sense::click_and_drag());
    move_view(ui, &response, rect, view, &bounds);
    let projection = view.projection(rect);
    view.pointer = response.hover_pos().map(|pos| projection.at(pos));
    paint(ui, session, view, spectrogram, &projection);
    time_axis::time_axis_ui(ui, all, &projection, view.pointer);
    pitch_axis::pitch_axis_ui(ui, all, &projection, view.pointer);
    describe(ui, &response, session, view);
}

/// Whole pixels keep the spectrogram's cells and the grid sharp.
fn snap(ui: &Ui, pos: Pos2) -> Pos2 {
    let scale = ui.pixels_per_point();
    pos2(
        (pos.x * scale).round() / scale,
        (pos.y * scale).round() / scale,
    )
}

fn paint(
    ui: &Ui,
    session: &Session,
    view: &ViewState,
    spectrogram: &mut SpectrogramPainter,
    projection: &Projection,
) {
    let painter = ui.painter_at(projection.rect);
    spectrogram.paint(&painter, projection, &session.spectrogram, session.revision);
    pitch_axis::paint_grid(&painter, projection);
    if view.layers.shows(Layer::Notes) {
        notes::paint(&painter, projection, session.notes());
    }
    let track = session.classes();
    classes::paint(&painter, projection, track, &session.f0, view.layers);
    if view.layers.shows(Layer::Contour) {
        contour::paint(&painter, projection, &session.f0, &session.summary);
    }
    paint_crosshair(&painter, projection, view);
}

fn paint_crosshair(painter: &Painter, projection: &Projection, view: &ViewState) {
    if let Some((secs, midi)) = view.pointer {
        let stroke = Stroke::new(1.0, DARK.text.gamma_multiply(0.35));
        painter.vline(projection.x(secs), projection.rect.y_range(), stroke);
        painter.hline(projection.rect.x_range(), projection.y(midi), stroke);
    }
}

fn move_view(ui: &Ui, response: &Response, rect: Rect, view: &mut ViewState, bounds: &Bounds) {
    if response.clicked() || response.drag_started() {
        response.request_focus();
    }
    if response.has_focus() {
        // arrows move the view and not the focus
        let filter = EventFilter {
            horizontal_arrows: true,
            vertical_arrows: true,
            ..EventFilter::default()
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    }
    if response.dragged() {
        ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
        let delta = response.drag_delta();
        let projection = view.projection(rect);
        let secs = -f64::from(delta.x) / projection.points_per_sec();
        let semitones = f64::from(delta.y) / projection.points_per_semitone();
        view.pan(secs, semitones, bounds);
    }
    if let Some(pos) = response.hover_pos() {
        zoom(ui, pos, rect, view, bounds);
        scroll(ui, rect, view, bounds);
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

/// Tells screen readers what the canvas shows.
fn describe(ui: &Ui, response: &Response, session: &Session, view: &ViewState) {
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_role(Role::Canvas);
        node.set_label("Spectrogram and melody");
        let seen = view.secs();
        node.set_description(format!(
            "{} to {}, {} notes",
            readout::clock(seen.start, 1),
            readout::clock(seen.end, 1),
            session.notes().len(),
        ));
    });
}
