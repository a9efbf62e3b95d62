//! Moves pixels of the back buffer across, without drawing them.

use eframe::glow::{self, HasContext};

/// A part of the back buffer whose pixels move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift {
    /// Its left edge, in pixels.
    pub left: i32,
    /// Its right edge.
    pub right: i32,
    /// Its lower edge, counted from below.
    pub bottom: i32,
    /// Its upper edge.
    pub top: i32,
    /// By how many pixels they move to the left.
    pub by: i32,
}

impl Shift {
    /// Moves the pixels; those that come in stay as they were.
    pub fn apply(&self, gl: &glow::Context) {
        // SAFETY: the context is current while it paints
        unsafe { gl.disable(glow::SCISSOR_TEST) };
        let (bottom, top) = (self.bottom, self.top);
        for [from, to, width] in self.strips() {
            let (color, nearest) = (glow::COLOR_BUFFER_BIT, glow::NEAREST);
            // SAFETY: as above; a strip and its new place do not overlap
            unsafe {
                gl.blit_framebuffer(
                    from,
                    bottom,
                    from + width,
                    top,
                    to,
                    bottom,
                    to + width,
                    top,
                    color,
                    nearest,
                );
            }
        }
    }

    /// Strips from, to, and their width, in an order in which none is overwritten before it is moved;
    /// OpenGL moves nothing onto itself.
    fn strips(&self) -> impl Iterator<Item = [i32; 3]> {
        let Self {
            left, right, by, ..
        } = *self;
        let step = by.abs().max(1);
        let n_moved = (right - left - step).max(0);
        let n_strips = if by == 0 {
            0
        } else {
            (n_moved + step - 1) / step
        };
        (0..n_strips).map(move |i| {
            let done = i * step;
            let width = step.min(n_moved - done);
            match by > 0 {
                true => [left + done + step, left + done, width],
                false => [right - step - done - width, right - done - width, width],
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pixel_that_is_still_seen_moves_once_and_none_onto_itself() {
        for by in [-1000, -999, -40, -7, -1, 0, 1, 3, 17, 500, 999, 1000] {
            let shift = Shift {
                left: 56,
                right: 1056,
                bottom: 0,
                top: 1,
                by,
            };
            let before: Vec<i32> = (0..1100).collect();
            let mut pixels = before.clone();
            for [from, to, width] in shift.strips() {
                assert!((from - to).abs() >= width && width > 0);
                let strip = pixels[from as usize..(from + width) as usize].to_vec();
                pixels[to as usize..(to + width) as usize].copy_from_slice(&strip);
            }
            for x in 0..1100 {
                let source = x + by;
                let is_moved = (56..1056).contains(&x) && (56..1056).contains(&source);
                if is_moved {
                    assert_eq!(pixels[x as usize], source, "{by}");
                } else if !(56..1056).contains(&x) {
                    assert_eq!(pixels[x as usize], x, "{by}");
                }
            }
        }
    }
}
