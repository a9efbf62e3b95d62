//! Transposed convolution: the passes of a convolution with input and output exchanged.
//!
//! Its forward pass is [`Turned::run`](super::input::Turned::run) of that convolution.

use std::ops::Range;

use super::forward::{self, Convolution};
use super::pack::Packed;
use super::simd::Tiles;
use super::{Activation, ConvShape, weight};

/// Sizes of a transposed convolution from `[batch, cin, height, width]` to
/// `[batch, cout, out_height, out_width]` with weight `[cin, cout, kernel.0, kernel.1]`,
/// PyTorch's `ConvTranspose2d`.
///
/// Pairs are (height, width); values are read and given as by [`Convolution::run`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransposedShape {
    /// Items in the batch.
    pub batch: usize,
    /// Input channels.
    pub cin: usize,
    /// Output channels.
    pub cout: usize,
    /// Input rows.
    pub height: usize,
    /// Input columns.
    pub width: usize,
    /// Kernel size.
    pub kernel: (usize, usize),
    /// Outputs cut off on each side.
    pub padding: (usize, usize),
    /// Outputs added at the end, fewer than the stride.
    pub output_padding: (usize, usize),
    /// Distance of taps.
    pub dilation: (usize, usize),
    /// Distance of the outputs that neighboring inputs reach.
    pub stride: (usize, usize),
}

impl TransposedShape {
    /// Output rows.
    pub fn out_height(&self) -> usize {
        let reach = self.stride.0 * (self.height - 1) + self.dilation.0 * (self.kernel.0 - 1);
        reach + 1 + self.output_padding.0 - 2 * self.padding.0
    }

    /// Output columns.
    pub fn out_width(&self) -> usize {
        let reach = self.stride.1 * (self.width - 1) + self.dilation.1 * (self.kernel.1 - 1);
        reach + 1 + self.output_padding.1 - 2 * self.padding.1
    }

    /// Values in the output.
    pub fn out_len(&self) -> usize {
        self.batch * self.cout * self.out_height() * self.out_width()
    }

    /// The convolution with the same weight, from this one's output to its input.
    pub fn convolution(&self) -> ConvShape {
        debug_assert!(self.output_padding.0 < self.stride.0);
        debug_assert!(self.output_padding.1 < self.stride.1);
        ConvShape {
            batch: self.batch,
            cin: self.cout,
            cout: self.cin,
            height: self.out_height(),
            width: self.out_width(),
            kernel: self.kernel,
            padding: self.padding,
            dilation: self.dilation,
            stride: self.stride,
        }
    }
}

/// Gradient by the input, `dx` laid as that, from `dy`, the gradient by the output.
pub fn input_gradient(
    shape: &TransposedShape,
    tiles: &Tiles,
    weight: &[f32],
    dy: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
    dx: &mut [f32],
) {
    let shape = shape.convolution();
    let tile = forward::tile(tiles, shape.cout);
    let packed = Packed::forward(&shape, weight, tile.channels);
    let convolution = Convolution {
        shape,
        tiles,
        weights: &packed,
        bias: &[],
        activation: Activation::Identity,
    };
    convolution.store(dy, dx);
}

/// Gradient by the weight, `[cin, cout, kh, kw]`.
pub fn weight_gradient(
    shape: &TransposedShape,
    tiles: &Tiles,
    x: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
    dy: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
) -> Vec<f32> {
    weight::gradients(&shape.convolution(), tiles, dy, x).0
}

/// Gradient by the bias, `[cout]`: the sums of `dy`.
pub fn bias_gradient(
    shape: &TransposedShape,
    dy: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
) -> Vec<f32> {
    let plane = shape.out_height() * shape.out_width();
    let mut values = vec![0.0; plane];
    let mut sum = |item: usize, channel: usize| {
        dy(
            item,
            channel,
            channel * plane..(channel + 1) * plane,
            &mut values,
        );
        values.iter().map(|&dy| f64::from(dy)).sum::<f64>()
    };
    (0..shape.cout)
        .map(|channel| (0..shape.batch).map(|item| sum(item, channel)).sum::<f64>() as f32)
        .collect()
}
