//! Layers made ready for the processor: weights packed once, normalization folded into them,
//! nothing between layers but what the next one reads.
//!
//! Training runs layers one by one, as [`super::fused`] has them. To look through a
//! recording they need no gradients: a pooled layer leaves its maxima and their
//! places, an unpooling is how the next layer reads, and buffers are used again.
//! Zeros are padded behind the normalization; without one in front, a border of what
//! it would take to zero stands for them.

use std::ops::Range;

use burn::tensor::Tensor;

use super::fused::Layer;
use super::kernels::norm::Norm;
use super::kernels::pixels::forward::{Convolution, Weights};
use super::kernels::pool::Pooled;
use super::kernels::{ConvShape, simd};
use super::layer::NormConv;

/// A layer ready to run.
pub struct Prepared {
    weights: Weights,
    bias: Vec<f32>,
    border: Vec<f32>,
    shape: ConvShape, // of any height and width
    layer: Layer,
}

/// What a layer reads, `[cin, height, width]`.
#[derive(Clone, Copy)]
pub enum Input<'a> {
    /// Values as they lie.
    Plain(&'a [f32]),
    /// One value for each `size` rows, at the place of a maximum; zeros elsewhere.
    Unpooled {
        /// `[cin, height / size, width]`.
        values: &'a [f32],
        /// Which of the rows, laid like the values.
        places: &'a [u32],
        /// Rows for each value.
        size: usize,
    },
}

impl<'a> Input<'a> {
    /// Reads rows of `width` values for the kernels.
    fn reader(self, width: usize) -> impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync + 'a {
        move |_, _, range, into| self.read(width, range, into)
    }

    /// Writes the values `range`, part of a row of `width` values.
    fn read(&self, width: usize, range: Range<usize>, into: &mut [f32]) {
        match *self {
            Input::Plain(values) => into.copy_from_slice(&values[range]),
            Input::Unpooled {
                values,
                places,
                size,
            } => {
                let (row, column) = (range.start / width, range.start % width);
                let number = (row % size) as u32;
                let pooled = row / size * width + column..row / size * width + column + into.len();
                let sources = values[pooled.clone()].iter().zip(&places[pooled]);
                for (into, (&value, &place)) in into.iter_mut().zip(sources) {
                    *into = if place == number { value } else { 0.0 };
                }
            }
        }
    }
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    let data = tensor.into_data();
    data.try_to_vec().expect("weights are floats")
}

impl Prepared {
    /// The layer as it runs on the processor.
    pub fn new(layer: &NormConv) -> Self {
        let norm = &layer.norm;
        let weight = layer.conv.weight.val();
        let [cout, cin, kh, kw] = weight.dims();
        let options = layer.options();
        let shape = ConvShape {
            batch: 1,
            cin,
            cout,
            height: 1,
            width: 1,
            kernel: (kh, kw),
            padding: options.padding,
            dilation: options.dilation,
            stride: options.stride,
        };
        let bias = layer.conv.bias.as_ref().expect("layers have a bias");
        let norm = Norm::new(
            &values(norm.running_mean.value()),
            &values(norm.running_var.value()),
            &values(norm.gamma.val()),
            &values(norm.beta.val()),
            options.epsilon,
        );
        let (mut weight, mut bias) = (values(weight), values(bias.val()));
        let border = norm.fold(&mut weight, &mut bias);
        Self {
            weights: Weights::forward(&shape, simd::best(), &weight),
            bias,
            border,
            shape,
            layer: options,
        }
    }

    fn convolution(&self, height: usize, width: usize) -> Convolution<'_> {
        Convolution {
            shape: ConvShape {
                height,
                width,
                ..self.shape
            },
            tiles: simd::best(),
            weights: &self.weights,
            bias: &self.bias,
            border: &self.border,
            activation: self.layer.activation,
        }
    }

    /// Runs the layer on `height` rows of `width` values and pools each `size` rows of its output.
    pub fn pool(&self, input: Input, height: usize, width: usize, size: usize, out: &mut Pooled) {
        let read = input.reader(width);
        out.convolve(&self.convolution(height, width), size, read);
    }

    /// Runs the layer into `out`, `[cout, out_height, out_width]`.
    pub fn store(&self, input: Input, height: usize, width: usize, out: &mut Vec<f32>) {
        let convolution = self.convolution(height, width);
        out.resize(convolution.shape.out_len(), 0.0);
        convolution.store(input.reader(width), out);
    }

    /// Runs the layer into planes of `plane_rows` rows, from row `first_row` of each on.
    pub fn store_within(
        &self,
        input: Input,
        height: usize,
        width: usize,
        out: &mut [f32],
        (plane_rows, first_row): (usize, usize),
    ) {
        let read = input.reader(width);
        let convolution = self.convolution(height, width);
        convolution.store_within(read, out, plane_rows, first_row);
    }

    /// Adds the layer's output to its plain input, of the same shape: `x + layer(x)`.
    pub fn add(&self, x: &mut [f32], height: usize, width: usize, spare: &mut Vec<f32>) {
        self.store(Input::Plain(x), height, width, spare);
        x.iter_mut().zip(spare).for_each(|(x, y)| *x += *y);
    }
}
