//! Weights in the order that a register tile reads them.

use rayon::prelude::*;

use super::ConvShape;

/// Weights as `[block][tap][lane]`: `lanes` output channels side by side, zeros where there are none.
pub struct Packed {
    /// The values.
    pub values: Vec<f32>,
    /// Output channels in a block.
    pub lanes: usize,
    /// Taps: input channels times kernel size.
    pub taps: usize,
}

impl Packed {
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

    /// For the gradient by the input: channels exchanged, kernel `rows` and `columns` in the order given.
    pub fn transposed(
        shape: &ConvShape,
        weight: &[f32],
        (rows, columns): (&[usize], &[usize]),
        lanes: usize,
    ) -> Self {
        let columns_of = |row| {
            columns
                .iter()
                .map(move |column| row * shape.kernel.1 + column)
        };
        let places: Vec<usize> = rows.iter().flat_map(columns_of).collect();
        let size = shape.kernel.0 * shape.kernel.1;
        let taps = shape.cout * places.len();
        let mut packed = Self::zeros(shape.cin, taps, lanes);
        let blocks = packed.values.par_chunks_exact_mut(taps * lanes);
        blocks.enumerate().for_each(|(block, values)| {
            // One kernel after another, as they lie.
            let kernels = weight.chunks_exact(shape.cin * size);
            for (kernels, values) in kernels.zip(values.chunks_exact_mut(places.len() * lanes)) {
                let kernels = kernels.chunks_exact(size).skip(block * lanes).take(lanes);
                for (lane, kernel) in kernels.enumerate() {
                    for (&place, values) in places.iter().zip(values.chunks_exact_mut(lanes)) {
                        values[lane] = kernel[place];
                    }
                }
            }
        });
        packed
    }

    /// Weights of one block, `[tap][lane]`.
    pub fn block(&self, block: usize) -> &[f32] {
        &self.values[block * self.taps * self.lanes..][..self.taps * self.lanes]
    }
}
