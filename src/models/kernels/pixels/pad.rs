//! Zero-padded windows of the input: the only copy that a convolution makes.

use std::ops::Range;

use super::super::ConvShape;

/// Values beyond the last row that a register tile may read.
pub const SLACK: usize = 256;

/// Values of a window of phase planes, `[cin, row phase, column phase, rows, columns]`.
pub fn len(shape: &ConvShape, rows: usize, columns: usize) -> usize {
    shape.planes() * rows * columns
}

/// Values of one channel's planes of one row phase, side by side in a window.
pub fn share(shape: &ConvShape, rows: usize, columns: usize) -> usize {
    shape.phases().1 * rows * columns
}

/// Fills `padded` with a window of the phase planes of one zero-padded batch item.
///
/// `rows` and `columns` count in phase planes; the length is [`len`]. `value(channel, range, into)`
/// writes the input values `range`, part of a row, of the item's `[cin, height, width]`.
pub fn fill(
    padded: &mut [f32],
    shape: &ConvShape,
    rows: Range<usize>,
    columns: Range<usize>,
    value: impl Fn(usize, Range<usize>, &mut [f32]),
) {
    let share = share(shape, rows.len(), columns.len());
    for (index, padded) in padded.chunks_exact_mut(share).enumerate() {
        fill_share(padded, shape, index, rows.clone(), columns.clone(), &value);
    }
}

/// Fills the `index`th [`share`] of a window; see [`fill`].
pub fn fill_share(
    padded: &mut [f32],
    shape: &ConvShape,
    index: usize,
    rows: Range<usize>,
    columns: Range<usize>,
    value: impl Fn(usize, Range<usize>, &mut [f32]),
) {
    let (phases, width) = (shape.phases(), columns.len());
    let plane = rows.len() * width;
    let (channel, phase) = (index / phases.0, index % phases.0);
    let offset = phase * shape.dilation.0 % shape.stride.0;
    let inside = inside(shape, &columns);
    let before = (inside.start + shape.padding.1).saturating_sub(columns.start);
    let before = before.min(width);
    let mut split = Vec::new();
    for (place, row) in rows.enumerate() {
        let target = &mut padded[place * width..];
        let row = (row * shape.stride.0 + offset).checked_sub(shape.padding.0);
        let Some(row) = row.filter(|&row| row < shape.height) else {
            clear(target, plane, width);
            continue;
        };
        let start = (channel * shape.height + row) * shape.width;
        if shape.stride.1 == 1 {
            let (left, rest) = target[..width].split_at_mut(before);
            let (values, right) = rest.split_at_mut(inside.len());
            left.fill(0.0);
            value(channel, start + inside.start..start + inside.end, values);
            right.fill(0.0);
        } else {
            clear(target, plane, width);
            split.resize(shape.width, 0.0);
            value(channel, start..start + shape.width, &mut split);
            deal(shape, &split, plane, &columns, target);
        }
    }
}

/// Clears a row of `width` in each plane.
fn clear(rows: &mut [f32], plane: usize, width: usize) {
    rows.chunks_mut(plane)
        .for_each(|row| row[..width].fill(0.0));
}

/// The input columns among the padded `columns` of a convolution of stride 1.
fn inside(shape: &ConvShape, columns: &Range<usize>) -> Range<usize> {
    let end = columns.end.saturating_sub(shape.padding.1).min(shape.width);
    columns.start.saturating_sub(shape.padding.1).min(end)..end
}

/// Deals an input row to `columns` of its phases, whose planes are `plane` values apart in `target`.
fn deal(shape: &ConvShape, row: &[f32], plane: usize, columns: &Range<usize>, target: &mut [f32]) {
    let (padding, stride) = (shape.padding.1, shape.stride.1);
    for (phase, target) in target.chunks_mut(plane).enumerate() {
        // The first input column of the phase, and its place among the phase's padded columns.
        let offset = phase * shape.dilation.1 % stride;
        let first = padding.saturating_sub(offset).div_ceil(stride);
        let first = first.max(columns.start);
        let values = row
            .get(first * stride + offset - padding..)
            .unwrap_or_default();
        let places = target[..columns.len()]
            .iter_mut()
            .skip(first - columns.start);
        match stride {
            2 => every::<2>(values, places),
            4 => every::<4>(values, places),
            _ => places
                .zip(values.iter().step_by(stride))
                .for_each(|(place, &value)| *place = value),
        }
    }
}

/// Every `N`th value, from the first on; a fixed `N` becomes vector instructions.
fn every<'a, const N: usize>(values: &[f32], places: impl Iterator<Item = &'a mut f32>) {
    let (whole, rest) = values.as_chunks::<N>();
    let firsts = whole
        .iter()
        .map(|values| values[0])
        .chain(rest.first().copied());
    places.zip(firsts).for_each(|(place, value)| *place = value);
}
