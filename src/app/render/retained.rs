//! Frames drawn by a processor: only what changed is drawn anew.
//!
//! The toolkit clears the window's back buffer before each frame, as a GPU draws everything faster
//! than it is compared. Software renderers keep the buffer when they show it; here it is not cleared,
//! and what is the same stays; what only scrolled is moved. Whether it was kept is seen by a pixel in the corner, which is of
//! another color after each frame.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use eframe::egui::epaint::{ClippedShape, PaintCallback, TextureId};
use eframe::egui::{Context, FullOutput, Plugin, Rect, Shape, pos2};
use eframe::egui_glow::CallbackFn;
use eframe::glow::{self, HasContext};

use super::damage;
use super::scrolled::{Moved, ScrolledArea};
use super::shift::Shift;

/// When more than this share of the window differs, it is drawn as a whole.
const MOST_SHARE: f32 = 0.8;
/// So many frames in a row must have been kept before one builds on another.
const TRUSTED: u32 = 3;
/// After so many losses frames are drawn as a whole.
const MOST_LOSSES: u32 = 3;

/// Draws only where a frame differs from the one before, on OpenGL.
#[derive(Default)]
pub struct RetainedFrame {
    back_buffer: Arc<Mutex<BackBuffer>>,
    /// Textures that are of other content than in the frame that was drawn last.
    renewed: Vec<TextureId>,
    /// The part of the frame being made that scrolls.
    scrolled: Option<ScrolledArea>,
    /// Frames that were drawn when they were noted: the toolkit also makes frames that it discards.
    n_drawn: u64,
}

/// A frame as the toolkit hands it over.
#[derive(Default)]
struct DrawnFrame {
    shapes: Vec<ClippedShape>,
    /// The part that scrolls.
    scrolled: Option<ScrolledArea>,
    /// The window that it is drawn in.
    window: Option<Rect>,
    pixels_per_point: f32,
}

impl Plugin for RetainedFrame {
    fn debug_name(&self) -> &'static str {
        "retained frame"
    }

    fn output_hook(&mut self, ctx: &Context, output: &mut FullOutput) {
        if !lock(&self.back_buffer).is_of_use() {
            return;
        }
        self.note_textures(output);
        let window = ctx.viewport_rect();
        let frame = DrawnFrame {
            shapes: std::mem::take(&mut output.shapes),
            scrolled: self.scrolled.take(),
            window: Some(window),
            pixels_per_point: output.pixels_per_point,
        };
        let (rects, shift) = self.damage(&frame, window);
        let ground = ctx.global_style().visuals.panel_fill;
        let ground = [ground.r(), ground.g(), ground.b()];
        let wake = ctx.clone();
        let begin = move |back_buffer: &mut BackBuffer, gl: &glow::Context| {
            if !back_buffer.begin(gl) {
                // what is drawn now builds on nothing
                wake.request_repaint();
            }
            if let Some(shift) = shift {
                shift.apply(gl);
            }
        };
        output.shapes.push(self.callback(window, begin));
        for rect in rects {
            let parts = frame.shapes.iter();
            output
                .shapes
                .extend(parts.filter_map(|shape| within(shape, rect)));
        }
        let frame = Mutex::new(frame);
        let finish = move |back_buffer: &mut BackBuffer, gl: &glow::Context| {
            back_buffer.finish(gl, ground);
            let mut frame = frame.lock().unwrap_or_else(PoisonError::into_inner);
            back_buffer.drawn = std::mem::take(&mut *frame);
        };
        output.shapes.push(self.callback(window, finish));
    }
}

impl RetainedFrame {
    /// Keeps in mind which textures changed since a frame was drawn.
    fn note_textures(&mut self, output: &FullOutput) {
        let n_drawn = lock(&self.back_buffer).n_drawn;
        if n_drawn != self.n_drawn {
            self.renewed.clear();
            self.n_drawn = n_drawn;
        }
        for (&id, deltas) in &output.textures_delta.set {
            if deltas.iter().any(|delta| delta.is_whole()) {
                self.renewed.push(id);
            }
        }
    }

    /// This part of the frame shows a view that scrolls.
    pub fn note_scrolled(ctx: &Context, area: ScrolledArea) {
        // without a processor that draws there is no such plugin
        let _ = ctx.with_plugin(|it: &mut Self| it.scrolled = Some(area));
    }

    /// Where a frame differs from what was drawn last, once the pixels were moved that scrolled.
    fn damage(&self, frame: &DrawnFrame, window: Rect) -> (Vec<Rect>, Option<Shift>) {
        let back_buffer = lock(&self.back_buffer);
        let before = &back_buffer.drawn;
        let is_same_window =
            (before.window, before.pixels_per_point) == (frame.window, frame.pixels_per_point);
        if !is_same_window || !back_buffer.is_trusted() {
            return (vec![window], None);
        }
        let is_renewed = |id: TextureId| self.renewed.contains(&id);
        let (shapes, scale) = (&frame.shapes, frame.pixels_per_point);
        let moved = moved(before, frame).filter(|_| back_buffer.can_move);
        let within = moved.as_ref().map(|(moved, _)| moved);
        let rects = damage::between(&before.shapes, shapes, is_renewed, scale, within);
        let area: f32 = rects.iter().map(Rect::area).sum();
        match area > MOST_SHARE * window.area() {
            true => (vec![window], None),
            false => (rects, moved.map(|(_, shift)| shift)),
        }
    }

    /// Something to do with the back buffer among the shapes.
    fn callback(
        &self,
        window: Rect,
        work: impl Fn(&mut BackBuffer, &glow::Context) + Send + Sync + 'static,
    ) -> ClippedShape {
        let back_buffer = Arc::clone(&self.back_buffer);
        let callback = CallbackFn::new(move |_, painter| {
            work(&mut lock(&back_buffer), painter.gl());
        });
        let callback = Arc::new(callback);
        let rect = window;
        ClippedShape::new(window, Shape::Callback(PaintCallback { rect, callback }))
    }
}

/// What scrolled between two frames of one size, in points and in pixels.
fn moved(before: &DrawnFrame, now: &DrawnFrame) -> Option<(Moved, Shift)> {
    let (was, is) = (before.scrolled?, now.scrolled?);
    let scale = now.pixels_per_point;
    let by = is.moved_since(&was, scale)?;
    let height = (now.window?.height() * scale).round() as i32;
    let [left, top] = [is.rect.left(), is.rect.top()].map(|edge| (edge * scale).round() as i32);
    let [right, bottom] =
        [is.rect.right(), is.rect.bottom()].map(|edge| (edge * scale + 0.01).floor() as i32);
    let shift = Shift {
        left,
        right,
        bottom: height - bottom,
        top: height - top,
        by,
    };
    let corner = pos2(right as f32 / scale, bottom as f32 / scale);
    let moved = Moved {
        area: is.rect,
        whole: Rect::from_min_max(is.rect.min, corner.min(is.rect.max)),
        points: by as f32 / scale,
    };
    Some((moved, shift))
}

/// The part of a shape in a rectangle; none if nothing of it is there.
fn within(shape: &ClippedShape, rect: Rect) -> Option<ClippedShape> {
    damage::extent(shape)
        .intersects(rect)
        .then(|| ClippedShape {
            clip_rect: shape.clip_rect.intersect(rect),
            ..shape.clone()
        })
}

fn lock(back_buffer: &Mutex<BackBuffer>) -> MutexGuard<'_, BackBuffer> {
    back_buffer.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is known of the window's back buffer.
#[derive(Default)]
struct BackBuffer {
    /// The mark that the last frame left in the corner, 1 to 7; 0 before the first.
    mark: u8,
    /// What is in it.
    drawn: DrawnFrame,
    n_drawn: u64,
    /// The pixel that was left in the corner.
    left: [u8; 3],
    /// Frames in a row that were found as they were left.
    n_kept: u32,
    n_lost: u32,
    /// OpenGL is too old to leave the clearing out.
    is_old: bool,
    /// OpenGL moves pixels within a buffer; that of small devices does not.
    can_move: bool,
}

impl BackBuffer {
    /// Whether frames may be kept here.
    fn is_of_use(&self) -> bool {
        !self.is_old && self.n_lost <= MOST_LOSSES
    }

    /// Whether a frame may build on the one before.
    fn is_trusted(&self) -> bool {
        self.n_kept >= TRUSTED
    }

    /// Lets the next frame be drawn; false if it builds on one that is not there any more.
    fn begin(&mut self, gl: &glow::Context) -> bool {
        self.is_old = gl.version().major < 3;
        self.can_move = !gl.version().is_embedded;
        if self.is_old || self.mark == 0 {
            return true;
        }
        let mut pixel = [0; 4];
        // SAFETY: the context is current while it paints, and the pixel has room for one of RGBA
        unsafe {
            gl.disable(glow::RASTERIZER_DISCARD);
            let into = glow::PixelPackData::Slice(Some(&mut pixel));
            gl.read_pixels(0, 0, 1, 1, glow::RGBA, glow::UNSIGNED_BYTE, into);
        }
        let (was_trusted, was_kept) = (self.is_trusted(), pixel[..3] == self.left);
        self.note(was_kept);
        was_kept || !was_trusted
    }

    fn note(&mut self, was_kept: bool) {
        self.n_lost += u32::from(self.is_trusted() && !was_kept);
        self.n_kept = match was_kept {
            true => self.n_kept.saturating_add(1),
            false => 0,
        };
    }

    /// Marks the frame by the lowest bits of blue around a color, and has the toolkit's clearing
    /// pass it by.
    fn finish(&mut self, gl: &glow::Context, [red, green, blue]: [u8; 3]) {
        if !self.is_of_use() {
            return;
        }
        self.n_drawn += 1;
        self.mark = self.mark % 7 + 1;
        self.left = [red, green, blue & !7 | self.mark];
        let [red, green, blue] = self.left.map(|channel| f32::from(channel) / 255.0);
        // SAFETY: the context is current while it paints
        unsafe {
            gl.enable(glow::SCISSOR_TEST);
            gl.scissor(0, 0, 1, 1);
            gl.clear_color(red, green, blue, 1.0);
            gl.clear(glow::COLOR_BUFFER_BIT);
            gl.enable(glow::RASTERIZER_DISCARD);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_build_on_each_other_only_where_they_are_kept() {
        let mut back_buffer = BackBuffer::default();
        for _ in 0..TRUSTED {
            assert!(!back_buffer.is_trusted());
            back_buffer.note(true);
        }
        assert!(back_buffer.is_trusted());
        for _ in 0..=MOST_LOSSES {
            assert!(back_buffer.is_of_use());
            (0..TRUSTED).for_each(|_| back_buffer.note(true));
            back_buffer.note(false);
            assert!(!back_buffer.is_trusted());
        }
        assert!(!back_buffer.is_of_use());
        // where none is ever kept, every frame is drawn as a whole
        let mut other = BackBuffer::default();
        (0..100).for_each(|_| other.note(false));
        assert!(!other.is_trusted() && other.is_of_use());
    }
}
