//! Convolutions of known sizes, forward and both gradients.

use std::ops::Range;

use super::dispatch::{self, PackedKernel};
use super::{Activation, ConvShape, TransposedShape, simd};

/// A convolution or a transposed one, with its sizes.
///
/// Inputs and gradients are read by functions: `read(item, channel, range, into)` writes the values
/// `range`, part of a row, of the item's `[channels, height, width]`, so that a normalization, an
/// unpooling or a gradient's slope needs no pass of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Convolution {
    /// From inputs to outputs.
    Plain(ConvShape),
    /// From what were outputs to what were inputs.
    Transposed(TransposedShape),
}

impl Convolution {
    /// `[batch, cout, out_height, out_width]`.
    pub fn out_dims(&self) -> [usize; 4] {
        match self {
            Self::Plain(s) => [s.batch, s.cout, s.out_height(), s.out_width()],
            Self::Transposed(s) => [s.batch(), s.cout(), s.out_height(), s.out_width()],
        }
    }

    /// `out = activation(weight * input + bias)`, of [`Self::out_dims`].
    ///
    /// `weight` is `[cout, cin, kh, kw]`, of a transposed convolution `[cin, cout, kh, kw]`; `bias`
    /// has a value for each output channel, or none.
    pub fn forward(
        &self,
        weight: &[f32],
        bias: &[f32],
        activation: Activation,
        read: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
        out: &mut [f32],
    ) {
        let tiles = simd::best();
        let kernel = PackedKernel::forward(self, tiles, weight);
        kernel.run(tiles, bias, activation, read, out);
    }

    /// Gradient by the input, laid as that, from `dy`, the gradient by the output.
    pub fn input_gradient(
        &self,
        weight: &[f32],
        dy: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
        dx: &mut [f32],
    ) {
        let tiles = simd::best();
        let kernel = PackedKernel::backward(self, tiles, weight);
        kernel.run(tiles, &[], Activation::Identity, dy, dx);
    }

    /// Gradients by the weight, laid as that, and by the bias, `[cout]`; `x` reads the input.
    pub fn weight_gradients(
        &self,
        x: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
        dy: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
    ) -> (Vec<f32>, Vec<f32>) {
        dispatch::weight_gradients(self, simd::best(), x, dy)
    }
}
