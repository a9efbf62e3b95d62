//! Layers with their weight packed, whichever kernel runs them.

use proptest::prelude::*;

use super::super::dispatch::suits_pixels;
use super::super::{Activation, ConvInput, ConvShape, PackedConv, Pooled, simd};
use super::layers::norm;
use super::{assert_close, cases, noise, products, shapes, squares};

/// A layer of random weights behind a normalization if `with_norm`, and what it should give.
struct Case {
    shape: ConvShape,
    layer: PackedConv,
    x: Vec<f32>,
    expected: Vec<f64>,
    products: usize,
}

impl Case {
    fn new(shape: ConvShape, with_norm: bool, seed: u32) -> Self {
        let item = shape.cin * shape.height * shape.width;
        let x = noise(shape.batch * item, seed);
        Self::of(shape, with_norm, x, seed)
    }

    fn of(shape: ConvShape, with_norm: bool, x: Vec<f32>, seed: u32) -> Self {
        let (weight, bias) = (
            noise(shape.weight_len(), seed ^ 1),
            noise(shape.cout, seed ^ 2),
        );
        let norm = with_norm.then(|| norm(shape.cin, seed ^ 3));
        let (in_plane, out_plane) = (
            shape.height * shape.width,
            shape.out_height() * shape.out_width(),
        );
        let normalized: Vec<f64> = x
            .iter()
            .enumerate()
            .map(|(i, &x)| match &norm {
                None => f64::from(x),
                Some(norm) => {
                    let c = i / in_plane % shape.cin;
                    let [mean, scale, shift] = [norm.mean[c], norm.scale[c], norm.shift[c]];
                    (f64::from(x) - f64::from(mean)) * f64::from(scale) + f64::from(shift)
                }
            })
            .collect();
        let bias_of = |i: usize| f64::from(bias[i / out_plane % shape.cout]);
        let mut expected: Vec<f64> = (0..shape.out_len()).map(bias_of).collect();
        let mut count = 0;
        products(&shape, |o, k, i| {
            count += 1;
            expected[o] += f64::from(weight[k]) * normalized[i];
        });
        let leaky = |y: &mut f64| *y = if *y > 0.0 { *y } else { *y * 0.25 };
        expected.iter_mut().for_each(leaky);
        let activation = Activation::LeakyRelu(0.25);
        Self {
            layer: PackedConv::new(shape, &weight, &bias, norm.as_ref(), activation),
            shape,
            x,
            expected,
            products: count,
        }
    }

    fn run(&self, input: ConvInput) -> Vec<f32> {
        let s = &self.shape;
        let mut out = vec![f32::NAN; s.out_len()];
        self.layer.run(input, s.batch, s.height, s.width, &mut out);
        out
    }

    fn check(&self) {
        let s = &self.shape;
        let out_shape = self.layer.out_shape(s.height, s.width);
        assert_eq!(out_shape, (s.out_height(), s.out_width()));
        let out = self.run(ConvInput::Plain(&self.x));
        assert_close(&out, &self.expected, self.products, "packed");
    }
}

/// Shapes for which vectors lie over pixels, or not.
fn wide_and_small() -> [ConvShape; 2] {
    let small = ConvShape {
        batch: 3,
        cin: 5,
        cout: 9,
        height: 7,
        width: 6,
        kernel: (3, 2),
        padding: (2, 1),
        dilation: (1, 2),
        stride: (1, 1),
    };
    let wide = ConvShape {
        height: 31,
        width: 48,
        batch: 2,
        ..small
    };
    assert!(suits_pixels(&wide, simd::best()) && !suits_pixels(&small, simd::best()));
    [wide, small]
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn packed_layers_equal_plain_loops(shape in shapes(), with_norm: bool, seed: u32) {
        Case::new(shape, with_norm, seed).check();
    }

    #[test]
    fn packed_square_layers_equal_plain_loops(shape in squares(), with_norm: bool, seed: u32) {
        Case::new(shape, with_norm, seed).check();
    }

    #[test]
    fn pooled_layers_are_the_pooled_outputs(shape in shapes(), size in 1..6usize, seed: u32) {
        let case = Case::new(shape, true, seed);
        let whole = case.run(ConvInput::Plain(&case.x));
        let (height, width) = (shape.out_height(), shape.out_width());
        let mut expected = Pooled::default();
        expected.pool(&whole, size, height, width);
        let mut found = Pooled { values: vec![f32::NAN; 7], places: vec![9; 7] };
        let input = ConvInput::Plain(&case.x);
        case.layer.run_pooled(input, shape.batch, shape.height, shape.width, size, &mut found);
        prop_assert_eq!(found, expected);
    }
}

#[test]
#[cfg_attr(miri, ignore = "slow")]
fn wide_and_small_planes_keep_their_border_behind_a_normalization() {
    for shape in wide_and_small() {
        Case::new(shape, true, 1).check();
    }
}

#[test]
fn one_layer_runs_inputs_of_any_size() {
    let [wide, small] = wide_and_small();
    let (whole, part) = (Case::new(wide, true, 4), Case::new(small, true, 4));
    for (case, shape) in [(&part, small), (&whole, wide), (&part, small)] {
        let mut out = vec![f32::NAN; shape.out_len()];
        let input = ConvInput::Plain(&case.x);
        whole
            .layer
            .run(input, shape.batch, shape.height, shape.width, &mut out);
        assert_close(&out, &case.expected, case.products, "resized");
    }
}

#[test]
#[cfg_attr(miri, ignore = "slow")]
fn unpooled_inputs_are_values_at_their_places() {
    for shape in wide_and_small() {
        // Neither height is a multiple of three: the last row of each plane holds zeros.
        let (size, width) = (3, shape.width);
        let pooled_height = shape.height / size;
        let values = noise(shape.batch * shape.cin * pooled_height * width, 7);
        let places: Vec<u32> = (0..values.len()).map(|i| (i * 5 % size) as u32).collect();
        let mut x = vec![0.0; shape.batch * shape.cin * shape.height * width];
        for (i, (&value, &place)) in values.iter().zip(&places).enumerate() {
            let (line, column) = (i / width, i % width);
            let (plane, row) = (line / pooled_height, line % pooled_height * size);
            x[(plane * shape.height + row + place as usize) * width + column] = value;
        }
        let case = Case::of(shape, true, x, 8);
        let unpooled = ConvInput::Unpooled {
            values: &values,
            places: &places,
            size,
        };
        assert_eq!(case.run(unpooled), case.run(ConvInput::Plain(&case.x)));
        case.check();
    }
}
