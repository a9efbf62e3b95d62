//! Gradients of a convolution by its weight and bias.
//!
//! The gradient by a weight is a sum over pixels, and so a convolution with two roles exchanged:
//! the tile, whose vectors span output channels, makes one sum for each tap of the kernel, and
//! reads pixels where it otherwise reads taps.

use std::ops::Range;

use rayon::prelude::*;

use super::super::ConvShape;
use super::super::polyphase::Branch;
use super::super::rows_to_columns::{put, rows_to_columns, to_channels_last};
use super::super::shared_windows::{SharedWindows, WindowGrid};
use super::super::simd::{BroadcastTile, Taps, Tiles};
use super::channel_conv;
use super::padded_item::PaddedItem;

/// Pixels of a run: the gradient's values stay in the cache while the taps pass.
const RUN: usize = 512;

/// Gradients by the weight, `[cout, cin, kh, kw]`, and by the bias, `[cout]` if `with_bias`.
///
/// `x` writes input values as in [`Convolution`](crate::kernels::Convolution), and so does `dy`
/// values of the output's gradient.
pub fn gradients(
    shape: &ConvShape,
    tiles: &Tiles,
    with_bias: bool,
    x: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
    dy: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
) -> (Vec<f32>, Vec<f32>) {
    let tile = channel_conv::broadcast_tile(tiles, shape.cout);
    let inputs = Inputs::new(shape, x);
    let outputs = Outputs::new(shape, tile.channels, dy);
    let bias = if with_bias {
        outputs.channel_sums()
    } else {
        Vec::new()
    };
    (gradient(shape, tile, &inputs, &outputs), bias)
}

/// Rows that a task takes at a time.
const ROWS: usize = 4;

/// A batch of padded inputs.
struct Inputs {
    padded: PaddedItem,
    /// `[item][row][column][channel]`.
    values: Vec<f32>,
}

impl Inputs {
    fn new(
        shape: &ConvShape,
        value: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
    ) -> Self {
        let (rows, columns) = shape.axes();
        let reads = |branch: Branch| branch.reads(&(0..branch.count));
        let padded = PaddedItem::new(
            shape.cin,
            (shape.height, shape.width),
            reads(Branch::forward(&rows)),
            reads(Branch::forward(&columns)),
        );
        let mut values = vec![0.0; shape.batch * padded.size()];
        let items = values.par_chunks_exact_mut(padded.size());
        items.enumerate().for_each(|(item, values)| {
            let rows = values.par_chunks_mut(ROWS * padded.pitch).enumerate();
            rows.for_each_init(Vec::new, |lines, (share, values)| {
                padded.fill(share * ROWS, values, lines, |channel, range, into| {
                    value(item, channel, range, into);
                });
            });
        });
        Self { padded, values }
    }

    /// Where the first tap of each output pixel `[item, row, column]` reads.
    fn pixels(&self, shape: &ConvShape) -> Taps {
        let (height, width) = (shape.out_height(), shape.out_width());
        let mut offsets = Vec::with_capacity(shape.batch * height * width);
        for item in 0..shape.batch {
            for row in 0..height {
                let start = item * self.padded.size() + row * shape.stride.0 * self.padded.pitch;
                let columns = (0..width).map(|column| column * shape.stride.1 * self.padded.column);
                offsets.extend(columns.map(|column| start + column));
            }
        }
        Taps::new(offsets)
    }

    /// Where the taps `[kh, kw, channel]` of some input channels read for the first pixel.
    fn bases(&self, shape: &ConvShape, channels: &Range<usize>) -> Vec<usize> {
        let mut bases = Vec::new();
        for row in 0..shape.kernel.0 {
            for column in 0..shape.kernel.1 {
                let start = row * shape.dilation.0 * self.padded.pitch
                    + column * shape.dilation.1 * self.padded.column;
                bases.extend(channels.clone().map(|channel| start + channel));
            }
        }
        bases
    }
}

/// Gradients of a batch of outputs, `[block of channels][item][row][column][lane]`.
struct Outputs {
    channels: usize,
    lanes: usize,
    /// Values in a block.
    block: usize,
    values: Vec<f32>,
}

impl Outputs {
    fn new(
        shape: &ConvShape,
        lanes: usize,
        value: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
    ) -> Self {
        let (height, width) = (shape.out_height(), shape.out_width());
        let block = shape.batch * height * width * lanes;
        let mut values = vec![0.0; shape.cout.div_ceil(lanes) * block];
        let planes = values.par_chunks_exact_mut(height * width * lanes);
        planes.enumerate().for_each(|(index, values)| {
            let (first, item) = (index / shape.batch * lanes, index % shape.batch);
            let channels = first..shape.cout.min(first + lanes);
            let rows = values.par_chunks_mut(ROWS * width * lanes).enumerate();
            rows.for_each_init(Vec::new, |lines, (share, values)| {
                let first = share * ROWS;
                let value = |channel, row, into: &mut [f32]| {
                    let start = (channel * height + row) * width;
                    value(item, channel, start..start + width, into);
                };
                let rows = first..first + values.len() / (width * lanes);
                let write = |row, column, lane, channels: &[f32]| {
                    let pixel = (row - first) * width + column;
                    put(channels, &mut values[pixel * lanes + lane..]);
                };
                to_channels_last(channels.clone(), (rows, width), lines, value, write);
            });
        });
        Self {
            channels: shape.cout,
            lanes,
            block,
            values,
        }
    }

    /// Sums of each channel.
    fn channel_sums(&self) -> Vec<f32> {
        let blocks = self.values.par_chunks_exact(self.block);
        let sums = blocks.flat_map_iter(|block| {
            let mut sums = vec![0.0f64; self.lanes];
            for pixels in block.chunks(1024 * self.lanes) {
                let mut part = vec![0.0; self.lanes];
                for pixel in pixels.chunks_exact(self.lanes) {
                    part.iter_mut().zip(pixel).for_each(|(sum, dy)| *sum += dy);
                }
                let parts = part.into_iter().map(f64::from);
                sums.iter_mut()
                    .zip(parts)
                    .for_each(|(sum, part)| *sum += part);
            }
            sums.into_iter().map(|sum| sum as f32)
        });
        let mut sums: Vec<f32> = sums.collect();
        sums.truncate(self.channels);
        sums
    }
}

/// Gradient by the weight, `[cout, cin, kh, kw]`.
fn gradient(shape: &ConvShape, tile: BroadcastTile, x: &Inputs, dy: &Outputs) -> Vec<f32> {
    let size = shape.kernel.0 * shape.kernel.1;
    let blocks = shape.cout.div_ceil(tile.channels);
    // Some tasks a thread, of one block of output channels and a share of the input's each.
    let shares = (4 * rayon::current_num_threads()).div_ceil(blocks);
    let share = shape.cin.div_ceil(shares);
    let pixels = x.pixels(shape);
    let mut weight = vec![0.0; shape.weight_len()];
    let windows = SharedWindows::new(
        &mut weight,
        WindowGrid {
            width: shape.cin * size,
            height: shape.cout,
            window: (tile.channels, share * size),
        },
    );
    (0..blocks * shape.cin.div_ceil(share))
        .into_par_iter()
        .for_each(|task| {
            let (block, group) = (task % blocks, task / blocks);
            let channels = group * share..shape.cin.min((group + 1) * share);
            let dy = &dy.values[block * dy.block..][..dy.block];
            let sums = correlate(tile, x, &pixels, dy, x.bases(shape, &channels));
            let mut rows: Vec<&mut [f32]> = windows.take(0, block, group).collect();
            // Taps of a channel lie together in the weight, channels of a tap in the sums.
            let place = |at: usize| at % size * channels.len() + at / size;
            let places: Vec<usize> = (0..channels.len() * size).map(place).collect();
            rows_to_columns(
                (places.len(), rows.len()),
                |at| &sums[places[at] * tile.channels..],
                |lane, first, values| put(values, &mut rows[lane][first..]),
            );
        });
    weight
}

/// Products of one block of channels with the inputs from each of `bases` on, `[base][lane]`.
fn correlate(
    tile: BroadcastTile,
    x: &Inputs,
    pixels: &Taps,
    dy: &[f32],
    mut bases: Vec<usize>,
) -> Vec<f32> {
    bases.resize(bases.len().next_multiple_of(tile.places), bases[0]);
    let mut sums = vec![0.0; bases.len() * tile.channels];
    let n_pixels = dy.len() / tile.channels;
    for first in (0..n_pixels).step_by(RUN) {
        let run = first..n_pixels.min(first + RUN);
        let groups = sums.chunks_exact_mut(tile.places * tile.channels);
        for (bases, sums) in bases.chunks_exact(tile.places).zip(groups) {
            tile.run(&x.values, bases, pixels, run.clone(), dy, sums);
        }
    }
    sums
}
