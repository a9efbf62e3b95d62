//! Where time and pitch lie on the screen.

use std::ops::Range;

use eframe::egui::{Pos2, Rect};

/// Where time and pitch lie on the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Projection {
    /// The canvas, in points.
    pub rect: Rect,
    /// Visible time in seconds.
    pub secs: Range<f64>,
    /// Visible pitch as MIDI numbers.
    pub midi: Range<f64>,
}

impl Projection {
    /// Points in a second.
    pub fn points_per_sec(&self) -> f64 {
        f64::from(self.rect.width()) / (self.secs.end - self.secs.start)
    }

    /// Points in a semitone.
    pub fn points_per_semitone(&self) -> f64 {
        f64::from(self.rect.height()) / (self.midi.end - self.midi.start)
    }

    /// Horizontal place of a time.
    pub fn x(&self, secs: f64) -> f32 {
        self.rect.left() + ((secs - self.secs.start) * self.points_per_sec()) as f32
    }

    /// Vertical place of a MIDI number.
    pub fn y(&self, midi: f64) -> f32 {
        self.rect.bottom() - ((midi - self.midi.start) * self.points_per_semitone()) as f32
    }

    /// Time and MIDI number at a place.
    pub fn at(&self, pos: Pos2) -> (f64, f64) {
        let secs = f64::from(pos.x - self.rect.left()) / self.points_per_sec();
        let semitones = f64::from(self.rect.bottom() - pos.y) / self.points_per_semitone();
        (self.secs.start + secs, self.midi.start + semitones)
    }
}
