//! Zero-padded windows of the input: the only copy that a convolution makes.

use std::ops::Range;

use super::super::ConvShape;
use super::super::simd;

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

/// Zeros that both begin and end each row of a window as wide as the output: where rows follow
/// each other, one row's are the next one's.
pub fn shared(shape: &ConvShape) -> usize {
    let columns = 0..shape.padded_width();
    let zeros = (0..shape.phases().1).map(|phase| {
        let inside = Inside::new(shape, phase, &columns);
        inside.first.min(columns.len() - inside.first - inside.len)
    });
    zeros.min().unwrap_or(0).min(shape.reach().1)
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
    let inside: Vec<Inside> = (0..phases.1)
        .map(|phase| Inside::new(shape, phase, &columns))
        .collect();
    let mut split = vec![0.0; if shape.stride.1 == 1 { 0 } else { shape.width }];
    let tiles = simd::best();
    padded.fill(0.0); // all at once: the zeros of a row are too few for a call
    for (place, row) in rows.enumerate() {
        let row = (row * shape.stride.0 + offset).checked_sub(shape.padding.0);
        let Some(row) = row.filter(|&row| row < shape.height) else {
            continue;
        };
        let target = &mut padded[place * width..];
        let start = (channel * shape.height + row) * shape.width;
        if shape.stride.1 == 1 {
            let inside = &inside[0];
            let range = start + inside.from..start + inside.from + inside.len;
            value(channel, range, &mut target[inside.first..][..inside.len]);
        } else {
            value(channel, start..start + shape.width, &mut split);
            tiles.with(
                #[inline(always)]
                || match &inside[..] {
                    [a, b] if shape.stride.1 == 2 && a.from.abs_diff(b.from) == 1 => {
                        let (upper, lower) = target.split_at_mut(plane);
                        let mut rows = [a.of(upper), b.of(lower)];
                        if a.from > b.from {
                            rows.reverse();
                        }
                        in_turn(&split[a.from.min(b.from)..], rows);
                    }
                    _ => {
                        for (inside, row) in inside.iter().zip(target.chunks_mut(plane)) {
                            deal(&split[inside.from..], shape.stride.1, inside.of(row));
                        }
                    }
                },
            );
        }
    }
}

/// The part of a row of a phase that holds inputs.
struct Inside {
    /// Its first place among the row's.
    first: usize,
    /// Its length.
    len: usize,
    /// The input column of its first place.
    from: usize,
}

impl Inside {
    /// Of `columns` of a column phase.
    fn new(shape: &ConvShape, phase: usize, columns: &Range<usize>) -> Self {
        let axis = shape.axes().1;
        let offset = phase * axis.dilation % axis.stride;
        let first = axis.padding.saturating_sub(offset).div_ceil(axis.stride);
        let first = first.clamp(columns.start, columns.end);
        let from = (first * axis.stride + offset)
            .saturating_sub(axis.padding)
            .min(axis.size);
        Self {
            first: first - columns.start,
            len: (axis.size - from)
                .div_ceil(axis.stride)
                .min(columns.end - first),
            from,
        }
    }

    /// Those places of a row.
    #[inline(always)]
    fn of<'a>(&self, row: &'a mut [f32]) -> &'a mut [f32] {
        &mut row[self.first..][..self.len]
    }
}

/// Values to two rows in turn.
#[inline(always)]
fn in_turn(values: &[f32], [even, odd]: [&mut [f32]; 2]) {
    let (pairs, _) = values.as_chunks::<2>();
    let n = pairs.len().min(even.len()).min(odd.len());
    for (pair, (even, odd)) in pairs.iter().zip(even.iter_mut().zip(odd.iter_mut())) {
        (*even, *odd) = (pair[0], pair[1]);
    }
    every::<2>(&values[2 * n..], &mut even[n..]);
    every::<2>(values.get(2 * n + 1..).unwrap_or_default(), &mut odd[n..]);
}

/// Joins what a stride of 2 parted: values of `even` and of `odd` in turn.
#[inline(always)]
pub fn join(even: &[f32], odd: &[f32], row: &mut [f32]) {
    let (pairs, rest) = row.as_chunks_mut::<2>();
    let (whole, more) = even.split_at(pairs.len());
    for (pair, (&even, &odd)) in pairs.iter_mut().zip(whole.iter().zip(odd)) {
        *pair = [even, odd];
    }
    if let (Some(last), Some(&even)) = (rest.first_mut(), more.first()) {
        *last = even;
    }
}

/// Every `stride`th value, from the first on.
#[inline(always)]
fn deal(values: &[f32], stride: usize, places: &mut [f32]) {
    match stride {
        2 => every::<2>(values, places),
        4 => every::<4>(values, places),
        _ => {
            let values = values.iter().step_by(stride);
            let both = places.iter_mut().zip(values);
            both.for_each(|(place, &value)| *place = value);
        }
    }
}

/// Every `N`th value, from the first on; a fixed `N` becomes vector instructions.
#[inline(always)]
pub fn every<const N: usize>(values: &[f32], places: &mut [f32]) {
    let (whole, rest) = values.as_chunks::<N>();
    for (place, values) in places.iter_mut().zip(whole) {
        *place = values[0];
    }
    if let (Some(place), Some(&value)) = (places.get_mut(whole.len()), rest.first()) {
        *place = value;
    }
}
