//! The image behind each system.

use super::color::shade;
use super::page::{FigurePage, System};
use crate::analysis::Picture;

/// RGB pixels, row after row from the top.
pub struct Raster {
    /// Pixels in a row.
    pub width: usize,
    /// Rows of pixels.
    pub height: usize,
    /// Three bytes a pixel.
    pub rgb: Vec<u8>,
}

impl Raster {
    /// Each pixel repeated `factor` times on both axes.
    pub fn enlarged(&self, factor: usize) -> Self {
        let mut rgb = Vec::with_capacity(self.rgb.len() * factor * factor);
        for row in self.rgb.chunks_exact(self.width * 3) {
            let wide: Vec<u8> = row
                .chunks_exact(3)
                .flat_map(|pixel| pixel.repeat(factor))
                .collect();
            rgb.extend(wide.repeat(factor));
        }
        Self {
            width: self.width * factor,
            height: self.height * factor,
            rgb,
        }
    }
}

/// Which levels of a picture are drawn white, and which darkest.
///
/// Each row has its own white: two fifths of its cells are no louder. High rows are
/// loud throughout a song, and would hide what moves in them.
#[derive(Clone, Debug, PartialEq)]
pub struct Contrast {
    floors: Vec<f64>,
    span: f64,
}

impl Contrast {
    /// Least span, so that the noise of near silence stays pale.
    const MIN_SPAN: f64 = 16.0;

    /// From the picture's own levels: the loudest 0.5 % above their floors are darkest.
    pub fn of(picture: &Picture) -> Self {
        let n_rows = picture.axis.n_rows;
        let mut counts = vec![[0_u64; 256]; n_rows];
        for (i, &cell) in picture.cells.iter().enumerate() {
            counts[i % n_rows][usize::from(cell)] += 1;
        }
        let floors: Vec<usize> = counts.iter().map(|row| quantile(row, 0.4)).collect();
        let mut above = [0_u64; 256];
        for (row, &floor) in counts.iter().zip(&floors) {
            for (level, count) in row.iter().enumerate() {
                above[level.saturating_sub(floor)] += count;
            }
        }
        Self {
            floors: floors.into_iter().map(|floor| floor as f64).collect(),
            span: (quantile(&above, 0.995) as f64).max(Self::MIN_SPAN),
        }
    }

    /// The spectrogram of one system at `scale` pixels a page unit.
    ///
    /// A pixel shows the loudest of the columns it covers, so that no onset is lost, and
    /// interpolates between rows.
    pub fn raster(
        &self,
        picture: &Picture,
        page: &FigurePage,
        system: &System,
        scale: f64,
    ) -> Raster {
        let width = (page.right(system) - page.left()) * scale;
        let height = (page.bottom(system) - system.top) * scale;
        let (width, height) = (width.round().max(1.0) as usize, height.round() as usize);
        let (low_hz, high_hz) = page.range_hz();
        let low_row = picture.axis.hz_to_row(low_hz);
        let high_row = picture.axis.hz_to_row(high_hz);
        let secs_per_pixel = (system.end_secs - system.start_secs) / width as f64;
        let mut rgb = vec![255; width * height * 3];
        for x in 0..width {
            let start = system.start_secs + x as f64 * secs_per_pixel;
            let Some(loudest) = loudest_column(picture, start, start + secs_per_pixel) else {
                continue;
            };
            for y in 0..height {
                let down = (y as f64 + 0.5) / height as f64;
                let level = self.level(&loudest, high_row + down * (low_row - high_row));
                let pixel = (y * width + x) * 3;
                rgb[pixel..pixel + 3].copy_from_slice(&shade(level));
            }
        }
        Raster { width, height, rgb }
    }

    /// Darkness of a column at a fractional row, 0 to 1.
    fn level(&self, column: &[u8], row: f64) -> f64 {
        let row = row.clamp(0.0, column.len() as f64 - 1.0);
        let (below, fraction) = (row.floor() as usize, row - row.floor());
        let above = (below + 1).min(column.len() - 1);
        let over = |row: usize| (f64::from(column[row]) - self.floors[row]).max(0.0);
        (over(below) * (1.0 - fraction) + over(above) * fraction) / self.span
    }
}

/// The level that `q` of the counted cells do not exceed; 0 of none.
fn quantile(counts: &[u64; 256], q: f64) -> usize {
    let target = counts.iter().sum::<u64>() as f64 * q;
    let mut seen = 0;
    let reaches = counts.iter().position(|count| {
        seen += count;
        seen as f64 >= target
    });
    reaches.unwrap_or(255)
}

/// Maximum over the columns within a span of time, or the nearest one.
fn loudest_column(picture: &Picture, start_secs: f64, end_secs: f64) -> Option<Vec<u8>> {
    let n_columns = picture.n_columns();
    let first = picture.grid.nearest(start_secs).unwrap_or(0);
    let last = picture.grid.nearest(end_secs).unwrap_or(0).max(first + 1);
    if first >= n_columns {
        return None;
    }
    let mut loudest = picture.column(first).to_vec();
    for i in first + 1..last.min(n_columns) {
        for (level, &cell) in loudest.iter_mut().zip(picture.column(i)) {
            *level = (*level).max(cell);
        }
    }
    Some(loudest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::melody::pitch::hz_to_midi;
    use crate::melody::{FrameGrid, PitchAxis};

    #[test]
    fn contrast_of_silence_is_all_paper() {
        let mut picture = Picture::new(PitchAxis::HKDSME, FrameGrid::from_hop(0.01));
        picture.cells = vec![0; 320 * 4];
        let contrast = Contrast::of(&picture);
        assert_eq!(contrast.level(picture.column(0), 7.5), 0.0);
    }

    #[test]
    fn a_row_is_drawn_at_its_pitch_whatever_the_lowest_frequency() {
        for fmin_hz in [31.0, 62.0] {
            let axis = PitchAxis {
                fmin_hz,
                ..PitchAxis::HKDSME
            };
            let mut picture = Picture::new(axis, FrameGrid::from_hop(0.01));
            let mut column = vec![0; axis.n_rows];
            column[120] = 200;
            picture.cells = column.repeat(100);
            let system = System {
                start_secs: 0.0,
                end_secs: 1.0,
                top: 0.0,
            };
            let page = FigurePage {
                height: 400.0,
                system_height: 400.0,
                system_secs: 1.0,
                low_midi: 40.0,
                high_midi: 80.0,
                systems: vec![system.clone()],
            };
            let contrast = Contrast {
                floors: vec![0.0; axis.n_rows],
                span: 200.0,
            };
            let raster = contrast.raster(&picture, &page, &system, 1.0);
            let red = |y: &usize| raster.rgb[y * raster.width * 3];
            let darkest = (0..raster.height).min_by_key(red).unwrap();
            let midi = page.high_midi - (darkest as f64 + 0.5) / page.units_per_semitone();
            let expected = hz_to_midi(axis.row_to_hz(120.0));
            assert!((midi - expected).abs() < 0.25, "{midi} for {expected}");
        }
    }

    #[test]
    fn a_pixel_keeps_the_loudest_of_its_columns() {
        let mut picture = Picture::new(PitchAxis::HKDSME, FrameGrid::from_hop(0.01));
        picture.cells = vec![0; 320 * 10];
        picture.cells[320 * 4 + 7] = 200;
        let column = loudest_column(&picture, 0.0, 0.1).unwrap();
        assert_eq!(column[7], 200);
        assert!(loudest_column(&picture, 5.0, 5.1).is_none());
    }
}
