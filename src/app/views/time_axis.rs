//! The time axis above the canvas.

use eframe::egui::epaint::PathShape;
use eframe::egui::{Align2, FontId, Painter, Rect, Shape, Stroke, Ui, pos2, vec2};

use super::readout::clock;
use crate::app::theme::{Palette, SMALL, palette};
use crate::app::view_state::Projection;

/// Height of the axis in points.
pub const HEIGHT: f32 = 26.0;

/// Least distance of labels in points.
const LABEL_SPACING: f64 = 84.0;

/// Distances of labels in seconds, and short ticks between two.
const STEPS: [(f64, usize); 16] = [
    (0.01, 5),
    (0.02, 4),
    (0.05, 5),
    (0.1, 5),
    (0.2, 4),
    (0.5, 5),
    (1.0, 5),
    (2.0, 4),
    (5.0, 5),
    (10.0, 5),
    (15.0, 3),
    (30.0, 6),
    (60.0, 6),
    (120.0, 4),
    (300.0, 5),
    (600.0, 5),
];

/// Draws the axis at the top of `all`, and marks the time under the mouse.
pub fn time_axis_ui(
    ui: &Ui,
    all: Rect,
    projection: &Projection,
    pointer: Option<(f64, f64)>,
    playhead_secs: f64,
) {
    let palette = palette(ui.ctx());
    let rect = Rect::from_min_max(all.min, pos2(all.right(), projection.rect.top()));
    ui.painter().rect_filled(rect, 0.0, palette.panel);
    let edge = Stroke::new(1.0, palette.line);
    ui.painter()
        .hline(rect.x_range(), rect.bottom() - 0.5, edge);
    ui.painter().hline(rect.x_range(), rect.top() + 0.5, edge);
    let painter = ui.painter_at(rect.with_min_x(projection.rect.left() - 2.0));
    let (step, n_ticks) = step(projection);
    let decimals = decimals(step);
    let first = (projection.secs.start / step).floor() as i64;
    let last = (projection.secs.end / step).ceil() as i64;
    for i in first..=last {
        let secs = i as f64 * step;
        let x = projection.x(secs);
        painter.vline(
            x,
            rect.bottom() - 8.0..=rect.bottom(),
            Stroke::new(1.0, palette.weak),
        );
        for tick in 1..n_ticks {
            let x = projection.x(secs + step * tick as f64 / n_ticks as f64);
            painter.vline(x, rect.bottom() - 4.0..=rect.bottom(), edge);
        }
        if x < projection.rect.left() {
            continue; // its text would be cut off
        }
        let pos = pos2(x + 5.0, rect.center().y - 1.0);
        let font = FontId::proportional(SMALL);
        painter.text(
            pos,
            Align2::LEFT_CENTER,
            clock(secs, decimals),
            font,
            palette.weak,
        );
    }
    let now = projection.pixel_x(playhead_secs, ui.pixels_per_point());
    paint_playhead(&painter, rect, now, palette);
    if let Some((secs, _)) = pointer {
        let stroke = Stroke::new(2.0, palette.accent);
        painter.vline(
            projection.x(secs),
            rect.bottom() - 8.0..=rect.bottom(),
            stroke,
        );
    }
}

/// A small flag over the playhead.
fn paint_playhead(painter: &Painter, rect: Rect, x: f32, palette: &Palette) {
    let tip = pos2(x, rect.bottom());
    let corners = vec![tip, tip + vec2(-5.0, -7.0), tip + vec2(5.0, -7.0)];
    let flag = PathShape::convex_polygon(corners, palette.text, Stroke::NONE);
    painter.add(Shape::Path(flag));
}

fn step(projection: &Projection) -> (f64, usize) {
    let least = LABEL_SPACING / projection.points_per_sec();
    let step = STEPS.iter().find(|(step, _)| *step >= least);
    // beyond the table, whole hours
    step.copied()
        .unwrap_or_else(|| (3600.0 * (least / 3600.0).ceil(), 6))
}

fn decimals(step: f64) -> usize {
    match step {
        s if s < 0.1 => 2,
        s if s < 1.0 => 1,
        _ => 0,
    }
}
