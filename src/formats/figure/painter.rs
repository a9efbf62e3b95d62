//! Painting in page units, on a bitmap or in SVG.

use plotters::backend::DrawingBackend;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, RGBColor, ShapeStyle, TextStyle};

use super::FigureError;
use super::color::Rgb;
use super::fonts::{self, Family};
use super::one_by_one::drawable;

/// Where a text stands relative to its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// Starts at the point, centered on it vertically.
    Left,
    /// Centered on the point, hanging below it.
    Below,
    /// Starts at the point, hanging below it.
    LeftBelow,
    /// Ends at the point, centered on it vertically.
    Right,
}

/// Width of the box of a character that no font has, as part of the text's size.
const CODE_WIDTH: f64 = 0.95;

/// How far above its point the middle of a text's capitals is, as part of its size.
const CAPITALS_UP: f64 = 0.2;

/// Who turns text into glyphs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetBy {
    /// The figure, with the fonts that it finds.
    Figure,
    /// The program that shows the file, with its own.
    Viewer,
}

/// A page being painted on a backend `scale` times finer than page units.
///
/// Backends count in whole pixels; the finer raster keeps slow glides smooth.
pub struct PagePainter<B> {
    backend: B,
    scale: f64,
    set_by: SetBy,
}

impl<B: DrawingBackend> PagePainter<B> {
    /// A painter on `backend`, `scale` of its pixels to a page unit.
    pub fn new(backend: B, scale: f64, set_by: SetBy) -> Self {
        fonts::own();
        Self {
            backend,
            scale,
            set_by,
        }
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
        if self.set_by == SetBy::Viewer {
            return self.put(text, fonts::own(), (x, y), size, color, anchor);
        }
        let text = drawable(text);
        let runs = fonts::runs(&text);
        if let [(_, Some(family))] = runs[..] {
            return self.put(&text, family, (x, y), size, color, anchor);
        }
        let mut left = match anchor {
            Anchor::Left | Anchor::LeftBelow => x,
            Anchor::Below => x - self.text_width(&text, size) / 2.0,
            Anchor::Right => x - self.text_width(&text, size),
        };
        let anchor = match anchor {
            Anchor::Below | Anchor::LeftBelow => Anchor::LeftBelow,
            Anchor::Left | Anchor::Right => Anchor::Left,
        };
        for (range, family) in runs {
            let run = &text[range];
            match family {
                Some(family) => self.put(run, family, (left, y), size, color, anchor)?,
                None => self.codes(run, (left, y), size, color)?,
            }
            left += self.run_width(run, family, size);
        }
        Ok(())
    }

    /// Puts down a text that one font has.
    fn put(
        &mut self,
        text: &str,
        family: Family,
        at: (f64, f64),
        size: f64,
        color: Rgb,
        anchor: Anchor,
    ) -> Result<(), FigureError> {
        let at = self.pixel(at);
        let style = self.text_style(family, size, color, anchor);
        self.backend
            .draw_text(text, &style, at)
            .map_err(drawing_error)
    }

    /// Characters that no font has: a box each, with the number of the character in it.
    fn codes(
        &mut self,
        text: &str,
        (mut left, y): (f64, f64),
        size: f64,
        color: Rgb,
    ) -> Result<(), FigureError> {
        let (half, digits) = (0.42 * size, 0.42 * size);
        // The middle of capitals, which stand above the point.
        let y = y - CAPITALS_UP * size;
        for c in text.chars() {
            let right = left + 0.9 * CODE_WIDTH * size;
            let corners = [
                (left, y - half),
                (right, y - half),
                (right, y + half),
                (left, y + half),
                (left, y - half),
            ];
            self.line(&corners, color, 1.0, 1.0)?;
            let code = format!("{:06X}", u32::from(c));
            let code = code.strip_prefix("00").unwrap_or(&code);
            let (above, below) = code.split_at(code.len() / 2);
            for (row, y) in [(above, y - half / 2.0), (below, y + half / 2.0)] {
                let start = (left + 0.08 * size, y + CAPITALS_UP * digits);
                self.put(row, fonts::own(), start, digits, color, Anchor::Left)?;
            }
            left += CODE_WIDTH * size;
        }
        Ok(())
    }

    /// Width of a text of `size` in page units.
    pub fn text_width(&self, text: &str, size: f64) -> f64 {
        let text = drawable(text);
        let runs = fonts::runs(&text).into_iter();
        runs.map(|(range, family)| self.run_width(&text[range], family, size))
            .sum()
    }

    fn run_width(&self, run: &str, family: Option<Family>, size: f64) -> f64 {
        let Some(family) = family else {
            return run.chars().count() as f64 * CODE_WIDTH * size;
        };
        let style = self.text_style(family, size, super::color::INK, Anchor::Left);
        let estimate = self.backend.estimate_text_size(run, &style);
        estimate.map_or(0.0, |(width, _)| f64::from(width) / self.scale)
    }

    fn text_style(
        &self,
        family: Family,
        size: f64,
        color: Rgb,
        anchor: Anchor,
    ) -> TextStyle<'static> {
        let (h_pos, v_pos) = match anchor {
            Anchor::Left => (HPos::Left, VPos::Center),
            Anchor::LeftBelow => (HPos::Left, VPos::Top),
            Anchor::Below => (HPos::Center, VPos::Top),
            Anchor::Right => (HPos::Right, VPos::Center),
        };
        let mut style = TextStyle::from((family.name, size * family.scale * self.scale));
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

fn drawing_error(error: impl std::fmt::Display) -> FigureError {
    FigureError(error.to_string())
}
