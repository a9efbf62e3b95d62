//! The harmonic series of a ridge under the mouse, and what a click would take it for.

use eframe::egui::{Align2, FontId, Rect, Stroke, pos2, vec2};

use super::{Plot, label};
use crate::app::theme::{BODY, SMALL};
use crate::melody::pitch::hz_to_midi;

/// Harmonics that are shown.
const N_HARMONICS: u8 = 10;
/// Half the length of a mark in points.
const REACH: f32 = 15.0;
/// What is nearer to another mark, in points, has no number.
const NUMBER_HEIGHT: f32 = 11.0;

/// A series to draw.
pub struct Series<'a> {
    /// Its time in seconds.
    pub secs: f64,
    /// Its first harmonic in Hz.
    pub f0_hz: f64,
    /// The ridge that is pointed at, in Hz.
    pub hz: f64,
    /// What is said of it.
    pub text: &'a str,
    /// The time that a click corrects, in seconds.
    pub corrects: Option<std::ops::Range<f64>>,
}

/// Draws marks at the harmonics of a series, the first the strongest, and at the ridge.
pub fn paint(plot: &Plot, series: &Series) {
    let Plot {
        painter,
        projection,
        palette,
    } = plot;
    let rect = projection.rect;
    if let Some(secs) = &series.corrects {
        let x = projection.x(secs.start)..=projection.x(secs.end);
        let span = Rect::from_x_y_ranges(x, rect.y_range()).intersect(rect);
        painter.rect_filled(span, 0.0, palette.accent.gamma_multiply(0.07));
    }
    let x = projection.x(series.secs);
    let y = |hz: f64| projection.y(hz_to_midi(hz));
    let top = y(series.f0_hz * f64::from(N_HARMONICS));
    let spine = [pos2(x, y(series.f0_hz)), pos2(x, top.max(rect.top()))];
    painter.line_segment(spine, Stroke::new(1.0, palette.text.gamma_multiply(0.5)));
    let mut last = f32::INFINITY;
    for harmonic in 1..=N_HARMONICS {
        let y = y(series.f0_hz * f64::from(harmonic));
        let ends = [pos2(x - REACH, y), pos2(x + REACH, y)];
        let width = if harmonic == 1 { 3.0 } else { 1.5 };
        painter.line_segment(ends, Stroke::new(width + 2.0, palette.halo));
        painter.line_segment(ends, Stroke::new(width, palette.text));
        if last - y >= NUMBER_HEIGHT {
            let pos = pos2(x + REACH + 3.0, y);
            let font = FontId::proportional(SMALL);
            let number = harmonic.to_string();
            label::halo_text(plot, pos, Align2::LEFT_CENTER, &number, font);
            last = y;
        }
    }
    let ridge = pos2(x, y(series.hz));
    painter.circle_stroke(ridge, 5.0, Stroke::new(4.0, palette.halo));
    painter.circle_stroke(ridge, 5.0, Stroke::new(2.0, palette.accent));
    let (align, side) = match x > rect.center().x {
        true => (Align2::RIGHT_BOTTOM, -REACH - 6.0),
        false => (Align2::LEFT_BOTTOM, REACH + 14.0),
    };
    let pos = ridge + vec2(side, -8.0);
    label::halo_text(plot, pos, align, series.text, FontId::proportional(BODY));
}
