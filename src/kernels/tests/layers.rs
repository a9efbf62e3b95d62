//! What a layer has besides its convolution: normalization before it, pooling behind it.

use std::ops::Range;

use proptest::prelude::*;

use super::super::norm::{self, Norm};
use super::super::pack::PackedWeight;
use super::super::pixels::pixel_conv::{self, PixelConv, PixelWeights};
use super::super::pixels::winograd::Winograd;
use super::super::pixels::winograd_2d::SquareKernel;
use super::super::{Activation, ConvShape, pool, simd};
use super::{assert_close, cases, items, noise, shapes, squares};

#[test]
#[cfg_attr(miri, ignore = "slow")]
fn pooling_within_a_convolution_equals_pooling_after_it() {
    for kernel in [(5, 5), (3, 3)] {
        let shape = ConvShape {
            batch: 2,
            cin: 8,
            cout: 10,
            height: 40,
            width: 300,
            kernel,
            padding: (kernel.0 / 2, kernel.1 / 2),
            dilation: (1, 1),
            stride: (1, 1),
        };
        let item = shape.cin * shape.height * shape.width;
        let x = noise(shape.batch * item, 1);
        let (w, bias) = (noise(shape.weight_len(), 2), noise(shape.cout, 3));
        let tiles = simd::best();
        let convolution = PixelConv {
            shape,
            tiles,
            weights: &PixelWeights::forward(&shape, tiles, &w),
            bias: &bias,
            border: &[],
            activation: Activation::Identity,
        };
        let mut whole = vec![0.0; shape.out_len()];
        convolution.store(items(&x, item), &mut whole);
        let mut pooled = pool::Pooled::default();
        pooled.convolve(&convolution, 4, items(&x, item));
        assert_eq!(pooled.values, pool::max_pool(&whole, 4, 40, 300));
        let unpooled = pool::unpool(&whole, &pooled.values, 4, 40, 300);
        for (i, &value) in pooled.values.iter().enumerate() {
            let row = i / 300 * 4 + pooled.places[i] as usize;
            assert_eq!(unpooled[row * 300 + i % 300], value);
        }
    }
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
    let found = norm.gradient(&x, dy.clone(), plane);
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

#[test]
fn rows_beyond_the_last_whole_block_are_not_pooled() {
    // Two planes of 5 rows and 1 column.
    let x = [1.0, 2.0, 4.0, 3.0, 9.0, -1.0, -2.0, -4.0, -3.0, 9.0];
    assert_eq!(pool::max_pool(&x, 2, 5, 1), [2.0, 4.0, -1.0, -3.0]);
    let back = pool::unpool(&x, &[5.0, 6.0, 7.0, 8.0], 2, 5, 1);
    assert_eq!(back, [0.0, 5.0, 6.0, 0.0, 0.0, 7.0, 0.0, 0.0, 8.0, 0.0]);
    assert!(pool::max_pool(&x, 6, 5, 1).is_empty());
}

/// Normalization of `channels`, the last of which has no scale.
pub fn norm(channels: usize, seed: u32) -> Norm {
    let variance: Vec<f32> = noise(channels, seed).iter().map(|v| v + 1.5).collect();
    let mut gamma = noise(channels, seed ^ 1);
    gamma[channels - 1] = 0.0;
    let (mean, beta) = (noise(channels, seed ^ 2), noise(channels, seed ^ 3));
    Norm::new(&mean, &variance, &gamma, &beta, 1e-5)
}

/// Checks that a folded normalization makes the same outputs as one in front.
fn check_fold(s: &ConvShape, seed: u32) {
    let item = s.cin * s.height * s.width;
    let x = noise(s.batch * item, seed);
    let (mut w, mut bias) = (noise(s.weight_len(), seed ^ 1), noise(s.cout, seed ^ 2));
    let norm = norm(s.cin, seed ^ 3);
    let read = items(&x, item);
    let normalized = |index, channel, range: Range<usize>, into: &mut [f32]| {
        norm.apply(channel, &x[index * item..][range], into);
    };
    let tiles = simd::best();
    let lanes = pixel_conv::convolve_tile(tiles, s.cout).channels;
    let ways = |w: &[f32]| {
        let sums = SquareKernel::of(s).map(|square| Winograd::new(square, s, tiles, w));
        let taps = PixelWeights::Taps(PackedWeight::forward(s, w, lanes));
        [Some(taps), sums.map(PixelWeights::Winograd)]
            .into_iter()
            .flatten()
    };
    let plain = ways(&w);
    let (plain_bias, border) = (bias.clone(), norm.fold(&mut w, &mut bias));
    for (plain, folded) in plain.zip(ways(&w)) {
        let convolution = PixelConv {
            shape: *s,
            tiles,
            weights: &plain,
            bias: &plain_bias,
            border: &[],
            activation: Activation::Identity,
        };
        let mut expected = vec![f32::NAN; s.out_len()];
        convolution.store(normalized, &mut expected);
        let folded = PixelConv {
            weights: &folded,
            bias: &bias,
            border: &border,
            ..convolution
        };
        let mut found = vec![f32::NAN; s.out_len()];
        folded.store(&read, &mut found);
        let expected: Vec<f64> = expected.into_iter().map(f64::from).collect();
        let products = expected.len() * s.weight_len() / s.cout;
        assert_close(&found, &expected, products, "folded");
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn a_normalization_folds_into_the_convolution_behind_it(shape in shapes(), seed: u32) {
        check_fold(&shape, seed);
    }

    #[test]
    fn a_normalization_folds_into_square_kernels(shape in squares(), seed: u32) {
        check_fold(&shape, seed);
    }
}
