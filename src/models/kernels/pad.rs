//! Normalized, zero-padded rows: the only copy that a convolution makes.

use std::ops::Range;

use super::ConvShape;

/// Values beyond the last row that a register tile may read.
pub const SLACK: usize = 256;

/// Fills `padded` with rows `rows` of the zero-padded input of one batch item.
///
/// `value(channel, index)` gives the input at `index` of the item's
/// `[cin, height, width]`. The result is `[cin, rows.len(), padded_width]` and
/// [`SLACK`] zeros; `rows` counts from the first padding row.
pub fn fill(
    padded: &mut Vec<f32>,
    shape: &ConvShape,
    rows: Range<usize>,
    value: impl Fn(usize, Range<usize>, &mut [f32]),
) {
    let stride = shape.padded_width();
    let len = shape.cin * rows.len() * stride + SLACK;
    padded.clear();
    padded.resize(len, 0.0);
    let mut target = padded.chunks_exact_mut(stride);
    for channel in 0..shape.cin {
        for row in rows.clone() {
            let target = target.next().expect("one chunk a row");
            let Some(row) = row.checked_sub(shape.padding.0) else {
                continue;
            };
            if row < shape.height {
                let start = (channel * shape.height + row) * shape.width;
                let inner = &mut target[shape.padding.1..][..shape.width];
                value(channel, start..start + shape.width, inner);
            }
        }
    }
}
