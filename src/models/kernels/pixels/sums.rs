//! What [`winograd`](super::winograd) takes inputs, kernels and products to: sums and differences.

use std::array;

/// Sums that a piece of the input, 4x4, and a kernel are taken to.
pub const SUMS: usize = 16;

/// Pieces that are summed at once.
pub const LANES: usize = 16;

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
}

impl Layout {
    /// Of a window of `rows` and `columns` of outputs, for a tile of `pixels`.
    pub fn new(rows: usize, columns: usize, pixels: usize) -> Self {
        let (height, width) = (rows.div_ceil(2), columns.div_ceil(2));
        let span = (height * width).next_multiple_of(pixels);
        Self {
            height,
            width,
            span,
            plane: (height + 1) * (width + 1) + LANES,
        }
    }

    /// Distance of rows in a phase of the inputs, of which the last piece reads one more.
    pub fn below(&self) -> usize {
        self.width + 1
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
            let (pairs, _) = outputs.as_chunks_mut::<2>();
            for (pair, (&even, &odd)) in pairs.iter_mut().zip(even.iter().zip(odd)) {
                *pair = [even, odd];
            }
        }
    }
}

/// `G g Gᵀ` of a kernel `g`.
pub fn kernel_sums(kernel: [f32; 9]) -> [f32; SUMS] {
    let sums = |a: f32, b: f32, c: f32| [a, 0.5 * (a + b + c), 0.5 * (a - b + c), c];
    let rows: [[f32; 4]; 3] =
        array::from_fn(|i| sums(kernel[3 * i], kernel[3 * i + 1], kernel[3 * i + 2]));
    let columns: [[f32; 4]; 4] = array::from_fn(|j| sums(rows[0][j], rows[1][j], rows[2][j]));
    array::from_fn(|i| columns[i % 4][i / 4])
}

/// Channels of the output that are summed at once.
pub const STRAND: usize = 8;

/// As many values as are summed at once.
type Lanes = [f32; LANES];

#[inline(always)]
fn load<const N: usize>(values: &[f32], at: usize) -> [f32; N] {
    *values[at..].first_chunk().expect("planes end with more")
}

#[inline(always)]
fn add<const N: usize>(mut a: [f32; N], b: [f32; N]) -> [f32; N] {
    a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
    a
}

#[inline(always)]
fn subtract<const N: usize>(mut a: [f32; N], b: [f32; N]) -> [f32; N] {
    a.iter_mut().zip(b).for_each(|(a, b)| *a -= b);
    a
}

/// `Bᵀ d B` of each piece's inputs `d`: its sums, `apart` from each other in `sums`.
///
/// What is written beyond a row's end, the next row or channel replaces.
#[inline(always)]
pub fn to_sums(phases: &[f32], layout: &Layout, sums: &mut [f32], apart: usize) {
    #[inline(always)]
    fn turn([a, b, c, d]: [Lanes; 4]) -> [Lanes; 4] {
        [subtract(a, c), add(b, c), subtract(c, b), subtract(b, d)]
    }
    for row in 0..layout.height {
        for piece in (0..layout.width).step_by(LANES) {
            let mut rows = [[[0.0; LANES]; 4]; 4];
            for (i, row_sums) in rows.iter_mut().enumerate() {
                let even = i % 2 * 2 * layout.plane + (row + i / 2) * layout.below() + piece;
                let odd = even + layout.plane;
                let [a, b] = [even, odd].map(|at| load(phases, at));
                let [c, d] = [even, odd].map(|at| load(phases, at + 1));
                *row_sums = turn([a, b, c, d]);
            }
            let at = row * layout.width + piece;
            for j in 0..4 {
                let [a, b, c, d] = &rows;
                let column = turn([a[j], b[j], c[j], d[j]]);
                for (i, values) in column.iter().enumerate() {
                    sums[(4 * i + j) * apart + at..][..LANES].copy_from_slice(values);
                }
            }
        }
    }
}

/// `Aᵀ m A` of each piece's products `m`, `apart` from each other: the phases of its outputs, `span` values each.
#[inline(always)]
pub fn from_sums(products: &[f32], apart: usize, phases: &mut [f32], span: usize) {
    #[inline(always)]
    fn turn([a, b, c, d]: [Lanes; 4]) -> [Lanes; 2] {
        [add(add(a, b), c), subtract(subtract(b, c), d)]
    }
    for piece in (0..span).step_by(LANES) {
        let mut columns = [[[0.0; LANES]; 2]; 4];
        for (j, column) in columns.iter_mut().enumerate() {
            let sum = |i: usize| load(products, (4 * i + j) * apart + piece);
            *column = turn([sum(0), sum(1), sum(2), sum(3)]);
        }
        let [a, b, c, d] = &columns;
        for i in 0..2 {
            let row = turn([a[i], b[i], c[i], d[i]]);
            for (j, values) in row.iter().enumerate() {
                phases[(2 * i + j) * span + piece..][..LANES].copy_from_slice(values);
            }
        }
    }
}

/// `A dy Aᵀ` of each piece's gradients `dy` in two rows, `[column][lane]`: its sums, `apart` from
/// each other in `sums`, `[piece][lane]`. The gradients themselves are added to `totals`, `[lane]`.
#[inline(always)]
pub fn gradient_sums(rows: [&[f32]; 2], sums: &mut [f32], apart: usize, totals: &mut [f64]) {
    type Strand = [f32; STRAND];
    #[inline(always)]
    fn turn(a: Strand, b: Strand) -> [Strand; 4] {
        [a, add(a, b), subtract(a, b), b.map(|b| -b)]
    }
    let lanes = totals.len();
    for (strand, totals) in totals.chunks_exact_mut(STRAND).enumerate() {
        let mut total = [0.0; STRAND];
        for piece in 0..rows[0].len() / (2 * lanes) {
            let at = 2 * piece * lanes + strand * STRAND;
            let upper: [Strand; 2] = [load(rows[0], at), load(rows[0], at + lanes)];
            let lower: [Strand; 2] = [load(rows[1], at), load(rows[1], at + lanes)];
            let (left, right) = (turn(upper[0], lower[0]), turn(upper[1], lower[1]));
            total = add(total, add(left[1], right[1]));
            let at = piece * lanes + strand * STRAND;
            for i in 0..4 {
                for (j, values) in turn(left[i], right[i]).iter().enumerate() {
                    sums[(4 * i + j) * apart + at..][..STRAND].copy_from_slice(values);
                }
            }
        }
        let values = totals.iter_mut().zip(total);
        values.for_each(|(sum, value)| *sum += f64::from(value));
    }
}

/// `Gᵀ m G` of the summed products `m`: the gradient by a kernel's taps, for some output channels.
#[inline(always)]
pub fn kernel_gradient(products: &[[f32; STRAND]; SUMS]) -> [[f32; STRAND]; 9] {
    type Strand = [f32; STRAND];
    #[inline(always)]
    fn turn(a: Strand, b: Strand, c: Strand, d: Strand) -> [Strand; 3] {
        let half = |a: Strand| a.map(|a| 0.5 * a);
        let (sum, difference) = (half(add(b, c)), half(subtract(b, c)));
        [add(a, sum), difference, add(sum, d)]
    }
    let m = products;
    let rows: [[Strand; 3]; 4] =
        array::from_fn(|i| turn(m[4 * i], m[4 * i + 1], m[4 * i + 2], m[4 * i + 3]));
    let columns: [[Strand; 3]; 3] =
        array::from_fn(|j| turn(rows[0][j], rows[1][j], rows[2][j], rows[3][j]));
    array::from_fn(|tap| columns[tap % 3][tap / 3])
}
