//! Inputs with their channels side by side, surrounded by zeros.

use std::ops::Range;

use super::super::turn::side_by_side;

/// Rows and columns of an item, some of which may lie outside of it, as `[row][column][channel]`.
pub struct Frame {
    /// Channels of the item.
    channels: usize,
    /// Rows and columns of the item.
    item: (usize, usize),
    /// Rows of the frame, counted as the item's.
    rows: Range<isize>,
    /// Columns of the frame, counted as the item's.
    columns: Range<isize>,
    /// Distance of rows.
    pub pitch: usize,
    /// Distance of columns.
    pub column: usize,
}

/// Values in a line of the cache.
const LINE: usize = 16;

impl Frame {
    /// A frame of `rows` and `columns` of an item of `channels` planes of `item` rows and columns.
    pub fn new(
        channels: usize,
        item: (usize, usize),
        rows: Range<isize>,
        columns: Range<isize>,
    ) -> Self {
        let column = match channels {
            0..LINE => channels,
            _ => odd_lines(channels),
        };
        Self {
            channels,
            item,
            rows,
            pitch: odd_lines(columns.len() * column),
            columns,
            column,
        }
    }

    /// Values in the frame.
    pub fn size(&self) -> usize {
        self.rows.len() * self.pitch
    }

    /// Where the first channel of the item's `row` and `column` lies.
    pub fn at(&self, row: isize, column: isize) -> usize {
        let (row, column) = (row - self.rows.start, column - self.columns.start);
        row as usize * self.pitch + column as usize * self.column
    }

    /// Fills `values` by `value(channel, range, into)`, which writes
    /// `range`, part of a row, of the item's `[channels, height, width]`.
    pub fn fill(
        &self,
        values: &mut [f32],
        lines: &mut Vec<f32>,
        value: impl Fn(usize, Range<usize>, &mut [f32]),
    ) {
        for (row, values) in values.chunks_exact_mut(self.pitch).enumerate() {
            self.fill_row(row, values, lines, &value);
        }
    }

    /// Fills the `row`th row of the frame, [`Self::pitch`] values; see [`Self::fill`].
    pub fn fill_row(
        &self,
        row: usize,
        values: &mut [f32],
        lines: &mut Vec<f32>,
        value: impl Fn(usize, Range<usize>, &mut [f32]),
    ) {
        let row = usize::try_from(self.rows.start + row as isize).ok();
        let (height, width) = self.item;
        let columns = inside(&self.columns, width);
        let Some(row) = row.filter(|&row| row < height && !columns.is_empty()) else {
            return values.fill(0.0);
        };
        let before = (columns.start as isize - self.columns.start) as usize;
        let (before, values) = values.split_at_mut(before * self.column);
        let (values, after) = values.split_at_mut(columns.len() * self.column);
        before.fill(0.0);
        after.fill(0.0);
        side_by_side(
            0..self.channels,
            self.column,
            values,
            lines,
            |channel, into| {
                let start = (channel * height + row) * width;
                value(channel, start + columns.start..start + columns.end, into);
            },
        );
    }
}

/// The next odd number of lines: neighboring rows and columns must not compete for one cache set.
fn odd_lines(len: usize) -> usize {
    (len.div_ceil(LINE) | 1) * LINE
}

/// The part of `range` that lies within `size`.
fn inside(range: &Range<isize>, size: usize) -> Range<usize> {
    let clamp = |at: isize| usize::try_from(at).unwrap_or(0).min(size);
    clamp(range.start)..clamp(range.end)
}
