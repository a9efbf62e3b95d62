//! Convolution, and its gradient by the input.

use std::ops::Range;

use rayon::prelude::*;

use super::pack::Packed;
use super::simd::{ConvolveTile, Parts, Tiles};
use super::{Activation, ConvShape, pad};

/// Padded input that one task holds, in values: a share of the second-level cache.
const TASK_VALUES: usize = 96 * 1024;

/// Outputs of one block of channels that a task holds, in values.
const BLOCK_VALUES: usize = 32 * 1024;

/// Columns of a task's window, unless the kernel reaches so far that halos would outweigh it.
const COLUMNS: usize = 128;

/// A convolution ready to run: `activation(weight * input + bias)`.
pub struct Convolution<'a> {
    /// Sizes.
    pub shape: ConvShape,
    /// Instructions to run it with.
    pub tiles: &'a Tiles,
    /// The weight, packed for [`tile`] of the tiles.
    pub weights: &'a Packed,
    /// One value an output channel, or nothing.
    pub bias: &'a [f32],
    /// Applied to the sums.
    pub activation: Activation,
}

/// The tile for `cout` output channels.
pub fn tile(tiles: &Tiles, cout: usize) -> ConvolveTile {
    if cout <= tiles.narrow.channels {
        tiles.narrow
    } else {
        tiles.wide
    }
}

/// How an output is cut into windows, one a task.
#[derive(Clone, Copy, Debug)]
pub struct Windows {
    /// Rows of a window.
    pub rows: usize,
    /// Columns of a window.
    pub columns: usize,
}

impl Windows {
    /// Windows whose rows come in multiples of `multiple`, as far as the output has them.
    pub fn new(shape: &ConvShape, multiple: usize) -> Self {
        let (height, width, reach) = (shape.out_height(), shape.out_width(), shape.reach());
        let columns = even_share(width, COLUMNS.max(4 * reach.1), 1);
        let stride = columns + reach.1;
        let most = (TASK_VALUES / (shape.cin * stride)).saturating_sub(reach.0);
        let most = most.min(BLOCK_VALUES / (8 * stride)).max(1);
        let rows = even_share(height, most, multiple);
        Self { rows, columns }
    }
}

/// The size of equal shares of `len` that are at most `most` long, a multiple of `multiple`.
fn even_share(len: usize, most: usize, multiple: usize) -> usize {
    len.div_ceil(len.div_ceil(most)).next_multiple_of(multiple)
}

/// Finished rows of one output channel.
pub struct Rows<'a> {
    /// Item of the batch.
    pub item: usize,
    /// Output channel.
    pub channel: usize,
    /// Output rows.
    pub rows: Range<usize>,
    /// Number of the window's columns among those of its rows.
    pub window: usize,
    /// Columns.
    pub columns: usize,
    /// Distance of rows in [`Rows::blocks`].
    pub stride: usize,
    values: &'a [f32],
}

impl Rows<'_> {
    /// The rows with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &[f32])> {
        let rows = self.values.chunks(self.stride);
        self.rows.clone().zip(rows.map(|row| &row[..self.columns]))
    }

    /// Every `size` rows as they lie, with the first one's number.
    pub fn blocks(&self, size: usize) -> impl Iterator<Item = (usize, &[f32])> {
        let blocks = self.values.chunks(size * self.stride);
        self.rows.clone().step_by(size).zip(blocks)
    }
}

impl Convolution<'_> {
    /// Convolves a batch window by window, and hands on what is finished.
    ///
    /// `value(item, channel, range, into)` writes input values `range`, part of a
    /// row, of the item's `[cin, height, width]`, so that a normalization, an unpooling
    /// or a gradient's slope costs no pass of its own; so does `emit` for what follows.
    pub fn run(
        &self,
        windows: Windows,
        value: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
        emit: impl Fn(&Rows) + Sync,
    ) {
        let (height, width) = (self.shape.out_height(), self.shape.out_width());
        let (down, across) = (
            height.div_ceil(windows.rows),
            width.div_ceil(windows.columns),
        );
        (0..self.shape.batch * down * across)
            .into_par_iter()
            .for_each_init(Scratch::default, |scratch, task| {
                let (item, row, window) =
                    (task / across / down, task / across % down, task % across);
                let rows = row * windows.rows..height.min((row + 1) * windows.rows);
                let columns = window * windows.columns..width.min((window + 1) * windows.columns);
                let reach = self.shape.reach();
                pad::fill(
                    &mut scratch.padded,
                    &self.shape,
                    rows.start..rows.end + reach.0,
                    columns.start..columns.end + reach.1,
                    |channel, range, into| value(item, channel, range, into),
                );
                let place = (item, rows, window, columns.len());
                self.window(scratch, place, &emit);
            });
    }

    /// Convolves into `out`, `[batch, cout, out_height, out_width]`.
    pub fn store(
        &self,
        value: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
        out: &mut [f32],
    ) {
        self.store_within(value, out, self.shape.out_height(), 0);
    }

    /// Convolves into `out`, `[batch, cout, plane_rows, out_width]`, from row `first_row` of each plane on.
    pub fn store_within(
        &self,
        value: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
        out: &mut [f32],
        plane_rows: usize,
        first_row: usize,
    ) {
        let windows = Windows::new(&self.shape, 1);
        let parts = Parts::new(out, self.shape.out_width(), windows.columns);
        self.run(windows, value, |rows| {
            let plane = (rows.item * self.shape.cout + rows.channel) * plane_rows + first_row;
            for (row, values) in rows.iter() {
                parts.take(plane + row, rows.window).copy_from_slice(values);
            }
        });
    }

    /// All channels of one window.
    fn window(
        &self,
        scratch: &mut Scratch,
        (item, rows, window, columns): (usize, Range<usize>, usize, usize),
        emit: &impl Fn(&Rows),
    ) {
        let cout = self.shape.cout;
        let tile = tile(self.tiles, cout);
        let reach = self.shape.reach();
        let stride = columns + reach.1;
        let taps = self.shape.taps(rows.len() + reach.0, stride);
        let furthest = *taps.last().expect("a kernel has taps");
        let pixels = (rows.len() - 1) * stride + columns;
        let span = pixels.next_multiple_of(tile.pixels);
        scratch.sums.resize(tile.channels * span, 0.0);
        for block in 0..cout.div_ceil(tile.channels) {
            for first in (0..pixels).step_by(tile.pixels) {
                tile.run(
                    &scratch.padded[first..],
                    furthest,
                    &taps,
                    self.weights.block(block),
                    &mut scratch.sums[first..],
                    span,
                );
            }
            let channels = block * tile.channels..cout.min((block + 1) * tile.channels);
            for (channel, sums) in channels.zip(scratch.sums.chunks_exact_mut(span)) {
                let bias = self.bias.get(channel).copied().unwrap_or(0.0);
                self.tiles.finish(sums, bias, self.activation);
                emit(&Rows {
                    item,
                    channel,
                    rows: rows.clone(),
                    window,
                    columns,
                    values: &sums[..pixels],
                    stride,
                });
            }
        }
    }
}

/// What a task reuses from window to window.
#[derive(Default)]
struct Scratch {
    padded: Vec<f32>,
    sums: Vec<f32>,
}
