//! The kernels against plain loops, on random shapes, for every instruction set at hand.

use std::ops::Range;

use proptest::prelude::*;

use super::channels::across::Across;
use super::channels::scatter::Scatter;
use super::pack::Packed;
use super::passes::Ready;
use super::pixels::combs::Combs;
use super::pixels::forward::{self, Weights};
use super::pixels::strided;
use super::pixels::sums::Square;
use super::pixels::winograd::Winograd;
use super::{Activation, ConvShape, Sizes, TransposedShape, channels, pixels, simd};

mod layers;

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

/// Random shapes with a kernel that is taken to sums.
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

/// The transposed convolution onto the inputs of `s` that some output reads, and the padding at their end.
fn turned(s: &ConvShape) -> Option<TransposedShape> {
    let rest = |size: usize, padding: usize, reach: usize, stride: usize| {
        (size + 2 * padding - reach - 1) % stride
    };
    let turned = TransposedShape {
        batch: s.batch,
        cin: s.cout,
        cout: s.cin,
        height: s.out_height(),
        width: s.out_width(),
        kernel: s.kernel,
        padding: s.padding,
        output_padding: (
            rest(
                s.height,
                s.padding.0,
                s.dilation.0 * (s.kernel.0 - 1),
                s.stride.0,
            ),
            rest(
                s.width,
                s.padding.1,
                s.dilation.1 * (s.kernel.1 - 1),
                s.stride.1,
            ),
        ),
        dilation: s.dilation,
        stride: s.stride,
    };
    (turned.convolution() == *s).then_some(turned)
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

/// Checks the convolution of a shape and both of its gradients.
fn check(s: &ConvShape, seed: u32) {
    let x = noise(s.batch * s.cin * s.height * s.width, seed);
    let w = noise(s.weight_len(), seed ^ 1);
    let dy = noise(s.out_len(), seed ^ 2);
    let bias = noise(s.cout, seed ^ 3);
    let plane = s.out_height() * s.out_width();
    let mut y: Vec<f64> = (0..s.out_len())
        .map(|i| f64::from(bias[i / plane % s.cout]))
        .collect();
    let mut dx = vec![0.0f64; x.len()];
    let mut dw = vec![0.0f64; w.len()];
    let mut db = vec![0.0f64; s.cout];
    for (i, &dy) in dy.iter().enumerate() {
        db[i / plane % s.cout] += f64::from(dy);
    }
    let mut count = 0;
    products(s, |o, k, i| {
        count += 1;
        y[o] += f64::from(w[k]) * f64::from(x[i]);
        dx[i] += f64::from(w[k]) * f64::from(dy[o]);
        dw[k] += f64::from(x[i]) * f64::from(dy[o]);
    });
    let read_x = items(&x, s.cin * s.height * s.width);
    let read_dy = items(&dy, s.cout * plane);
    for tiles in simd::available() {
        let lanes = forward::tile(&tiles, s.cout).channels;
        let mut ways = vec![Weights::Taps(Packed::forward(s, &w, lanes))];
        if let Some(square) = Square::of(s) {
            ways.push(Weights::Sums(Winograd::new(square, s, &tiles, &w)));
        }
        for weights in ways {
            // What was there before must not show.
            let mut out = vec![f32::NAN; s.out_len()];
            let way = Ready::Pixels(*s, weights);
            way.run(&tiles, &bias, Activation::Identity, &read_x, &mut out);
            assert_close(&out, &y, count, tiles.name());
        }

        if let Some(turned) = s.turned() {
            let lanes = forward::tile(&tiles, s.cin).channels;
            let mut ways = vec![Weights::Taps(Packed::turned(s, &w, lanes))];
            if let Some(square) = Square::of(s) {
                ways.push(Weights::Sums(Winograd::turned(square, s, &tiles, &w)));
            }
            for weights in ways {
                let mut out = vec![f32::NAN; x.len()];
                let way = Ready::Pixels(turned, weights);
                way.run(&tiles, &[], Activation::Identity, &read_dy, &mut out);
                assert_close(&out, &dx, count, tiles.name());
            }
        }

        if let Some((square, combed)) = Square::of(s).zip(strided::combed(s)) {
            let mut out = vec![f32::NAN; x.len()];
            let weights = Weights::Sums(Winograd::combed(square, s, &tiles, &w));
            let way = Ready::Pixels(combed, weights);
            way.run(&tiles, &[], Activation::Identity, &read_dy, &mut out);
            assert_close(&out, &dx, count, tiles.name());
        }

        let mut out = vec![f32::NAN; s.out_len()];
        let forward = Across::forward(s, &tiles, &w);
        forward.run(&tiles, &bias, Activation::Identity, &read_x, &mut out);
        assert_close(&out, &y, count, tiles.name());

        let ways = [
            Ready::Across(Across::turned(s, &tiles, &w)),
            Ready::Scatter(Scatter::new(s, &tiles, &w)),
            Ready::Combs(Combs::new(s, &tiles, &w)),
        ];
        for way in ways {
            let mut out = vec![f32::NAN; x.len()];
            way.run(&tiles, &[], Activation::Identity, &read_dy, &mut out);
            assert_close(&out, &dx, count, tiles.name());
        }

        let mut ways = vec![
            pixels::weight::gradients(s, &tiles, true, &read_x, &read_dy),
            channels::weight::gradients(s, &tiles, true, &read_x, &read_dy),
        ];
        if let Some(square) = Square::of(s).filter(|_| s.stride == (1, 1)) {
            let by_sums = pixels::winograd_weight::gradients(square, s, &tiles, &read_x, &read_dy);
            ways.push(by_sums);
        }
        for (weight, bias) in ways {
            assert_close(&weight, &dw, count, tiles.name());
            assert_close(&bias, &db, dy.len(), tiles.name());
        }
    }
}

/// Checks a transposed convolution and its gradients.
fn check_transposed(s: &TransposedShape, seed: u32) {
    let conv = s.convolution();
    assert_eq!((conv.out_height(), conv.out_width()), (s.height, s.width));
    let plane = s.out_height() * s.out_width();
    let x = noise(s.batch * s.cin * s.height * s.width, seed);
    let w = noise(conv.weight_len(), seed ^ 1);
    let dy = noise(s.out_len(), seed ^ 2);
    let bias = noise(s.cout, seed ^ 3);
    let bias_of = |i: usize| f64::from(bias[i / plane % s.cout]);
    let mut y: Vec<f64> = (0..dy.len()).map(bias_of).collect();
    let mut dx = vec![0.0f64; x.len()];
    let mut dw = vec![0.0f64; w.len()];
    let mut count = 0;
    products(&conv, |i, k, o| {
        count += 1;
        y[o] += f64::from(w[k]) * f64::from(x[i]);
        dx[i] += f64::from(w[k]) * f64::from(dy[o]);
        dw[k] += f64::from(x[i]) * f64::from(dy[o]);
    });
    let y: Vec<f64> = y.into_iter().map(|y| y.max(0.0)).collect();
    let mut db = vec![0.0f64; s.cout];
    for (i, &dy) in dy.iter().enumerate() {
        db[i / plane % s.cout] += f64::from(dy);
    }
    let read_x = items(&x, s.cin * s.height * s.width);
    let read_dy = items(&dy, s.cout * plane);
    for tiles in simd::available() {
        let ways = [
            Ready::Across(Across::turned(&conv, &tiles, &w)),
            Ready::Scatter(Scatter::new(&conv, &tiles, &w)),
            Ready::Combs(Combs::new(&conv, &tiles, &w)),
            Sizes::Transposed(*s).pack(&tiles, &w),
        ];
        for way in ways {
            let mut out = vec![f32::NAN; s.out_len()];
            way.run(&tiles, &bias, Activation::Relu, &read_x, &mut out);
            assert_close(&out, &y, count, tiles.name());
        }

        let mut out = vec![f32::NAN; x.len()];
        let sizes = Sizes::Transposed(*s);
        sizes.input_gradient(&tiles, &w, &read_dy, &mut out);
        assert_close(&out, &dx, count, tiles.name());

        let (weight, bias) = sizes.weight_gradients(&tiles, &read_x, &read_dy);
        assert_close(&weight, &dw, count, tiles.name());
        assert_close(&bias, &db, dy.len(), tiles.name());
    }
}

fn cases() -> ProptestConfig {
    ProptestConfig {
        cases: if cfg!(miri) { 4 } else { 128 },
        // Miri keeps programs from files.
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn convolution_and_gradients_equal_plain_loops(shape in shapes(), seed: u32) {
        check(&shape, seed);
    }

    #[test]
    fn square_convolutions_equal_plain_loops(shape in squares(), seed: u32) {
        check(&shape, seed);
    }

    #[test]
    fn transposed_convolution_and_gradients_equal_plain_loops(
        shape in shapes().prop_filter_map("sizes match", |shape| turned(&shape)),
        seed: u32,
    ) {
        check_transposed(&shape, seed);
    }
}

/// One convolution, from batch 2 and three channels to five.
fn shape(size: (usize, usize), kernel: (usize, usize), padding: (usize, usize)) -> ConvShape {
    ConvShape {
        batch: 2,
        cin: 3,
        cout: 5,
        height: size.0,
        width: size.1,
        kernel,
        padding,
        dilation: (1, 1),
        stride: (1, 1),
    }
}

fn strided(shape: ConvShape, stride: (usize, usize)) -> ConvShape {
    ConvShape { stride, ..shape }
}

#[test]
fn a_dilation_wider_than_the_input_stays_within_it() {
    let shape = shape((1, 100), (1, 3), (0, 128));
    let dilation = (1, 128);
    check(&ConvShape { dilation, ..shape }, 1);
}

#[test]
fn strided_convolutions_halve_even_and_odd_sizes() {
    let sizes = if cfg!(miri) {
        [(4, 6), (3, 5)]
    } else {
        [(8, 20), (7, 19)]
    };
    for size in sizes {
        check(&strided(shape(size, (5, 5), (2, 2)), (2, 2)), 1);
        check(&strided(shape(size, (3, 3), (1, 1)), (2, 2)), 2);
        check(&strided(shape(size, (1, 1), (0, 0)), (2, 2)), 3);
    }
}

#[test]
#[cfg_attr(miri, ignore = "slow")]
fn a_long_kernel_strides_over_a_signal() {
    let signal = shape((1, 1024), (1, 512), (0, 254));
    let signal = ConvShape { cin: 1, ..signal };
    check(&strided(signal, (1, 4)), 1);
}

#[test]
fn narrow_signals_come_in_batches() {
    let signals = [(5, 4), (2, 40), (32, 1)];
    for (batch, width) in signals.into_iter().take(if cfg!(miri) { 1 } else { 3 }) {
        let signal = shape((1, width), (1, 9), (0, 4));
        check(&ConvShape { batch, ..signal }, 1);
        let stride = (2, 1);
        check(&strided(shape((5, width), (3, 2), (1, 1)), stride), 2);
    }
}

#[test]
#[cfg_attr(miri, ignore = "slow")]
fn channels_beyond_a_vector_come_in_blocks() {
    let channels = ConvShape {
        cin: 35,
        cout: 70,
        ..shape((6, 5), (3, 2), (1, 1))
    };
    check(&channels, 1);
    check(&strided(channels, (2, 2)), 2);
}

#[test]
fn a_kernel_of_the_stride_cuts_the_input_in_tiles() {
    check(&strided(shape((9, 14), (3, 4), (0, 0)), (3, 4)), 1);
}

#[test]
fn inputs_that_no_output_reads_have_no_gradient() {
    // Rows 2, 5 and 6, columns 1, 2, 4 and 5 lie between or behind the kernels.
    let shape = strided(shape((7, 6), (2, 1), (0, 0)), (3, 3));
    let mut dx = vec![f32::NAN; shape.batch * shape.cin * 7 * 6];
    let ones = |_: usize, _: usize, _: Range<usize>, into: &mut [f32]| into.fill(1.0);
    let weight = vec![1.0; shape.weight_len()];
    Sizes::Plain(shape).input_gradient(simd::best(), &weight, ones, &mut dx);
    for (i, &dx) in dx.iter().enumerate() {
        let (row, column) = (i / 6 % 7, i % 6);
        let read = row < 5 && row % 3 < 2 && column % 3 == 0;
        assert_eq!(
            dx,
            if read { 5.0 } else { 0.0 },
            "row {row}, column {column}"
        );
    }
}

#[test]
fn a_transposed_convolution_doubles_the_size() {
    let shape = TransposedShape {
        batch: 2,
        cin: 5,
        cout: 3,
        height: 4,
        width: 9,
        kernel: (5, 5),
        padding: (2, 2),
        output_padding: (1, 1),
        dilation: (1, 1),
        stride: (2, 2),
    };
    assert_eq!((shape.out_height(), shape.out_width()), (8, 18));
    check_transposed(&shape, 1);
    // A kernel smaller than the stride leaves outputs that are the bias alone.
    let kernel = (1, 2);
    let padding = (0, 0);
    check_transposed(
        &TransposedShape {
            kernel,
            padding,
            ..shape
        },
        2,
    );
}

/// One plane of six rows and five columns, of which rows 1 to 4 are in windows of 3 by 3.
fn parts(values: &mut [usize; 30]) -> simd::Parts<'_, usize> {
    let grid = simd::Grid {
        plane_rows: 6,
        width: 5,
        first_row: 1,
        height: 4,
        window: (3, 3),
    };
    simd::Parts::new(values, grid)
}

#[test]
fn windows_cover_their_rows_once() {
    let mut values = [0; 30];
    let parts = parts(&mut values);
    for (number, (down, across)) in [(0, 0), (0, 1), (1, 0), (1, 1)].into_iter().enumerate() {
        for row in parts.take(0, down, across) {
            row.fill(number + 1);
        }
    }
    drop(parts);
    let rows = [[0; 5], [1, 1, 1, 2, 2], [3, 3, 3, 4, 4]];
    let expected = [rows[0], rows[1], rows[1], rows[1], rows[2], rows[0]];
    assert_eq!(values, *expected.as_flattened());
}

#[test]
#[should_panic(expected = "taken once")]
fn a_window_is_not_given_twice() {
    let mut values = [0; 30];
    let parts = parts(&mut values);
    let _first = parts.take(0, 1, 1);
    let _second = parts.take(0, 1, 1);
}
