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

    /// The same, back by less than a pixel so that one begins where it does, and the number of that
    /// pixel from the recording's start on: what is drawn then moves by whole pixels as it scrolls.
    pub fn on_pixels(&self, pixels_per_point: f32) -> (Self, i64) {
        let pixels_per_sec = self.points_per_sec() * f64::from(pixels_per_point);
        let first = (self.secs.start * pixels_per_sec).floor();
        let start = first / pixels_per_sec;
        let on_pixels = Self {
            secs: start..start + (self.secs.end - self.secs.start),
            ..self.clone()
        };
        (on_pixels, first as i64)
    }

    /// Left edge of the pixel of a time.
    pub fn pixel_x(&self, secs: f64, pixels_per_point: f32) -> f32 {
        let pixels = (secs - self.secs.start) * self.points_per_sec() * f64::from(pixels_per_point);
        // sums of whole numbers may be a little less
        self.rect.left() + ((pixels + 1e-6).floor() / f64::from(pixels_per_point)) as f32
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

#[cfg(test)]
mod tests {
    use super::*;
    use eframe::egui::pos2;

    #[test]
    fn a_view_that_follows_a_playhead_keeps_it_on_its_pixel() {
        for (width, scale) in [(949.0, 1.0), (1590.0, 1.0), (632.5, 2.0)] {
            let rect = Rect::from_min_max(pos2(56.0, 26.0), pos2(56.0 + width, 500.0));
            let n_pixels = f64::from(width * scale);
            let middle = (n_pixels / 2.0).floor() / n_pixels;
            let mut places = Vec::new();
            for i in 0..2000 {
                let (now, span) = (30.0 + f64::from(i) * 0.017_3, 8.8);
                let start = now - middle * span;
                let projection = Projection {
                    rect,
                    secs: start..start + span,
                    midi: 40.0..60.0,
                };
                let (drawn, first) = projection.on_pixels(scale);
                let start = drawn.secs.start * n_pixels / span;
                assert!((start - first as f64).abs() < 1e-6);
                assert!(
                    (0.0..span / n_pixels)
                        .contains(&(projection.secs.start - drawn.secs.start + 1e-12))
                );
                places.push(drawn.pixel_x(now, scale));
            }
            places.dedup();
            assert_eq!(places.len(), 1, "{places:?}");
        }
    }
}
