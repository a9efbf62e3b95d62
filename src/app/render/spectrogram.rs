//! A picture, ready to be drawn at any zoom.

use std::ops::Range;

use super::picture_summary::{Levels, PictureSummary};
use crate::analysis::Picture;
use crate::melody::pitch::hz_to_midi;
use crate::melody::{FrameGrid, PitchAxis};

/// A picture with its summary, growing or whole.
#[derive(Clone, Copy, Debug)]
pub struct Spectrogram<'a> {
    /// The picture.
    pub picture: &'a Picture,
    /// Its summary, which has taken all columns that the picture has.
    pub summary: &'a PictureSummary,
    /// Brightness that leaves the noise floor dark and the loudest partials bright: its own, or that of
    /// a picture that it is drawn over.
    pub levels: &'a Levels,
}

/// The part of one pyramid level that is seen, in columns of that level and rows.
#[derive(Clone, Debug, PartialEq)]
pub struct VisibleCells {
    /// Level of the pyramid.
    pub level: usize,
    /// Visible columns of that level; column `i` reaches from `i` to `i + 1`.
    pub columns: Range<f64>,
    /// Visible rows, bottom to top; row `k` reaches from `k` to `k + 1`.
    pub rows: Range<f64>,
}

impl Spectrogram<'_> {
    /// What a row is in Hz.
    pub fn axis(&self) -> PitchAxis {
        self.picture.axis
    }

    /// Times of the columns.
    pub fn grid(&self) -> FrameGrid {
        self.picture.grid
    }

    /// Columns so far.
    pub fn n_columns(&self) -> usize {
        self.picture.n_columns()
    }

    /// Grows with every change of the columns.
    pub fn n_changes(&self) -> u64 {
        self.summary.n_changes
    }

    /// End of the last column in seconds; 0 when empty.
    pub fn end_secs(&self) -> f64 {
        match self.n_columns() {
            0 => 0.0,
            n => self.grid().time(n - 1) + self.grid().hop_secs,
        }
    }

    /// Whether a span of seconds lies within the columns, so that nothing is seen behind them.
    pub fn covers(&self, secs: &Range<f64>) -> bool {
        let (grid, half) = (self.grid(), self.grid().hop_secs / 2.0);
        let columns = grid.time(0) - half..grid.time(self.n_columns()) - half;
        columns.start <= secs.start && secs.end <= columns.end
    }

    /// Cells of a pyramid level, column after column.
    pub fn cells(&self, level: usize) -> &[u8] {
        self.summary.pyramid.level(&self.picture.cells, level)
    }

    /// What is seen between two times and two MIDI numbers on so many pixels across.
    pub fn visible_cells(
        &self,
        secs: &Range<f64>,
        midi: &Range<f64>,
        n_pixels: f64,
    ) -> VisibleCells {
        let Picture { axis, grid, .. } = self.picture;
        let column = |t: f64| (t - grid.first_secs) / grid.hop_secs + 0.5;
        let lowest = hz_to_midi(axis.fmin_hz);
        let row = |m: f64| (m - lowest) * axis.bins_per_octave / 12.0 + 0.5;
        let columns = column(secs.start)..column(secs.end);
        let level = self
            .summary
            .pyramid
            .level_for((columns.end - columns.start) / n_pixels.max(1.0));
        let scale = (super::pyramid::FACTOR as f64).powi(level as i32);
        VisibleCells {
            level,
            columns: columns.start / scale..columns.end / scale,
            rows: row(midi.start)..row(midi.end),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visible_cells_cover_their_time_and_pitch() {
        for fmin_hz in [31.0, 62.0] {
            check_visible_cells(PitchAxis {
                fmin_hz,
                ..PitchAxis::HKDSME
            });
        }
    }

    fn check_visible_cells(axis: PitchAxis) {
        let grid = FrameGrid::from_hop(0.01);
        let mut picture = Picture::new(axis, grid);
        picture.cells = vec![9; 20_000 * axis.n_rows];
        let summary = PictureSummary::new(&picture);
        let spectrogram = Spectrogram {
            picture: &picture,
            summary: &summary,
            levels: summary.levels(),
        };
        let low = hz_to_midi(axis.row_to_hz(-0.5));
        let seen = spectrogram.visible_cells(&(0.005..100.005), &(low..low + 12.0), 1000.0);
        assert_eq!(seen.level, 1);
        assert!((seen.columns.start - 0.0).abs() < 1e-9);
        assert!((seen.columns.end - 2500.0).abs() < 1e-6);
        assert!((seen.rows.start - 0.0).abs() < 1e-9);
        assert!((seen.rows.end - 60.0).abs() < 1e-9);
        assert!(spectrogram.covers(&(0.005..200.0)) && !spectrogram.covers(&(0.0..9.0)));
        assert!(!spectrogram.covers(&(190.0..201.0)));
    }
}
