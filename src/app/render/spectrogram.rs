//! The picture with its pyramid and brightness range.

use std::ops::Range;
use std::sync::Arc;

use super::pyramid::Pyramid;
use crate::analysis::{Analysis, Picture};
use crate::melody::pitch::hz_to_midi;
use crate::melody::{FrameGrid, PitchAxis};

/// Share of a row's cells that counts as its noise floor.
const FLOOR_SHARE: f64 = 0.60;
/// Rows to either side over which the floor is averaged: half an octave, so
/// that a note held for long does not count as noise.
const FLOOR_REACH: usize = 30;
/// Share of the cells drawn below the brightest color.
const BRIGHTEST_SHARE: f64 = 0.9985;
/// Narrowest range from floor to brightest, so that silence stays dark.
const LEAST_SPAN: u8 = 28;

/// A spectrogram ready to be drawn at any zoom, growing or whole.
#[derive(Clone, Debug)]
pub struct Spectrogram {
    source: Source,
    pyramid: Pyramid,
    /// How often each byte occurs in each row.
    counts: Vec<[u32; 256]>,
    levels: Levels,
}

#[derive(Clone, Debug)]
enum Source {
    Growing(Picture),
    Whole(Arc<Analysis>),
}

/// Which bytes are drawn dark and which bright.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Levels {
    /// Of each row: this byte and those below are darkest.
    pub floor: Vec<u8>,
    /// So many above the floor is brightest.
    pub span: u8,
}

/// The part of one pyramid level that is seen, in columns of that level and rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// Level of the pyramid.
    pub level: usize,
    /// Visible columns of that level; column `i` reaches from `i` to `i + 1`.
    pub columns: Range<f64>,
    /// Visible rows, bottom to top; row `k` reaches from `k` to `k + 1`.
    pub rows: Range<f64>,
}

impl Spectrogram {
    /// An empty picture.
    pub fn new(axis: PitchAxis, grid: FrameGrid) -> Self {
        Self {
            source: Source::Growing(Picture::new(axis, grid)),
            pyramid: Pyramid::new(axis.n_rows),
            counts: vec![[0; 256]; axis.n_rows],
            levels: Levels::default(),
        }
    }

    fn picture(&self) -> &Picture {
        match &self.source {
            Source::Growing(picture) => picture,
            Source::Whole(analysis) => &analysis.picture,
        }
    }

    /// What a row is in Hz.
    pub fn axis(&self) -> PitchAxis {
        self.picture().axis
    }

    /// Times of the columns.
    pub fn grid(&self) -> FrameGrid {
        self.picture().grid
    }

    /// Columns so far.
    pub fn n_columns(&self) -> usize {
        self.picture().n_columns()
    }

    /// End of the last column in seconds; 0 when empty.
    pub fn end_secs(&self) -> f64 {
        match self.n_columns() {
            0 => 0.0,
            n => self.picture().grid.time(n - 1) + self.picture().grid.hop_secs,
        }
    }

    /// Cells of a pyramid level, column after column.
    pub fn cells(&self, level: usize) -> &[u8] {
        self.pyramid.level(&self.picture().cells, level)
    }

    /// Writes whole columns from `first` on.
    pub fn write(&mut self, first: usize, cells: &[u8]) {
        let Source::Growing(picture) = &mut self.source else {
            return;
        };
        let n_rows = picture.axis.n_rows;
        let end = first + cells.len() / n_rows;
        if picture.n_columns() < end {
            picture.cells.resize(end * n_rows, 0);
        }
        picture.cells[first * n_rows..end * n_rows]
            .copy_from_slice(&cells[..(end - first) * n_rows]);
        self.pyramid.update(&picture.cells, first..end);
        self.count(cells);
    }

    /// Takes the picture of the whole analysis in place of what was written.
    pub fn complete(&mut self, analysis: Arc<Analysis>) {
        let picture = &analysis.picture;
        if self.picture().cells != picture.cells {
            self.pyramid = Pyramid::new(picture.axis.n_rows);
            self.pyramid.update(&picture.cells, 0..picture.n_columns());
            self.counts.fill([0; 256]);
            self.count(&picture.cells);
        }
        self.source = Source::Whole(analysis);
    }

    fn count(&mut self, cells: &[u8]) {
        for column in cells.chunks_exact(self.counts.len()) {
            for (counts, &cell) in self.counts.iter_mut().zip(column) {
                counts[usize::from(cell)] += 1;
            }
        }
        self.levels = Levels::of(&self.counts);
    }

    /// Brightness that leaves the noise floor dark and the loudest partials bright.
    pub fn levels(&self) -> &Levels {
        &self.levels
    }

    /// What is seen between two times and two MIDI numbers on so many pixels across.
    pub fn window(&self, secs: &Range<f64>, midi: &Range<f64>, n_pixels: f64) -> Window {
        let Picture { axis, grid, .. } = self.picture();
        let column = |t: f64| (t - grid.first_secs) / grid.hop_secs + 0.5;
        let lowest = hz_to_midi(axis.fmin_hz);
        let row = |m: f64| (m - lowest) * axis.bins_per_octave / 12.0 + 0.5;
        let columns = column(secs.start)..column(secs.end);
        let level = self
            .pyramid
            .level_for((columns.end - columns.start) / n_pixels.max(1.0));
        let scale = (super::pyramid::FACTOR as f64).powi(level as i32);
        Window {
            level,
            columns: columns.start / scale..columns.end / scale,
            rows: row(midi.start)..row(midi.end),
        }
    }
}

impl Levels {
    /// The floor is that of the rows nearby; recordings have more noise in the bass.
    fn of(counts: &[[u32; 256]]) -> Self {
        let floors: Vec<_> = counts.iter().map(|c| quantile(c, FLOOR_SHARE)).collect();
        let nearby = |row: usize| {
            let last = (row + FLOOR_REACH + 1).min(floors.len());
            let rows = &floors[row.saturating_sub(FLOOR_REACH)..last];
            let sum: usize = rows.iter().map(|&floor| usize::from(floor)).sum();
            (sum / rows.len()) as u8
        };
        let floor: Vec<_> = (0..counts.len()).map(nearby).collect();
        let mut above = [0; 256];
        for (counts, &floor) in counts.iter().zip(&floor) {
            for (byte, &n) in counts.iter().enumerate() {
                above[byte.saturating_sub(usize::from(floor))] += n;
            }
        }
        Self {
            floor,
            span: quantile(&above, BRIGHTEST_SHARE).max(LEAST_SPAN),
        }
    }
}

/// The byte below which `share` of the counted bytes lie.
fn quantile(counts: &[u32; 256], share: f64) -> u8 {
    let total: u64 = counts.iter().map(|&n| u64::from(n)).sum();
    let wanted = (total as f64 * share) as u64;
    let mut seen = 0;
    let byte = counts.iter().position(|&n| {
        seen += u64::from(n);
        seen > wanted
    });
    byte.unwrap_or(0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_leave_noise_dark_and_notes_bright() {
        let axis = PitchAxis::HKDSME;
        let mut spectrogram = Spectrogram::new(axis, FrameGrid::from_hop(0.01));
        let cell = |i: usize| match (i / axis.n_rows, i % axis.n_rows) {
            (_, 100) => 200,
            (column, row) => (10 + row / 8 + column * 7 % 5) as u8,
        };
        let cells: Vec<u8> = (0..1000 * axis.n_rows).map(cell).collect();
        spectrogram.write(0, &cells);
        let Levels { floor, span } = spectrogram.levels();
        assert!(
            floor
                .iter()
                .enumerate()
                .all(|(row, &f)| usize::from(f) < 22 + row / 8)
        );
        assert!(floor[319] > floor[0]);
        assert!(*span > 150);
    }

    #[test]
    fn a_window_covers_the_frames_of_its_time() {
        let grid = FrameGrid::from_hop(0.01);
        let axis = PitchAxis::HKDSME;
        let mut spectrogram = Spectrogram::new(axis, grid);
        spectrogram.write(0, &vec![9; 20_000 * axis.n_rows]);
        let low = hz_to_midi(axis.row_to_hz(-0.5));
        let window = spectrogram.window(&(0.005..100.005), &(low..low + 12.0), 1000.0);
        assert_eq!(window.level, 1);
        assert!((window.columns.start - 0.0).abs() < 1e-9);
        assert!((window.columns.end - 2500.0).abs() < 1e-6);
        assert!((window.rows.start - 0.0).abs() < 1e-9);
        assert!((window.rows.end - 60.0).abs() < 1e-9);
    }
}
