//! Kernels of 3x3 by fewer products: minimal filtering (Winograd 1980; F(2x2, 3x3) of Lavin and
//! Gray, "Fast algorithms for convolutional neural networks", CVPR 2016).
//!
//! An output of 2x2 reads 4x4 inputs. Sums and differences of those, times 16 of the kernel's,
//! give the outputs by sums and differences again: 16 products where plain taps take 36. The
//! sums of products over channels are those of the register tile, once for each of the 16.

use std::ops::Range;

use rayon::prelude::*;

use super::super::ConvShape;
use super::super::simd::{Taps, Tiles};
use super::forward::{Convolution, Place, Rows, tile};
use super::pad::{SLACK, every};
use super::sums::{LANES, Layout, SUMS, from_sums, kernel_sums, to_sums};

/// Input sums that one task holds, in values: a share of the second-level cache.
const TASK_VALUES: usize = 192 * 1024;

/// Channels from which fewer products outweigh the sums.
const CHANNELS: usize = 8;

/// The weight of a 3x3 convolution, as sums: `[block][sum][input channel][lane]`.
pub struct Winograd {
    values: Vec<f32>,
    /// Values of a sum in a block.
    sum_len: usize,
}

/// What a task reuses from window to window.
#[derive(Default)]
pub struct Scratch {
    phases: Phases,
    /// `[sum][channel][piece]`.
    inputs: Vec<f32>,
    /// `[sum][channel of the block][piece]`.
    products: Vec<f32>,
    /// One output channel, laid as the phases.
    sums: Vec<f32>,
    /// Its rows.
    outputs: Vec<f32>,
}

/// Whether a convolution can be taken to sums.
pub fn fits(shape: &ConvShape) -> bool {
    shape.kernel == (3, 3) && shape.stride == (1, 1) && shape.dilation == (1, 1)
}

/// Whether it gains by that.
pub fn suits(shape: &ConvShape) -> bool {
    fits(shape) && shape.cin.min(shape.cout) >= CHANNELS
}

/// How many rows of pieces a window has, of `columns` pieces each, for a tile of `pixels`.
pub fn piece_rows(cin: usize, columns: usize, pixels: usize) -> usize {
    let most = TASK_VALUES / (SUMS * cin) / pixels * pixels;
    (most.max(pixels) / columns).max(1)
}

impl Winograd {
    /// Takes `weight`, `[cout, cin, 3, 3]`, to sums.
    pub fn new(shape: &ConvShape, tiles: &Tiles, weight: &[f32]) -> Self {
        let (kernels, _) = weight.as_chunks::<9>();
        Self::of(shape.cout, shape.cin, tiles, |out, channel| {
            kernels[out * shape.cin + channel]
        })
    }

    /// The same of the weight of `shape` for `shape` turned around.
    pub fn turned(shape: &ConvShape, tiles: &Tiles, weight: &[f32]) -> Self {
        let (kernels, _) = weight.as_chunks::<9>();
        Self::of(shape.cin, shape.cout, tiles, |out, channel| {
            let mut kernel = kernels[channel * shape.cin + out];
            kernel.reverse();
            kernel
        })
    }

    fn of(
        cout: usize,
        cin: usize,
        tiles: &Tiles,
        kernel: impl Fn(usize, usize) -> [f32; 9] + Sync,
    ) -> Self {
        let lanes = tile(tiles, cout).channels;
        // Sums a power of two apart would compete for one set of the cache.
        let sum_len = cin * lanes + LANES;
        let mut values = vec![0.0; cout.div_ceil(lanes) * SUMS * sum_len];
        let blocks = values.par_chunks_exact_mut(SUMS * sum_len);
        blocks.enumerate().for_each(|(block, values)| {
            for (lane, out) in (block * lanes..cout.min((block + 1) * lanes)).enumerate() {
                for channel in 0..cin {
                    let places = values[channel * lanes + lane..].iter_mut();
                    let sums = kernel_sums(kernel(out, channel));
                    let places = places.step_by(sum_len).zip(sums);
                    places.for_each(|(place, sum)| *place = sum);
                }
            }
        });
        Self { values, sum_len }
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
        let layout = Layout::new(place.rows.len(), place.columns.len(), tile.pixels);
        let span = layout.span;
        // Sums a power of two apart would compete for one set of the cache.
        let apart = shape.cin * span + LANES;
        scratch.inputs.resize(SUMS * apart + SLACK, 0.0);
        for channel in 0..shape.cin {
            let from = (place.rows.start, place.columns.start);
            let phases = scratch
                .phases
                .of(tiles, shape, channel, from, &layout, &value);
            let inputs = &mut scratch.inputs[channel * span..];
            tiles.with(
                #[inline(always)]
                || to_sums(phases, &layout, inputs, apart),
            );
        }
        let taps = Taps::new((0..shape.cin).map(|channel| channel * span).collect());
        let block_len = tile.channels * span;
        scratch.products.resize(SUMS * block_len, 0.0);
        scratch.sums.resize(4 * span, 0.0);
        scratch.outputs.resize(4 * span, 0.0);
        for block in place.blocks.clone() {
            let products = scratch.products.chunks_exact_mut(block_len);
            let sums = scratch.inputs.chunks(apart).zip(products);
            let weights = self.values.chunks_exact(self.sum_len).skip(block * SUMS);
            for (weights, (inputs, products)) in weights.zip(sums) {
                for first in (0..span).step_by(tile.pixels) {
                    let (inputs, products) = (&inputs[first..], &mut products[first..]);
                    tile.run(inputs, &taps, weights, products, span);
                }
            }
            let channels = block * tile.channels..shape.cout.min((block + 1) * tile.channels);
            for (lane, channel) in channels.enumerate() {
                let products = &scratch.products[lane * span..];
                tiles.with(
                    #[inline(always)]
                    || from_sums(products, block_len, &mut scratch.sums, span),
                );
                convolution.finish(channel, &mut scratch.sums);
                layout.join(&scratch.sums, &mut scratch.outputs);
                emit(&Rows {
                    item: place.item,
                    channel,
                    window: place.window,
                    columns: place.columns.len(),
                    stride: 2 * layout.width,
                    values: &scratch.outputs[..place.rows.len() * 2 * layout.width],
                });
            }
        }
    }
}

/// A channel's even and odd rows, of each the even and the odd columns.
#[derive(Default)]
pub struct Phases {
    /// A row of the input with its zeros.
    line: Vec<f32>,
    values: Vec<f32>,
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
        self.values.resize(4 * layout.plane, 0.0);
        let width = 2 * layout.below();
        let left = shape.padding.1.saturating_sub(column).min(width);
        let start = (column + left - shape.padding.1).min(shape.width);
        let inside = start..shape.width.min(start + width - left);
        self.line.clear();
        self.line.resize(width, 0.0);
        for number in 0..2 * layout.height + 2 {
            let phases = &mut self.values[number % 2 * 2 * layout.plane..];
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
            let values = &mut self.line[left..][..inside.len()];
            value(channel, first + inside.start..first + inside.end, values);
            tiles.with(
                #[inline(always)]
                || {
                    every::<2>(&self.line, even);
                    every::<2>(&self.line[1..], odd);
                },
            );
        }
        &self.values
    }
}
