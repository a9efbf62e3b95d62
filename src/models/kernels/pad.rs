//! Zero-padded parts of the input: the only copy that a convolution makes.

use std::ops::Range;

use super::ConvShape;

/// Values beyond the last row that a register tile may read.
pub const SLACK: usize = 256;

/// Fills `padded` with a window of the zero-padded input of one batch item.
///
/// `rows` and `columns` count from the first padding row and column. The result
/// is `[cin, rows.len(), columns.len()]` and [`SLACK`] zeros. `value(channel, range, into)`
/// writes the input values `range`, part of a row, of the item's `[cin, height, width]`.
pub fn fill(
    padded: &mut Vec<f32>,
    shape: &ConvShape,
    rows: Range<usize>,
    columns: Range<usize>,
    value: impl Fn(usize, Range<usize>, &mut [f32]),
) {
    let stride = columns.len();
    padded.clear();
    padded.resize(shape.cin * rows.len() * stride + SLACK, 0.0);
    let first = columns.start.max(shape.padding.1) - shape.padding.1;
    let end = (columns.end.max(shape.padding.1) - shape.padding.1).min(shape.width);
    let offset = first + shape.padding.1 - columns.start;
    let mut target = padded.chunks_exact_mut(stride);
    for channel in 0..shape.cin {
        for row in rows.clone() {
            let target = target.next().expect("one chunk a row");
            let Some(row) = row.checked_sub(shape.padding.0) else {
                continue;
            };
            if row < shape.height && first < end {
                let start = (channel * shape.height + row) * shape.width;
                let inner = &mut target[offset..][..end - first];
                value(channel, start + first..start + end, inner);
            }
        }
    }
}
