//! A transposed convolution with a stride, by its polyphase branches.
//!
//! Named as in the convolution that it transposes: from outputs to inputs. Inputs one stride apart
//! are made by the same taps, so that each pair of branches (of rows and of columns) is a convolution
//! of stride 1 over the same window of outputs. The branches' results are interleaved to rows.

use std::ops::Range;

use rayon::prelude::*;

use super::super::pack::PackedWeight;
use super::super::polyphase::{Branch, hull, pairs};
use super::super::scratch_pool::{Buffer, ScratchPool};
use super::super::shared_windows::{SharedWindows, WindowGrid};
use super::super::simd::{ConvolveTile, Taps, Tiles};
use super::super::tasks::window_count;
use super::super::{Activation, ConvShape};
use super::pad;
use super::pixel_conv::convolve_tile;

/// Padded outputs that one task holds, in values: a share of the second-level cache.
const TASK_VALUES: usize = 96 * 1024;

/// Inputs of one block of channels that a task holds, in values, of all branches.
const BLOCK_VALUES: usize = 64 * 1024;

static SCRATCH: ScratchPool<PolyphaseScratch> = ScratchPool::new();

/// A transposed convolution with its weight packed.
pub struct PolyphaseConv {
    shape: ConvShape,
    rows: Vec<Branch>,
    columns: Vec<Branch>,
    /// By pair of branches, of the taps `[output channel, row, column]`.
    weights: Vec<PackedWeight>,
    /// How outputs are padded, as if for a convolution of stride 1.
    padded: ConvShape,
    /// Columns of outputs with their padding, but for the zeros of the next row.
    width: usize,
    /// Zeros that end one row and begin the next.
    shared: usize,
}

/// What a task leaves to the next.
#[derive(Default)]
struct PolyphaseScratch {
    padded: Buffer,
    /// `[pair of branches][channel of the block][row][column]`.
    sums: Buffer,
}

/// What all branches of an axis read.
fn reads(branches: &[Branch]) -> Range<isize> {
    hull(
        branches
            .iter()
            .map(|branch| branch.reads(&(0..branch.count))),
    )
    .unwrap_or(0..1)
}

impl PolyphaseConv {
    /// The transposed convolution of `shape` with `weight`, `[cout, cin, kh, kw]`.
    pub fn new(shape: &ConvShape, tiles: &Tiles, weight: &[f32]) -> Self {
        let (down, across) = shape.axes();
        let (rows, columns) = (Branch::transposed(&down), Branch::transposed(&across));
        let lanes = convolve_tile(tiles, shape.cin).channels;
        let weights = pairs(&rows, &columns).map(|(rows, columns)| {
            PackedWeight::branch(shape, weight, (&rows.taps, &columns.taps), lanes)
        });
        let weights = weights.collect();
        let zeros = |reads: &Range<isize>| usize::try_from(-reads.start).unwrap_or(0);
        let (read_rows, read_columns) = (reads(&rows), reads(&columns));
        let padding = (zeros(&read_rows), zeros(&read_columns));
        let width = (read_columns.end + padding.1 as isize) as usize;
        let shared = width.saturating_sub(padding.1 + shape.out_width());
        let shared = shared.min(padding.1);
        Self {
            padded: ConvShape {
                cin: shape.cout,
                height: shape.out_height(),
                width: shape.out_width(),
                padding,
                dilation: (1, 1),
                stride: (1, 1),
                ..*shape
            },
            width: width - shared,
            shared,
            shape: *shape,
            rows,
            columns,
            weights,
        }
    }

    /// Takes `dy`, the gradient by the output, to the input: `dx` is `[batch, cin, height, width]`.
    ///
    /// `dy` reads as in [`Convolution`](crate::kernels::Convolution). A bias
    /// for each of `cin` channels (or none) and an activation follow.
    pub fn run(
        &self,
        tiles: &Tiles,
        bias: &[f32],
        activation: Activation,
        dy: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
        dx: &mut [f32],
    ) {
        let shape = &self.shape;
        let tile = convolve_tile(tiles, shape.cin);
        let rows = self.window_rows(tile);
        let grid = WindowGrid {
            width: shape.width,
            height: shape.height,
            window: (rows, shape.width),
        };
        let planes = SharedWindows::new(dx, grid);
        let down = shape.height.div_ceil(rows);
        let tasks = (0..shape.batch * down).into_par_iter();
        tasks.for_each(|task| {
            let (item, number) = (task / down, task % down);
            let rows = number * rows..shape.height.min((number + 1) * rows);
            let window = PolyphaseWindow::new(self, tile, rows);
            let dy = |channel, range: Range<usize>, into: &mut [f32]| {
                dy(item, channel, range, into);
            };
            SCRATCH.lend(|PolyphaseScratch { padded, sums }| {
                let padded = window.fill(padded, dy);
                let sums = sums.of(window.branches.len() * tile.channels * window.span);
                for first in (0..shape.cin).step_by(tile.channels) {
                    window.convolve(tile, first / tile.channels, padded, sums);
                    for channel in first..shape.cin.min(first + tile.channels) {
                        let branches = sums.chunks_exact_mut(window.span);
                        let branches = branches.skip(channel - first).step_by(tile.channels);
                        let bias = bias.get(channel).copied().unwrap_or(0.0);
                        branches.for_each(|sums| activation.apply(tiles, sums, bias));
                        let rows = planes.take(item * shape.cin + channel, number, 0);
                        let sums = &sums[(channel - first) * window.span..];
                        self.join(tiles, sums, tile.channels * window.span, rows);
                    }
                }
            });
        });
    }

    /// Rows of a window: a multiple of the stride, so that every window begins with the first branch.
    fn window_rows(&self, tile: ConvolveTile) -> usize {
        let (shape, stride) = (&self.shape, self.shape.stride);
        let block = tile.channels * stride.0 * stride.1;
        let most = (TASK_VALUES / shape.cout).min(BLOCK_VALUES / block) / self.width;
        let all = shape.height.div_ceil(stride.0);
        let down = window_count(all, most.max(1), shape.batch);
        all.div_ceil(down) * stride.0
    }

    /// Joins the sums of a channel, `apart` from pair to pair of branches, to its rows.
    fn join<'a>(
        &self,
        tiles: &Tiles,
        sums: &[f32],
        apart: usize,
        rows: impl Iterator<Item = &'a mut [f32]>,
    ) {
        let (down, across) = self.shape.stride;
        for (number, row) in rows.enumerate() {
            let start = number % down * across * apart + number / down * self.width;
            let branch = |first: usize| &sums[start + first * apart..];
            if across == 2 {
                tiles.with(
                    #[inline(always)]
                    || pad::join([branch(0), branch(1)], row),
                );
                continue;
            }
            for first in 0..across.min(row.len()) {
                let places = row[first..].iter_mut().step_by(across);
                let both = places.zip(branch(first));
                both.for_each(|(place, &sum)| *place = sum);
            }
        }
    }
}

/// Rows of an item's inputs that one task makes.
struct PolyphaseWindow<'a> {
    conv: &'a PolyphaseConv,
    /// The padded rows of outputs that it reads.
    read: pad::PaddedWindow,
    /// By pair of branches.
    branches: Vec<BranchTaps>,
    /// Values in the sums of a channel, by each pair of branches.
    span: usize,
}

/// Inputs that the same taps make.
struct BranchTaps {
    taps: Taps,
    /// Where the first tap reads for the first of them.
    base: usize,
    /// How many there are, with what lies between rows.
    pixels: usize,
}

impl<'a> PolyphaseWindow<'a> {
    fn new(conv: &'a PolyphaseConv, tile: ConvolveTile, rows: Range<usize>) -> Self {
        let top = conv.padded.padding.0 as isize;
        let reads = conv
            .rows
            .iter()
            .map(|branch| branch.reads(&branch.within(&rows)));
        let read = hull(reads).unwrap_or(0..1);
        let n_rows = rows.len().div_ceil(conv.shape.stride.0);
        let mut window = Self {
            conv,
            read: pad::PaddedWindow {
                rows: (read.start + top) as usize..(read.end + top) as usize,
                columns: 0..conv.width,
                shared: conv.shared,
            },
            branches: Vec::new(),
            span: (n_rows * conv.width).next_multiple_of(tile.pixels),
        };
        let branches = pairs(&conv.rows, &conv.columns)
            .map(|(down, across)| window.branch(down, down.within(&rows), across));
        window.branches = branches.collect();
        window
    }

    /// Rows of the branch `down`, those of numbers `within`, at the columns of the branch `across`.
    fn branch(&self, down: &Branch, within: Range<usize>, across: &Branch) -> BranchTaps {
        let width = self.conv.width;
        let mut taps = Vec::with_capacity(self.conv.weights[0].taps);
        for channel in 0..self.conv.shape.cout {
            for row in 0..down.taps.len() {
                let start = channel * self.read.plane() + row * down.dilation * width;
                taps.extend((0..across.taps.len()).map(|tap| start + tap * across.dilation));
            }
        }
        let pixels = match within.len() * across.count {
            0 => 0,
            _ => (within.len() - 1) * width + across.count,
        };
        // Without pixels or taps its place may lie outside.
        let (top, left) = self.conv.padded.padding;
        let base = match pixels * taps.len() {
            0 => 0,
            _ => {
                let row = (down.read(within.start) + top as isize) as usize - self.read.rows.start;
                row * width + (across.origin + left as isize) as usize
            }
        };
        BranchTaps {
            taps: Taps::new(taps),
            base,
            pixels,
        }
    }

    /// The window of padded outputs; `value` writes outputs, part of a row.
    fn fill<'b>(
        &self,
        buffer: &'b mut Buffer,
        value: impl Fn(usize, Range<usize>, &mut [f32]),
    ) -> &'b [f32] {
        let conv = self.conv;
        let size = self.read.size(&conv.padded);
        let padded = buffer.of(size + pad::SLACK);
        pad::fill(&mut padded[..size], &conv.padded, &self.read, &[], value);
        padded
    }

    /// Makes the sums of one block of channels.
    fn convolve(&self, tile: ConvolveTile, block: usize, padded: &[f32], sums: &mut [f32]) {
        let sums = sums.chunks_exact_mut(tile.channels * self.span);
        for ((branch, weights), sums) in self.branches.iter().zip(&self.conv.weights).zip(sums) {
            let (padded, weights) = (&padded[branch.base..], weights.block(block));
            for first in (0..branch.pixels).step_by(tile.pixels) {
                let (padded, sums) = (&padded[first..], &mut sums[first..]);
                tile.run(padded, &branch.taps, weights, sums, self.span);
            }
        }
    }
}
