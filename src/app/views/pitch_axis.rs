//! The pitch axis: a keyboard with note names, left of the canvas.

use eframe::egui::{Align2, FontId, Painter, Rect, Stroke, Ui, pos2};

use crate::app::theme::{DARK, SMALL};
use crate::app::view_state::Projection;
use crate::melody::pitch::note_name;

/// Width of the axis in points.
pub const WIDTH: f32 = 56.0;

/// Semitones at least this high carry names of their own.
const NAMED_SEMITONE: f64 = 14.0;
/// White keys carry names from this height of a semitone on.
const NAMED_WHITE_KEY: f64 = 11.5;

/// Draws the axis at the left of `all`, and marks the pitch under the mouse.
pub fn pitch_axis_ui(ui: &Ui, all: Rect, projection: &Projection, pointer: Option<(f64, f64)>) {
    let rect = Rect::from_min_max(
        pos2(all.left(), projection.rect.top()),
        pos2(projection.rect.left(), all.bottom()),
    );
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 0.0, DARK.panel);
    for midi in semitones(projection) {
        paint_key(&painter, rect, projection, midi, false);
    }
    // names after all keys: they may be higher than theirs
    for midi in semitones(projection) {
        paint_name(&painter, rect, projection, midi, false);
    }
    if let Some((_, midi)) = pointer {
        let midi = midi.round() as i32;
        paint_key(&painter, rect, projection, midi, true);
        paint_name(&painter, rect, projection, midi, true);
    }
    let edge = Stroke::new(1.0, DARK.line);
    painter.vline(rect.right() - 0.5, rect.y_range(), edge);
}

/// Lines of the octaves, and of all semitones where there is room.
pub fn paint_grid(painter: &Painter, projection: &Projection) {
    let fine = projection.points_per_semitone() >= NAMED_SEMITONE;
    for midi in semitones(projection) {
        let octave = midi.rem_euclid(12) == 0;
        if octave || fine {
            let color = if octave {
                DARK.grid
            } else {
                DARK.grid.gamma_multiply(0.45)
            };
            let y = projection.y(f64::from(midi));
            painter.hline(projection.rect.x_range(), y, Stroke::new(1.0, color));
        }
    }
}

fn semitones(projection: &Projection) -> std::ops::RangeInclusive<i32> {
    projection.midi.start.floor() as i32..=projection.midi.end.ceil() as i32
}

fn is_white(midi: i32) -> bool {
    matches!(midi.rem_euclid(12), 0 | 2 | 4 | 5 | 7 | 9 | 11)
}

fn paint_key(painter: &Painter, rect: Rect, projection: &Projection, midi: i32, marked: bool) {
    let height = projection.points_per_semitone() as f32;
    let y = projection.y(f64::from(midi));
    let gap = if height > 4.0 { 1.0 } else { 0.0 };
    let left = rect.left()
        + if is_white(midi) {
            0.0
        } else {
            0.42 * rect.width()
        };
    // keys grow from the canvas side, as a keyboard seen by its player
    let key = Rect::from_min_max(
        pos2(left, y - height / 2.0),
        pos2(rect.right() - 1.0, y + height / 2.0 - gap),
    );
    let fill = match (marked, is_white(midi)) {
        (true, _) => DARK.accent,
        (false, true) => DARK.white_key,
        (false, false) => DARK.black_key,
    };
    painter.rect_filled(key, 0.0, fill);
}

fn paint_name(painter: &Painter, rect: Rect, projection: &Projection, midi: i32, marked: bool) {
    let height = projection.points_per_semitone();
    let y = projection.y(f64::from(midi));
    let octave = midi.rem_euclid(12) == 0;
    let named = octave || height >= NAMED_SEMITONE || (height >= NAMED_WHITE_KEY && is_white(midi));
    if !named && !marked {
        return;
    }
    let color = match (marked, octave) {
        (true, _) => DARK.on_accent,
        (false, true) => DARK.text,
        (false, false) => DARK.weak,
    };
    let text = note_name(f64::from(midi));
    let font = FontId::proportional(SMALL);
    let pos = pos2(rect.right() - 7.0, y);
    if marked && height < f64::from(SMALL) {
        // a key too low for its name gets a tab that is not
        let tab = Rect::from_min_max(
            pos2(rect.left() + 12.0, y - 8.0),
            pos2(rect.right(), y + 8.0),
        );
        painter.rect_filled(tab, 3.0, DARK.accent);
    }
    painter.text(pos, Align2::RIGHT_CENTER, text, font, color);
}
