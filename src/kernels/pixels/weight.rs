//! Gradients of a convolution by its weight and bias.

use std::ops::Range;

use rayon::prelude::*;

use super::super::ConvShape;
use super::super::scratch_pool::{Buffer, ScratchPool};
use super::super::simd::{CorrelateTile, Tiles};
use super::super::sum::{long_sum, sum};
use super::pad;

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
    SCRATCH.lend(|[inputs, outputs]| {
        let (inputs, outputs) = rayon::join(
            || padded_inputs(shape, inputs, &x),
            || strided_gradients(shape, tiles.correlate.step, outputs, &dy),
        );
        rayon::join(
            || gradient(shape, tiles, &inputs, &outputs),
            || outputs.channel_sums(if with_bias { shape.cout } else { 0 }),
        )
    })
}

/// Padded inputs, and gradients by the outputs.
static SCRATCH: ScratchPool<[Buffer; 2]> = ScratchPool::new();

/// A whole batch of planes with rows one padded width apart, zeros between and after them.
struct PaddedBatch<'a> {
    /// `[item][channel][values of a plane]`.
    values: &'a [f32],
    /// Values in a plane; of an input, all phases of a channel.
    plane: usize,
}

impl PaddedBatch<'_> {
    /// Sum over items and values of each of `channels` channels.
    fn channel_sums(&self, channels: usize) -> Vec<f32> {
        let channel_sum = |channel: usize| {
            let planes = self.values.chunks_exact(self.plane);
            let planes = planes.skip(channel).step_by(channels);
            planes.map(long_sum).sum::<f64>() as f32
        };
        (0..channels).into_par_iter().map(channel_sum).collect()
    }
}

/// All padded rows, which share zeros.
fn window(shape: &ConvShape) -> pad::PaddedWindow {
    let shared = pad::shared(shape);
    pad::PaddedWindow {
        rows: 0..shape.padded_height(),
        columns: 0..shape.padded_width() - shared,
        shared,
    }
}

/// Zero-padded inputs in phase planes, by the same `value` as [`Convolution`](crate::kernels::Convolution).
fn padded_inputs<'a>(
    shape: &ConvShape,
    buffer: &'a mut Buffer,
    value: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
) -> PaddedBatch<'a> {
    let all = window(shape);
    let (size, share) = (all.size(shape), all.share(shape));
    let values = buffer.of(shape.batch * size + pad::SLACK);
    values[shape.batch * size..].fill(0.0);
    values[..shape.batch * size]
        .par_chunks_exact_mut(share)
        .enumerate()
        .for_each(|(index, padded)| {
            let (item, index) = (index / (size / share), index % (size / share));
            let value = |channel, range: Range<usize>, into: &mut [f32]| {
                value(item, channel, range, into);
            };
            pad::fill_share(padded, shape, &all, index, &[], value);
        });
    let plane = size / shape.cin;
    PaddedBatch { values, plane }
}

/// Output gradients in rows one padded width apart, by `value` as above over `[cout, out_height, out_width]`.
fn strided_gradients<'a>(
    shape: &ConvShape,
    step: usize,
    buffer: &'a mut Buffer,
    value: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
) -> PaddedBatch<'a> {
    let (height, width, stride) = (
        shape.out_height(),
        shape.out_width(),
        window(shape).columns.len(),
    );
    // The last row ends with its last output, so that taps never read past the input.
    let plane = ((height - 1) * stride + width).next_multiple_of(step);
    let values = buffer.of(shape.batch * shape.cout * plane);
    values
        .par_chunks_exact_mut(plane)
        .enumerate()
        .for_each(|(index, plane)| {
            let (item, channel) = (index / shape.cout, index % shape.cout);
            plane.fill(0.0);
            for (row, target) in plane.chunks_mut(stride).take(height).enumerate() {
                let start = (channel * height + row) * width;
                value(item, channel, start..start + width, &mut target[..width]);
            }
        });
    PaddedBatch { values, plane }
}

/// Pixels of a run: the gradient's rows stay in the first-level cache while the taps pass.
const RUN: usize = 1024;

/// Gradient by the weight, `[cout, cin, kh, kw]`.
fn gradient(shape: &ConvShape, tiles: &Tiles, x: &PaddedBatch, dy: &PaddedBatch) -> Vec<f32> {
    let tile = tiles.correlate;
    let all = window(shape);
    let taps = shape.taps(all.plane(), all.columns.len());
    // A task takes one block of channels and a quarter of the taps.
    let share = taps.len().div_ceil(4).next_multiple_of(tile.taps);
    let blocks = shape.cout.div_ceil(tile.channels);
    let found: Vec<(Range<usize>, Range<usize>, Vec<f32>)> = (0..blocks
        * taps.len().div_ceil(share))
        .into_par_iter()
        .map(|task| {
            let first = task % blocks * tile.channels;
            let channels = first..shape.cout.min(first + tile.channels);
            let start = task / blocks * share;
            let chosen = start..taps.len().min(start + share);
            let sums = correlate(shape, tile, x, dy, channels.clone(), &taps[chosen.clone()]);
            let sums_of_taps = sums.chunks_exact(tile.step).map(sum);
            (channels, chosen, sums_of_taps.collect())
        })
        .collect();
    let mut weight = vec![0.0; shape.weight_len()];
    for (channels, chosen, sums_of_taps) in found {
        for (group, sums_of_taps) in sums_of_taps
            .chunks_exact(tile.channels * tile.taps)
            .enumerate()
        {
            let first = chosen.start + group * tile.taps;
            let n = tile.taps.min(chosen.end - first);
            for (channel, sums_of_taps) in
                channels.clone().zip(sums_of_taps.chunks_exact(tile.taps))
            {
                weight[channel * taps.len() + first..][..n].copy_from_slice(&sums_of_taps[..n]);
            }
        }
    }
    weight
}

/// Products of one block of channels with `taps` over the whole batch,
/// `[group of taps][channel][tap][lane]`; what lies beyond the last tap or channel is not used.
fn correlate(
    shape: &ConvShape,
    tile: CorrelateTile,
    x: &PaddedBatch,
    dy: &PaddedBatch,
    channels: Range<usize>,
    taps: &[usize],
) -> Vec<f32> {
    let size = tile.channels * tile.taps * tile.step;
    let mut whole = taps.to_vec();
    let last = *taps.last().expect("a share has taps");
    whole.resize(taps.len().next_multiple_of(tile.taps), last);
    let groups = whole.chunks_exact(tile.taps);
    let mut sums = vec![0.0; groups.len() * size];
    let mut padded_block = Vec::new();
    for item in 0..shape.batch {
        let start = (item * shape.cout + channels.start) * dy.plane;
        let mut gradient = &dy.values[start..][..channels.len() * dy.plane];
        if channels.len() < tile.channels {
            padded_block.clear();
            padded_block.extend_from_slice(gradient);
            padded_block.resize(tile.channels * dy.plane, 0.0);
            gradient = &padded_block;
        }
        let input = &x.values[item * shape.cin * x.plane..];
        for first in (0..dy.plane).step_by(RUN) {
            let len = RUN.min(dy.plane - first);
            for (group, sums) in groups.clone().zip(sums.chunks_exact_mut(size)) {
                tile.run(
                    &gradient[first..],
                    dy.plane,
                    &input[first..],
                    group,
                    len,
                    sums,
                );
            }
        }
    }
    sums
}
