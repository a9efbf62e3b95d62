//! Minimal filtering along one axis (Winograd 1980): four outputs of a kernel of `K` taps by
//! `N = K + 3` products, where plain taps take `4 K`.
//!
//! With as many inputs `d` and a kernel `g`, the outputs are `Aᵀ ((Bᵀ d) ⊙ (G g))`. The matrices
//! follow from evaluating polynomials at `N - 1` points and at infinity. These points lose the
//! least of those tried: of the largest output, kernels of three taps along both axes are off by
//! some 2e-6 and kernels of five by 5e-6, where plain taps are off by 1e-6.

use std::ops::{Add, Mul, Neg, Sub};

/// Values that go through the same transform side by side.
#[derive(Clone, Copy)]
pub struct Lanes<const L: usize>(pub [f32; L]);

impl<const L: usize> Lanes<L> {
    /// Zeros.
    pub const ZERO: Self = Self([0.0; L]);

    /// As many values of each of `R` rows, `below` each other, the first from `at` on.
    #[inline(always)]
    pub fn load_rows<const R: usize>(values: &[f32], at: usize, below: usize) -> Self {
        let mut lanes = Self::ZERO;
        for (row, lanes) in lanes.0.chunks_exact_mut(L / R).enumerate() {
            lanes.copy_from_slice(&values[at + row * below..][..L / R]);
        }
        lanes
    }

    /// Writes them to rows, one after the other.
    #[inline(always)]
    pub fn store_rows<const R: usize>(self, values: &mut [f32], at: usize, below: usize) {
        for (row, lanes) in self.0.chunks_exact(L / R).enumerate() {
            values[at + row * below..][..L / R].copy_from_slice(lanes);
        }
    }

    /// The values from `at` on.
    #[inline(always)]
    pub fn load(values: &[f32], at: usize) -> Self {
        Self(*values[at..].first_chunk().expect("planes end with more"))
    }

    /// Writes them from `at` on.
    #[inline(always)]
    pub fn store(self, values: &mut [f32], at: usize) {
        values[at..][..L].copy_from_slice(&self.0);
    }
}

impl<const L: usize> Add for Lanes<L> {
    type Output = Self;

    #[inline(always)]
    fn add(mut self, other: Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(a, b)| *a += b);
        self
    }
}

impl<const L: usize> Sub for Lanes<L> {
    type Output = Self;

    #[inline(always)]
    fn sub(mut self, other: Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(a, b)| *a -= b);
        self
    }
}

impl<const L: usize> Mul<f32> for Lanes<L> {
    type Output = Self;

    #[inline(always)]
    fn mul(mut self, factor: f32) -> Self {
        self.0.iter_mut().for_each(|a| *a *= factor);
        self
    }
}

impl<const L: usize> Neg for Lanes<L> {
    type Output = Self;

    #[inline(always)]
    fn neg(self) -> Self {
        Self(self.0.map(|a| -a))
    }
}

/// Outputs of a filter.
pub const PIECE: usize = 4;

/// A kernel of `K` taps along one axis, taken to `N` components.
pub trait MinimalFilter<const K: usize, const N: usize> {
    /// `Bᵀ d` of inputs `d`.
    fn inputs<const L: usize>(d: [Lanes<L>; N]) -> [Lanes<L>; N];

    /// `G g` of a kernel `g`.
    fn kernel<const L: usize>(g: [Lanes<L>; K]) -> [Lanes<L>; N];

    /// `Aᵀ m` of products `m`: outputs.
    fn outputs<const L: usize>(m: [Lanes<L>; N]) -> [Lanes<L>; PIECE];

    /// `A y` of the gradients `y` by the outputs.
    fn gradients<const L: usize>(y: [Lanes<L>; PIECE]) -> [Lanes<L>; N];

    /// `Gᵀ m` of products `m` of inputs and gradients: the gradients by the taps.
    fn taps<const L: usize>(m: [Lanes<L>; N]) -> [Lanes<L>; K];
}

/// Three taps, by the points 0, 1, -1, 2, -1/2.
pub struct Three;

impl MinimalFilter<3, 6> for Three {
    #[inline(always)]
    fn inputs<const L: usize>([a, b, c, d, e, f]: [Lanes<L>; 6]) -> [Lanes<L>; 6] {
        let (even, odd) = (e - c, d - b);
        [
            a - c + even - odd * 1.5,
            even + odd - (c + d) * 1.5,
            even - odd + (c - d) * 1.5,
            even + odd * 0.5,
            even - odd * 2.0,
            f - d - odd - even * 1.5,
        ]
    }

    #[inline(always)]
    fn kernel<const L: usize>([a, b, c]: [Lanes<L>; 3]) -> [Lanes<L>; 6] {
        let even = a + c;
        [
            a,
            (even + b) * (-1.0 / 3.0),
            (even - b) * (1.0 / 3.0),
            (a + b * 2.0 + c * 4.0) * (1.0 / 15.0),
            (a * 4.0 - b * 2.0 + c) * (-4.0 / 15.0),
            c,
        ]
    }

    #[inline(always)]
    fn outputs<const L: usize>([a, b, c, d, e, f]: [Lanes<L>; 6]) -> [Lanes<L>; PIECE] {
        let (even, odd) = (b + c, b - c);
        [
            a + even + d + e,
            odd + d * 2.0 - e * 0.5,
            even + d * 4.0 + e * 0.25,
            odd + d * 8.0 - e * 0.125 + f,
        ]
    }

    #[inline(always)]
    fn gradients<const L: usize>([a, b, c, d]: [Lanes<L>; PIECE]) -> [Lanes<L>; 6] {
        let (even, odd) = (a + c, b + d);
        [
            a,
            even + odd,
            even - odd,
            a + b * 2.0 + c * 4.0 + d * 8.0,
            a - b * 0.5 + c * 0.25 - d * 0.125,
            d,
        ]
    }

    #[inline(always)]
    fn taps<const L: usize>([a, b, c, d, e, f]: [Lanes<L>; 6]) -> [Lanes<L>; 3] {
        let (even, odd) = ((c - b) * (1.0 / 3.0), (b + c) * (-1.0 / 3.0));
        let (d, e) = (d * (1.0 / 15.0), e * (4.0 / 15.0));
        [
            a + even + d - e * 4.0,
            odd + d * 2.0 + e * 2.0,
            even + d * 4.0 - e + f,
        ]
    }
}

/// Five taps, by the points 0, 1, -1, 2, -2, 1/2, -1/2.
pub struct Five;

impl MinimalFilter<5, 8> for Five {
    #[inline(always)]
    fn inputs<const L: usize>([a, b, c, d, e, f, g, h]: [Lanes<L>; 8]) -> [Lanes<L>; 8] {
        let (even1, odd1) = (c + g - e * 4.25, b + f - d * 4.25);
        let (even2, odd2) = (c * 0.25 - e * 1.25 + g, b * 0.5 - d * 2.5 + f * 2.0);
        let (even3, odd3) = (c * 4.0 - e * 5.0 + g, b * 2.0 - d * 2.5 + f * 0.5);
        [
            a - g + (e - c) * 5.25,
            even1 + odd1,
            even1 - odd1,
            even2 + odd2,
            even2 - odd2,
            even3 + odd3,
            even3 - odd3,
            h - b + (d - f) * 5.25,
        ]
    }

    #[inline(always)]
    fn kernel<const L: usize>([a, b, c, d, e]: [Lanes<L>; 5]) -> [Lanes<L>; 8] {
        let (even1, odd1) = (a + c + e, b + d);
        let (even2, odd2) = (a + c * 4.0 + e * 16.0, b * 2.0 + d * 8.0);
        let (even3, odd3) = (a * 16.0 + c * 4.0 + e, b * 8.0 + d * 2.0);
        [
            a,
            (even1 + odd1) * (-2.0 / 9.0),
            (even1 - odd1) * (-2.0 / 9.0),
            (even2 + odd2) * (1.0 / 90.0),
            (even2 - odd2) * (1.0 / 90.0),
            (even3 + odd3) * (2.0 / 45.0),
            (even3 - odd3) * (2.0 / 45.0),
            e,
        ]
    }

    #[inline(always)]
    fn outputs<const L: usize>([a, b, c, d, e, f, g, h]: [Lanes<L>; 8]) -> [Lanes<L>; PIECE] {
        let (even1, odd1) = (b + c, b - c);
        let (even2, odd2) = (d + e, d - e);
        let (even3, odd3) = (f + g, f - g);
        [
            a + even1 + even2 + even3,
            odd1 + odd2 * 2.0 + odd3 * 0.5,
            even1 + even2 * 4.0 + even3 * 0.25,
            odd1 + odd2 * 8.0 + odd3 * 0.125 + h,
        ]
    }

    #[inline(always)]
    fn gradients<const L: usize>([a, b, c, d]: [Lanes<L>; PIECE]) -> [Lanes<L>; 8] {
        let (even1, odd1) = (a + c, b + d);
        let (even2, odd2) = (a + c * 4.0, b * 2.0 + d * 8.0);
        let (even3, odd3) = (a + c * 0.25, b * 0.5 + d * 0.125);
        [
            a,
            even1 + odd1,
            even1 - odd1,
            even2 + odd2,
            even2 - odd2,
            even3 + odd3,
            even3 - odd3,
            d,
        ]
    }

    #[inline(always)]
    fn taps<const L: usize>([a, b, c, d, e, f, g, h]: [Lanes<L>; 8]) -> [Lanes<L>; 5] {
        let (even1, odd1) = ((b + c) * (-2.0 / 9.0), (b - c) * (-2.0 / 9.0));
        let (even2, odd2) = ((d + e) * (1.0 / 90.0), (d - e) * (1.0 / 90.0));
        let (even3, odd3) = ((f + g) * (2.0 / 45.0), (f - g) * (2.0 / 45.0));
        [
            a + even1 + even2 + even3 * 16.0,
            odd1 + odd2 * 2.0 + odd3 * 8.0,
            even1 + even2 * 4.0 + even3 * 4.0,
            odd1 + odd2 * 8.0 + odd3 * 2.0,
            even1 + even2 * 16.0 + even3 + h,
        ]
    }
}
