//! The inner loops of the register tiles, written once over a vector type.
//!
//! All sums of a tile stay in registers while the loop runs over taps or pixels.

use super::vector::Vector;

/// Convolves `OC` output channels at `NV * V::N` neighboring pixels:
/// `out[c][i] = sum over taps of weights[tap][c] * input[taps[tap] + i]`.
///
/// # Safety
/// The processor must have the instructions of `V`, and all that is read and written must lie in the slices.
#[inline(always)]
pub unsafe fn convolve<V: Vector, const OC: usize, const NV: usize>(
    input: *const f32,
    taps: &[usize],
    weights: *const f32,
    out: *mut f32,
    out_stride: usize,
) {
    unsafe {
        let zero = 0.0f32;
        let mut sums = [[V::splat(&zero); NV]; OC];
        let mut weight = weights;
        for &tap in taps {
            let pixels = input.add(tap);
            let mut x = [V::splat(&zero); NV];
            for (v, x) in x.iter_mut().enumerate() {
                *x = V::load(pixels.add(v * V::N));
            }
            for (c, sums) in sums.iter_mut().enumerate() {
                let w = V::splat(weight.add(c));
                for (sum, &x) in sums.iter_mut().zip(&x) {
                    *sum = sum.add_mul(w, x);
                }
            }
            weight = weight.add(OC);
        }
        for (c, sums) in sums.iter().enumerate() {
            for (v, sum) in sums.iter().enumerate() {
                sum.store(out.add(c * out_stride + v * V::N));
            }
        }
    }
}

/// Adds to the vector `sums[c * NT + t]` the products of `OC` rows of `dy` with `NT` shifted runs of `x`, over `len` pixels.
///
/// # Safety
/// The processor must have the instructions of `V`, and all that is read and written must lie in the slices.
#[inline(always)]
pub unsafe fn correlate<V: Vector, const OC: usize, const NT: usize>(
    dy: *const f32,
    dy_stride: usize,
    x: *const f32,
    taps: &[usize],
    len: usize,
    sums: *mut f32,
) {
    unsafe {
        let zero = 0.0f32;
        let mut acc = [[V::splat(&zero); NT]; OC];
        for (c, acc) in acc.iter_mut().enumerate() {
            for (t, acc) in acc.iter_mut().enumerate() {
                *acc = V::load(sums.add((c * NT + t) * V::N));
            }
        }
        let mut shifted = [x; NT];
        for (shifted, &tap) in shifted.iter_mut().zip(taps) {
            *shifted = x.add(tap);
        }
        for i in (0..len).step_by(V::N) {
            let mut xs = [V::splat(&zero); NT];
            for (xs, &from) in xs.iter_mut().zip(&shifted) {
                *xs = V::load(from.add(i));
            }
            for (c, acc) in acc.iter_mut().enumerate() {
                let d = V::load(dy.add(c * dy_stride + i));
                for (acc, &x) in acc.iter_mut().zip(&xs) {
                    *acc = acc.add_mul(d, x);
                }
            }
        }
        for (c, acc) in acc.iter().enumerate() {
            for (t, acc) in acc.iter().enumerate() {
                acc.store(sums.add((c * NT + t) * V::N));
            }
        }
    }
}

/// Adds to `sums[place][c]`, `NV * V::N` channels at each of `P` places,
/// `sum over taps of weights[tap][c] * input[bases[place] + offsets[tap]]`.
///
/// # Safety
/// The processor must have the instructions of `V`, and all that is read and written must lie in the slices.
#[inline(always)]
pub unsafe fn broadcast<V: Vector, const P: usize, const NV: usize>(
    input: *const f32,
    bases: &[usize],
    offsets: &[usize],
    weights: *const f32,
    sums: *mut f32,
) {
    unsafe {
        let zero = 0.0f32;
        let mut acc = [[V::splat(&zero); NV]; P];
        let mut places = [input; P];
        for (place, &base) in places.iter_mut().zip(bases) {
            *place = input.add(base);
        }
        for (p, acc) in acc.iter_mut().enumerate() {
            for (v, acc) in acc.iter_mut().enumerate() {
                *acc = V::load(sums.add((p * NV + v) * V::N));
            }
        }
        let mut weight = weights;
        for &offset in offsets {
            let mut w = [V::splat(&zero); NV];
            for (v, w) in w.iter_mut().enumerate() {
                *w = V::load(weight.add(v * V::N));
            }
            for (p, acc) in acc.iter_mut().enumerate() {
                let x = V::splat(places[p].add(offset));
                for (acc, &w) in acc.iter_mut().zip(&w) {
                    *acc = acc.add_mul(w, x);
                }
            }
            weight = weight.add(NV * V::N);
        }
        for (p, acc) in acc.iter().enumerate() {
            for (v, acc) in acc.iter().enumerate() {
                acc.store(sums.add((p * NV + v) * V::N));
            }
        }
    }
}
