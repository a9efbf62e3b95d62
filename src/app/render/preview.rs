//! What a drag will do, while the button is held.

use eframe::egui::{Rect, Stroke, StrokeKind, pos2};

use super::{Plot, notes};
use crate::annotation::Operation;
use crate::app::view_state::Gesture;
use crate::app::workspace::Session;
use crate::melody::Note;
use crate::melody::pitch::hz_to_midi;

/// Width of a drawn line in points.
const WIDTH: f32 = 2.5;

/// Draws what will be once the button is let go.
pub fn paint(plot: &Plot, session: &Session, gesture: &Gesture) {
    match gesture {
        Gesture::Draw { points, snaps } => line(plot, session, points, *snaps),
        Gesture::Erase(secs) => erased(plot, secs.start, secs.end),
        Gesture::Note { to, .. } => note(plot, to),
        Gesture::TakenBack => {}
    }
}

fn line(plot: &Plot, session: &Session, points: &[(f64, f64)], snaps: bool) {
    let Some(Operation::TakePitch { start, f0_hz, .. }) = session.along_line(points, snaps) else {
        return;
    };
    let grid = session.f0().grid;
    let drawn = f0_hz.iter().enumerate().map(|(i, &hz)| {
        let midi = hz_to_midi(hz.into());
        pos2(
            plot.projection.x(grid.time(start + i)),
            plot.projection.y(midi),
        )
    });
    let drawn: Vec<_> = drawn.collect();
    let halo = Stroke::new(WIDTH + 3.0, plot.palette.halo);
    plot.painter.line(drawn.clone(), halo);
    plot.painter
        .line(drawn, Stroke::new(WIDTH, plot.palette.accent));
}

fn erased(plot: &Plot, start_secs: f64, end_secs: f64) {
    let rect = plot.projection.rect;
    let [left, right] = [start_secs, end_secs].map(|secs| plot.projection.x(secs));
    let span = Rect::from_x_y_ranges(left..=right, rect.y_range());
    let fill = plot.palette.canvas.gamma_multiply(0.55);
    plot.painter.rect_filled(span, 0.0, fill);
    for x in [left, right] {
        let edge = Stroke::new(1.5, plot.palette.error);
        plot.painter.vline(x, rect.y_range(), edge);
    }
}

fn note(plot: &Plot, note: &Note) {
    let rect = notes::place(plot.projection, note);
    notes::block(&plot.painter, plot.palette, rect, 1.0);
    let edge = Stroke::new(2.0, plot.palette.accent);
    plot.painter
        .rect_stroke(rect.expand(1.5), 3.0, edge, StrokeKind::Outside);
}
