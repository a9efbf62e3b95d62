//! Convolution, and its gradient by the input.

use std::ops::Range;

use rayon::prelude::*;

use super::pack::Packed;
use super::simd::{ConvolveTile, Scattered, Tiles};
use super::{Activation, ConvShape, pad};

/// Padded input that one task holds, in values: a share of the second-level cache.
const TASK_VALUES: usize = 64 * 1024;

/// The tile for `cout` output channels.
pub fn tile(tiles: &Tiles, cout: usize) -> ConvolveTile {
    if cout <= tiles.narrow.channels {
        tiles.narrow
    } else {
        tiles.wide
    }
}

/// Convolves a batch: `out = activation(weight * input + bias)`.
///
/// `value(item, channel, range, into)` writes input values `range` of the
/// item's `[cin, height, width]`, so that a normalization or a gradient's slope
/// costs no pass of its own. `out` is `[batch, cout, out_height, out_width]`.
pub fn convolve(
    shape: &ConvShape,
    tile: ConvolveTile,
    weights: &Packed,
    bias: &[f32],
    activation: Activation,
    value: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
    out: &mut [f32],
) {
    let (height, reach) = (shape.out_height(), shape.reach());
    let row_values = shape.cin * shape.padded_width();
    let rows = (TASK_VALUES / row_values)
        .saturating_sub(reach.0)
        .clamp(1, height);
    let chunks = height.div_ceil(rows);
    let out = Scattered::new(out);
    (0..shape.batch * chunks)
        .into_par_iter()
        .for_each_init(Vec::new, |padded, task| {
            let (item, chunk) = (task / chunks, task % chunks);
            let rows = chunk * rows..height.min((chunk + 1) * rows);
            let halo = rows.start..rows.end + reach.0;
            pad::fill(padded, shape, halo, |channel, range, into| {
                value(item, channel, range, into)
            });
            rows_of_item(
                shape, tile, weights, bias, activation, padded, item, rows, &out,
            );
        });
}

/// Output rows `rows` of one item, all channels.
#[allow(clippy::too_many_arguments)] // the inner half of `convolve`, split for reading only
fn rows_of_item(
    shape: &ConvShape,
    tile: ConvolveTile,
    weights: &Packed,
    bias: &[f32],
    activation: Activation,
    padded: &[f32],
    item: usize,
    rows: Range<usize>,
    out: &Scattered,
) {
    let (stride, width, height) = (shape.padded_width(), shape.out_width(), shape.out_height());
    let taps = shape.taps(rows.len() + shape.reach().0);
    let furthest = *taps.last().expect("a kernel has taps");
    let pixels = (rows.len() - 1) * stride + width;
    let mut sums = vec![0.0; tile.channels * tile.pixels];
    for block in 0..shape.cout.div_ceil(tile.channels) {
        let channels = block * tile.channels..shape.cout.min((block + 1) * tile.channels);
        for first in (0..pixels).step_by(tile.pixels) {
            tile.run(
                &padded[first..],
                furthest,
                &taps,
                weights.block(block),
                &mut sums,
            );
            let last = pixels.min(first + tile.pixels);
            for (channel, sums) in channels.clone().zip(sums.chunks_exact(tile.pixels)) {
                let plane = (item * shape.cout + channel) * height + rows.start;
                let bias = bias.get(channel).copied().unwrap_or(0.0);
                let mut pixel = first;
                while pixel < last {
                    let (row, column) = (pixel / stride, pixel % stride);
                    let run = (last - pixel).min(stride - column);
                    let kept = run.min(width.saturating_sub(column));
                    if kept > 0 {
                        // SAFETY: tasks differ in item or rows, blocks in channel.
                        let target = unsafe { out.part((plane + row) * width + column, kept) };
                        for (target, &sum) in target.iter_mut().zip(&sums[pixel - first..]) {
                            *target = activation.apply(sum + bias);
                        }
                    }
                    pixel += run;
                }
            }
        }
    }
}
