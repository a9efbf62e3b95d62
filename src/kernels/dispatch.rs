//! Which kernel computes a convolution: the one that suits its sizes.

use std::ops::Range;

use super::channels::channel_conv::ChannelConv;
use super::channels::scatter::Scatter;
use super::pixels::pixel_conv::{PixelConv, PixelWeights};
use super::pixels::polyphase_conv::PolyphaseConv;
use super::pixels::winograd::{self, Winograd};
use super::pixels::{strided, winograd_weight};
use super::simd::Tiles;
use super::{Activation, ConvShape, Convolution, channels, pixels};

/// The kernel that suits a convolution, with its weight packed.
pub enum PackedKernel {
    /// Vectors over neighboring pixels.
    Pixels(ConvShape, PixelWeights),
    /// Transposed with a stride, vectors over neighboring pixels of each polyphase branch.
    Polyphase(PolyphaseConv),
    /// Vectors across output channels.
    Channels(ChannelConv),
    /// Transposed, vectors across taps.
    Scatter(Scatter),
}

impl PackedKernel {
    /// From the input of a convolution to its output.
    pub fn forward(convolution: &Convolution, tiles: &Tiles, weight: &[f32]) -> Self {
        match convolution {
            Convolution::Plain(shape) => Self::plain(shape, tiles, weight),
            Convolution::Transposed(shape) => Self::transposed(&shape.convolution(), tiles, weight),
        }
    }

    /// From the gradient by its output to the gradient by its input.
    pub fn backward(convolution: &Convolution, tiles: &Tiles, weight: &[f32]) -> Self {
        match convolution {
            Convolution::Plain(shape) => Self::transposed(shape, tiles, weight),
            Convolution::Transposed(shape) => Self::plain(&shape.convolution(), tiles, weight),
        }
    }

    /// The convolution of `shape` with `weight`, `[cout, cin, kh, kw]`.
    fn plain(shape: &ConvShape, tiles: &Tiles, weight: &[f32]) -> Self {
        if suits_pixels(shape, tiles) {
            return Self::Pixels(*shape, PixelWeights::forward(shape, tiles, weight));
        }
        Self::Channels(ChannelConv::forward(shape, tiles, weight))
    }

    /// The same from outputs to inputs.
    fn transposed(shape: &ConvShape, tiles: &Tiles, weight: &[f32]) -> Self {
        let back = shape.transposed();
        if let Some(back) = back.filter(|back| suits_pixels(back, tiles)) {
            return Self::Pixels(back, PixelWeights::transposed(shape, tiles, weight));
        }
        let branches = winograd::suits(shape).zip(strided::all_branches(shape));
        if let Some((square, back)) = branches.filter(|(_, back)| fills_pieces(back)) {
            let weights = Winograd::all_branches(square, shape, tiles, weight);
            return Self::Pixels(back, PixelWeights::Winograd(weights));
        }
        if shape.cin <= tiles.narrow.channels {
            return Self::Scatter(Scatter::new(shape, tiles, weight));
        }
        if suits_branches(shape) {
            return Self::Polyphase(PolyphaseConv::new(shape, tiles, weight));
        }
        Self::Channels(ChannelConv::transposed(shape, tiles, weight))
    }

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
            Self::Pixels(shape, weights) => {
                let conv = PixelConv {
                    shape: *shape,
                    tiles,
                    weights,
                    bias,
                    border: &[],
                    activation,
                };
                conv.store(x, out);
            }
            Self::Polyphase(conv) => conv.run(tiles, bias, activation, x, out),
            Self::Channels(conv) => conv.run(tiles, bias, activation, x, out),
            Self::Scatter(scatter) => scatter.run(tiles, bias, activation, x, out),
        }
    }
}

/// Gradients by the weight, laid as that, and by the bias.
pub fn weight_gradients(
    convolution: &Convolution,
    tiles: &Tiles,
    x: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
    dy: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
) -> (Vec<f32>, Vec<f32>) {
    match convolution {
        Convolution::Plain(shape) => plain_weight_gradients(shape, tiles, true, x, dy),
        Convolution::Transposed(shape) => (
            plain_weight_gradients(&shape.convolution(), tiles, false, &dy, x).0,
            shape.bias_gradient(&dy),
        ),
    }
}

/// Gradients by the weight, and by the bias if `with_bias`.
fn plain_weight_gradients(
    shape: &ConvShape,
    tiles: &Tiles,
    with_bias: bool,
    x: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
    dy: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
) -> (Vec<f32>, Vec<f32>) {
    let square = winograd::suits(shape).filter(|_| shape.stride == (1, 1) && fills_pieces(shape));
    if let Some(square) = square {
        winograd_weight::gradients(square, shape, tiles, x, dy)
    } else if fills_vectors(shape, tiles) {
        pixels::weight::gradients(shape, tiles, with_bias, x, dy)
    } else {
        channels::weight::gradients(shape, tiles, with_bias, x, dy)
    }
}

/// Whether vectors lie over neighboring pixels, or else across channels.
pub fn suits_pixels(shape: &ConvShape, tiles: &Tiles) -> bool {
    fills_vectors(shape, tiles) || suits_winograd(shape)
}

/// Whether rows and planes fill vectors over pixels without the Winograd transform.
///
/// Vectors over pixels copy nothing but the padding; vectors across channels need no long rows.
/// A stride above 2 takes too long to split into phases, rows shorter than [`ROW`] spend much of a
/// vector on padding, and a plane smaller than [`PLANE`] fills few tiles.
fn fills_vectors(shape: &ConvShape, tiles: &Tiles) -> bool {
    let (height, width) = (shape.out_height(), shape.out_width());
    let wide = width >= ROW && height * width >= PLANE;
    shape.cout <= tiles.narrow.channels || shape.stride.0 <= 2 && shape.stride.1 <= 2 && wide
}

/// Whether the polyphase branches of a transposed convolution are wide enough for vectors over pixels.
fn suits_branches(shape: &ConvShape) -> bool {
    let (height, width) = (shape.height / shape.stride.0, shape.width / shape.stride.1);
    shape.stride.0 <= 2 && shape.stride.1 <= 2 && width >= ROW && height * width >= PLANE
}

/// Whether a convolution gains by the Winograd transform.
fn suits_winograd(shape: &ConvShape) -> bool {
    winograd::suits(shape).is_some() && fills_pieces(shape)
}

/// Whether the pieces of a plane fill tiles, which smaller planes do than those that pixels need.
fn fills_pieces(shape: &ConvShape) -> bool {
    shape.out_height() * shape.out_width() >= PLANE / 4
}

/// The shortest row for vectors over pixels.
const ROW: usize = 32;

/// The smallest plane for vectors over pixels.
const PLANE: usize = 1024;
