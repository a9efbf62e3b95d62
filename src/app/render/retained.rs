//! Frames drawn by a processor: only what changed is drawn anew.
//!
//! OpenGL forgets a frame once it is shown. Here the frames are drawn on a surface that stays, and
//! copied to the window. A GPU draws everything faster than it is compared.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use eframe::egui::epaint::{ClippedShape, PaintCallback, TextureId};
use eframe::egui::{Context, FullOutput, Plugin, Rect, Shape};
use eframe::egui_glow::CallbackFn;
use eframe::glow::{self, HasContext};

use super::damage;

/// When more than this share of the window differs, it is drawn as a whole.
const MOST_SHARE: f32 = 0.8;

/// Draws only where a frame differs from the one before, on OpenGL.
#[derive(Default)]
pub struct RetainedFrame {
    surface: Arc<Mutex<Surface>>,
    /// What was drawn last.
    before: Vec<ClippedShape>,
    /// The window that it was drawn in, and pixels in a point.
    window: Option<(Rect, f32)>,
}

impl Plugin for RetainedFrame {
    fn debug_name(&self) -> &'static str {
        "retained frame"
    }

    fn output_hook(&mut self, ctx: &Context, output: &mut FullOutput) {
        let was_lost = std::mem::take(&mut lock(&self.surface).is_lost);
        if lock(&self.surface).is_impossible {
            return;
        }
        let window = (ctx.viewport_rect(), output.pixels_per_point);
        let now = std::mem::take(&mut output.shapes);
        let rects = match self.window.replace(window) == Some(window) && !was_lost {
            true => self.damage(&now, output),
            false => vec![window.0],
        };
        let ground = ctx.global_style().visuals.extreme_bg_color;
        output.shapes = vec![self.callback(window.0, Surface::begin)];
        for rect in rects {
            output.shapes.push(ClippedShape::new(
                rect,
                Shape::rect_filled(rect, 0.0, ground),
            ));
            output
                .shapes
                .extend(now.iter().filter_map(|shape| within(shape, rect)));
        }
        output.shapes.push(self.callback(window.0, Surface::show));
        self.before = now;
    }
}

impl RetainedFrame {
    /// Where what is drawn now differs from what was drawn last.
    fn damage(&self, now: &[ClippedShape], output: &FullOutput) -> Vec<Rect> {
        let window = self.window.map_or(Rect::NOTHING, |(rect, _)| rect);
        let set = &output.textures_delta.set;
        let is_renewed = |id: TextureId| {
            let deltas = set.get(&id).into_iter().flatten();
            deltas.into_iter().any(|delta| delta.is_whole())
        };
        let rects = damage::between(&self.before, now, is_renewed, output.pixels_per_point);
        let area: f32 = rects.iter().map(Rect::area).sum();
        match area > MOST_SHARE * window.area() {
            true => vec![window],
            false => rects,
        }
    }

    /// Something to do with the surface among the shapes.
    fn callback(
        &self,
        window: Rect,
        work: fn(&mut Surface, &glow::Context, [u32; 2]),
    ) -> ClippedShape {
        let surface = Arc::clone(&self.surface);
        let callback = CallbackFn::new(move |info, painter| {
            work(&mut lock(&surface), painter.gl(), info.screen_size_px);
        });
        let callback = Arc::new(callback);
        ClippedShape::new(
            window,
            Shape::Callback(PaintCallback {
                rect: window,
                callback,
            }),
        )
    }
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

fn lock(surface: &Mutex<Surface>) -> MutexGuard<'_, Surface> {
    surface.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What frames are drawn on; its content stays.
#[derive(Default)]
struct Surface {
    buffer: Option<KeptFrame>,
    /// It was made anew: nothing of the frames before is on it.
    is_lost: bool,
    /// OpenGL has no such surface.
    is_impossible: bool,
}

#[derive(Clone, Copy)]
struct KeptFrame {
    size: [u32; 2],
    framebuffer: glow::Framebuffer,
    color: glow::Renderbuffer,
}

impl Surface {
    /// What is drawn from now on is drawn on the surface.
    fn begin(&mut self, gl: &glow::Context, size: [u32; 2]) {
        if self.buffer.is_none_or(|buffer| buffer.size != size) {
            self.renew(gl, size);
        }
        if let Some(buffer) = self.buffer {
            // SAFETY: the framebuffer belongs to this context, which is current while it paints
            unsafe { gl.bind_framebuffer(glow::FRAMEBUFFER, Some(buffer.framebuffer)) };
        }
    }

    /// Copies the surface to the window; what is drawn from now on is drawn there.
    fn show(&mut self, gl: &glow::Context, _: [u32; 2]) {
        let Some(KeptFrame {
            size, framebuffer, ..
        }) = self.buffer
        else {
            return;
        };
        let [width, height] = size.map(|side| side as i32);
        // SAFETY: both framebuffers belong to this context, which is current while it paints
        unsafe {
            gl.bind_framebuffer(glow::READ_FRAMEBUFFER, Some(framebuffer));
            gl.bind_framebuffer(glow::DRAW_FRAMEBUFFER, None);
            gl.disable(glow::SCISSOR_TEST);
            let (mask, filter) = (glow::COLOR_BUFFER_BIT, glow::NEAREST);
            gl.blit_framebuffer(0, 0, width, height, 0, 0, width, height, mask, filter);
            gl.bind_framebuffer(glow::FRAMEBUFFER, None);
        }
    }

    /// Makes a surface of this size; without one, frames are drawn on the window.
    fn renew(&mut self, gl: &glow::Context, size: [u32; 2]) {
        if let Some(KeptFrame {
            framebuffer, color, ..
        }) = self.buffer.take()
        {
            // SAFETY: both were made by this context, and nothing uses them any more
            unsafe {
                gl.delete_framebuffer(framebuffer);
                gl.delete_renderbuffer(color);
            }
        }
        // SAFETY: the context is current while it paints
        self.buffer = unsafe { new_buffer(gl, size) };
        self.is_lost = true;
        self.is_impossible = self.buffer.is_none();
    }
}

/// A surface of so many pixels; none if OpenGL is too old for it.
///
/// # Safety
/// The context must be current.
unsafe fn new_buffer(gl: &glow::Context, size: [u32; 2]) -> Option<KeptFrame> {
    if gl.version().major < 3 {
        return None;
    }
    let [width, height] = size.map(|side| side as i32);
    // SAFETY: as the caller promises
    unsafe {
        let framebuffer = gl.create_framebuffer().ok()?;
        let color = gl.create_renderbuffer().ok()?;
        gl.bind_renderbuffer(glow::RENDERBUFFER, Some(color));
        gl.renderbuffer_storage(glow::RENDERBUFFER, glow::RGBA8, width, height);
        gl.bind_framebuffer(glow::FRAMEBUFFER, Some(framebuffer));
        let (place, kind) = (glow::COLOR_ATTACHMENT0, glow::RENDERBUFFER);
        gl.framebuffer_renderbuffer(glow::FRAMEBUFFER, place, kind, Some(color));
        let is_whole = gl.check_framebuffer_status(glow::FRAMEBUFFER) == glow::FRAMEBUFFER_COMPLETE;
        gl.bind_framebuffer(glow::FRAMEBUFFER, None);
        is_whole.then_some(KeptFrame {
            size,
            framebuffer,
            color,
        })
    }
}
