//! The whole recording in a strip: its loudness, how sure the melody is, and what is seen of it.

use eframe::egui::accesskit::Role;
use eframe::egui::{
    Color32, CursorIcon, Mesh, Painter, Rect, Response, Sense, Stroke, StrokeKind, Ui, WidgetInfo,
    pos2, vec2,
};

use crate::app::theme::{Palette, palette};
use crate::app::view_state::{Bounds, ViewState};
use crate::app::workspace::{Session, SessionId};
use crate::melody::F0Frame;

/// Height of the strip in points.
const HEIGHT: f32 = 48.0;
/// It takes no more than this share of the window's height.
const MOST_SHARE: f32 = 0.09;

/// Height of the line that tells how sure the melody is.
const HEAT: f32 = 6.0;
/// Quietest level that shows, in dB below the loudest.
const RANGE_DB: f32 = 42.0;
/// Nearer to an edge of the view box than this, a drag moves that edge.
const GRIP: f32 = 5.0;

/// What a drag in the strip moves.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Grip {
    Start,
    End,
    Box,
}

/// The strip, reduced to a value a pixel; renewed when the recording or the width changes.
#[derive(Default)]
pub struct Overview {
    key: Option<(SessionId, usize, u64, usize)>,
    /// Height of the wave, 0 to 1.
    wave: Vec<f32>,
    /// Best confidence of voiced frames, if any is voiced.
    heat: Vec<Option<f32>>,
    grip: Option<Grip>,
}

impl Overview {
    /// Draws the strip; a drag moves the view. A click is to move the playhead.
    pub fn ui(&mut self, ui: &mut Ui, session: &Session, view: &mut ViewState) -> Response {
        let most = MOST_SHARE * ui.ctx().content_rect().height();
        let size = vec2(ui.available_width(), HEIGHT.min(most));
        let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
        let enabled = ui.is_enabled();
        response.widget_info(|| WidgetInfo::labeled(Role::ScrollBar, enabled, "Overview"));
        let bounds = session.bounds();
        self.renew(session, (rect.width() * ui.pixels_per_point()) as usize);
        self.drag(ui, &response, rect, view, &bounds);
        wheel(ui, &response, view, &bounds);
        let palette = palette(ui.ctx());
        let painter = ui.painter_at(rect);
        painter.rect_filled(rect, 0.0, palette.canvas);
        // the picture may be ahead, where it is looked at
        let read_secs = session.f0().grid.time(session.level().len());
        let shown = (read_secs / bounds.end_secs).clamp(0.0, 1.0) as f32;
        self.paint(
            &painter,
            rect.with_max_x(rect.left() + shown * rect.width()),
            palette,
        );
        paint_box(&painter, rect, view, &bounds, palette);
        response
    }

    fn renew(&mut self, session: &Session, width: usize) {
        let key = (
            session.id,
            session.level().len(),
            session.n_changes(),
            width,
        );
        if self.key == Some(key) || width == 0 {
            return;
        }
        self.key = Some(key);
        let level = session.level();
        let loudest = level.iter().copied().fold(1e-6, f32::max);
        self.wave = reduce(level, width, |part| {
            let peak = part.iter().copied().fold(0.0, f32::max);
            (1.0 + 20.0 * (peak / loudest).max(1e-6).log10() / RANGE_DB).clamp(0.0, 1.0)
        });
        // While the networks run, the melody ends before the wave does.
        let frames = &session.f0().frames;
        let bars = share(self.wave.len(), frames.len(), level.len());
        self.heat = reduce(frames, bars, |part: &[F0Frame]| {
            let voiced = part.iter().filter(|frame| frame.voiced);
            voiced.map(|frame| frame.confidence).reduce(f32::max)
        });
    }

    fn paint(&self, painter: &Painter, rect: Rect, palette: &Palette) {
        let wave = rect
            .with_max_y(rect.bottom() - HEAT - 2.0)
            .shrink2(vec2(0.0, 2.0));
        let mut mesh = Mesh::default();
        let step = wave.width() / self.wave.len().max(1) as f32;
        let color = palette.weak.gamma_multiply(0.7);
        for (i, &height) in self.wave.iter().enumerate() {
            let half = (height * wave.height() / 2.0).max(0.5);
            bar(
                &mut mesh,
                wave.left() + i as f32 * step,
                step,
                wave.center().y,
                half,
                color,
            );
        }
        let y = rect.bottom() - HEAT / 2.0 - 1.0;
        let step = rect.width() / self.wave.len().max(1) as f32;
        for (i, confidence) in self.heat.iter().enumerate() {
            if let Some(confidence) = confidence {
                let color = palette.contour.gamma_multiply(0.25 + 0.75 * confidence);
                bar(
                    &mut mesh,
                    rect.left() + i as f32 * step,
                    step,
                    y,
                    HEAT / 2.0,
                    color,
                );
            }
        }
        painter.add(mesh);
    }

    fn drag(
        &mut self,
        ui: &Ui,
        response: &Response,
        rect: Rect,
        view: &mut ViewState,
        bounds: &Bounds,
    ) {
        let secs = |x: f32| secs_at(rect, x, bounds);
        let x = |secs: f64| rect.left() + rect.width() * (secs / bounds.end_secs) as f32;
        let seen = view.secs();
        let grip_at = |at: f32| match () {
            () if (at - x(seen.start)).abs() < GRIP => Grip::Start,
            () if (at - x(seen.end)).abs() < GRIP => Grip::End,
            () => Grip::Box,
        };
        if let Some(pos) = response.hover_pos() {
            let edge = grip_at(pos.x) != Grip::Box;
            let icon = if edge {
                CursorIcon::ResizeHorizontal
            } else {
                CursorIcon::Grab
            };
            ui.ctx().set_cursor_icon(icon);
        }
        if response.drag_started()
            && let Some(pos) = ui.input(|input| input.pointer.press_origin())
        {
            self.grip = Some(grip_at(pos.x));
        }
        let Some(pos) = response.interact_pointer_pos() else {
            self.grip = None;
            return;
        };
        match self.grip {
            Some(Grip::Start) => view.show(secs(pos.x)..seen.end, bounds),
            Some(Grip::End) => view.show(seen.start..secs(pos.x), bounds),
            Some(Grip::Box) => {
                let moved = secs(rect.left() + response.drag_delta().x);
                view.pan(moved, 0.0, bounds);
            }
            None if response.clicked() && !seen.contains(&secs(pos.x)) => {
                view.center_on(secs(pos.x), bounds);
            }
            None => {}
        }
    }
}

/// The wheel scrolls and zooms time, as on the canvas.
fn wheel(ui: &Ui, response: &Response, view: &mut ViewState, bounds: &Bounds) {
    if !response.hovered() {
        return;
    }
    let (factor, delta) = ui.input(|i| (f64::from(i.zoom_delta()), i.smooth_scroll_delta()));
    if factor != 1.0 {
        view.zoom_time(factor, None, bounds);
    }
    let share = f64::from(delta.x + delta.y) / f64::from(response.rect.width());
    view.scroll(-share, bounds);
}

/// The time at a place of the strip, in seconds.
pub fn secs_at(rect: Rect, x: f32, bounds: &Bounds) -> f64 {
    f64::from((x - rect.left()) / rect.width()) * bounds.end_secs
}

/// One value for each of `width` parts of `values`.
fn reduce<T, U>(values: &[T], width: usize, of: impl Fn(&[T]) -> U) -> Vec<U> {
    let n = width.min(values.len());
    let edge = |i: usize| i * values.len() / n;
    (0..n).map(|i| of(&values[edge(i)..edge(i + 1)])).collect()
}

/// How many of `bars` bars the first `part` of `whole` values take.
fn share(bars: usize, part: usize, whole: usize) -> usize {
    bars * part.min(whole) / whole.max(1)
}

fn bar(mesh: &mut Mesh, x: f32, width: f32, y: f32, half: f32, color: Color32) {
    let rect = Rect::from_min_max(pos2(x, y - half), pos2(x + width, y + half));
    mesh.add_colored_rect(rect, color);
}

fn paint_box(painter: &Painter, rect: Rect, view: &ViewState, bounds: &Bounds, palette: &Palette) {
    let x = |secs: f64| rect.left() + rect.width() * (secs / bounds.end_secs) as f32;
    let seen = Rect::from_x_y_ranges(x(view.secs().start)..=x(view.secs().end), rect.y_range());
    let shade = palette.panel.gamma_multiply(0.55);
    painter.rect_filled(rect.with_max_x(seen.left()), 0.0, shade);
    painter.rect_filled(rect.with_min_x(seen.right()), 0.0, shade);
    let edge = Stroke::new(1.5, palette.accent);
    painter.rect_stroke(seen, 3.0, edge, StrokeKind::Inside);
}

/// Marks the playhead in the strip.
pub fn paint_playhead(ui: &Ui, rect: Rect, secs: f64, bounds: &Bounds) {
    let x = rect.left() + rect.width() * (secs / bounds.end_secs) as f32;
    let stroke = Stroke::new(1.5, palette(ui.ctx()).text);
    ui.painter_at(rect).vline(x, rect.y_range(), stroke);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heat_ends_where_the_melody_does() {
        assert_eq!(share(1000, 70, 1000), 70);
        assert_eq!(share(300, 70, 70), 300);
        assert_eq!(share(300, 0, 0), 0);
    }

    #[test]
    fn every_value_falls_into_one_part() {
        for n in [0, 1, 5, 99, 100, 1001] {
            let values: Vec<usize> = (0..n).collect();
            let parts = reduce(&values, 100, <[usize]>::to_vec);
            assert_eq!(parts.concat(), values);
            assert!(parts.iter().all(|part| !part.is_empty()));
        }
    }
}
