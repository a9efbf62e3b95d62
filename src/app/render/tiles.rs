//! The spectrogram by textures of the painter, where there is no wgpu.
//!
//! Zoomed out, a texel across is a pixel: the maximum of its columns. Zoomed in,
//! a texel is a column. Down, a texel is a row; the painter interpolates.
//! What is seen is thus a few textures, made anew when it changes. Where the view scrolls, they
//! reach beyond it, so that they serve for many frames.

use std::ops::Range;

use eframe::egui::epaint::ColorImage;
use eframe::egui::{Color32, Context, Painter, Rect, TextureHandle, TextureOptions, pos2};

use super::colormap::PictureStyle;
use super::picture_summary::Levels;
use super::pyramid::include_max;
use super::spectrogram::{Spectrogram, VisibleCells};
use crate::app::view_state::Projection;

/// Widest texture that all drivers take.
const MAX_WIDTH: usize = 2048;
/// Views that scroll are drawn with so many views to either side.
const SCROLL_MARGIN: f64 = 0.5;

/// Textures of what is seen.
#[derive(Default)]
pub struct TileSpectrogram {
    drawn: Option<Drawn>,
    textures: Vec<TextureHandle>,
    tiles: Vec<Tile>,
}

/// What the textures show.
struct Drawn {
    revision: u64,
    n_changes: u64,
    levels: Levels,
    /// What was seen when they were made.
    seen: VisibleCells,
    /// Columns of that level that they cover.
    covered: Range<f64>,
    n_pixels: usize,
    style: PictureStyle,
}

impl Drawn {
    /// Whether another view differs by its place in time alone.
    fn differs_in_time_alone(&self, now: &Self) -> bool {
        let width = |seen: &VisibleCells| seen.columns.end - seen.columns.start;
        let (before, after) = (width(&self.seen), width(&now.seen));
        (self.revision, self.n_changes, self.n_pixels)
            == (now.revision, now.n_changes, now.n_pixels)
            && (self.seen.level, &self.seen.rows) == (now.seen.level, &now.seen.rows)
            && (&self.levels, self.style) == (&now.levels, now.style)
            && (before - after).abs() <= 1e-9 * before
    }

    /// Whether the textures show all that another view sees.
    fn serves(&self, now: &Self) -> bool {
        self.differs_in_time_alone(now)
            && self.covered.start <= now.seen.columns.start
            && now.seen.columns.end <= self.covered.end
    }
}

/// The part of the visible cells that a texture covers, in columns of their level.
#[derive(Clone)]
struct Tile {
    columns: Range<f64>,
    rows: Range<usize>,
}

impl TileSpectrogram {
    /// Draws what `projection` shows.
    pub fn paint(
        &mut self,
        painter: &Painter,
        projection: &Projection,
        spectrogram: &Spectrogram,
        revision: u64,
        style: PictureStyle,
    ) {
        let n_pixels = projection.rect.width() * painter.pixels_per_point();
        let (secs, midi) = (&projection.secs, &projection.midi);
        let seen = spectrogram.visible_cells(secs, midi, f64::from(n_pixels));
        let mut now = Drawn {
            revision,
            n_changes: spectrogram.n_changes(),
            levels: spectrogram.levels.clone(),
            covered: seen.columns.clone(),
            seen: seen.clone(),
            n_pixels: n_pixels.ceil() as usize,
            style,
        };
        if !self.drawn.as_ref().is_some_and(|drawn| drawn.serves(&now)) {
            let scrolls = |drawn: &Drawn| drawn.differs_in_time_alone(&now);
            if self.drawn.as_ref().is_some_and(scrolls) {
                // whole pixels, which stay pixels when the view scrolls
                let pixel = (seen.columns.end - seen.columns.start) / now.n_pixels as f64;
                let margin = (SCROLL_MARGIN * now.n_pixels as f64).round() * pixel;
                now.covered = seen.columns.start - margin..seen.columns.end + margin;
            }
            self.renew(painter.ctx(), spectrogram, &now);
            self.drawn = Some(now);
        }
        let painter = painter.with_clip_rect(projection.rect.intersect(painter.clip_rect()));
        for (texture, tile) in self.textures.iter().zip(&self.tiles) {
            let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            painter.image(
                texture.id(),
                place(projection, &seen, tile),
                uv,
                Color32::WHITE,
            );
        }
    }

    fn renew(&mut self, ctx: &Context, spectrogram: &Spectrogram, drawn: &Drawn) {
        let colors = drawn.style.colors();
        let span = drawn.style.span(spectrogram.levels.span);
        let texels = texels(spectrogram, drawn);
        let rows = visible_rows(&drawn.seen, spectrogram.axis().n_rows);
        self.tiles.clear();
        for (i, part) in texels.chunks(MAX_WIDTH).enumerate() {
            let image = rasterize(spectrogram, drawn.seen.level, part, &rows, (&colors, span));
            match self.textures.get_mut(i) {
                Some(texture) => texture.set(image, TextureOptions::LINEAR),
                None => {
                    let texture = ctx.load_texture("spectrogram", image, TextureOptions::LINEAR);
                    self.textures.push(texture);
                }
            }
            self.tiles.push(Tile {
                columns: part[0].start..part[part.len() - 1].end,
                rows: rows.clone(),
            });
        }
    }
}

/// The columns of each texel across: pixels when zoomed out, single columns when zoomed in.
fn texels(spectrogram: &Spectrogram, drawn: &Drawn) -> Vec<Range<f64>> {
    let n_columns = spectrogram.cells(drawn.seen.level).len() / spectrogram.axis().n_rows;
    let Range { start, end } = drawn.seen.columns;
    let step = ((end - start) / drawn.n_pixels as f64).max(f64::MIN_POSITIVE);
    let Range { start, end } = drawn.covered;
    let texels: Vec<_> = if step < 1.0 {
        let first = start.floor().max(0.0) as usize;
        let last = (end.ceil().max(0.0) as usize).min(n_columns);
        (first..last).map(|i| i as f64..i as f64 + 1.0).collect()
    } else {
        let n_texels = ((end - start) / step).round() as usize;
        let pixel = |i: usize| start + i as f64 * step..start + (i + 1) as f64 * step;
        (0..n_texels).map(pixel).collect()
    };
    let inside = |texel: &Range<f64>| texel.end > 0.0 && texel.start < n_columns as f64;
    texels.into_iter().filter(inside).collect()
}

fn visible_rows(seen: &VisibleCells, n_rows: usize) -> Range<usize> {
    let end = (seen.rows.end.ceil().max(0.0) as usize).clamp(1, n_rows);
    (seen.rows.start.floor().max(0.0) as usize).min(end - 1)..end
}

fn rasterize(
    spectrogram: &Spectrogram,
    level: usize,
    texels: &[Range<f64>],
    rows: &Range<usize>,
    (colors, span): (&[Color32; 256], f32),
) -> ColorImage {
    let n_rows = spectrogram.axis().n_rows;
    let cells = spectrogram.cells(level);
    let n_columns = cells.len() / n_rows;
    let levels = spectrogram.levels;
    let width = texels.len();
    let mut image = ColorImage::filled([width, rows.len()], Color32::TRANSPARENT);
    let mut loudest = vec![0; n_rows];
    for (x, texel) in texels.iter().enumerate() {
        let first = (texel.start.floor().max(0.0) as usize).min(n_columns - 1);
        let last = (texel.end.ceil() as usize).clamp(first + 1, n_columns);
        loudest.fill(0);
        include_max(&mut loudest, &cells[first * n_rows..last * n_rows]);
        for (y, row) in rows.clone().rev().enumerate() {
            let above = f32::from(loudest[row].saturating_sub(levels.floor[row]));
            let color = (above * 255.0 / span).min(255.0) as usize;
            image.pixels[y * width + x] = colors[color];
        }
    }
    image
}

/// Where a tile lies on the screen.
fn place(projection: &Projection, seen: &VisibleCells, tile: &Tile) -> Rect {
    let rect = projection.rect;
    let across = |column: f64| {
        let share = (column - seen.columns.start) / (seen.columns.end - seen.columns.start);
        rect.left() + rect.width() * share as f32
    };
    let up = |row: usize| {
        let share = (row as f64 - seen.rows.start) / (seen.rows.end - seen.rows.start);
        rect.bottom() - rect.height() * share as f32
    };
    Rect::from_min_max(
        pos2(across(tile.columns.start), up(tile.rows.end)),
        pos2(across(tile.columns.end), up(tile.rows.start)),
    )
}
