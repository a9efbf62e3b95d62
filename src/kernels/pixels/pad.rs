//! Padded windows of the input: the only copy that a convolution makes.

use std::ops::Range;

use super::super::ConvShape;
use super::super::simd;

/// Values beyond the last row that a register tile may read.
pub const SLACK: usize = 256;

/// A window of the phase planes of one padded batch item, `[cin, row phase, column phase, plane]`.
pub struct PaddedWindow {
    /// Rows, counted in phase planes.
    pub rows: Range<usize>,
    /// Columns, counted so.
    pub columns: Range<usize>,
    /// Padding that ends a row by beginning the next, and that ends a plane's last row.
    pub shared: usize,
}

impl PaddedWindow {
    /// Values of a phase plane.
    pub fn plane(&self) -> usize {
        self.rows.len() * self.columns.len() + self.shared
    }

    /// Values of one channel's planes of one row phase, which lie side by side.
    pub fn share(&self, shape: &ConvShape) -> usize {
        shape.phases().1 * self.plane()
    }

    /// Values of the window.
    pub fn size(&self, shape: &ConvShape) -> usize {
        shape.planes() * self.plane()
    }
}

/// Padding that both begins and ends each row of a window as wide as the output: where rows follow
/// each other, one row's is the next one's.
pub fn shared(shape: &ConvShape) -> usize {
    let columns = 0..shape.padded_width();
    let both = (0..shape.phases().1).map(|phase| {
        let inside = Inside::new(shape, phase, &columns);
        inside.first.min(columns.len() - inside.first - inside.len)
    });
    both.min().unwrap_or(0).min(shape.reach().1)
}

/// Fills a window; `padded` has its [`PaddedWindow::size`].
///
/// `border` is what surrounds each channel; nothing stands for zeros. `value(channel, range, into)`
/// writes the input values `range`, part of a row, of the item's `[cin, height, width]`.
pub fn fill(
    padded: &mut [f32],
    shape: &ConvShape,
    window: &PaddedWindow,
    border: &[f32],
    value: impl Fn(usize, Range<usize>, &mut [f32]),
) {
    let shares = padded.chunks_exact_mut(window.share(shape));
    for (index, padded) in shares.enumerate() {
        fill_share(padded, shape, window, index, border, &value);
    }
}

/// Fills the `index`th [`PaddedWindow::share`] of a window; see [`fill`].
pub fn fill_share(
    padded: &mut [f32],
    shape: &ConvShape,
    window: &PaddedWindow,
    index: usize,
    border: &[f32],
    value: impl Fn(usize, Range<usize>, &mut [f32]),
) {
    let PaddedWindow { rows, columns, .. } = window;
    let (phases, width, plane) = (shape.phases(), columns.len(), window.plane());
    let (channel, phase) = (index / phases.0, index % phases.0);
    let offset = phase * shape.dilation.0 % shape.stride.0;
    let inside: Vec<Inside> = (0..phases.1)
        .map(|phase| Inside::new(shape, phase, columns))
        .collect();
    let mut split = vec![0.0; if shape.stride.1 == 1 { 0 } else { shape.width }];
    let tiles = simd::best();
    // All at once: the padding of a row is too little for a call.
    padded.fill(border.get(channel).copied().unwrap_or(0.0));
    for (place, row) in rows.clone().enumerate() {
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

/// Deals values to two rows alternately.
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

/// Joins what a stride of `N` split: values of each of `parts` alternately.
#[inline(always)]
pub fn join<const N: usize>(parts: [&[f32]; N], row: &mut [f32]) {
    let (whole, rest) = row.as_chunks_mut::<N>();
    let n = whole.len();
    let firsts = parts.map(|part| &part[..n]);
    for (i, values) in whole.iter_mut().enumerate() {
        for (value, part) in values.iter_mut().zip(&firsts) {
            *value = part[i];
        }
    }
    for (value, part) in rest.iter_mut().zip(parts) {
        *value = part[n];
    }
}

/// Every `stride`th value, from the first on.
#[inline(always)]
pub fn deal(values: &[f32], stride: usize, places: &mut [f32]) {
    match stride {
        2 => every::<2>(values, places),
        4 => every::<4>(values, places),
        8 => every::<8>(values, places),
        _ => {
            let values = values.iter().step_by(stride);
            let both = places.iter_mut().zip(values);
            both.for_each(|(place, &value)| *place = value);
        }
    }
}

/// Every `N`th value, from the first on; a fixed `N` becomes vector instructions.
#[inline(always)]
fn every<const N: usize>(values: &[f32], places: &mut [f32]) {
    let (whole, rest) = values.as_chunks::<N>();
    for (place, values) in places.iter_mut().zip(whole) {
        *place = values[0];
    }
    if let (Some(place), Some(&value)) = (places.get_mut(whole.len()), rest.first()) {
        *place = value;
    }
}
