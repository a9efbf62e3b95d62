//! The transforms of [`winograd`](super::winograd) along both axes.

use super::super::ConvShape;
use super::filter::{Five, Lanes, MinimalFilter, PIECE, Three};
use super::layout::{LANES, Layout, MOST_SIDE, Places, places};

/// Output channels that are transformed at once.
pub const STRAND: usize = 8;

/// The most components of a piece.
pub const MOST_COMPONENTS: usize = MOST_SIDE * MOST_SIDE;

/// Square kernels that are transformed, for pieces of 4x4 outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SquareKernel {
    /// 3x3, with 36 components.
    Three,
    /// 5x5, with 64 components.
    Five,
}

impl SquareKernel {
    /// The kernel of `shape`, if it is one.
    ///
    /// One of 5x5 or 6x6 with a stride of 2 is one of 3x3 for each of four phases.
    pub fn of(shape: &ConvShape) -> Option<Self> {
        match (shape.kernel, shape.stride, shape.dilation) {
            ((3, 3), (1, 1), (1, 1)) => Some(Self::Three),
            ((5, 5), (1, 1), (1, 1)) => Some(Self::Five),
            ((5, 5) | (6, 6), (2, 2), (1, 1)) => Some(Self::Three),
            _ => None,
        }
    }

    /// Inputs that a piece reads along an axis, and components along it.
    pub fn side(self) -> usize {
        self.width() + PIECE - 1
    }

    /// Components of a piece.
    pub fn components(self) -> usize {
        self.side() * self.side()
    }

    /// Where the components of a piece lie that are `apart` from each other.
    pub fn places(self, apart: usize) -> Places {
        places(|i, j| (self.side() * i + j) * apart)
    }

    /// Taps of the kernel along an axis.
    pub fn width(self) -> usize {
        match self {
            Self::Three => 3,
            Self::Five => 5,
        }
    }

    /// Taps of the kernel.
    pub fn taps(self) -> usize {
        self.width() * self.width()
    }

    /// `G g Gᵀ` of up to [`STRAND`] kernels `g`, component by component.
    #[inline(always)]
    pub fn transform_kernels(self, kernels: &[&[f32]], place: impl FnMut(usize, [f32; STRAND])) {
        match self {
            Self::Three => transform_kernels::<Three, 3, 6>(kernels, place),
            Self::Five => transform_kernels::<Five, 5, 8>(kernels, place),
        }
    }

    /// `Bᵀ d B` of each piece's inputs `d`: its components, at `places`.
    ///
    /// What is written beyond a row's end, the next row or channel replaces; [`LANES`] values must
    /// be left behind the last.
    #[inline(always)]
    pub fn transform_inputs(
        self,
        inputs: &[f32],
        layout: &Layout,
        components: &mut [f32],
        places: &Places,
    ) {
        match self {
            Self::Three => transform_inputs::<Three, 3, 6>(inputs, layout, components, places),
            Self::Five => transform_inputs::<Five, 5, 8>(inputs, layout, components, places),
        }
    }

    /// `Aᵀ m A` of each piece's products `m`, at `places`: its outputs, in `phases` of `span` values each.
    #[inline(always)]
    pub fn transform_products(
        self,
        products: &[f32],
        places: &Places,
        phases: &mut [f32],
        span: usize,
    ) {
        match self {
            Self::Three => transform_products::<Three, 3, 6>(products, places, phases, span),
            Self::Five => transform_products::<Five, 5, 8>(products, places, phases, span),
        }
    }

    /// `A dy Aᵀ` of each piece's gradients `dy` in as many rows as a piece has, `[row][column][lane]`:
    /// its components, at `places`, `[piece][lane]`. The gradients themselves are added to
    /// `totals`, `[lane]`.
    #[inline(always)]
    pub fn transform_gradients(
        self,
        rows: &[f32],
        components: &mut [f32],
        places: &Places,
        totals: &mut [f64],
    ) {
        match self {
            Self::Three => transform_gradients::<Three, 3, 6>(rows, components, places, totals),
            Self::Five => transform_gradients::<Five, 5, 8>(rows, components, places, totals),
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
            Self::Three => kernel_gradient::<Three, 3, 6>(products, place),
            Self::Five => kernel_gradient::<Five, 5, 8>(products, place),
        }
    }
}

/// Values by row and column.
type Matrix<const L: usize, const H: usize, const W: usize> = [[Lanes<L>; W]; H];

/// The columns of a matrix, taken elsewhere one by one.
#[inline(always)]
fn columns<const L: usize, const H: usize, const W: usize, const M: usize>(
    rows: &Matrix<L, H, W>,
    transform: impl Fn([Lanes<L>; H]) -> [Lanes<L>; M],
    mut place: impl FnMut(usize, usize, Lanes<L>),
) {
    for j in 0..W {
        let mut column = [Lanes::ZERO; H];
        for (value, row) in column.iter_mut().zip(rows) {
            *value = row[j];
        }
        for (i, value) in transform(column).into_iter().enumerate() {
            place(i, j, value);
        }
    }
}

#[inline(always)]
fn transform_kernels<F: MinimalFilter<K, N>, const K: usize, const N: usize>(
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
fn transform_inputs<F: MinimalFilter<K, N>, const K: usize, const N: usize>(
    inputs: &[f32],
    layout: &Layout,
    components: &mut [f32],
    places: &Places,
) {
    match layout.together {
        1 => transform_input_rows::<F, K, N, 1>(inputs, layout, components, places),
        _ => transform_input_rows::<F, K, N, 2>(inputs, layout, components, places),
    }
}

/// [`transform_inputs`] of `R` rows of pieces at once.
#[inline(always)]
fn transform_input_rows<F: MinimalFilter<K, N>, const K: usize, const N: usize, const R: usize>(
    inputs: &[f32],
    layout: &Layout,
    components: &mut [f32],
    places: &Places,
) {
    let (width, below) = (layout.width, PIECE * layout.below);
    let mut rows: Matrix<LANES, N, N> = [[Lanes::ZERO; N]; N];
    for row in (0..layout.height).step_by(R) {
        for piece in (0..width).step_by(LANES / R) {
            let inputs = &inputs[row * below + piece..];
            let components = &mut components[row * width + piece..];
            for (row, places) in rows.iter_mut().zip(&layout.inputs) {
                let mut values = [Lanes::ZERO; N];
                for (value, &at) in values.iter_mut().zip(places) {
                    *value = Lanes::load_rows::<R>(inputs, at, below);
                }
                *row = F::inputs(values);
            }
            columns(
                &rows,
                #[inline(always)]
                |column| F::inputs(column),
                #[inline(always)]
                |i, j, values| values.store_rows::<R>(components, places[i][j], width),
            );
        }
    }
}

#[inline(always)]
fn transform_products<F: MinimalFilter<K, N>, const K: usize, const N: usize>(
    products: &[f32],
    places: &Places,
    phases: &mut [f32],
    span: usize,
) {
    let mut rows: Matrix<LANES, N, PIECE> = [[Lanes::ZERO; PIECE]; N];
    for piece in (0..span).step_by(LANES) {
        let products = &products[piece..];
        for (row, places) in rows.iter_mut().zip(places) {
            let mut components = [Lanes::ZERO; N];
            for (components, &at) in components.iter_mut().zip(places) {
                *components = Lanes::load(products, at);
            }
            *row = F::outputs(components);
        }
        columns(
            &rows,
            #[inline(always)]
            |column| F::outputs(column),
            #[inline(always)]
            |i, j, values| values.store(phases, (PIECE * i + j) * span + piece),
        );
    }
}

#[inline(always)]
fn transform_gradients<F: MinimalFilter<K, N>, const K: usize, const N: usize>(
    rows: &[f32],
    components: &mut [f32],
    places: &Places,
    totals: &mut [f64],
) {
    let (lanes, row) = (totals.len(), rows.len() / PIECE);
    for (strand, totals) in totals.chunks_exact_mut(STRAND).enumerate() {
        let mut total = Lanes::<STRAND>::ZERO;
        let mut taken: Matrix<STRAND, PIECE, N> = [[Lanes::ZERO; N]; PIECE];
        for piece in 0..row / (PIECE * lanes) {
            for (number, taken) in taken.iter_mut().enumerate() {
                let mut values = [Lanes::ZERO; PIECE];
                for (column, value) in values.iter_mut().enumerate() {
                    let at = number * row + (PIECE * piece + column) * lanes + strand * STRAND;
                    *value = Lanes::load(rows, at);
                    total = total + *value;
                }
                *taken = F::gradients(values);
            }
            let components = &mut components[piece * lanes + strand * STRAND..];
            columns(
                &taken,
                #[inline(always)]
                |column| F::gradients(column),
                #[inline(always)]
                |i, j, values| values.store(components, places[i][j]),
            );
        }
        let values = totals.iter_mut().zip(total.0);
        values.for_each(|(sum, value)| *sum += f64::from(value));
    }
}

#[inline(always)]
fn kernel_gradient<F: MinimalFilter<K, N>, const K: usize, const N: usize>(
    products: &[[f32; STRAND]],
    mut place: impl FnMut(usize, [f32; STRAND]),
) {
    let mut rows: Matrix<STRAND, N, K> = [[Lanes::ZERO; K]; N];
    for (row, products) in rows.iter_mut().zip(products.chunks_exact(N)) {
        let mut components = [Lanes::ZERO; N];
        for (components, &products) in components.iter_mut().zip(products) {
            *components = Lanes(products);
        }
        *row = F::taps(components);
    }
    columns(
        &rows,
        #[inline(always)]
        |column| F::taps(column),
        #[inline(always)]
        |i, j, values| place(K * i + j, values.0),
    );
}
