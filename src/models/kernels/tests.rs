//! The kernels against plain loops, on random shapes, for every instruction set at hand.

use proptest::prelude::*;

use super::forward::{self, Convolution};
use super::pack::Packed;
use super::{Activation, ConvShape, norm, pool, simd, weight};

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
                                let row = (y + ky * s.dilation.0).wrapping_sub(s.padding.0);
                                let column = (x + kx * s.dilation.1).wrapping_sub(s.padding.1);
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

fn shapes() -> impl Strategy<Value = ConvShape> {
    let sizes = (1..3usize, 1..10usize, 1..12usize, 1..14usize, 1..40usize);
    let kernel = (
        1..6usize,
        1..6usize,
        1..3usize,
        1..4usize,
        0..3usize,
        0..3usize,
    );
    (sizes, kernel).prop_filter_map("the kernel fits", |(size, kernel)| {
        let (batch, cin, cout, height, width) = size;
        let (kh, kw, dh, dw, ph, pw) = kernel;
        let shape = ConvShape {
            batch,
            cin,
            cout,
            height,
            width,
            kernel: (kh, kw),
            padding: (ph.min(dh * (kh - 1)), pw.min(dw * (kw - 1))),
            dilation: (dh, dw),
        };
        let reach = shape.reach();
        let fits = height + 2 * shape.padding.0 > reach.0 && width + 2 * shape.padding.1 > reach.1;
        fits.then_some(shape)
    })
}

fn assert_close(found: &[f32], expected: &[f64], what: &str) {
    let scale = expected.iter().fold(1e-3, |a: f64, b| a.max(b.abs()));
    for (i, (&found, &expected)) in found.iter().zip(expected).enumerate() {
        assert!(
            (f64::from(found) - expected).abs() <= 1e-5 * scale,
            "{what} {i}: {found} instead of {expected}"
        );
    }
}

fn convolution<'a>(
    shape: &ConvShape,
    tiles: &'a simd::Tiles,
    weights: &'a Packed,
    bias: &'a [f32],
) -> Convolution<'a> {
    Convolution {
        shape: *shape,
        tiles,
        weights,
        bias,
        activation: Activation::Identity,
    }
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
    products(s, |o, k, i| {
        y[o] += f64::from(w[k]) * f64::from(x[i]);
        dx[i] += f64::from(w[k]) * f64::from(dy[o]);
        dw[k] += f64::from(x[i]) * f64::from(dy[o]);
    });
    let x_item = s.cin * s.height * s.width;
    let y_item = s.cout * plane;
    let read_x = |item: usize, _: usize, range: std::ops::Range<usize>, into: &mut [f32]| {
        into.copy_from_slice(&x[item * x_item..][range]);
    };
    let read_dy = |item: usize, _: usize, range: std::ops::Range<usize>, into: &mut [f32]| {
        into.copy_from_slice(&dy[item * y_item..][range]);
    };
    for tiles in simd::available() {
        let tile = forward::tile(&tiles, s.cout);
        let packed = Packed::forward(s, &w, tile.channels);
        let mut out = vec![0.0; s.out_len()];
        convolution(s, &tiles, &packed, &bias).store(read_x, &mut out);
        assert_close(&out, &y, tiles.name);

        let back = s.transposed();
        let tile = forward::tile(&tiles, back.cout);
        let packed = Packed::transposed(s, &w, tile.channels);
        let mut out = vec![0.0; x.len()];
        convolution(&back, &tiles, &packed, &[]).store(read_dy, &mut out);
        assert_close(&out, &dx, tiles.name);

        let inputs = weight::padded_inputs(s, read_x);
        let gradients = weight::strided_gradients(s, tiles.correlate.step, read_dy);
        assert_close(
            &weight::gradient(s, &tiles, &inputs, &gradients),
            &dw,
            tiles.name,
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn convolution_and_gradients_equal_plain_loops(shape in shapes(), seed: u32) {
        check(&shape, seed);
    }
}

#[test]
fn a_dilation_wider_than_the_input_stays_within_it() {
    let shape = ConvShape {
        batch: 2,
        cin: 3,
        cout: 3,
        height: 1,
        width: 100,
        kernel: (1, 3),
        padding: (0, 128),
        dilation: (1, 128),
    };
    check(&shape, 1);
}

#[test]
fn pooling_within_a_convolution_equals_pooling_after_it() {
    let shape = ConvShape {
        batch: 2,
        cin: 3,
        cout: 10,
        height: 40,
        width: 300,
        kernel: (5, 5),
        padding: (2, 2),
        dilation: (1, 1),
    };
    let x = noise(shape.batch * shape.cin * shape.height * shape.width, 1);
    let (w, bias) = (noise(shape.weight_len(), 2), noise(shape.cout, 3));
    let item = shape.cin * shape.height * shape.width;
    let read = |at: usize, _: usize, range: std::ops::Range<usize>, into: &mut [f32]| {
        into.copy_from_slice(&x[at * item..][range]);
    };
    let tiles = simd::best();
    let packed = Packed::forward(&shape, &w, forward::tile(tiles, shape.cout).channels);
    let convolution = convolution(&shape, tiles, &packed, &bias);
    let mut whole = vec![0.0; shape.out_len()];
    convolution.store(read, &mut whole);
    let mut pooled = pool::Pooled::default();
    pooled.convolve(&convolution, 4, read);
    assert_eq!(pooled.values, pool::max_pool(&whole, 4, 40, 300));
    let unpooled = pool::unpool(&whole, &pooled.values, 4, 40, 300);
    for (i, &value) in pooled.values.iter().enumerate() {
        let row = i / 300 * 4 + pooled.places[i] as usize;
        assert_eq!(unpooled[row * 300 + i % 300], value);
    }
}

#[test]
#[should_panic(expected = "taken once")]
fn a_part_is_not_given_twice() {
    let mut values = [0.0; 10];
    let parts = simd::Parts::new(&mut values, 5, 3);
    assert_eq!(parts.take(1, 1).len(), 2);
    parts.take(1, 1);
}

#[test]
fn pooling_takes_the_first_of_equal_maxima_and_unpooling_returns_it() {
    // One plane of 4 rows and 2 columns.
    let x = [1.0, -1.0, 3.0, -1.0, 3.0, -4.0, 0.0, -1.0];
    assert_eq!(pool::max_pool(&x, 4, 4, 2), [3.0, -1.0]);
    let back = pool::unpool(&x, &[5.0, 6.0], 4, 4, 2);
    assert_eq!(back, [0.0, 6.0, 5.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(pool::gather(&x, &back, 4, 4, 2), [5.0, 6.0]);
}

#[test]
fn batch_statistics_and_their_gradient_follow_the_definition() {
    let (batch, channels, plane) = (3, 2, 50);
    let x = noise(batch * channels * plane, 5);
    let dy = noise(x.len(), 6);
    let (gamma, beta) = ([1.5, -0.7], [0.1, 0.2]);
    let output = |x: &[f32]| {
        let (mean, variance) = norm::statistics(x, channels, plane);
        let norm = norm::Norm::new(&mean, &variance, &gamma, &beta, 1e-5);
        let mut y = vec![0.0; x.len()];
        for (i, (x, y)) in x.chunks(plane).zip(y.chunks_mut(plane)).enumerate() {
            norm.apply(i % channels, x, y);
        }
        (norm, y)
    };
    let (norm, _) = output(&x);
    let found = norm::gradient(&norm, &x, dy.clone(), plane);
    for at in [0, 49, 77, 160, 299] {
        let loss = |step: f32| {
            let mut moved = x.clone();
            moved[at] += step;
            let (_, y) = output(&moved);
            y.iter()
                .zip(&dy)
                .map(|(y, dy)| f64::from(y * dy))
                .sum::<f64>()
        };
        let slope = (loss(1e-2) - loss(-1e-2)) / 2e-2;
        assert!(
            (slope - f64::from(found.x[at])).abs() < 2e-3,
            "{at}: {slope} {}",
            found.x[at]
        );
    }
}
