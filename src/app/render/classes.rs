//! Harmonic and sub-harmonic classes as ridges that follow the pitch, told apart by the style of
//! their lines as well as by hue: dashes for the harmonic, dots for the sub-harmonic; the contour's
//! line is whole.

use eframe::egui::{Color32, Painter, Pos2, Rect, Stroke, pos2, vec2};

use super::Plot;
use crate::app::theme::Palette;
use crate::app::view_state::{Overlay, Overlays};
use crate::melody::harmonics::WEAKEST_CLASS;
use crate::melody::pitch::hz_to_midi;
use crate::melody::{ClassFrame, ClassTrack, F0Track};

/// From the beginning of a dash to that of the next, in points.
const DASHES: f64 = 14.0;
/// Length of a dash in points.
const DASH: f64 = 9.5;
/// From dot to dot, in points.
const DOTS: f64 = 7.0;
/// Width of a dash in points.
const WIDTH: f32 = 2.0;
/// Radius of a dot in points.
const RADIUS: f32 = 1.6;
/// Places looked at along a dash.
const N_PLACES: u8 = 5;
/// From farther away, in points a second, single ridges tell nothing.
const LEAST_POINTS_PER_SEC: f64 = 20.0;
/// Classes of neighbors that lie farther apart, in rows, are no ridge.
const LEAP_ROWS: f64 = 8.0;

/// Draws the classes of voiced frames; nothing from afar.
pub fn paint(plot: &Plot, classes: &ClassTrack, f0: &F0Track, overlays: &Overlays) {
    if plot.projection.points_per_sec() < LEAST_POINTS_PER_SEC {
        return;
    }
    for overlay in [Overlay::Harmonic, Overlay::Subharmonic] {
        if overlays.shows(overlay) {
            let ridge = ClassRidge {
                plot: plot.faded(overlays.opacity(overlay)),
                classes,
                f0,
                overlay,
            };
            ridge.paint();
        }
    }
}

/// The ridge of one class.
struct ClassRidge<'a> {
    plot: Plot<'a>,
    classes: &'a ClassTrack,
    f0: &'a F0Track,
    overlay: Overlay,
}

impl ClassRidge<'_> {
    fn paint(&self) {
        let projection = self.plot.projection;
        let spacing = match self.overlay {
            Overlay::Harmonic => DASHES,
            _ => DOTS,
        };
        // dashes begin at multiples of their distance, so that they stay when the view moves
        let secs = spacing / projection.points_per_sec();
        let first = (projection.secs.start / secs).floor() as i64;
        let end = (projection.secs.end / secs).ceil() as i64;
        for i in first..end {
            match self.overlay {
                Overlay::Harmonic => self.paint_dash(i as f64 * secs),
                _ => self.paint_dot((i as f64 + 0.5) * secs),
            }
        }
    }

    fn paint_dash(&self, start_secs: f64) {
        let points_per_sec = self.plot.projection.points_per_sec();
        let step = DASH / points_per_sec / f64::from(N_PLACES - 1);
        let places = (0..N_PLACES).map(|i| start_secs + f64::from(i) * step);
        let (mut points, mut strongest, mut last) = (Vec::new(), 0.0f32, None);
        for secs in places {
            let Some((row, strength)) = self.at(secs) else {
                continue;
            };
            if last.is_some_and(|last: f64| (row - last).abs() > LEAP_ROWS) {
                break;
            }
            last = Some(row);
            strongest = strongest.max(strength);
            points.push(self.pos(secs, row));
        }
        if points.len() > 1 {
            dash(
                &self.plot.painter,
                self.plot.palette,
                points,
                opacity(strongest),
            );
        }
    }

    fn paint_dot(&self, secs: f64) {
        if let Some((row, strength)) = self.at(secs) {
            let center = self.pos(secs, row);
            dot(
                &self.plot.painter,
                self.plot.palette,
                center,
                opacity(strength),
            );
        }
    }

    /// Row and strength, 0 to 1, of the class at a time; between two frames, between theirs.
    fn at(&self, secs: f64) -> Option<(f64, f32)> {
        let place = (secs - self.classes.grid.first_secs) / self.classes.grid.hop_secs;
        let (below, part) = (place.floor(), place - place.floor());
        let frame = |at: f64| (at >= 0.0).then(|| self.of(at as usize)).flatten();
        match (frame(below), frame(below + 1.0)) {
            (Some((a, strength)), Some((b, _))) if (a - b).abs() <= LEAP_ROWS => {
                Some((a + part * (b - a), strength))
            }
            (a, _) if part < 0.5 => a,
            (_, b) => b,
        }
    }

    /// Row and strength of the class of a voiced frame.
    fn of(&self, frame: usize) -> Option<(f64, f32)> {
        let is_voiced = self.f0.frames.get(frame)?.voiced;
        let (class, strength) = pick(self.classes.frames.get(frame)?, self.overlay);
        let is_there = is_voiced && class > 0 && strength >= WEAKEST_CLASS;
        is_there.then(|| (f64::from(class), f32::from(strength) / 255.0))
    }

    fn pos(&self, secs: f64, row: f64) -> Pos2 {
        let midi = hz_to_midi(self.classes.axis.row_to_hz(row));
        let projection = self.plot.projection;
        pos2(projection.x(secs), projection.y(midi))
    }
}

fn opacity(strength: f32) -> f32 {
    0.55 + 0.45 * strength
}

fn dash(painter: &Painter, palette: &Palette, points: Vec<Pos2>, opacity: f32) {
    let color = |color: Color32| color.gamma_multiply(opacity);
    painter.line(
        points.clone(),
        Stroke::new(WIDTH + 2.0, color(palette.halo)),
    );
    painter.line(points, Stroke::new(WIDTH, color(palette.harmonic)));
}

fn dot(painter: &Painter, palette: &Palette, center: Pos2, opacity: f32) {
    let color = |color: Color32| color.gamma_multiply(opacity);
    painter.circle_filled(center, RADIUS + 1.0, color(palette.halo));
    painter.circle_filled(center, RADIUS, color(palette.subharmonic));
}

fn pick(frame: &ClassFrame, overlay: Overlay) -> (u16, u8) {
    match overlay {
        Overlay::Subharmonic => (frame.subharmonic, frame.subharmonic_strength),
        _ => (frame.harmonic, frame.harmonic_strength),
    }
}

/// The sign of a overlay, in the canvas and in the legend.
pub fn mark(painter: &Painter, palette: &Palette, overlay: Overlay, center: Pos2, opacity: f32) {
    let color = |color: Color32| color.gamma_multiply(opacity);
    match overlay {
        Overlay::Harmonic => {
            for x in [-8.0, 1.5] {
                let ends = vec![center + vec2(x, 0.0), center + vec2(x + 6.5, 0.0)];
                dash(painter, palette, ends, opacity);
            }
        }
        Overlay::Subharmonic => {
            for x in [-6.0, 0.0, 6.0] {
                dot(painter, palette, center + vec2(x, 0.0), opacity);
            }
        }
        Overlay::Contour => {
            let wave = |i: i8| {
                let x = f32::from(i);
                center + vec2(x, -2.5 * (x / 6.0 * std::f32::consts::PI).sin())
            };
            let points = (-7..=7).map(wave).collect();
            painter.line(points, Stroke::new(2.25, color(palette.contour)));
        }
        Overlay::Voice => {
            // partials, one above the other
            for (i, width) in [14.0, 11.0, 7.0].into_iter().enumerate() {
                let line = vec2(0.0, 3.5 - 3.5 * i as f32);
                let partial = Rect::from_center_size(center + line, vec2(width, 2.0));
                painter.rect_filled(partial, 1.0, color(palette.voice));
            }
        }
        Overlay::Notes => super::notes::block(
            painter,
            palette,
            Rect::from_center_size(center, vec2(14.0, 8.0)),
            opacity,
        ),
    }
}
