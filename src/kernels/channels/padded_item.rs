//! Inputs with their channels side by side, surrounded by zeros.

use std::ops::Range;

use super::super::rows_to_columns::{put, to_channels_last};

/// Rows and columns of an item, some of which may lie outside of it, as `[row][column][channel]`.
pub struct PaddedItem {
    /// Channels of the item.
    channels: usize,
    /// Rows and columns of the item.
    item: (usize, usize),
    /// Rows of the copy, counted as the item's.
    rows: Range<isize>,
    /// Columns of the copy, counted as the item's.
    columns: Range<isize>,
    /// Distance of rows.
    pub pitch: usize,
    /// Distance of columns.
    pub column: usize,
}

/// Values in a line of the cache.
const LINE: usize = 16;

impl PaddedItem {
    /// A copy of `rows` and `columns` of an item of `channels` planes of `item` rows and columns.
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

    /// Values in the copy.
    pub fn size(&self) -> usize {
        self.rows.len() * self.pitch
    }

    /// Where the first channel of the item's `row` and `column` lies.
    pub fn at(&self, row: isize, column: isize) -> usize {
        let (row, column) = (row - self.rows.start, column - self.columns.start);
        row as usize * self.pitch + column as usize * self.column
    }

    /// Fills rows of the copy from `first` on, [`Self::pitch`] values each, by
    /// `value(channel, range, into)`, which writes `range`, part of a row, of the item's
    /// `[channels, height, width]`.
    pub fn fill(
        &self,
        first: usize,
        values: &mut [f32],
        lines: &mut Vec<f32>,
        value: impl Fn(usize, Range<usize>, &mut [f32]),
    ) {
        let (height, width) = self.item;
        let top = self.rows.start + first as isize;
        let rows = inside(&(top..top + (values.len() / self.pitch) as isize), height);
        let columns = inside(&self.columns, width);
        if rows.is_empty() || columns.is_empty() {
            return values.fill(0.0);
        }
        let above = (rows.start as isize - top) as usize;
        let (outside, values) = values.split_at_mut(above * self.pitch);
        outside.fill(0.0);
        let (values, outside) = values.split_at_mut(rows.len() * self.pitch);
        outside.fill(0.0);
        let left = (columns.start as isize - self.columns.start) as usize * self.column;
        let right = left + columns.len() * self.column;
        for row in values.chunks_exact_mut(self.pitch) {
            row[..left].fill(0.0);
            row[right..].fill(0.0);
        }
        let value = |channel, row, into: &mut [f32]| {
            let start = (channel * height + row) * width;
            value(channel, start + columns.start..start + columns.end, into);
        };
        let write = |row, column, channel, lanes: &[f32]| {
            let column = left + column * self.column + channel;
            put(
                lanes,
                &mut values[(row - rows.start) * self.pitch + column..],
            );
        };
        let size = (rows.clone(), columns.len());
        to_channels_last(0..self.channels, size, lines, value, write);
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
