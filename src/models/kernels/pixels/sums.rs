//! What [`winograd`](super::winograd) takes inputs, kernels and products to, along both axes.

use std::array;

use super::super::ConvShape;
use super::filter::{Filter, Five, Lanes, Three};
use super::pad;

/// Pieces that are summed at once.
pub const LANES: usize = 16;

/// Output channels that are summed at once.
pub const STRAND: usize = 8;

/// The most sums that a piece is taken to.
pub const MOST_SUMS: usize = 36;

/// Square kernels that are taken to sums, and pieces of 2x2 outputs with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Square {
    /// 3x3, to 16 sums.
    Three,
    /// 5x5, to 36 sums.
    Five,
}

impl Square {
    /// The kernel of `shape`, if it is one.
    pub fn of(shape: &ConvShape) -> Option<Self> {
        let plain = shape.stride == (1, 1) && shape.dilation == (1, 1);
        match shape.kernel {
            (3, 3) if plain => Some(Self::Three),
            (5, 5) if plain => Some(Self::Five),
            _ => None,
        }
    }

    /// Sums along an axis, as many as inputs that a piece reads.
    pub fn side(self) -> usize {
        match self {
            Self::Three => 4,
            Self::Five => 6,
        }
    }

    /// Sums of a piece.
    pub fn sums(self) -> usize {
        self.side() * self.side()
    }

    /// Taps of the kernel.
    pub fn taps(self) -> usize {
        (self.side() - 1) * (self.side() - 1)
    }

    /// `G g Gᵀ` of up to [`STRAND`] kernels `g`, sum by sum.
    #[inline(always)]
    pub fn kernel_sums(self, kernels: &[&[f32]], place: impl FnMut(usize, [f32; STRAND])) {
        match self {
            Self::Three => kernel_sums::<Three, 3, 4>(kernels, place),
            Self::Five => kernel_sums::<Five, 5, 6>(kernels, place),
        }
    }

    /// `Bᵀ d B` of each piece's inputs `d`: its sums, `apart` from each other in `sums`.
    ///
    /// What is written beyond a row's end, the next row or channel replaces.
    #[inline(always)]
    pub fn to_sums(self, phases: &[f32], layout: &Layout, sums: &mut [f32], apart: usize) {
        match self {
            Self::Three => to_sums::<Three, 3, 4>(phases, layout, sums, apart),
            Self::Five => to_sums::<Five, 5, 6>(phases, layout, sums, apart),
        }
    }

    /// `Aᵀ m A` of each piece's products `m`, `apart` from each other: the phases of its outputs,
    /// `span` values each.
    #[inline(always)]
    pub fn from_sums(self, products: &[f32], apart: usize, phases: &mut [f32], span: usize) {
        match self {
            Self::Three => from_sums::<Three, 3, 4>(products, apart, phases, span),
            Self::Five => from_sums::<Five, 5, 6>(products, apart, phases, span),
        }
    }

    /// `A dy Aᵀ` of each piece's gradients `dy` in two rows, `[column][lane]`: its sums, `apart` from
    /// each other in `sums`, `[piece][lane]`. The gradients themselves are added to `totals`, `[lane]`.
    #[inline(always)]
    pub fn gradient_sums(
        self,
        rows: [&[f32]; 2],
        sums: &mut [f32],
        apart: usize,
        totals: &mut [f64],
    ) {
        match self {
            Self::Three => gradient_sums::<Three, 3, 4>(rows, sums, apart, totals),
            Self::Five => gradient_sums::<Five, 5, 6>(rows, sums, apart, totals),
        }
    }

    /// `Gᵀ m G` of the summed products `m`: the gradient by a kernel's taps, for some output channels.
    #[inline(always)]
    pub fn kernel_gradient(
        self,
        products: &[[f32; STRAND]],
        place: impl FnMut(usize, [f32; STRAND]),
    ) {
        match self {
            Self::Three => kernel_gradient::<Three, 3, 4>(products, place),
            Self::Five => kernel_gradient::<Five, 5, 6>(products, place),
        }
    }
}

/// How the pieces of a window lie, row after row.
pub struct Layout {
    /// Rows of pieces.
    pub height: usize,
    /// Pieces of a row.
    pub width: usize,
    /// Pieces that are summed.
    pub span: usize,
    /// Values of a phase of the inputs.
    pub plane: usize,
    /// Rows and columns of a phase that the last piece reads beyond its own.
    pub reach: usize,
}

impl Layout {
    /// Of a window of `rows` and `columns` of outputs, for a tile of `pixels`.
    pub fn new(square: Square, rows: usize, columns: usize, pixels: usize) -> Self {
        let (height, width) = (rows.div_ceil(2), columns.div_ceil(2));
        let reach = square.side() / 2 - 1;
        Self {
            height,
            width,
            span: (height * width).next_multiple_of(pixels),
            plane: (height + reach) * (width + reach) + LANES,
            reach,
        }
    }

    /// Distance of rows in a phase of the inputs.
    pub fn below(&self) -> usize {
        self.width + self.reach
    }

    /// Joins phases of outputs, [`Self::span`] apart, to rows.
    pub fn join(&self, phases: &[f32], outputs: &mut [f32]) {
        let row = |phase: usize, row: usize| {
            &phases[phase * self.span + row * self.width..][..self.width]
        };
        let rows = outputs.chunks_exact_mut(2 * self.width);
        for (number, outputs) in rows.take(2 * self.height).enumerate() {
            let even = row(number % 2 * 2, number / 2);
            let odd = row(number % 2 * 2 + 1, number / 2);
            pad::join(even, odd, outputs);
        }
    }
}

/// Values by row and column.
type Matrix<const L: usize, const H: usize, const W: usize> = [[Lanes<L>; W]; H];

/// The columns of a matrix, taken elsewhere one by one.
#[inline(always)]
fn columns<const L: usize, const H: usize, const W: usize, const M: usize>(
    rows: &Matrix<L, H, W>,
    turn: impl Fn([Lanes<L>; H]) -> [Lanes<L>; M],
    mut place: impl FnMut(usize, usize, Lanes<L>),
) {
    for j in 0..W {
        let mut column = [Lanes::ZERO; H];
        for (value, row) in column.iter_mut().zip(rows) {
            *value = row[j];
        }
        for (i, value) in turn(column).into_iter().enumerate() {
            place(i, j, value);
        }
    }
}

/// Where the values of a matrix lie, worked out before a loop.
#[inline(always)]
fn offsets<const N: usize>(offset: impl Fn(usize, usize) -> usize) -> [[usize; N]; N] {
    array::from_fn(|i| array::from_fn(|j| offset(i, j)))
}

#[inline(always)]
fn kernel_sums<F: Filter<K, N>, const K: usize, const N: usize>(
    kernels: &[&[f32]],
    mut place: impl FnMut(usize, [f32; STRAND]),
) {
    let mut rows: Matrix<STRAND, K, N> = [[Lanes::ZERO; N]; K];
    for (i, row) in rows.iter_mut().enumerate() {
        let mut taps = [Lanes::ZERO; K];
        for (lane, kernel) in kernels.iter().enumerate() {
            for (taps, &tap) in taps.iter_mut().zip(&kernel[K * i..]) {
                taps.0[lane] = tap;
            }
        }
        *row = F::kernel(taps);
    }
    columns(
        &rows,
        #[inline(always)]
        |column| F::kernel(column),
        #[inline(always)]
        |i, j, values| place(N * i + j, values.0),
    );
}

#[inline(always)]
fn to_sums<F: Filter<K, N>, const K: usize, const N: usize>(
    phases: &[f32],
    layout: &Layout,
    sums: &mut [f32],
    apart: usize,
) {
    let read =
        |i: usize, j: usize| (i % 2 * 2 + j % 2) * layout.plane + i / 2 * layout.below() + j / 2;
    let (read, write) = (offsets::<N>(read), offsets::<N>(|i, j| (N * i + j) * apart));
    for row in 0..layout.height {
        for piece in (0..layout.width).step_by(LANES) {
            let phases = &phases[row * layout.below() + piece..];
            let sums = &mut sums[row * layout.width + piece..];
            let mut rows: Matrix<LANES, N, N> = [[Lanes::ZERO; N]; N];
            for (row, read) in rows.iter_mut().zip(&read) {
                let mut inputs = [Lanes::ZERO; N];
                for (inputs, &at) in inputs.iter_mut().zip(read) {
                    *inputs = Lanes::load(phases, at);
                }
                *row = F::inputs(inputs);
            }
            columns(
                &rows,
                #[inline(always)]
                |column| F::inputs(column),
                #[inline(always)]
                |i, j, values| values.store(sums, write[i][j]),
            );
        }
    }
}

#[inline(always)]
fn from_sums<F: Filter<K, N>, const K: usize, const N: usize>(
    products: &[f32],
    apart: usize,
    phases: &mut [f32],
    span: usize,
) {
    let read = offsets::<N>(|i, j| (N * i + j) * apart);
    for piece in (0..span).step_by(LANES) {
        let products = &products[piece..];
        let mut rows: Matrix<LANES, N, 2> = [[Lanes::ZERO; 2]; N];
        for (row, read) in rows.iter_mut().zip(&read) {
            let mut sums = [Lanes::ZERO; N];
            for (sums, &at) in sums.iter_mut().zip(read) {
                *sums = Lanes::load(products, at);
            }
            *row = F::outputs(sums);
        }
        columns(
            &rows,
            #[inline(always)]
            |column| F::outputs(column),
            #[inline(always)]
            |i, j, values| values.store(phases, (2 * i + j) * span + piece),
        );
    }
}

#[inline(always)]
fn gradient_sums<F: Filter<K, N>, const K: usize, const N: usize>(
    rows: [&[f32]; 2],
    sums: &mut [f32],
    apart: usize,
    totals: &mut [f64],
) {
    let lanes = totals.len();
    let write = offsets::<N>(|i, j| (N * i + j) * apart);
    for (strand, totals) in totals.chunks_exact_mut(STRAND).enumerate() {
        let mut total = Lanes::<STRAND>::ZERO;
        for piece in 0..rows[0].len() / (2 * lanes) {
            let at = 2 * piece * lanes + strand * STRAND;
            let [upper, lower] =
                rows.map(|row| [Lanes::load(row, at), Lanes::load(row, at + lanes)]);
            total = total + upper[0] + upper[1] + lower[0] + lower[1];
            let rows: Matrix<STRAND, 2, N> = [F::gradients(upper), F::gradients(lower)];
            let sums = &mut sums[piece * lanes + strand * STRAND..];
            columns(
                &rows,
                #[inline(always)]
                |column| F::gradients(column),
                #[inline(always)]
                |i, j, values| values.store(sums, write[i][j]),
            );
        }
        let values = totals.iter_mut().zip(total.0);
        values.for_each(|(sum, value)| *sum += f64::from(value));
    }
}

#[inline(always)]
fn kernel_gradient<F: Filter<K, N>, const K: usize, const N: usize>(
    products: &[[f32; STRAND]],
    mut place: impl FnMut(usize, [f32; STRAND]),
) {
    let mut rows: Matrix<STRAND, N, K> = [[Lanes::ZERO; K]; N];
    for (row, products) in rows.iter_mut().zip(products.chunks_exact(N)) {
        let mut sums = [Lanes::ZERO; N];
        for (sums, &products) in sums.iter_mut().zip(products) {
            *sums = Lanes(products);
        }
        *row = F::taps(sums);
    }
    columns(
        &rows,
        #[inline(always)]
        |column| F::taps(column),
        #[inline(always)]
        |i, j, values| place(K * i + j, values.0),
    );
}
