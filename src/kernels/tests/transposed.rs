//! Transposed convolution and its gradients.

use proptest::prelude::*;

use super::super::channels::channel_conv::ChannelConv;
use super::super::channels::scatter::Scatter;
use super::super::dispatch::{self, PackedKernel};
use super::super::pixels::polyphase_conv::PolyphaseConv;
use super::super::{Activation, ConvShape, Convolution, TransposedShape, simd};
use super::{assert_close, cases, items, noise, products, shapes};

/// A transposed convolution onto the inputs of `s` that some output reads: its sizes, and the rows
/// and columns added at the end.
fn transposed(s: &ConvShape) -> Option<(ConvShape, (usize, usize))> {
    let rest = |size: usize, padding: usize, reach: usize, stride: usize| {
        (size + 2 * padding - reach - 1) % stride
    };
    let sizes = ConvShape {
        cin: s.cout,
        cout: s.cin,
        height: s.out_height(),
        width: s.out_width(),
        ..*s
    };
    let added = (
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
    );
    let transposed = TransposedShape::new(sizes, added);
    (transposed.convolution() == *s).then_some((sizes, added))
}

/// Checks a transposed convolution of these sizes and its gradients.
fn check_transposed(sizes: ConvShape, added: (usize, usize), seed: u32) {
    let s = TransposedShape::new(sizes, added);
    let conv = s.convolution();
    let (height, width) = (sizes.height, sizes.width);
    assert_eq!((conv.out_height(), conv.out_width()), (height, width));
    let plane = s.out_height() * s.out_width();
    let x = noise(sizes.batch * sizes.cin * height * width, seed);
    let w = noise(conv.weight_len(), seed ^ 1);
    let dy = noise(sizes.batch * sizes.cout * plane, seed ^ 2);
    let bias = noise(sizes.cout, seed ^ 3);
    let bias_of = |i: usize| f64::from(bias[i / plane % sizes.cout]);
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
    let mut db = vec![0.0f64; sizes.cout];
    for (i, &dy) in dy.iter().enumerate() {
        db[i / plane % sizes.cout] += f64::from(dy);
    }
    let read_x = items(&x, sizes.cin * height * width);
    let read_dy = items(&dy, sizes.cout * plane);
    for tiles in simd::available() {
        let ways = [
            PackedKernel::Channels(ChannelConv::transposed(&conv, &tiles, &w)),
            PackedKernel::Scatter(Scatter::new(&conv, &tiles, &w)),
            PackedKernel::Polyphase(PolyphaseConv::new(&conv, &tiles, &w)),
            PackedKernel::forward(&Convolution::Transposed(s), &tiles, &w),
        ];
        for way in ways {
            let mut out = vec![f32::NAN; y.len()];
            way.run(&tiles, &bias, Activation::Relu, &read_x, &mut out);
            assert_close(&out, &y, count, tiles.name());
        }

        let mut out = vec![f32::NAN; x.len()];
        let convolution = Convolution::Transposed(s);
        let back = PackedKernel::backward(&convolution, &tiles, &w);
        back.run(&tiles, &[], Activation::Identity, &read_dy, &mut out);
        assert_close(&out, &dx, count, tiles.name());

        let (weight, bias) = dispatch::weight_gradients(&convolution, &tiles, &read_x, &read_dy);
        assert_close(&weight, &dw, count, tiles.name());
        assert_close(&bias, &db, dy.len(), tiles.name());
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn transposed_convolution_and_gradients_equal_plain_loops(
        (sizes, added) in shapes().prop_filter_map("sizes match", |shape| transposed(&shape)),
        seed: u32,
    ) {
        check_transposed(sizes, added, seed);
    }
}

#[test]
fn a_transposed_convolution_doubles_the_size() {
    let sizes = ConvShape {
        batch: 2,
        cin: 5,
        cout: 3,
        height: 4,
        width: 9,
        kernel: (5, 5),
        padding: (2, 2),
        dilation: (1, 1),
        stride: (2, 2),
    };
    let shape = TransposedShape::new(sizes, (1, 1));
    assert_eq!((shape.out_height(), shape.out_width()), (8, 18));
    check_transposed(sizes, (1, 1), 1);
    // A kernel smaller than the stride leaves outputs that are the bias alone.
    let kernel = (1, 2);
    let padding = (0, 0);
    let sizes = ConvShape {
        kernel,
        padding,
        ..sizes
    };
    check_transposed(sizes, (1, 1), 2);
}
