//! The pitch axis, left of the canvas: a keyboard with note names, or names alone.

use std::ops::RangeInclusive;

use eframe::egui::{Align2, FontId, Painter, Rect, Stroke, Ui, pos2};

use crate::app::render::Plot;
use crate::app::theme::{Palette, SMALL, palette};
use crate::app::view_state::Projection;
use crate::melody::pitch::note_name;

/// Width of the axis in points.
pub const WIDTH: f32 = 56.0;

/// Semitones at least this high carry names of their own.
const NAMED_SEMITONE: f64 = 14.0;
/// White keys carry names from this height of a semitone on.
const NAMED_WHITE_KEY: f64 = 11.5;

/// How the axis is drawn.
#[derive(Clone, Copy, Debug)]
pub struct PitchScale {
    /// Keys behind the names.
    pub piano: bool,
    /// Semitones by which the instrument lies above A4 = 440 Hz.
    pub tuning: f64,
}

impl PitchScale {
    /// Semitones of the scale that are seen, as MIDI numbers of the instrument.
    fn semitones(&self, projection: &Projection) -> RangeInclusive<i32> {
        let low = projection.midi.start - self.tuning;
        let high = projection.midi.end - self.tuning;
        low.floor() as i32..=high.ceil() as i32
    }

    fn y(&self, projection: &Projection, midi: i32) -> f32 {
        projection.y(f64::from(midi) + self.tuning)
    }
}

/// What the keys are painted with.
struct Keyboard<'a> {
    painter: Painter,
    rect: Rect,
    projection: &'a Projection,
    scale: PitchScale,
    palette: &'static Palette,
}

/// Draws the axis at the left of `all`, and marks a pitch.
pub fn pitch_axis_ui(
    ui: &Ui,
    all: Rect,
    projection: &Projection,
    scale: PitchScale,
    marked: Option<f64>,
) {
    let rect = Rect::from_min_max(
        pos2(all.left(), projection.rect.top()),
        pos2(projection.rect.left(), all.bottom()),
    );
    let keyboard = Keyboard {
        painter: ui.painter_at(rect),
        rect,
        projection,
        scale,
        palette: palette(ui.ctx()),
    };
    let Keyboard {
        painter, palette, ..
    } = &keyboard;
    painter.rect_filled(rect, 0.0, palette.panel);
    if scale.piano {
        for midi in scale.semitones(projection) {
            keyboard.key(midi, false);
        }
    }
    // names after all keys: they may be higher than theirs
    for midi in scale.semitones(projection) {
        keyboard.name(midi, false);
    }
    if let Some(midi) = marked {
        let midi = (midi - scale.tuning).round() as i32;
        keyboard.key(midi, true);
        keyboard.name(midi, true);
    }
    let edge = Stroke::new(1.0, palette.line);
    painter.vline(rect.right() - 0.5, rect.y_range(), edge);
}

/// Lines of the octaves, and of all semitones where there is room.
pub fn paint_grid(plot: &Plot, scale: PitchScale) {
    let projection = plot.projection;
    let fine = projection.points_per_semitone() >= NAMED_SEMITONE;
    for midi in scale.semitones(projection) {
        let octave = midi.rem_euclid(12) == 0;
        if octave || fine {
            let strength = if octave { 1.0 } else { 0.45 };
            let color = plot.palette.grid.gamma_multiply(strength);
            let y = scale.y(projection, midi);
            let stroke = Stroke::new(1.0, color);
            plot.painter.hline(projection.rect.x_range(), y, stroke);
        }
    }
}

fn is_white(midi: i32) -> bool {
    matches!(midi.rem_euclid(12), 0 | 2 | 4 | 5 | 7 | 9 | 11)
}

impl Keyboard<'_> {
    fn key(&self, midi: i32, marked: bool) {
        let height = self.projection.points_per_semitone() as f32;
        let y = self.scale.y(self.projection, midi);
        let gap = if height > 4.0 { 1.0 } else { 0.0 };
        let black = self.scale.piano && !is_white(midi);
        let inset = if black { 0.42 * self.rect.width() } else { 0.0 };
        // keys grow from the canvas side, as a keyboard seen by its player
        let key = Rect::from_min_max(
            pos2(self.rect.left() + inset, y - height / 2.0),
            pos2(self.rect.right() - 1.0, y + height / 2.0 - gap),
        );
        let fill = match (marked, is_white(midi)) {
            (true, _) => self.palette.accent,
            (false, true) => self.palette.white_key,
            (false, false) => self.palette.black_key,
        };
        self.painter.rect_filled(key, 0.0, fill);
    }

    fn name(&self, midi: i32, marked: bool) {
        let height = self.projection.points_per_semitone();
        let y = self.scale.y(self.projection, midi);
        let octave = midi.rem_euclid(12) == 0;
        let named =
            octave || height >= NAMED_SEMITONE || (height >= NAMED_WHITE_KEY && is_white(midi));
        if !named && !marked {
            return;
        }
        let color = match (marked, octave) {
            (true, _) => self.palette.on_accent,
            (false, true) => self.palette.text,
            (false, false) => self.palette.weak,
        };
        let font = FontId::proportional(SMALL);
        let pos = pos2(self.rect.right() - 7.0, y);
        if marked && height < f64::from(SMALL) {
            // a key too low for its name gets a tab that is not
            let tab = Rect::from_min_max(
                pos2(self.rect.left() + 12.0, y - 8.0),
                pos2(self.rect.right(), y + 8.0),
            );
            self.painter.rect_filled(tab, 3.0, self.palette.accent);
        }
        let text = note_name(f64::from(midi));
        self.painter
            .text(pos, Align2::RIGHT_CENTER, text, font, color);
    }
}
