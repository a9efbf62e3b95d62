//! What is derived of a picture for drawing: its pyramid, and its range of brightness.

use std::ops::Range;

use super::pyramid::Pyramid;
use crate::analysis::Picture;

/// Share of a row's cells that counts as its noise floor.
const FLOOR_SHARE: f64 = 0.60;
/// Rows to either side over which the floor is averaged: half an octave, so
/// that a note held for long does not count as noise.
const FLOOR_REACH: usize = 30;
/// Share of the cells drawn below the brightest color.
const BRIGHTEST_SHARE: f64 = 0.9985;
/// Narrowest range from floor to brightest, so that silence stays dark.
const LEAST_SPAN: u8 = 28;

/// The pyramid of a picture and its range of brightness, kept up to date while it grows.
#[derive(Clone, Debug)]
pub struct PictureSummary {
    pub(super) pyramid: Pyramid,
    /// How often each byte occurs in each row.
    counts: Vec<[u32; 256]>,
    levels: Levels,
    /// Columns from the first one on that were taken, or left out.
    n_taken: usize,
    /// Whether each of them was counted once.
    is_exact: bool,
    /// Grows with every change.
    pub(super) n_changes: u64,
}

/// Which bytes are drawn dark and which bright.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Levels {
    /// Of each row: this byte and those below are darkest.
    pub floor: Vec<u8>,
    /// So many above the floor is brightest.
    pub span: u8,
}

impl PictureSummary {
    /// Of a picture as far as it is there.
    pub fn new(picture: &Picture) -> Self {
        let n_rows = picture.axis.n_rows;
        let mut summary = Self {
            pyramid: Pyramid::new(n_rows),
            counts: vec![[0; 256]; n_rows],
            levels: Levels::default(),
            n_taken: 0,
            is_exact: true,
            n_changes: 0,
        };
        summary.update(picture, 0..picture.n_columns());
        summary
    }

    /// Brightness that suits the picture.
    pub fn levels(&self) -> &Levels {
        &self.levels
    }

    /// Summarizes another picture in its place.
    pub fn renew(&mut self, picture: &Picture) {
        let n_changes = self.n_changes + 1;
        *self = Self::new(picture);
        self.n_changes += n_changes;
    }

    /// Takes columns that were added to the picture, or came in place of others.
    pub fn update(&mut self, picture: &Picture, columns: Range<usize>) {
        if columns.is_empty() {
            return;
        }
        self.n_changes += 1;
        self.is_exact &= columns.start == self.n_taken;
        self.n_taken = self.n_taken.max(columns.end);
        let n_rows = picture.axis.n_rows;
        let cells = &picture.cells[columns.start * n_rows..columns.end * n_rows];
        for column in cells.chunks_exact(n_rows) {
            for (counts, &cell) in self.counts.iter_mut().zip(column) {
                counts[usize::from(cell)] += 1;
            }
        }
        self.levels = Levels::of(&self.counts);
        self.pyramid.update(&picture.cells, columns);
    }

    /// Counts a picture that is whole anew, if some of its columns did not come once and in turn.
    pub fn settle(&mut self, picture: &Picture) {
        if !self.is_exact {
            self.renew(picture);
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
    use crate::melody::{FrameGrid, PitchAxis};

    #[test]
    fn levels_leave_noise_dark_and_notes_bright() {
        let axis = PitchAxis::HKDSME;
        let mut picture = Picture::new(axis, FrameGrid::from_hop(0.01));
        let cell = |i: usize| match (i / axis.n_rows, i % axis.n_rows) {
            (_, 100) => 200,
            (column, row) => (10 + row / 8 + column * 7 % 5) as u8,
        };
        picture.cells = (0..1000 * axis.n_rows).map(cell).collect();
        let Levels { floor, span } = PictureSummary::new(&picture).levels;
        assert!(
            floor
                .iter()
                .enumerate()
                .all(|(row, &f)| usize::from(f) < 22 + row / 8)
        );
        assert!(floor[319] > floor[0]);
        assert!(span > 150);
    }

    #[test]
    fn columns_that_came_ahead_of_their_turn_leave_the_same_summary() {
        let axis = PitchAxis::HKDSME;
        let mut picture = Picture::new(axis, FrameGrid::from_hop(0.01));
        let cells: Vec<u8> = (0..900 * axis.n_rows)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 9) as u8 % 180)
            .collect();
        picture.cells = cells.clone();
        let whole = PictureSummary::new(&picture);
        // the end first, then all in turn
        picture.cells[..600 * axis.n_rows].fill(0);
        let mut summary = PictureSummary::new(&Picture::new(axis, picture.grid));
        summary.update(&picture, 600..900);
        for columns in [0..400, 400..700, 700..900] {
            let part = columns.start * axis.n_rows..columns.end * axis.n_rows;
            picture.cells[part.clone()].copy_from_slice(&cells[part]);
            let before = summary.n_changes;
            summary.update(&picture, columns);
            assert!(summary.n_changes > before);
        }
        let level = |summary: &PictureSummary| summary.pyramid.level(&cells, 1).to_vec();
        assert_eq!(level(&summary), level(&whole));
        assert_ne!(summary.counts, whole.counts);
        summary.settle(&picture);
        assert_eq!(summary.counts, whole.counts);
        assert_eq!(summary.levels, whole.levels);
    }
}
