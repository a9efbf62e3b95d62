//! Layers with gradients, each one operation on the processor's kernels.

use std::ops::Range;

use burn::backend::flex::FlexTensor;
use burn::nn::BatchNorm;
use burn::tensor::Tensor;

use super::infer::{Kernel, Values, tensor};
use super::operation::{SavedForward, record, tracked};
use super::{Activation, ConvConfig, NormPlace};
use crate::kernels::{self, ConvShape, Convolution, Norm, TransposedShape};

/// What a convolution is besides its weights, as the kernels have it.
#[derive(Clone, Copy, Debug)]
pub(super) struct ConvGeometry {
    pub padding: (usize, usize),
    pub dilation: (usize, usize),
    pub stride: (usize, usize),
    /// Rows and columns added at the end, if the convolution is transposed.
    pub transposed: Option<(usize, usize)>,
    pub activation: Activation,
    /// Added to the variance.
    pub epsilon: f32,
}

impl ConvGeometry {
    pub fn new(config: &ConvConfig, transposed: Option<[usize; 2]>) -> Self {
        Self {
            padding: config.padding.into(),
            dilation: config.dilation.into(),
            stride: config.stride.into(),
            transposed: transposed.map(Into::into),
            activation: config.activation,
            epsilon: config.epsilon as f32,
        }
    }

    fn convolution(&self, x: &Values, weight: &Values) -> Convolution {
        let [batch, cin, height, width] = x.dims();
        let [first, second, kernel_height, kernel_width] = weight.dims();
        let (kernel, padding) = ((kernel_height, kernel_width), self.padding);
        let (dilation, stride) = (self.dilation, self.stride);
        let sizes = |cout| ConvShape {
            batch,
            cin,
            cout,
            height,
            width,
            kernel,
            padding,
            dilation,
            stride,
        };
        match self.transposed {
            None => Convolution::Plain(sizes(first)),
            Some(added) => Convolution::Transposed(TransposedShape::new(sizes(second), added)),
        }
    }
}

/// A layer, whose gradients flow to its input and parameters.
///
/// A normalization takes the batch's statistics, and its running ones follow.
pub(super) fn layer(x: Tensor<4>, options: ConvGeometry, kernel: &Kernel) -> Tensor<4> {
    match (kernel.norm, kernel.config.norm) {
        (Some(norm), NormPlace::Before) => norm_conv(x, options, norm, kernel),
        (Some(norm), NormPlace::After) => {
            let activation = Activation::Identity;
            let y = conv(
                x,
                ConvGeometry {
                    activation,
                    ..options
                },
                kernel,
            );
            kernel.config.activate(norm.forward(y))
        }
        _ => conv(x, options, kernel),
    }
}

/// Convolution of `x`, normalized if `norm` is there, then the activation.
pub(super) fn convolve(
    x: &Values,
    norm: Option<&Norm>,
    weight: &Values,
    bias: &Values,
    options: &ConvGeometry,
) -> FlexTensor {
    let convolution = options.convolution(x, weight);
    let dims = convolution.out_dims();
    let mut out = vec![0.0; dims.iter().product()];
    let read = reader(x, norm);
    convolution.forward(
        weight.slice(),
        bias.slice(),
        options.activation,
        read,
        &mut out,
    );
    tensor(out, dims)
}

/// Reads parts of a channel of a batch's item, normalized.
fn reader<'a>(
    x: &'a Values,
    norm: Option<&'a Norm>,
) -> impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync + 'a {
    let [_, channels, height, width] = x.dims();
    let (values, item_len) = (x.slice(), channels * height * width);
    move |item, channel, range, into| {
        let values = &values[item * item_len..][range];
        match norm {
            Some(norm) => norm.apply(channel, values, into),
            None => into.copy_from_slice(values),
        }
    }
}

fn conv(x: Tensor<4>, options: ConvGeometry, kernel: &Kernel) -> Tensor<4> {
    let [x, weight] = [x, kernel.weight.val()].map(|t| tracked(t).into_parts());
    let bias = tracked(kernel.bias.val()).into_parts();
    let nodes = [x.1, weight.1, bias.1];
    let [x, weight, bias] = [x.0, weight.0, bias.0].map(Values::contiguous);
    let y = convolve(&x, None, &weight, &bias, &options);
    record(nodes, y, |y| ConvForward {
        x,
        weight,
        y,
        options,
    })
}

fn norm_conv(x: Tensor<4>, options: ConvGeometry, norm: &BatchNorm, kernel: &Kernel) -> Tensor<4> {
    let device = x.device();
    let [x, weight] = [x, kernel.weight.val()].map(|t| tracked(t).into_parts());
    let parameters = [norm.gamma.val(), norm.beta.val(), kernel.bias.val()];
    let [gamma, beta, bias] = parameters.map(|t| tracked(t).into_parts());
    let nodes = [x.1, gamma.1, beta.1, weight.1, bias.1];
    let [x, gamma, beta, weight, bias] =
        [x.0, gamma.0, beta.0, weight.0, bias.0].map(Values::contiguous);
    let [_, channels, height, width] = x.dims();
    let (mean, variance) = kernels::statistics(x.slice(), channels, height * width);
    let batch_norm = Norm::new(
        &mean,
        &variance,
        gamma.slice(),
        beta.slice(),
        options.epsilon,
    );
    let y = convolve(&x, Some(&batch_norm), &weight, &bias, &options);
    let y = record(nodes, y, |y| NormConvForward {
        conv: ConvForward {
            x,
            weight,
            y,
            options,
        },
        norm: batch_norm,
    });
    for (state, batch) in [(&norm.running_mean, mean), (&norm.running_var, variance)] {
        let kept = state.value_sync().to_device(&device) * (1.0 - norm.momentum);
        let batch = Tensor::<1>::from_floats(&batch[..], &device) * norm.momentum;
        state.update((kept + batch).detach());
    }
    y
}

/// What the gradients of a convolution need of its forward pass.
#[derive(Clone, Debug)]
struct ConvForward {
    x: Values,
    weight: Values,
    y: Values,
    options: ConvGeometry,
}

/// Gradients of a layer by its (normalized) input, weight and bias.
struct LayerGradients {
    x: Vec<f32>,
    weight: Vec<f32>,
    bias: Vec<f32>,
}

impl ConvForward {
    fn layer_gradients(&self, norm: Option<&Norm>, dy: &Values) -> LayerGradients {
        let Self {
            x,
            weight,
            y,
            options,
        } = self;
        let convolution = options.convolution(x, weight);
        let item_len = y.slice().len() / y.dims::<4>()[0];
        let slope = |item: usize, _: usize, range: Range<usize>, into: &mut [f32]| {
            let y = &y.slice()[item * item_len..][range.clone()];
            let dy = &dy.slice()[item * item_len..][range];
            for (into, (&y, &dy)) in into.iter_mut().zip(y.iter().zip(dy)) {
                *into = dy * options.activation.slope(y);
            }
        };
        let (dw, db) = convolution.weight_gradients(reader(x, norm), slope);
        let mut dx = vec![0.0; x.slice().len()];
        convolution.input_gradient(weight.slice(), slope, &mut dx);
        LayerGradients {
            x: dx,
            weight: dw,
            bias: db,
        }
    }
}

impl SavedForward<3> for ConvForward {
    /// By input, weight and bias.
    fn gradients(self, dy: &Values) -> [FlexTensor; 3] {
        let by = self.layer_gradients(None, dy);
        let n_outputs = by.bias.len();
        [
            tensor(by.x, self.x.dims::<4>()),
            tensor(by.weight, self.weight.dims::<4>()),
            tensor(by.bias, [n_outputs]),
        ]
    }
}

/// The same with a normalization by the batch's statistics before it.
#[derive(Clone, Debug)]
struct NormConvForward {
    conv: ConvForward,
    norm: Norm,
}

impl SavedForward<5> for NormConvForward {
    /// By input, gamma, beta, weight and bias.
    fn gradients(self, dy: &Values) -> [FlexTensor; 5] {
        let Self { conv, norm } = self;
        let by = conv.layer_gradients(Some(&norm), dy);
        let [_, channels, height, width] = conv.x.dims();
        let by_norm = norm.gradient(conv.x.slice(), by.x, height * width);
        let n_outputs = by.bias.len();
        [
            tensor(by_norm.x, conv.x.dims::<4>()),
            tensor(by_norm.gamma, [channels]),
            tensor(by_norm.beta, [channels]),
            tensor(by.weight, conv.weight.dims::<4>()),
            tensor(by.bias, [n_outputs]),
        ]
    }
}
