//! Convolution and its gradients, by every kernel that can.

use std::ops::Range;

use proptest::prelude::*;

use super::super::channels::channel_conv::ChannelConv;
use super::super::channels::scatter::Scatter;
use super::super::dispatch::PackedKernel;
use super::super::pack::PackedWeight;
use super::super::pixels::pixel_conv::{self, PixelWeights};
use super::super::pixels::polyphase_conv::PolyphaseConv;
use super::super::pixels::winograd::Winograd;
use super::super::pixels::winograd_2d::SquareKernel;
use super::super::pixels::{self, strided as strided_kernels, winograd_weight};
use super::super::{Activation, ConvShape, Convolution, channels, simd};
use super::{assert_close, cases, items, noise, products, shapes, squares};

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
        let lanes = pixel_conv::convolve_tile(&tiles, s.cout).channels;
        let mut ways = vec![PixelWeights::Taps(PackedWeight::forward(s, &w, lanes))];
        if let Some(square) = SquareKernel::of(s) {
            ways.push(PixelWeights::Winograd(Winograd::new(square, s, &tiles, &w)));
        }
        for weights in ways {
            // What was there before must not show.
            let mut out = vec![f32::NAN; s.out_len()];
            let way = PackedKernel::Pixels(*s, weights);
            way.run(&tiles, &bias, Activation::Identity, &read_x, &mut out);
            assert_close(&out, &y, count, tiles.name());
        }

        if let Some(transposed) = s.transposed() {
            let lanes = pixel_conv::convolve_tile(&tiles, s.cin).channels;
            let mut ways = vec![PixelWeights::Taps(PackedWeight::transposed(s, &w, lanes))];
            if let Some(square) = SquareKernel::of(s) {
                ways.push(PixelWeights::Winograd(Winograd::transposed(
                    square, s, &tiles, &w,
                )));
            }
            for weights in ways {
                let mut out = vec![f32::NAN; x.len()];
                let way = PackedKernel::Pixels(transposed, weights);
                way.run(&tiles, &[], Activation::Identity, &read_dy, &mut out);
                assert_close(&out, &dx, count, tiles.name());
            }
        }

        if let Some((square, branch_conv)) =
            SquareKernel::of(s).zip(strided_kernels::all_branches(s))
        {
            let mut out = vec![f32::NAN; x.len()];
            let weights = PixelWeights::Winograd(Winograd::all_branches(square, s, &tiles, &w));
            let way = PackedKernel::Pixels(branch_conv, weights);
            way.run(&tiles, &[], Activation::Identity, &read_dy, &mut out);
            assert_close(&out, &dx, count, tiles.name());
        }

        let mut out = vec![f32::NAN; s.out_len()];
        let forward = ChannelConv::forward(s, &tiles, &w);
        forward.run(&tiles, &bias, Activation::Identity, &read_x, &mut out);
        assert_close(&out, &y, count, tiles.name());

        let ways = [
            PackedKernel::Channels(ChannelConv::transposed(s, &tiles, &w)),
            PackedKernel::Scatter(Scatter::new(s, &tiles, &w)),
            PackedKernel::Polyphase(PolyphaseConv::new(s, &tiles, &w)),
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
        if let Some(square) = SquareKernel::of(s).filter(|_| s.stride == (1, 1)) {
            let by_winograd = winograd_weight::gradients(square, s, &tiles, &read_x, &read_dy);
            ways.push(by_winograd);
        }
        for (weight, bias) in ways {
            assert_close(&weight, &dw, count, tiles.name());
            assert_close(&bias, &db, dy.len(), tiles.name());
        }
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
    Convolution::Plain(shape).input_gradient(&weight, ones, &mut dx);
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
