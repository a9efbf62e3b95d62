//! How pieces of a window lie, in its inputs and outputs.

use std::array;

use super::filter::PIECE;
use super::pad;
use super::winograd_2d::SquareKernel;

/// Pieces that are transformed at once.
pub const LANES: usize = 16;

/// The most inputs that a piece reads along an axis.
pub const MOST_SIDE: usize = 8;

/// Where the values of a piece lie, worked out once for many.
pub type Places = [[usize; MOST_SIDE]; MOST_SIDE];

/// Those that `place(row, column)` names.
pub fn places(place: impl Fn(usize, usize) -> usize) -> Places {
    array::from_fn(|i| array::from_fn(|j| place(i, j)))
}

/// Pieces of a window, row after row.
///
/// Inputs are split into planes, one for each column of a piece, so that those of neighboring
/// pieces lie side by side.
pub struct Layout {
    /// Rows of pieces.
    pub height: usize,
    /// Pieces of a row.
    pub width: usize,
    /// Rows of pieces that are transformed at once: two if they are short.
    pub together: usize,
    /// Pieces that are summed.
    pub span: usize,
    /// Rows that all pieces read.
    pub rows: usize,
    /// Distance of rows in a plane of inputs.
    pub below: usize,
    /// Values of such a plane.
    pub plane: usize,
    /// Where a piece's inputs lie.
    pub inputs: Places,
}

impl Layout {
    /// Of a window of `rows` and `columns` of outputs, for a tile of `pixels`, where every
    /// `stride`th plane holds inputs of one phase.
    pub fn new(
        square: SquareKernel,
        (rows, columns): (usize, usize),
        pixels: usize,
        stride: usize,
    ) -> Self {
        let (height, width) = (rows.div_ceil(PIECE), columns.div_ceil(PIECE));
        let (rows, below) = ((height - 1) * PIECE + square.side(), width + 1);
        let together = if width > LANES / 2 { 1 } else { 2 };
        let plane = (rows + (together - 1) * PIECE) * below + LANES;
        Self {
            height,
            width,
            together,
            span: (height * width).next_multiple_of(pixels),
            rows,
            below,
            plane,
            inputs: places(|i, j| j % PIECE * stride * plane + i * below + j / PIECE),
        }
    }

    /// Joins phases of outputs, [`Self::span`] apart, to rows; of `branches` along each axis, which
    /// follow each other, those too.
    pub fn join(&self, phases: &[f32], branches: usize, outputs: &mut [f32]) {
        let rows = outputs.chunks_exact_mut(branches * PIECE * self.width);
        for (number, outputs) in rows.take(branches * PIECE * self.height).enumerate() {
            let (branch, row) = (number % branches, number / branches);
            let phase = |column: usize| {
                let branch = branch * branches + column % branches;
                let phase = (branch * PIECE + row % PIECE) * PIECE + column / branches;
                &phases[phase * self.span + row / PIECE * self.width..][..self.width]
            };
            match branches {
                1 => pad::join::<PIECE>(array::from_fn(phase), outputs),
                _ => pad::join::<{ 2 * PIECE }>(array::from_fn(phase), outputs),
            }
        }
    }
}
