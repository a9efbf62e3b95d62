//! Notes as blocks a semitone high.

use std::ops::Range;

use eframe::egui::{Align2, FontId, Painter, Rect, Stroke, StrokeKind, pos2, vec2};

use super::{Plot, label};
use crate::app::theme::{Palette, SMALL};
use crate::app::view_state::Projection;
use crate::melody::Note;
use crate::melody::pitch::note_name;

/// Smallest height of a block in points.
const LEAST_HEIGHT: f32 = 6.0;
/// Room that a note's name needs.
const NAMED_WIDTH: f32 = 30.0;
const NAMED_HEIGHT: f32 = 13.0;
/// Space between two names.
const NAME_GAP: f32 = 3.0;

/// Draws the notes that are seen; `notes` are in order of time, `selected` by number.
pub fn paint(plot: &Plot, notes: &[Note], selected: impl Fn(usize) -> bool) {
    for i in visible(plot.projection, notes) {
        let rect = place(plot.projection, &notes[i]);
        if !rect.intersects(plot.projection.rect) {
            continue;
        }
        block(&plot.painter, plot.palette, rect, 1.0);
        if selected(i) {
            let edge = Stroke::new(2.0, plot.palette.accent);
            let frame = rect.expand(1.5);
            plot.painter
                .rect_stroke(frame, 3.0, edge, StrokeKind::Outside);
        }
    }
}

/// Names the notes that are seen, above their blocks, the longest first, as far as there is room;
/// small ones only if `all_named`.
pub fn paint_names(plot: &Plot, notes: &[Note], all_named: bool) {
    let has_room = |rect: &Rect| rect.width() >= NAMED_WIDTH && rect.height() >= NAMED_HEIGHT;
    let seen = visible(plot.projection, notes).map(|i| (place(plot.projection, &notes[i]), i));
    let mut seen: Vec<(Rect, usize)> = seen
        .filter(|(rect, _)| rect.intersects(plot.projection.rect))
        .filter(|(rect, _)| all_named || has_room(rect))
        .collect();
    seen.sort_by(|(a, _), (b, _)| b.width().total_cmp(&a.width()));
    let mut taken: Vec<Rect> = Vec::new();
    for (rect, i) in seen {
        let pos = rect.left_top() + vec2(2.0, -1.0);
        let text = note_name(f64::from(notes[i].midi));
        let font = FontId::proportional(SMALL);
        let painter = &plot.painter;
        let galley = painter.layout_no_wrap(text.clone(), font.clone(), plot.palette.text);
        let room = Align2::LEFT_BOTTOM.anchor_size(pos, galley.size());
        if taken.iter().all(|other| !other.intersects(room)) {
            label::halo_text(plot, pos, Align2::LEFT_BOTTOM, &text, font);
            taken.push(room.expand2(vec2(NAME_GAP, 0.0)));
        }
    }
}

/// Numbers of the notes in the visible time; `notes` do not overlap.
pub fn visible(projection: &Projection, notes: &[Note]) -> Range<usize> {
    let first = notes.partition_point(|note| note.offset_secs < projection.secs.start);
    let end = notes.partition_point(|note| note.onset_secs < projection.secs.end);
    first..end.max(first)
}

/// Where a note lies on the screen.
pub fn place(projection: &Projection, note: &Note) -> Rect {
    let height = (projection.points_per_semitone() as f32).max(LEAST_HEIGHT);
    let y = projection.y(f64::from(note.midi));
    let left = projection.x(note.onset_secs);
    let right = projection.x(note.offset_secs).max(left + 1.0);
    Rect::from_min_max(pos2(left, y - height / 2.0), pos2(right, y + height / 2.0))
}

/// The block of a note, in the canvas and in the legend.
pub fn block(painter: &Painter, palette: &Palette, rect: Rect, opacity: f32) {
    let fill = palette.note_fill.gamma_multiply(opacity);
    if rect.width() < 4.0 {
        painter.rect_filled(rect, 0.0, palette.note_edge.gamma_multiply(0.6 * opacity));
        return;
    }
    let edge = Stroke::new(1.0, palette.note_edge.gamma_multiply(opacity));
    painter.rect(rect, 2.0, fill, edge, StrokeKind::Inside);
}
