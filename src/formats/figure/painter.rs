//! Painting in page units, on a bitmap or in SVG.

use std::sync::Once;

use plotters::backend::DrawingBackend;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, RGBColor, ShapeStyle, TextStyle, register_font};

use super::FigureError;
use super::color::Rgb;

/// Where a text stands relative to its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// Starts at the point, centered on it vertically.
    Left,
    /// Centered on the point, hanging below it.
    Below,
    /// Ends at the point, centered on it vertically.
    Right,
}

/// A page being painted on a backend `scale` times finer than page units.
///
/// Backends count in whole pixels; the finer raster keeps slow glides smooth.
pub struct PagePainter<B> {
    backend: B,
    scale: f64,
}

impl<B: DrawingBackend> PagePainter<B> {
    /// A painter on `backend`, `scale` of its pixels to a page unit.
    pub fn new(backend: B, scale: f64) -> Self {
        register_fonts();
        Self { backend, scale }
    }

    /// Finishes the painting.
    pub fn finish(mut self) -> Result<(), FigureError> {
        self.backend.present().map_err(drawing_error)
    }

    /// Puts RGB pixels down one to one, the upper left at a point of the page.
    pub fn image(
        &mut self,
        x: f64,
        y: f64,
        size: (u32, u32),
        rgb: &[u8],
    ) -> Result<(), FigureError> {
        let at = self.pixel((x, y));
        self.backend
            .blit_bitmap(at, size, rgb)
            .map_err(drawing_error)
    }

    /// A filled polygon.
    pub fn fill(
        &mut self,
        points: &[(f64, f64)],
        color: Rgb,
        opacity: f64,
    ) -> Result<(), FigureError> {
        let pixels: Vec<_> = points.iter().map(|&point| self.pixel(point)).collect();
        let style = style(color, opacity, 0);
        self.backend
            .fill_polygon(pixels, &style)
            .map_err(drawing_error)
    }

    /// A line through points, `width` page units wide.
    pub fn line(
        &mut self,
        points: &[(f64, f64)],
        color: Rgb,
        opacity: f64,
        width: f64,
    ) -> Result<(), FigureError> {
        let pixels: Vec<_> = points.iter().map(|&point| self.pixel(point)).collect();
        let width = (width * self.scale).round().max(1.0) as u32;
        let style = style(color, opacity, width);
        self.backend
            .draw_path(pixels, &style)
            .map_err(drawing_error)
    }

    /// A text of `size` page units.
    pub fn text(
        &mut self,
        text: &str,
        x: f64,
        y: f64,
        size: f64,
        color: Rgb,
        anchor: Anchor,
    ) -> Result<(), FigureError> {
        let at = self.pixel((x, y));
        let style = self.text_style(size, color, anchor);
        self.backend
            .draw_text(text, &style, at)
            .map_err(drawing_error)
    }

    /// Width of a text of `size` in page units.
    pub fn text_width(&self, text: &str, size: f64) -> f64 {
        let style = self.text_style(size, super::color::INK, Anchor::Left);
        let estimate = self.backend.estimate_text_size(text, &style);
        estimate.map_or(0.0, |(width, _)| f64::from(width) / self.scale)
    }

    fn text_style(&self, size: f64, color: Rgb, anchor: Anchor) -> TextStyle<'static> {
        let (h_pos, v_pos) = match anchor {
            Anchor::Left => (HPos::Left, VPos::Center),
            Anchor::Below => (HPos::Center, VPos::Top),
            Anchor::Right => (HPos::Right, VPos::Center),
        };
        let mut style = TextStyle::from(("sans-serif", size * self.scale));
        style.color = RGBColor(color[0], color[1], color[2]).to_backend_color();
        style.pos = Pos::new(h_pos, v_pos);
        style
    }

    fn pixel(&self, (x, y): (f64, f64)) -> (i32, i32) {
        (
            (x * self.scale).round() as i32,
            (y * self.scale).round() as i32,
        )
    }
}

fn style(color: Rgb, opacity: f64, stroke_width: u32) -> ShapeStyle {
    ShapeStyle {
        color: RGBColor(color[0], color[1], color[2]).mix(opacity),
        filled: true,
        stroke_width,
    }
}

/// The figure brings its font, so that it looks the same on every machine.
fn register_fonts() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let font = include_bytes!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/assets/fonts/DejaVuSans.ttf"
        ));
        // An unreadable font would show as the first text that fails to draw.
        let _ = register_font("sans-serif", FontStyle::Normal, font);
    });
}

fn drawing_error(error: impl std::fmt::Display) -> FigureError {
    FigureError(error.to_string())
}
