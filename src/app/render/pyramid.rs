//! Maxima of many columns, so that thin lines survive zooming out.

use std::ops::Range;

/// Columns of one level that make one column of the next.
pub const FACTOR: usize = 4;

/// A level this short is the last.
const SHORTEST: usize = 256;

/// Levels above the picture: column `i` of level `k` is the cell by cell maximum of the
/// picture's columns `i * 4^k .. (i + 1) * 4^k`.
///
/// Level 0 is the picture itself, which is kept by its owner and passed in.
/// The levels take a third of its memory.
#[derive(Clone, Debug, Default)]
pub struct Pyramid {
    n_rows: usize,
    levels: Vec<Vec<u8>>,
}

impl Pyramid {
    /// Levels of an empty picture of `n_rows` rows.
    pub fn new(n_rows: usize) -> Self {
        Self {
            n_rows,
            levels: Vec::new(),
        }
    }

    /// Cells of a level; `base` is level 0.
    pub fn level<'a>(&'a self, base: &'a [u8], level: usize) -> &'a [u8] {
        match level {
            0 => base,
            _ => &self.levels[level - 1],
        }
    }

    /// The finest level with at most `FACTOR` columns in a pixel, for so many of level 0.
    pub fn level_for(&self, columns_per_pixel: f64) -> usize {
        let level = columns_per_pixel.max(1.0).log(FACTOR as f64).floor();
        (level as usize).min(self.levels.len())
    }

    /// Renews what depends on the columns `changed` of `base`.
    pub fn update(&mut self, base: &[u8], mut changed: Range<usize>) {
        let mut level = 0;
        while level < self.levels.len() || self.level(base, level).len() > SHORTEST * self.n_rows {
            changed = changed.start / FACTOR..changed.end.div_ceil(FACTOR);
            if level == self.levels.len() {
                // a new level needs all there is below
                self.levels.push(Vec::new());
                changed.start = 0;
            }
            self.renew(base, level, changed.clone());
            level += 1;
        }
    }

    /// Computes the columns `changed` of level `below + 1`.
    fn renew(&mut self, base: &[u8], below: usize, changed: Range<usize>) {
        let n_rows = self.n_rows;
        let mut cells = std::mem::take(&mut self.levels[below]);
        let source = self.level(base, below);
        let n_columns = (source.len() / n_rows).div_ceil(FACTOR);
        cells.resize(n_columns * n_rows, 0);
        let end = changed.end.min(n_columns);
        for i in changed.start.min(end)..end {
            let first = i * FACTOR * n_rows;
            let last = (first + FACTOR * n_rows).min(source.len());
            let column = &mut cells[i * n_rows..][..n_rows];
            column.fill(0);
            include_max(column, &source[first..last]);
        }
        self.levels[below] = cells;
    }
}

/// Raises `column` to the maximum with each of the columns in `cells`.
pub fn include_max(column: &mut [u8], cells: &[u8]) {
    for other in cells.chunks_exact(column.len()) {
        for (cell, &value) in column.iter_mut().zip(other) {
            *cell = (*cell).max(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const N_ROWS: usize = 3;

    fn picture(n_columns: usize) -> Vec<u8> {
        (0..n_columns * N_ROWS)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 7) as u8)
            .collect()
    }

    #[test]
    fn every_level_is_the_maximum_of_its_columns() {
        let base = picture(5003);
        let mut pyramid = Pyramid::new(N_ROWS);
        pyramid.update(&base, 0..5003);
        assert_eq!(pyramid.levels.len(), 3);
        for level in 1..=3 {
            let cells = pyramid.level(&base, level);
            let width = FACTOR.pow(level as u32);
            assert_eq!(cells.len() / N_ROWS, 5003usize.div_ceil(width));
            for (i, column) in cells.chunks(N_ROWS).enumerate() {
                let mut expected = [0; N_ROWS];
                let end = ((i + 1) * width).min(5003);
                include_max(&mut expected, &base[i * width * N_ROWS..end * N_ROWS]);
                assert_eq!(column, expected);
            }
        }
    }

    #[test]
    fn growing_piece_by_piece_gives_the_same_levels() {
        let base = picture(3000);
        let mut whole = Pyramid::new(N_ROWS);
        whole.update(&base, 0..3000);
        let mut grown = Pyramid::new(N_ROWS);
        for (first, last) in [(0, 7), (7, 1021), (1021, 1022), (1022, 3000)] {
            grown.update(&base[..last * N_ROWS], first..last);
        }
        assert_eq!(whole.levels, grown.levels);
    }

    #[test]
    fn a_thin_line_survives_every_zoom() {
        let mut base = vec![0; 10_000 * N_ROWS];
        base[7777 * N_ROWS + 1] = 255;
        let mut pyramid = Pyramid::new(N_ROWS);
        pyramid.update(&base, 0..10_000);
        for level in 0..=pyramid.levels.len() {
            assert!(pyramid.level(&base, level).contains(&255));
        }
    }
}
