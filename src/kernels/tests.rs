//! The kernels against plain loops, on random shapes, for every instruction set at hand.

use std::ops::Range;

use proptest::prelude::*;

use super::ConvShape;

mod layers;
mod packed_conv;
mod plain;
mod transposed;

fn noise(len: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    (0..len)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        })
        .collect()
}

/// Visits every product of a convolution: indices of output, weight and input.
fn products(s: &ConvShape, mut visit: impl FnMut(usize, usize, usize)) {
    let (out_height, out_width) = (s.out_height(), s.out_width());
    for item in 0..s.batch {
        for o in 0..s.cout {
            for i in 0..s.cin {
                for y in 0..out_height {
                    for x in 0..out_width {
                        for ky in 0..s.kernel.0 {
                            for kx in 0..s.kernel.1 {
                                let row =
                                    (y * s.stride.0 + ky * s.dilation.0).wrapping_sub(s.padding.0);
                                let column =
                                    (x * s.stride.1 + kx * s.dilation.1).wrapping_sub(s.padding.1);
                                if row < s.height && column < s.width {
                                    visit(
                                        ((item * s.cout + o) * out_height + y) * out_width + x,
                                        ((o * s.cin + i) * s.kernel.0 + ky) * s.kernel.1 + kx,
                                        ((item * s.cin + i) * s.height + row) * s.width + column,
                                    );
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Random shapes; under Miri, which is slow, few channels.
fn shapes() -> impl Strategy<Value = ConvShape> {
    let (channels, width) = if cfg!(miri) {
        (3usize, 12usize)
    } else {
        (12, 40)
    };
    let sizes = (1..6usize, 1..channels, 1..channels, 1..14usize, 1..width);
    let kernel = (1..6usize, 1..6usize, 1..4usize, 1..4usize);
    let steps = (0..7usize, 0..7usize, 1..5usize, 1..5usize);
    (sizes, kernel, steps).prop_filter_map("the kernel fits", |(size, kernel, steps)| {
        let (batch, cin, cout, height, width) = size;
        let (kh, kw, dh, dw) = kernel;
        let (ph, pw, sh, sw) = steps;
        let fits = height + 2 * ph > dh * (kh - 1) && width + 2 * pw > dw * (kw - 1);
        fits.then_some(ConvShape {
            batch,
            cin,
            cout,
            height,
            width,
            kernel: (kh, kw),
            padding: (ph, pw),
            dilation: (dh, dw),
            stride: (sh, sw),
        })
    })
}

/// Random shapes with a kernel for the Winograd transform.
fn squares() -> impl Strategy<Value = ConvShape> {
    let sides = prop_oneof![Just((3, 1)), Just((5, 1)), Just((5, 2)), Just((6, 2))];
    (shapes(), sides).prop_filter_map("the kernel fits", |(shape, (side, stride))| {
        let least = (shape.height + 2 * shape.padding.0).min(shape.width + 2 * shape.padding.1);
        (least >= side).then_some(ConvShape {
            kernel: (side, side),
            dilation: (1, 1),
            stride: (stride, stride),
            ..shape
        })
    })
}

/// Compares sums of `products` products in all to 1e-5 of the largest, or of
/// what random products sum to, as those of a few sums may cancel.
fn assert_close(found: &[f32], expected: &[f64], products: usize, what: &str) {
    let usual = (products as f64 / expected.len() as f64).sqrt().max(1.0);
    let scale = expected.iter().fold(usual, |a: f64, b| a.max(b.abs()));
    for (i, (&found, &expected)) in found.iter().zip(expected).enumerate() {
        assert!(
            (f64::from(found) - expected).abs() <= 1e-5 * scale,
            "{what} {i}: {found} instead of {expected}"
        );
    }
}

/// Reads a batch of items for the kernels.
fn items(values: &[f32], item: usize) -> impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync {
    move |index, _, range, into| into.copy_from_slice(&values[index * item..][range])
}

fn cases() -> ProptestConfig {
    ProptestConfig {
        cases: if cfg!(miri) { 4 } else { 128 },
        // Miri keeps programs from files.
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}
