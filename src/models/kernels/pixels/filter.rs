//! Minimal filtering along one axis (Winograd 1980): two outputs of a kernel of `K` taps by
//! `N = K + 1` products, where plain taps take `2 K`.
//!
//! With `K + 1` inputs `d` and a kernel `g`, the outputs are `Aᵀ ((Bᵀ d) ⊙ (G g))`. The matrices
//! follow from evaluating polynomials at `N - 1` points and at infinity.

use std::ops::{Add, Mul, Neg, Sub};

/// Values that go through the same sums side by side.
#[derive(Clone, Copy)]
pub struct Lanes<const L: usize>(pub [f32; L]);

impl<const L: usize> Lanes<L> {
    /// Zeros.
    pub const ZERO: Self = Self([0.0; L]);

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

/// A kernel of `K` taps along one axis, taken to `N` sums.
pub trait Filter<const K: usize, const N: usize> {
    /// `Bᵀ d` of inputs `d`.
    fn inputs<const L: usize>(d: [Lanes<L>; N]) -> [Lanes<L>; N];

    /// `G g` of a kernel `g`.
    fn kernel<const L: usize>(g: [Lanes<L>; K]) -> [Lanes<L>; N];

    /// `Aᵀ m` of products `m`: outputs.
    fn outputs<const L: usize>(m: [Lanes<L>; N]) -> [Lanes<L>; 2];

    /// `A y` of the gradients `y` by the outputs.
    fn gradients<const L: usize>(y: [Lanes<L>; 2]) -> [Lanes<L>; N];

    /// `Gᵀ m` of products `m` of inputs and gradients: the gradients by the taps.
    fn taps<const L: usize>(m: [Lanes<L>; N]) -> [Lanes<L>; K];
}

/// Three taps, by the points 0, 1, -1.
pub struct Three;

impl Filter<3, 4> for Three {
    #[inline(always)]
    fn inputs<const L: usize>([a, b, c, d]: [Lanes<L>; 4]) -> [Lanes<L>; 4] {
        [a - c, b + c, c - b, b - d]
    }

    #[inline(always)]
    fn kernel<const L: usize>([a, b, c]: [Lanes<L>; 3]) -> [Lanes<L>; 4] {
        [a, (a + b + c) * 0.5, (a - b + c) * 0.5, c]
    }

    #[inline(always)]
    fn outputs<const L: usize>([a, b, c, d]: [Lanes<L>; 4]) -> [Lanes<L>; 2] {
        [a + b + c, b - c - d]
    }

    #[inline(always)]
    fn gradients<const L: usize>([a, b]: [Lanes<L>; 2]) -> [Lanes<L>; 4] {
        [a, a + b, a - b, -b]
    }

    #[inline(always)]
    fn taps<const L: usize>([a, b, c, d]: [Lanes<L>; 4]) -> [Lanes<L>; 3] {
        let (sum, difference) = ((b + c) * 0.5, (b - c) * 0.5);
        [a + sum, difference, d + sum]
    }
}

/// Five taps, by the points 0, 1, -1, 2, -1/2, which lose the least of those tried: outputs are
/// off by some 1e-6 of the largest, twice as far as those of plain taps.
pub struct Five;

impl Filter<5, 6> for Five {
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
    fn kernel<const L: usize>([a, b, c, d, e]: [Lanes<L>; 5]) -> [Lanes<L>; 6] {
        let (even, odd) = (a + c + e, b + d);
        [
            a,
            (even + odd) * (-1.0 / 3.0),
            (even - odd) * (1.0 / 3.0),
            (a + b * 2.0 + c * 4.0 + d * 8.0 + e * 16.0) * (1.0 / 15.0),
            (a * 16.0 - b * 8.0 + c * 4.0 - d * 2.0 + e) * (-1.0 / 15.0),
            e,
        ]
    }

    #[inline(always)]
    fn outputs<const L: usize>([a, b, c, d, e, f]: [Lanes<L>; 6]) -> [Lanes<L>; 2] {
        [a + b + c + d + e, b - c + d * 2.0 - e * 0.5 + f]
    }

    #[inline(always)]
    fn gradients<const L: usize>([a, b]: [Lanes<L>; 2]) -> [Lanes<L>; 6] {
        [a, a + b, a - b, a + b * 2.0, a - b * 0.5, b]
    }

    #[inline(always)]
    fn taps<const L: usize>([a, b, c, d, e, f]: [Lanes<L>; 6]) -> [Lanes<L>; 5] {
        let (even, odd) = ((c - b) * (1.0 / 3.0), (b + c) * (-1.0 / 3.0));
        let (d, e) = (d * (1.0 / 15.0), e * (1.0 / 15.0));
        [
            a + even + d - e * 16.0,
            odd + d * 2.0 + e * 8.0,
            even + d * 4.0 - e * 4.0,
            odd + d * 8.0 + e * 2.0,
            even + d * 16.0 - e + f,
        ]
    }
}
