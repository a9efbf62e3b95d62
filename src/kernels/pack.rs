//! Weights in the order that a register tile reads them.

use rayon::prelude::*;

use super::ConvShape;
use super::rows_to_columns::{put, rows_to_columns};

/// Weights as `[block][tap][lane]`: `lanes` output channels side by side, zeros where there are none.
pub struct PackedWeight {
    /// The values.
    pub values: Vec<f32>,
    /// Output channels in a block.
    pub lanes: usize,
    /// Taps: input channels times kernel size.
    pub taps: usize,
}

impl PackedWeight {
    fn zeros(cout: usize, taps: usize, lanes: usize) -> Self {
        Self {
            values: vec![0.0; cout.div_ceil(lanes) * taps * lanes],
            lanes,
            taps,
        }
    }

    /// For the forward pass of `weight` (`[cout, cin, kh, kw]`).
    pub fn forward(shape: &ConvShape, weight: &[f32], lanes: usize) -> Self {
        let taps = shape.cin * shape.kernel.0 * shape.kernel.1;
        let mut packed = Self::zeros(shape.cout, taps, lanes);
        let blocks = packed.values.par_chunks_exact_mut(taps * lanes);
        let weights = weight.par_chunks(taps * lanes);
        blocks.zip(weights).for_each(|(block, weights)| {
            for (lane, weights) in weights.chunks_exact(taps).enumerate() {
                let places = block.iter_mut().skip(lane).step_by(lanes);
                places
                    .zip(weights)
                    .for_each(|(place, &weight)| *place = weight);
            }
        });
        packed
    }

    /// For [`ConvShape::transposed`]: channels exchanged, the last tap first.
    pub fn transposed(shape: &ConvShape, weight: &[f32], lanes: usize) -> Self {
        let size = shape.kernel.0 * shape.kernel.1;
        let mut packed = Self::zeros(shape.cin, shape.cout * size, lanes);
        let blocks = packed.values.par_chunks_exact_mut(packed.taps * lanes);
        blocks.enumerate().for_each(|(block, values)| {
            // One kernel after another, as they lie.
            let kernels = weight.chunks_exact(shape.cin * size);
            for (kernels, values) in kernels.zip(values.chunks_exact_mut(size * lanes)) {
                let kernels = kernels.chunks_exact(size).skip(block * lanes).take(lanes);
                for (lane, kernel) in kernels.enumerate() {
                    let places = values.chunks_exact_mut(lanes);
                    let weights = kernel.iter().rev();
                    places
                        .zip(weights)
                        .for_each(|(place, &weight)| place[lane] = weight);
                }
            }
        });
        packed
    }

    /// For [`PolyphaseConv`](super::pixels::polyphase_conv::PolyphaseConv): channels exchanged, and only the taps numbered
    /// `rows` and `columns`, `[output channel, row, column]`.
    pub fn branch(
        shape: &ConvShape,
        weight: &[f32],
        (rows, columns): (&[usize], &[usize]),
        lanes: usize,
    ) -> Self {
        let (height, width) = shape.kernel;
        let row = |&row: &usize| columns.iter().map(move |column| row * width + column);
        let order: Vec<usize> = rows.iter().flat_map(row).collect();
        let taps = shape.cout * order.len();
        let mut packed = Self::zeros(shape.cin, taps, lanes);
        let kernels = weight.chunks_exact(shape.cin * height * width);
        for (number, kernels) in kernels.enumerate() {
            for (channel, kernel) in kernels.chunks_exact(height * width).enumerate() {
                let start = (channel / lanes * taps + number * order.len()) * lanes;
                let places = packed.values.iter_mut().skip(start + channel % lanes);
                let places = places.step_by(lanes).zip(&order);
                places.for_each(|(place, &tap)| *place = kernel[tap]);
            }
        }
        packed
    }

    /// For [`ChannelConv`](super::channels::channel_conv::ChannelConv): tap `i` of each `channels` rows of
    /// `order.len()` taps goes to `order[i]`, that of the `n`th such rows `n` behind.
    pub fn channels(weight: &[f32], channels: usize, order: &[usize], lanes: usize) -> Self {
        let taps = weight.len() / channels;
        let mut packed = Self::zeros(channels, taps, lanes);
        let blocks = packed.values.par_chunks_exact_mut(taps * lanes);
        blocks.enumerate().for_each(|(block, values)| {
            let rows = lanes.min(channels - block * lanes);
            for (number, start) in (0..weight.len())
                .step_by(channels * order.len())
                .enumerate()
            {
                rows_to_columns(
                    (rows, order.len()),
                    |lane| &weight[start + (block * lanes + lane) * order.len()..],
                    |tap, lane, weights| {
                        let place = (order[tap] + number) * lanes + lane;
                        put(weights, &mut values[place..]);
                    },
                );
            }
        });
        packed
    }

    /// For [`Scatter`](super::channels::scatter::Scatter): lanes are taps of `weight`, `[channels][tap]`,
    /// and its channels are what [`Self::taps`] counts.
    pub fn scatter(weight: &[f32], channels: usize, lanes: usize) -> Self {
        let taps = weight.len() / channels;
        let mut packed = Self::zeros(taps, channels, lanes);
        let blocks = packed.values.par_chunks_exact_mut(channels * lanes);
        blocks.enumerate().for_each(|(block, values)| {
            let rows = values
                .chunks_exact_mut(lanes)
                .zip(weight.chunks_exact(taps));
            for (values, row) in rows {
                let row = &row[block * lanes..taps.min((block + 1) * lanes)];
                values[..row.len()].copy_from_slice(row);
            }
        });
        packed
    }

    /// Weights of one block, `[tap][lane]`.
    pub fn block(&self, block: usize) -> &[f32] {
        &self.values[block * self.taps * self.lanes..][..self.taps * self.lanes]
    }
}
