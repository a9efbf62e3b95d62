//! Hatching over time that a person made unvoiced, so that it can be looked through.

use eframe::egui::{Rect, Stroke, pos2};

use super::Plot;
use super::contour::visible_frames;
use crate::annotation::Provenance;
use crate::annotation::frame::stretches;
use crate::melody::F0Track;

/// Distance of the lines in points.
const SPACING: f32 = 9.0;
/// Opacity of the lines.
const STRENGTH: f32 = 0.35;

/// Hatches what is unvoiced by a person.
pub fn paint(plot: &Plot, f0: &F0Track, provenance: &[Provenance]) {
    let projection = plot.projection;
    let n_frames = provenance.len().min(f0.frames.len());
    let visible = visible_frames(projection, &f0.grid, n_frames);
    let decided = |i: usize| provenance[i] != Provenance::Model && !f0.frames[i].voiced;
    let half = f0.grid.hop_secs / 2.0;
    for run in stretches(visible, decided) {
        let left = projection.x(f0.grid.time(run.start) - half);
        let right = projection.x(f0.grid.time(run.end) - half).max(left + 1.0);
        let rect = Rect::from_x_y_ranges(left..=right, projection.rect.y_range());
        hatch(plot, rect.intersect(projection.rect));
    }
}

/// Lines from the lower left to the upper right, in place on the canvas wherever the span begins.
fn hatch(plot: &Plot, rect: Rect) {
    let color = plot.palette.text.gamma_multiply(STRENGTH);
    let painter = plot.painter.with_clip_rect(rect);
    let stroke = Stroke::new(1.0, color);
    let height = rect.height();
    let first = ((rect.left() - height) / SPACING).floor() * SPACING;
    let n_lines = ((rect.right() - first) / SPACING).ceil() as usize;
    for i in 0..n_lines {
        let x = first + i as f32 * SPACING;
        let ends = [pos2(x, rect.bottom()), pos2(x + height, rect.top())];
        painter.line_segment(ends, stroke);
    }
}
