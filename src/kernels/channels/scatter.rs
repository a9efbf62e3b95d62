//! A transposed convolution onto few channels.
//!
//! One or two channels fill a small part of a vector across them. Here vectors lie
//! across the taps instead, `[cin, kh, kw]` as the weight has them: each output's
//! gradient times the whole kernel, added where the kernel has read.

use std::ops::Range;

use rayon::prelude::*;

use super::super::pack::PackedWeight;
use super::super::simd::{Taps, Tiles};
use super::super::{Activation, ConvShape};
use super::channel_conv;
use super::padded_item::PaddedItem;

/// Outputs whose products a task holds, unless a row has more.
const PIXELS: usize = 1024;

/// A transposed convolution, from the outputs of `shape` to its few input channels, with its weight packed.
pub struct Scatter {
    shape: ConvShape,
    /// `[block of taps][output channel][tap]`.
    weights: PackedWeight,
}

/// What some rows of outputs add to their inputs: `[cin, rows, columns]` of the padded inputs.
struct Band {
    /// The first of its padded rows.
    first: usize,
    rows: usize,
    values: Vec<f32>,
}

impl Scatter {
    /// The transposed convolution of `shape` with `weight`, `[cout, cin, kh, kw]`.
    pub fn new(shape: &ConvShape, tiles: &Tiles, weight: &[f32]) -> Self {
        let taps = shape.weight_len() / shape.cout;
        let lanes = channel_conv::broadcast_tile(tiles, taps).channels;
        Self {
            shape: *shape,
            weights: PackedWeight::scatter(weight, shape.cout, lanes),
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
        let (shape, height) = (&self.shape, self.shape.out_height());
        let most = (PIXELS / shape.out_width()).clamp(1, height);
        let threads = rayon::current_num_threads().div_ceil(shape.batch);
        let rows = most.min(height.div_ceil(threads));
        let down = height.div_ceil(rows);
        let tasks = (0..shape.batch * down).into_par_iter();
        let bands: Vec<Band> = tasks
            .map(|task| {
                let row = task % down * rows;
                let value = |channel, range: Range<usize>, into: &mut [f32]| {
                    dy(task / down, channel, range, into);
                };
                self.band(tiles, row..height.min(row + rows), value)
            })
            .collect();
        dx.par_chunks_exact_mut(shape.height * shape.width)
            .enumerate()
            .for_each(|(index, dx)| {
                let (item, channel) = (index / shape.cin, index % shape.cin);
                dx.fill(0.0);
                for band in &bands[item * down..][..down] {
                    band.add_to(shape, channel, dx);
                }
                let bias = bias.get(channel).copied().unwrap_or(0.0);
                activation.apply(tiles, dx, bias);
            });
    }

    /// What `rows` of one item's outputs add.
    fn band(
        &self,
        tiles: &Tiles,
        rows: Range<usize>,
        value: impl Fn(usize, Range<usize>, &mut [f32]),
    ) -> Band {
        let (shape, width) = (&self.shape, self.shape.out_width());
        let tile = channel_conv::broadcast_tile(tiles, shape.weight_len() / shape.cout);
        let size = (shape.out_height(), width);
        let read = rows.start as isize..rows.end as isize;
        let padded = PaddedItem::new(shape.cout, size, read, 0..width as isize);
        let mut dy = vec![0.0; padded.size()];
        padded.fill(0, &mut dy, &mut Vec::new(), value);
        let mut band = Band::new(shape, &rows);
        let pixels: Vec<(usize, usize)> = (0..rows.len())
            .flat_map(|row| (0..width).map(move |column| (row, column)))
            .collect();
        let taps = Taps::new((0..shape.cout).collect());
        let (mut bases, mut products) = (Vec::new(), Vec::new());
        for (block, runs) in runs(shape, &band, tile.channels).iter().enumerate() {
            let weights = self.weights.block(block);
            for pixels in pixels.chunks(tile.places) {
                bases.clear();
                bases.extend(
                    pixels
                        .iter()
                        .map(|&(row, column)| row * padded.pitch + column * padded.column),
                );
                bases.resize(tile.places, bases[0]);
                products.clear();
                products.resize(tile.places * tile.channels, 0.0);
                tile.run(&dy, &bases, &taps, 0..shape.cout, weights, &mut products);
                for (&pixel, products) in pixels.iter().zip(products.chunks_exact(tile.channels)) {
                    band.add(shape, pixel, runs, products);
                }
            }
        }
        band
    }
}

/// Padded columns that some output reads.
fn width_of(shape: &ConvShape) -> usize {
    (shape.out_width() - 1) * shape.stride.1 + shape.dilation.1 * (shape.kernel.1 - 1) + 1
}

/// Of each block of taps `[cin, kh, kw]`, the lanes that lie side by side in a band, and where.
fn runs(shape: &ConvShape, band: &Band, lanes: usize) -> Vec<Vec<(Range<usize>, usize)>> {
    let (height, width) = shape.kernel;
    let place = |tap: usize| {
        let line = tap / width / height * band.rows + tap / width % height * shape.dilation.0;
        line * width_of(shape) + tap % width * shape.dilation.1
    };
    let taps: Vec<usize> = (0..shape.cin * height * width).map(place).collect();
    let blocks = taps.chunks(lanes).map(|taps| {
        let mut start = 0;
        let runs = taps.chunk_by(|a, b| a + 1 == *b).map(|run| {
            let lanes = start..start + run.len();
            start = lanes.end;
            (lanes, run[0])
        });
        runs.collect()
    });
    blocks.collect()
}

impl Band {
    fn new(shape: &ConvShape, rows: &Range<usize>) -> Self {
        let reach = shape.dilation.0 * (shape.kernel.0 - 1);
        let n_rows = (rows.len() - 1) * shape.stride.0 + reach + 1;
        Self {
            first: rows.start * shape.stride.0,
            rows: n_rows,
            values: vec![0.0; shape.cin * n_rows * width_of(shape)],
        }
    }

    /// Adds the products of a block of taps with the output at `row` and `column` of the band.
    fn add(
        &mut self,
        shape: &ConvShape,
        (row, column): (usize, usize),
        runs: &[(Range<usize>, usize)],
        products: &[f32],
    ) {
        let start = row * shape.stride.0 * width_of(shape) + column * shape.stride.1;
        for (lanes, place) in runs {
            let sums = self.values[start + place..].iter_mut();
            let products = &products[lanes.clone()];
            sums.zip(products)
                .for_each(|(sum, product)| *sum += product);
        }
    }

    /// Adds one channel to its plane.
    fn add_to(&self, shape: &ConvShape, channel: usize, plane: &mut [f32]) {
        let width = width_of(shape);
        let lines = self.values.chunks_exact(width).skip(channel * self.rows);
        for (line, row) in lines.take(self.rows).zip(self.first..) {
            let row = row.checked_sub(shape.padding.0);
            let Some(row) = row.filter(|&row| row < shape.height) else {
                continue;
            };
            let inside = line.get(shape.padding.1..).unwrap_or_default();
            let sums = plane[row * shape.width..][..shape.width].iter_mut();
            sums.zip(inside).for_each(|(sum, value)| *sum += value);
        }
    }
}
