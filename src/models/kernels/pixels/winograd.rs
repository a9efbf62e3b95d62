//! Kernels of 3x3 and 5x5 by fewer products: minimal filtering (Winograd 1980; F(2x2, 3x3) of
//! Lavin and Gray, "Fast algorithms for convolutional neural networks", CVPR 2016).
//!
//! Four outputs by 3x3 read 4x4 inputs. Sums and differences of those, times 16 of the kernel's,
//! give the outputs by sums and differences again: 16 products where plain taps take 36, and of
//! 5x5, 36 for 100. The sums of products over channels are those of the register tile, once for
//! each of the 16 or 36.

use std::ops::Range;

use rayon::prelude::*;

use super::super::ConvShape;
use super::super::simd::{Taps, Tiles};
use super::super::spare::Buffer;
use super::forward::{Convolution, Place, Rows, tile};
use super::pad::{SLACK, every};
use super::sums::{LANES, Layout, Square};

/// Input sums that one task holds, in values: a share of the second-level cache.
const TASK_VALUES: usize = 192 * 1024;

/// Channels from which fewer products outweigh the sums.
const CHANNELS: usize = 8;

/// The weight of a convolution, as sums: `[block][sum][input channel][lane]`.
pub struct Winograd {
    square: Square,
    values: Vec<f32>,
    /// Values of a sum in a block.
    sum_len: usize,
}

/// What a task reuses from window to window.
#[derive(Default)]
pub struct Scratch {
    phases: Phases,
    /// `[sum][channel][piece]`.
    inputs: Buffer,
    /// `[sum][channel of the block][piece]`.
    products: Buffer,
    /// One output channel, laid as the phases.
    sums: Buffer,
    /// Its rows.
    outputs: Buffer,
}

/// The kernel of a convolution that gains by sums.
pub fn suits(shape: &ConvShape) -> Option<Square> {
    Square::of(shape).filter(|_| shape.cin.min(shape.cout) >= CHANNELS)
}

impl Winograd {
    /// Takes `weight`, `[cout, cin, kh, kw]`, to sums.
    pub fn new(square: Square, shape: &ConvShape, tiles: &Tiles, weight: &[f32]) -> Self {
        let place = |out: usize, channel: usize| out * shape.cin + channel;
        Self::of(square, (shape.cout, shape.cin), tiles, weight, place)
    }

    /// The same of the weight of `shape` for `shape` turned around.
    pub fn turned(square: Square, shape: &ConvShape, tiles: &Tiles, weight: &[f32]) -> Self {
        let mut kernels = weight.to_vec();
        let turned = kernels.chunks_exact_mut(square.taps());
        turned.for_each(<[f32]>::reverse);
        let place = |out: usize, channel: usize| channel * shape.cin + out;
        Self::of(square, (shape.cin, shape.cout), tiles, &kernels, place)
    }

    /// `place` numbers the kernels by output and input channel.
    fn of(
        square: Square,
        (cout, cin): (usize, usize),
        tiles: &Tiles,
        kernels: &[f32],
        place: impl Fn(usize, usize) -> usize + Sync,
    ) -> Self {
        let (lanes, taps) = (tile(tiles, cout).channels, square.taps());
        // Sums a power of two apart would compete for one set of the cache.
        let sum_len = cin * lanes + LANES;
        let block_len = square.sums() * sum_len;
        let mut values = vec![0.0; cout.div_ceil(lanes) * block_len];
        let blocks = values.par_chunks_exact_mut(block_len);
        blocks.enumerate().for_each(|(block, values)| {
            let outs = block * lanes..cout.min((block + 1) * lanes);
            let mut chosen = Vec::with_capacity(lanes);
            for channel in 0..cin {
                chosen.clear();
                chosen.extend(outs.clone().map(|out| {
                    let kernel = place(out, channel) * taps;
                    &kernels[kernel..kernel + taps]
                }));
                let values = &mut values[channel * lanes..];
                tiles.with(
                    #[inline(always)]
                    || {
                        square.kernel_sums(
                            &chosen,
                            #[inline(always)]
                            |sum, sums| {
                                values[sum * sum_len..][..lanes].copy_from_slice(&sums[..lanes]);
                            },
                        );
                    },
                );
            }
        });
        Self {
            square,
            values,
            sum_len,
        }
    }

    /// How many rows of pieces a window has, of `columns` pieces each, for a tile of `pixels`.
    pub fn piece_rows(&self, cin: usize, columns: usize, pixels: usize) -> usize {
        let most = TASK_VALUES / (self.square.sums() * cin) / pixels * pixels;
        (most.max(pixels) / columns).max(1)
    }

    /// The channels of one window that its task takes; see [`Convolution::run`].
    pub fn window(
        &self,
        convolution: &Convolution,
        scratch: &mut Scratch,
        place: &Place,
        value: impl Fn(usize, Range<usize>, &mut [f32]),
        emit: &impl Fn(&Rows),
    ) {
        let (shape, tiles, tile) = (&convolution.shape, convolution.tiles, convolution.tile());
        let (square, n_sums) = (self.square, self.square.sums());
        let layout = Layout::new(square, place.rows.len(), place.columns.len(), tile.pixels);
        let span = layout.span;
        // Sums a power of two apart would compete for one set of the cache.
        let apart = shape.cin * span + LANES;
        let inputs = scratch.inputs.of(n_sums * apart + SLACK);
        for channel in 0..shape.cin {
            let from = (place.rows.start, place.columns.start);
            let phases = scratch
                .phases
                .of(tiles, shape, channel, from, &layout, &value);
            let inputs = &mut inputs[channel * span..];
            tiles.with(
                #[inline(always)]
                || square.to_sums(phases, &layout, inputs, apart),
            );
        }
        let taps = Taps::new((0..shape.cin).map(|channel| channel * span).collect());
        let block_len = tile.channels * span;
        let products = scratch.products.of(n_sums * block_len);
        let (phases, outputs) = (scratch.sums.of(4 * span), scratch.outputs.of(4 * span));
        for block in place.blocks.clone() {
            let sums = inputs
                .chunks(apart)
                .zip(products.chunks_exact_mut(block_len));
            let weights = self.values.chunks_exact(self.sum_len).skip(block * n_sums);
            for (weights, (inputs, products)) in weights.zip(sums) {
                for first in (0..span).step_by(tile.pixels) {
                    let (inputs, products) = (&inputs[first..], &mut products[first..]);
                    tile.run(inputs, &taps, weights, products, span);
                }
            }
            let channels = block * tile.channels..shape.cout.min((block + 1) * tile.channels);
            for (lane, channel) in channels.enumerate() {
                let products = &products[lane * span..];
                tiles.with(
                    #[inline(always)]
                    || square.from_sums(products, block_len, phases, span),
                );
                convolution.finish(channel, phases);
                layout.join(phases, outputs);
                emit(&Rows {
                    item: place.item,
                    channel,
                    window: place.window,
                    columns: place.columns.len(),
                    stride: 2 * layout.width,
                    values: &outputs[..place.rows.len() * 2 * layout.width],
                });
            }
        }
    }
}

/// A channel's even and odd rows, of each the even and the odd columns.
#[derive(Default)]
pub struct Phases {
    /// A row of the input with its zeros.
    line: Buffer,
    values: Buffer,
}

impl Phases {
    /// Those of `channel`, from `row` and `column` of the padded input on.
    pub fn of(
        &mut self,
        tiles: &Tiles,
        shape: &ConvShape,
        channel: usize,
        (row, column): (usize, usize),
        layout: &Layout,
        value: &impl Fn(usize, Range<usize>, &mut [f32]),
    ) -> &[f32] {
        let all = self.values.of(4 * layout.plane);
        let width = 2 * layout.below();
        let left = shape.padding.1.saturating_sub(column).min(width);
        let start = (column + left - shape.padding.1).min(shape.width);
        let inside = start..shape.width.min(start + width - left);
        let line = self.line.of(width);
        line.fill(0.0);
        for number in 0..2 * (layout.height + layout.reach) {
            let phases = &mut all[number % 2 * 2 * layout.plane..];
            let (even, odd) = phases.split_at_mut(layout.plane);
            let place = number / 2 * layout.below();
            let even = &mut even[place..][..layout.below()];
            let odd = &mut odd[place..][..layout.below()];
            let row = (row + number).checked_sub(shape.padding.0);
            let Some(row) = row.filter(|&row| row < shape.height) else {
                even.fill(0.0);
                odd.fill(0.0);
                continue;
            };
            let first = (channel * shape.height + row) * shape.width;
            let values = &mut line[left..][..inside.len()];
            value(channel, first + inside.start..first + inside.end, values);
            tiles.with(
                #[inline(always)]
                || {
                    every::<2>(line, even);
                    every::<2>(&line[1..], odd);
                },
            );
        }
        all
    }
}
