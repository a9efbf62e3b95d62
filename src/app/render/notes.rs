//! Notes as blocks a semitone high.

use eframe::egui::{Align2, FontId, Painter, Rect, Stroke, StrokeKind, pos2, vec2};

use super::label;
use crate::app::theme::{DARK, SMALL};
use crate::app::view_state::Projection;
use crate::melody::Note;
use crate::melody::pitch::note_name;

/// Smallest height of a block in points.
const LEAST_HEIGHT: f32 = 6.0;
/// Room that a note's name needs.
const NAMED_WIDTH: f32 = 30.0;
const NAMED_HEIGHT: f32 = 13.0;

/// Draws the notes that `projection` shows; `notes` are in order of time.
pub fn paint(painter: &Painter, projection: &Projection, notes: &[Note]) {
    // notes do not overlap: one earlier note may reach into the view
    let first = notes.partition_point(|note| note.offset_secs < projection.secs.start);
    let visible = notes[first..]
        .iter()
        .take_while(|note| note.onset_secs < projection.secs.end);
    for note in visible {
        let rect = place(projection, note);
        if rect.intersects(projection.rect) {
            block(painter, rect, 1.0);
            name(painter, rect, note);
        }
    }
}

fn place(projection: &Projection, note: &Note) -> Rect {
    let height = (projection.points_per_semitone() as f32).max(LEAST_HEIGHT);
    let y = projection.y(f64::from(note.midi));
    let left = projection.x(note.onset_secs);
    let right = projection.x(note.offset_secs).max(left + 1.0);
    Rect::from_min_max(pos2(left, y - height / 2.0), pos2(right, y + height / 2.0))
}

/// The block of a note, in the canvas and in the legend.
pub fn block(painter: &Painter, rect: Rect, opacity: f32) {
    let fill = DARK.note_fill.gamma_multiply(opacity);
    if rect.width() < 4.0 {
        painter.rect_filled(rect, 0.0, DARK.note_edge.gamma_multiply(0.6 * opacity));
        return;
    }
    let edge = Stroke::new(1.0, DARK.note_edge.gamma_multiply(opacity));
    painter.rect(rect, 2.0, fill, edge, StrokeKind::Inside);
}

fn name(painter: &Painter, rect: Rect, note: &Note) {
    if rect.width() < NAMED_WIDTH || rect.height() < NAMED_HEIGHT {
        return;
    }
    // above the block, where the contour does not run
    let pos = rect.left_top() + vec2(2.0, -1.0);
    let text = note_name(f64::from(note.midi));
    label::halo_text(
        painter,
        pos,
        Align2::LEFT_BOTTOM,
        &text,
        FontId::proportional(SMALL),
        DARK.text,
    );
}
