//! Harmonic and sub-harmonic classes, told apart by shape as well as hue:
//! triangles that point up for the harmonic, bars for the sub-harmonic.

use eframe::egui::epaint::PathShape;
use eframe::egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, pos2, vec2};

use super::Plot;
use super::contour::visible_frames;
use crate::app::theme::Palette;
use crate::app::view_state::{Overlay, Overlays};
use crate::melody::pitch::hz_to_midi;
use crate::melody::{ClassFrame, ClassTrack, F0Track};

/// Distance of marks in points.
const SPACING: f64 = 14.0;
/// Nearer than this, in points a second, single marks tell something.
const LEAST_POINTS_PER_SEC: f64 = 160.0;
/// Frames looked at for one mark.
const MOST_LOOKED_AT: usize = 48;
/// Weakest class that is drawn, of 255.
const WEAKEST: u8 = 26;

/// Draws the classes of voiced frames, the strongest of each stretch; nothing from afar.
pub fn paint(plot: &Plot, classes: &ClassTrack, f0: &F0Track, overlays: &Overlays) {
    let projection = plot.projection;
    if projection.points_per_sec() < LEAST_POINTS_PER_SEC {
        return;
    }
    let n_frames = classes.frames.len().min(f0.frames.len());
    let visible = visible_frames(projection, &classes.grid, n_frames);
    let frame_width = projection.points_per_sec() * classes.grid.hop_secs;
    let stride = (SPACING / frame_width).ceil().max(1.0) as usize;
    let plots: Vec<(Overlay, Plot)> = [Overlay::Harmonic, Overlay::Subharmonic]
        .into_iter()
        .filter(|&overlay| overlays.shows(overlay))
        .map(|overlay| (overlay, plot.faded(overlays.opacity(overlay))))
        .collect();
    // stretches begin at multiples of the stride, so that marks stay when the view moves
    let first = visible.start / stride * stride;
    for start in (first..visible.end).step_by(stride) {
        let stretch = start..(start + stride).min(n_frames);
        let voiced = stretch
            .step_by(stride.div_ceil(MOST_LOOKED_AT))
            .filter(|&i| f0.frames[i].voiced);
        for (overlay, plot) in &plots {
            let strength = |&i: &usize| pick(&classes.frames[i], *overlay).1;
            if let Some(i) = voiced.clone().max_by_key(strength) {
                paint_class(plot, classes, i, *overlay);
            }
        }
    }
}

fn paint_class(plot: &Plot, classes: &ClassTrack, frame: usize, overlay: Overlay) {
    let projection = plot.projection;
    let (class, strength) = pick(&classes.frames[frame], overlay);
    if class == 0 || strength < WEAKEST {
        return;
    }
    let midi = hz_to_midi(classes.axis.row_to_hz(f64::from(class)));
    let center = pos2(projection.x(classes.grid.time(frame)), projection.y(midi));
    let opacity = 0.6 + 0.4 * f32::from(strength) / 255.0;
    mark(&plot.painter, plot.palette, overlay, center, opacity);
}

fn pick(frame: &ClassFrame, overlay: Overlay) -> (u16, u8) {
    match overlay {
        Overlay::Subharmonic => (frame.subharmonic, frame.subharmonic_strength),
        _ => (frame.harmonic, frame.harmonic_strength),
    }
}

/// The sign of a overlay, in the canvas and in the legend.
pub fn mark(painter: &Painter, palette: &Palette, overlay: Overlay, center: Pos2, opacity: f32) {
    let edge = Stroke::new(1.0, palette.halo.gamma_multiply(opacity));
    let color = |color: Color32| color.gamma_multiply(opacity);
    match overlay {
        Overlay::Harmonic => {
            let corners = [vec2(0.0, -4.5), vec2(4.5, 3.5), vec2(-4.5, 3.5)];
            let corners = corners.map(|corner| center + corner).to_vec();
            let triangle = PathShape::convex_polygon(corners, color(palette.harmonic), edge);
            painter.add(Shape::Path(triangle));
        }
        Overlay::Subharmonic => {
            let bar = Rect::from_center_size(center, vec2(9.0, 3.0));
            painter.rect_filled(bar.expand(1.0), 1.0, edge.color);
            painter.rect_filled(bar, 0.5, color(palette.subharmonic));
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
