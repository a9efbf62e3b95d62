//! Convolution.

use std::ops::Range;

use rayon::prelude::*;

use super::super::pack::PackedWeight;
use super::super::scratch_pool::{Buffer, ScratchPool};
use super::super::shared_windows::{SharedWindows, WindowGrid};
use super::super::simd::{ConvolveTile, Taps, Tiles};
use super::super::tasks::{tasks_per_window, window_count};
use super::super::{Activation, ConvShape};
use super::filter::PIECE;
use super::pad;
use super::winograd::{self, Winograd, WinogradScratch};

/// Padded input that one task holds, in values: a share of the second-level cache.
const TASK_VALUES: usize = 96 * 1024;

/// Outputs of one block of channels that a task holds, in values.
const BLOCK_VALUES: usize = 32 * 1024;

/// Columns of a task's window, unless the kernel reaches so far that halos would outweigh it.
const COLUMNS: usize = 128;

/// A convolution ready to run: `activation(weight * input + bias)`.
pub struct PixelConv<'a> {
    /// Convolution.
    pub shape: ConvShape,
    /// Instructions to run it with.
    pub tiles: &'a Tiles,
    /// The weight.
    pub weights: &'a PixelWeights,
    /// One value an output channel, or nothing.
    pub bias: &'a [f32],
    /// What surrounds each input channel in place of zeros, or nothing.
    pub border: &'a [f32],
    /// Applied to the sums.
    pub activation: Activation,
}

static SCRATCH: ScratchPool<PixelScratch> = ScratchPool::new();

/// A weight, packed for [`convolve_tile`].
pub enum PixelWeights {
    /// Tap by tap.
    Taps(PackedWeight),
    /// By the Winograd transform.
    Winograd(Winograd),
}

impl PixelWeights {
    /// Packs `weight`, `[cout, cin, kh, kw]`, of a convolution of any height and width.
    pub fn forward(shape: &ConvShape, tiles: &Tiles, weight: &[f32]) -> Self {
        if let Some(square) = winograd::suits(shape) {
            return Self::Winograd(Winograd::new(square, shape, tiles, weight));
        }
        let lanes = convolve_tile(tiles, shape.cout).channels;
        Self::Taps(PackedWeight::forward(shape, weight, lanes))
    }

    /// Packs the weight of `shape` for [`ConvShape::transposed`].
    pub fn transposed(shape: &ConvShape, tiles: &Tiles, weight: &[f32]) -> Self {
        if let Some(square) = winograd::suits(shape) {
            return Self::Winograd(Winograd::transposed(square, shape, tiles, weight));
        }
        let lanes = convolve_tile(tiles, shape.cin).channels;
        Self::Taps(PackedWeight::transposed(shape, weight, lanes))
    }
}

/// The tile for `cout` output channels.
pub fn convolve_tile(tiles: &Tiles, cout: usize) -> ConvolveTile {
    if cout <= tiles.narrow.channels {
        tiles.narrow
    } else {
        tiles.wide
    }
}

/// How an output is cut into windows, one a task.
#[derive(Clone, Copy, Debug)]
pub struct WindowSize {
    /// Rows of a window.
    pub rows: usize,
    /// Columns of a window.
    pub columns: usize,
    /// Padding that ends one row and begins the next, where a window is as wide as the output.
    shared: usize,
}

/// The size of equal shares of `len` that are at most `most` long, a multiple of `multiple`.
fn even_share(len: usize, most: usize, multiple: usize) -> usize {
    len.div_ceil(len.div_ceil(most)).next_multiple_of(multiple)
}

/// Finished rows of one output channel.
pub struct FinishedRows<'a> {
    /// Item of the batch.
    pub item: usize,
    /// Output channel.
    pub channel: usize,
    /// The window, counted down and across.
    pub window: (usize, usize),
    /// Columns.
    pub columns: usize,
    /// Distance of rows in [`FinishedRows::blocks`].
    pub stride: usize,
    /// Rows as they lie.
    pub values: &'a [f32],
}

impl FinishedRows<'_> {
    /// The rows in order.
    pub fn iter(&self) -> impl Iterator<Item = &[f32]> {
        let rows = self.values.chunks(self.stride);
        rows.map(|row| &row[..self.columns])
    }

    /// Every `size` rows as they lie.
    pub fn blocks(&self, size: usize) -> impl Iterator<Item = &[f32]> {
        self.values.chunks(size * self.stride)
    }
}

impl PixelConv<'_> {
    /// The tile it runs on.
    pub fn tile(&self) -> ConvolveTile {
        convolve_tile(self.tiles, self.shape.cout)
    }

    /// Phases along each axis whose outputs are joined, channels of the output one after the other's.
    fn branches(&self) -> usize {
        match self.weights {
            PixelWeights::Taps(_) => 1,
            PixelWeights::Winograd(weights) => weights.branches(),
        }
    }

    /// A window whose rows come in multiples of `multiple`, as far as the output has them.
    pub fn windows(&self, multiple: usize) -> WindowSize {
        match self.weights {
            PixelWeights::Taps(_) => self.tap_windows(multiple),
            PixelWeights::Winograd(weights) => self.winograd_windows(weights, multiple),
        }
    }

    fn tap_windows(&self, multiple: usize) -> WindowSize {
        let shape = &self.shape;
        let (height, width, reach) = (shape.out_height(), shape.out_width(), shape.reach());
        let columns = even_share(width, COLUMNS.max(4 * reach.1), 1);
        let shared = if columns == width {
            pad::shared(shape)
        } else {
            0
        };
        let stride = columns + reach.1 - shared;
        let most = (TASK_VALUES / (shape.planes() * stride)).saturating_sub(reach.0);
        let most = most.min(BLOCK_VALUES / (8 * stride)).max(1);
        let down = window_count(height, most, shape.batch * width.div_ceil(columns));
        let rows = height.div_ceil(down).next_multiple_of(multiple);
        WindowSize {
            rows,
            columns,
            shared,
        }
    }

    /// As many pieces as fill tiles.
    fn winograd_windows(&self, weights: &Winograd, multiple: usize) -> WindowSize {
        let (shape, pixels) = (&self.shape, self.tile().pixels);
        let columns = even_share(shape.out_width(), PIECE * pixels, PIECE);
        let rows = PIECE * weights.piece_rows(shape.planes(), columns / PIECE, pixels);
        let mut multiples = (1..).map(|times| times * multiple);
        let multiple = multiples.find(|multiple| multiple.is_multiple_of(PIECE));
        WindowSize {
            rows: rows.next_multiple_of(multiple.expect("a product of both is one")),
            columns,
            shared: 0,
        }
    }

    /// Bias and activation of some outputs of a channel.
    pub fn finish(&self, channel: usize, outputs: &mut [f32]) {
        let bias = self.bias.get(channel).copied().unwrap_or(0.0);
        self.activation.apply(self.tiles, outputs, bias);
    }

    /// Convolves a batch window by window, and hands on what is finished.
    ///
    /// `value` reads inputs as in [`Convolution`](crate::kernels::Convolution); `emit` gets finished rows.
    pub fn run(
        &self,
        windows: WindowSize,
        value: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
        emit: impl Fn(&FinishedRows) + Sync,
    ) {
        let (height, width) = (self.shape.out_height(), self.shape.out_width());
        let (down, across) = (
            height.div_ceil(windows.rows),
            width.div_ceil(windows.columns),
        );
        let n_windows = self.shape.batch * down * across;
        let blocks = self.shape.cout.div_ceil(self.tile().channels);
        let parts = tasks_per_window(n_windows, blocks);
        (0..n_windows * parts).into_par_iter().for_each(|task| {
            let (task, part) = (task / parts, task % parts);
            let (item, window) = (task / across / down, (task / across % down, task % across));
            let row = window.0 * windows.rows;
            let column = window.1 * windows.columns;
            let place = OutputWindow {
                item,
                window,
                rows: row..height.min(row + windows.rows),
                columns: column..width.min(column + windows.columns),
                shared: windows.shared,
                blocks: part * blocks / parts..(part + 1) * blocks / parts,
            };
            let value = |channel, range: Range<usize>, into: &mut [f32]| {
                value(item, channel, range, into);
            };
            SCRATCH.lend(|scratch| match self.weights {
                PixelWeights::Taps(weights) => {
                    self.window(weights, scratch, &place, value, &emit);
                }
                PixelWeights::Winograd(weights) => {
                    weights.window(self, &mut scratch.winograd, &place, value, &emit);
                }
            });
        });
    }

    /// Convolves into `out`, `[batch, cout, out_height, out_width]`.
    pub fn store(
        &self,
        value: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
        out: &mut [f32],
    ) {
        let windows = self.windows(1);
        let branches = self.branches();
        let grid = WindowGrid {
            width: branches * self.shape.out_width(),
            height: branches * self.shape.out_height(),
            window: (branches * windows.rows, branches * windows.columns),
        };
        let shared = SharedWindows::new(out, grid);
        self.run(windows, value, |rows| {
            let plane = rows.item * self.shape.cout / (branches * branches) + rows.channel;
            let places = shared.take(plane, rows.window.0, rows.window.1);
            for (place, values) in places.zip(rows.iter()) {
                place.copy_from_slice(values);
            }
        });
    }

    /// The channels of one window that its task takes.
    fn window(
        &self,
        weights: &PackedWeight,
        scratch: &mut PixelScratch,
        place: &OutputWindow,
        value: impl Fn(usize, Range<usize>, &mut [f32]),
        emit: &impl Fn(&FinishedRows),
    ) {
        let (shape, reach, columns) = (&self.shape, self.shape.reach(), place.columns.len());
        let stride = columns + reach.1 - place.shared;
        let read = pad::PaddedWindow {
            rows: place.rows.start..place.rows.end + reach.0,
            columns: place.columns.start..place.columns.start + stride,
            shared: place.shared,
        };
        let taps = Taps::new(shape.taps(read.plane(), stride));
        let size = read.size(shape);
        let padded = scratch.padded.of(size + pad::SLACK);
        pad::fill(&mut padded[..size], shape, &read, self.border, value);
        let tile = self.tile();
        let pixels = (place.rows.len() - 1) * stride + columns;
        let span = pixels.next_multiple_of(tile.pixels);
        let sums = scratch.sums.of(tile.channels * span);
        for block in place.blocks.clone() {
            for first in (0..pixels).step_by(tile.pixels) {
                tile.run(
                    &padded[first..],
                    &taps,
                    weights.block(block),
                    &mut sums[first..],
                    span,
                );
            }
            let channels = block * tile.channels..shape.cout.min((block + 1) * tile.channels);
            for (channel, sums) in channels.zip(sums.chunks_exact_mut(span)) {
                self.finish(channel, sums);
                emit(&FinishedRows {
                    item: place.item,
                    channel,
                    window: place.window,
                    columns,
                    values: &sums[..pixels],
                    stride,
                });
            }
        }
    }
}

/// A task's window of the output.
pub struct OutputWindow {
    /// Item of the batch.
    pub item: usize,
    /// The window, counted down and across.
    pub window: (usize, usize),
    /// Its rows.
    pub rows: Range<usize>,
    /// Its columns.
    pub columns: Range<usize>,
    /// Padding that ends one row and begins the next.
    pub shared: usize,
    /// Blocks of output channels.
    pub blocks: Range<usize>,
}

/// What a task leaves to the next.
#[derive(Default)]
struct PixelScratch {
    padded: Buffer,
    sums: Buffer,
    winograd: WinogradScratch,
}
