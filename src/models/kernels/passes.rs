//! The passes through a layer, whichever way its convolution goes.

use std::ops::Range;

use super::forward::{self, Convolution};
use super::input::Turned;
use super::pack::Packed;
use super::simd::Tiles;
use super::{Activation, ConvShape, TransposedShape, input, transpose, weight};

/// A convolution or a transposed one, with its sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sizes {
    /// From inputs to outputs.
    Plain(ConvShape),
    /// From what were outputs to what were inputs.
    Transposed(TransposedShape),
}

/// Weights packed for the forward pass.
pub enum Ready {
    /// For [`Sizes::Plain`].
    Plain(ConvShape, Packed),
    /// For [`Sizes::Transposed`].
    Transposed(Turned),
}

impl Sizes {
    /// `[batch, cout, out_height, out_width]`.
    pub fn out_dims(&self) -> [usize; 4] {
        match self {
            Sizes::Plain(s) => [s.batch, s.cout, s.out_height(), s.out_width()],
            Sizes::Transposed(s) => [s.batch, s.cout, s.out_height(), s.out_width()],
        }
    }

    /// Packs `weight`, `[cout, cin, kh, kw]`, of a transposed convolution `[cin, cout, kh, kw]`.
    pub fn pack(&self, tiles: &Tiles, weight: &[f32]) -> Ready {
        match self {
            Sizes::Plain(shape) => {
                let lanes = forward::tile(tiles, shape.cout).channels;
                Ready::Plain(*shape, Packed::forward(shape, weight, lanes))
            }
            Sizes::Transposed(shape) => {
                Ready::Transposed(Turned::new(&shape.convolution(), tiles, weight))
            }
        }
    }

    /// Gradient by the input, laid as that, from `dy`, the gradient by the output.
    pub fn input_gradient(
        &self,
        tiles: &Tiles,
        weight: &[f32],
        dy: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
        dx: &mut [f32],
    ) {
        match self {
            Sizes::Plain(shape) => input::gradient(shape, tiles, weight, dy, dx),
            Sizes::Transposed(shape) => {
                transpose::input_gradient(shape, tiles, weight, dy, dx);
            }
        }
    }

    /// Gradients by the weight, laid as that, and by the bias.
    pub fn weight_gradients(
        &self,
        tiles: &Tiles,
        x: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
        dy: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
    ) -> (Vec<f32>, Vec<f32>) {
        match self {
            Sizes::Plain(shape) => weight::gradients(shape, tiles, x, dy),
            Sizes::Transposed(shape) => (
                transpose::weight_gradient(shape, tiles, x, &dy),
                transpose::bias_gradient(shape, &dy),
            ),
        }
    }
}

impl Ready {
    /// `out = activation(convolution of x + bias)`.
    pub fn run(
        &self,
        tiles: &Tiles,
        bias: &[f32],
        activation: Activation,
        x: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
        out: &mut [f32],
    ) {
        match self {
            Ready::Plain(shape, weights) => {
                let convolution = Convolution {
                    shape: *shape,
                    tiles,
                    weights,
                    bias,
                    activation,
                };
                convolution.store(x, out);
            }
            Ready::Transposed(turned) => turned.run(tiles, bias, activation, x, out),
        }
    }
}
