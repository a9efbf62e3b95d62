//! The passes through a layer, whichever way its convolution goes, by the kernel that suits it.

use std::ops::Range;

use super::channels::across::Across;
use super::channels::scatter::Scatter;
use super::pixels::combs::Combs;
use super::pixels::forward::{Convolution, Weights};
use super::pixels::winograd::{self, Winograd};
use super::pixels::{strided, winograd_weight};
use super::simd::Tiles;
use super::{Activation, ConvShape, TransposedShape, channels, pixels, transpose};

/// A convolution or a transposed one, with its sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sizes {
    /// From inputs to outputs.
    Plain(ConvShape),
    /// From what were outputs to what were inputs.
    Transposed(TransposedShape),
}

/// A convolution, forward or turned around, with its weight packed.
pub enum Ready {
    /// Over neighboring pixels.
    Pixels(ConvShape, Weights),
    /// Over neighboring pixels of each comb.
    Combs(Combs),
    /// Across output channels.
    Across(Across),
    /// Across taps.
    Scatter(Scatter),
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
            Sizes::Plain(shape) => Ready::forward(shape, tiles, weight),
            Sizes::Transposed(shape) => Ready::turned(&shape.convolution(), tiles, weight),
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
        let back = match self {
            Sizes::Plain(shape) => Ready::turned(shape, tiles, weight),
            Sizes::Transposed(shape) => Ready::forward(&shape.convolution(), tiles, weight),
        };
        back.run(tiles, &[], Activation::Identity, dy, dx);
    }

    /// Gradients by the weight, laid as that, and by the bias.
    pub fn weight_gradients(
        &self,
        tiles: &Tiles,
        x: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
        dy: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
    ) -> (Vec<f32>, Vec<f32>) {
        match self {
            Sizes::Plain(shape) => weight_gradients(shape, tiles, true, x, dy),
            Sizes::Transposed(shape) => (
                weight_gradients(&shape.convolution(), tiles, false, &dy, x).0,
                transpose::bias_gradient(shape, &dy),
            ),
        }
    }
}

impl Ready {
    /// The convolution of `shape` with `weight`, `[cout, cin, kh, kw]`.
    pub fn forward(shape: &ConvShape, tiles: &Tiles, weight: &[f32]) -> Self {
        if over_pixels(shape, tiles) || by_sums(shape) {
            return Self::Pixels(*shape, Weights::forward(shape, tiles, weight));
        }
        Self::Across(Across::forward(shape, tiles, weight))
    }

    /// The same from outputs to inputs.
    pub fn turned(shape: &ConvShape, tiles: &Tiles, weight: &[f32]) -> Self {
        let turned = shape.turned();
        if let Some(turned) = turned.filter(|turned| over_pixels(turned, tiles) || by_sums(turned))
        {
            return Self::Pixels(turned, Weights::turned(shape, tiles, weight));
        }
        let combed = winograd::suits(shape).zip(strided::combed(shape));
        if let Some((square, combed)) = combed.filter(|(_, combed)| fills_pieces(combed)) {
            let weights = Winograd::combed(square, shape, tiles, weight);
            return Self::Pixels(combed, Weights::Sums(weights));
        }
        if shape.cin <= tiles.narrow.channels {
            return Self::Scatter(Scatter::new(shape, tiles, weight));
        }
        if comb_by_comb(shape) {
            return Self::Combs(Combs::new(shape, tiles, weight));
        }
        Self::Across(Across::turned(shape, tiles, weight))
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
            Ready::Pixels(shape, weights) => {
                let convolution = Convolution {
                    shape: *shape,
                    tiles,
                    weights,
                    bias,
                    border: &[],
                    activation,
                };
                convolution.store(x, out);
            }
            Ready::Combs(combs) => combs.run(tiles, bias, activation, x, out),
            Ready::Across(across) => across.run(tiles, bias, activation, x, out),
            Ready::Scatter(scatter) => scatter.run(tiles, bias, activation, x, out),
        }
    }
}

/// Gradients by the weight, and by the bias if `with_bias`.
fn weight_gradients(
    shape: &ConvShape,
    tiles: &Tiles,
    with_bias: bool,
    x: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
    dy: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
) -> (Vec<f32>, Vec<f32>) {
    let square = winograd::suits(shape).filter(|_| shape.stride == (1, 1) && fills_pieces(shape));
    if let Some(square) = square {
        winograd_weight::gradients(square, shape, tiles, x, dy)
    } else if over_pixels(shape, tiles) {
        pixels::weight::gradients(shape, tiles, with_bias, x, dy)
    } else {
        channels::weight::gradients(shape, tiles, with_bias, x, dy)
    }
}

/// Whether vectors lie over neighboring pixels, or else across channels.
///
/// Pixels need no copy but the padding, and channels no multiple of a vector. But a stride parts
/// neighbors, which beyond one of 2 costs too much to mend, rows shorter than [`ROW`] spend much
/// of a vector on padding, and a plane of less than [`PLANE`] fills few tiles.
fn over_pixels(shape: &ConvShape, tiles: &Tiles) -> bool {
    let (height, width) = (shape.out_height(), shape.out_width());
    let wide = width >= ROW && height * width >= PLANE;
    shape.cout <= tiles.narrow.channels || shape.stride.0 <= 2 && shape.stride.1 <= 2 && wide
}

/// Whether a strided convolution turned around has combs wide enough for vectors over pixels.
fn comb_by_comb(shape: &ConvShape) -> bool {
    let (height, width) = (shape.height / shape.stride.0, shape.width / shape.stride.1);
    shape.stride.0 <= 2 && shape.stride.1 <= 2 && width >= ROW && height * width >= PLANE
}

/// Whether a convolution is taken to sums.
fn by_sums(shape: &ConvShape) -> bool {
    winograd::suits(shape).is_some() && fills_pieces(shape)
}

/// Whether the pieces of a plane fill tiles, which smaller planes do than those that pixels need.
fn fills_pieces(shape: &ConvShape) -> bool {
    shape.out_height() * shape.out_width() >= PLANE / 4
}

/// The shortest row for vectors over pixels.
const ROW: usize = 32;

/// The smallest plane for them.
const PLANE: usize = 1024;

/// Into how many windows of at most `most` rows `height` rows go, along each of `others`:
/// a number that threads share evenly, if windows are few.
///
/// Parts of a window, the other way to keep threads busy, would each fill its padding anew.
pub(super) fn even_count(height: usize, most: usize, others: usize) -> usize {
    let (threads, least) = (rayon::current_num_threads(), height.div_ceil(most));
    if least * others > 4 * threads {
        return least;
    }
    let even = |count: &usize| (count * others).is_multiple_of(threads);
    (least..=height / LEAST_ROWS).find(even).unwrap_or(least)
}

/// The fewest rows that windows are cut to for the sake of threads: more would go into halos.
const LEAST_ROWS: usize = 8;

/// Into how many tasks the channels of a window go: one, unless few windows leave threads idle.
pub(super) fn parts(n_windows: usize, blocks: usize) -> usize {
    let threads = rayon::current_num_threads();
    if n_windows > 4 * threads || n_windows.is_multiple_of(threads) {
        return 1;
    }
    threads.min(blocks)
}
