//! Time across, pitch up: the spectrogram and the melody over it.

use eframe::egui::accesskit::Role as AccessRole;
use eframe::egui::{
    Align2, FontId, Id, Pos2, Rect, Response, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2,
};

use super::pitch_axis::{self, PitchScale};
use super::{gestures, readout, time_axis};
use crate::annotation::Selection;
use crate::app::Command;
use crate::app::keys::canvas_id;
use crate::app::render::{PictureStyle, Plot, SpectrogramPainter, classes, contour, label, notes};
use crate::app::theme::BODY;
use crate::app::view_state::{Overlay, Projection, ViewState};
use crate::app::workspace::Session;
use crate::melody::pitch::note_name;

/// More notes than these are not named one by one to screen readers.
const MOST_NODES: usize = 200;

/// What the canvas shows.
pub struct Canvas<'a> {
    /// The recording.
    pub session: &'a Session,
    /// What is heard now.
    pub playhead_secs: f64,
    /// Whether the pitch axis is a piano.
    pub piano: bool,
    /// How the picture is shown.
    pub style: PictureStyle,
}

impl Canvas<'_> {
    /// Draws the canvas and its axes, and moves the view by mouse and wheel.
    pub fn ui(
        &self,
        ui: &mut Ui,
        view: &mut ViewState,
        spectrogram: &mut SpectrogramPainter,
        commands: &mut Vec<Command>,
    ) {
        let bounds = self.session.bounds();
        view.follow(&bounds);
        let all = ui.available_rect_before_wrap();
        let corner = all.min + vec2(pitch_axis::WIDTH, time_axis::HEIGHT);
        let rect = Rect::from_min_max(snap(ui, corner), all.max);
        if !rect.is_positive() {
            return;
        }
        let response = ui.interact(rect, canvas_id(), Sense::click_and_drag());
        gestures::apply(ui, &response, self.session, view, commands);
        let projection = view.projection(rect);
        view.pointer = response.hover_pos().map(|pos| projection.at(pos));
        let scale = PitchScale {
            piano: self.piano,
            tuning: view.tuning(),
        };
        self.paint(ui, view, spectrogram, &projection, scale);
        let now = self.playhead_secs;
        time_axis::time_axis_ui(ui, all, &projection, view.pointer, now);
        pitch_axis::pitch_axis_ui(ui, all, &projection, scale, view.pointer);
        self.describe(ui, &response, view, &projection);
    }

    fn paint(
        &self,
        ui: &Ui,
        view: &ViewState,
        spectrogram: &mut SpectrogramPainter,
        projection: &Projection,
        scale: PitchScale,
    ) {
        let session = self.session;
        let plot = Plot {
            painter: ui.painter_at(projection.rect),
            projection,
            palette: self.style.palette(),
        };
        let picture = (&session.spectrogram(), session.picture_key());
        spectrogram.paint(&plot.painter, projection, picture, self.style);
        pitch_axis::paint_grid(&plot, scale);
        paint_span(&plot, &view.selection);
        let overlay = |overlay: Overlay| {
            let shown = view.overlays.shows(overlay);
            shown.then(|| plot.faded(view.overlays.opacity(overlay)))
        };
        if let Some(plot) = overlay(Overlay::Notes) {
            let selected = |i: usize| match &view.selection {
                Selection::Notes(chosen) => {
                    session.note_id(i).is_some_and(|id| chosen.contains(&id))
                }
                _ => false,
            };
            notes::paint(&plot, session.notes(), selected);
        }
        classes::paint(&plot, session.classes(), session.f0(), &view.overlays);
        if let Some(plot) = overlay(Overlay::Contour) {
            contour::paint(&plot, session.f0(), session.provenance(), &session.summary);
        }
        paint_crosshair(&plot, view);
        self.paint_playhead(&plot);
    }

    fn paint_playhead(&self, plot: &Plot) {
        let x = plot.projection.x(self.playhead_secs).round();
        let range = plot.projection.rect.y_range();
        let halo = Stroke::new(3.0, plot.palette.halo);
        plot.painter.vline(x, range, halo);
        let line = Stroke::new(1.5, plot.palette.text);
        plot.painter.vline(x, range, line);
    }

    /// Tells screen readers what the canvas shows, and its notes one by one.
    fn describe(
        &self,
        ui: &mut Ui,
        response: &Response,
        view: &ViewState,
        projection: &Projection,
    ) {
        let seen = view.secs();
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_role(AccessRole::Canvas);
            node.set_label("Spectrogram and melody");
            node.set_description(format!(
                "{} to {}, {} notes",
                readout::clock(seen.start, 1),
                readout::clock(seen.end, 1),
                self.session.notes().len(),
            ));
        });
        let all = self.session.notes();
        let visible = notes::visible(projection, all);
        for i in visible.take(MOST_NODES) {
            let rect = notes::place(projection, &all[i]).intersect(projection.rect);
            let node = ui.interact(rect, Id::unique(("note", i)), Sense::hover());
            node.widget_info(|| {
                let name = note_name(f64::from(all[i].midi) - view.tuning());
                let secs = all[i].offset_secs - all[i].onset_secs;
                let at = readout::clock(all[i].onset_secs, 1);
                let label = format!("{name} at {at}, {secs:.1} seconds");
                WidgetInfo::labeled(Role::Label, true, label)
            });
        }
    }
}

/// Whole pixels keep the spectrogram's cells and the grid sharp.
fn snap(ui: &Ui, pos: Pos2) -> Pos2 {
    let scale = ui.pixels_per_point();
    pos2(
        (pos.x * scale).round() / scale,
        (pos.y * scale).round() / scale,
    )
}

fn paint_span(plot: &Plot, selection: &Selection) {
    let Selection::Span(secs) = selection else {
        return;
    };
    let Projection { rect, .. } = *plot.projection;
    let [left, right] = [secs.start, secs.end].map(|secs| plot.projection.x(secs));
    let span = Rect::from_x_y_ranges(left..=right, rect.y_range());
    let accent = plot.palette.accent;
    plot.painter
        .rect_filled(span, 0.0, accent.gamma_multiply(0.1));
    for x in [left, right] {
        plot.painter
            .vline(x, rect.y_range(), Stroke::new(1.5, accent));
    }
    let secs = secs.end - secs.start;
    if span.intersect(rect).width() > 48.0 {
        let pos = span.intersect(rect).center_top() + vec2(0.0, 4.0);
        let font = FontId::proportional(BODY - 1.0);
        label::halo_text(plot, pos, Align2::CENTER_TOP, &format!("{secs:.2} s"), font);
    }
}

fn paint_crosshair(plot: &Plot, view: &ViewState) {
    if let Some((secs, midi)) = view.pointer {
        let projection = plot.projection;
        let stroke = Stroke::new(1.0, plot.palette.text.gamma_multiply(0.35));
        let (x, y) = (projection.x(secs), projection.y(midi));
        plot.painter.vline(x, projection.rect.y_range(), stroke);
        plot.painter.hline(projection.rect.x_range(), y, stroke);
    }
}
