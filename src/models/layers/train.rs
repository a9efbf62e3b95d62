//! Layers with gradients, each one operation on the processor's kernels.

use std::ops::Range;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Flex};
use burn::nn::BatchNorm;
use burn::tensor::Tensor;

use super::infer::{Kernel, Values, tensor};
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
        match self.transposed {
            None => Convolution::Plain(ConvShape {
                batch,
                cin,
                cout: first,
                height,
                width,
                kernel,
                padding,
                dilation,
                stride,
            }),
            Some(output_padding) => Convolution::Transposed(TransposedShape {
                batch,
                cin,
                cout: second,
                height,
                width,
                kernel,
                padding,
                output_padding,
                dilation,
                stride,
            }),
        }
    }
}

type Tracked = FloatTensor<Autodiff<Flex>>;

fn tracked<const D: usize>(tensor: Tensor<D>) -> Tracked {
    let tensor = tensor.try_into_primitive::<Autodiff<Flex>>();
    tensor.expect("tensors of a layer in training lie on the processor")
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
    let y = match ConvOp
        .prepare::<NoCheckpointing>(nodes)
        .compute_bound()
        .stateful()
    {
        OpsKind::Tracked(prep) => {
            let saved = ForwardState {
                x,
                weight,
                y: Values::contiguous(y.clone()),
                options,
            };
            prep.finish(saved, y)
        }
        OpsKind::UnTracked(prep) => prep.finish(y),
    };
    Tensor::from_primitive::<Autodiff<Flex>>(y)
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
    let y = match NormConvOp
        .prepare::<NoCheckpointing>(nodes)
        .compute_bound()
        .stateful()
    {
        OpsKind::Tracked(prep) => {
            let saved = ForwardState {
                x,
                weight,
                y: Values::contiguous(y.clone()),
                options,
            };
            prep.finish((saved, batch_norm), y)
        }
        OpsKind::UnTracked(prep) => prep.finish(y),
    };
    for (state, batch) in [(&norm.running_mean, mean), (&norm.running_var, variance)] {
        let kept = state.value_sync().to_device(&device) * (1.0 - norm.momentum);
        let batch = Tensor::<1>::from_floats(&batch[..], &device) * norm.momentum;
        state.update((kept + batch).detach());
    }
    Tensor::from_primitive::<Autodiff<Flex>>(y)
}

/// What the gradient of a layer needs of its forward pass.
#[derive(Clone, Debug)]
struct ForwardState {
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

impl ForwardState {
    fn gradients(&self, norm: Option<&Norm>, dy: &Values) -> LayerGradients {
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

#[derive(Debug)]
struct ConvOp;

impl Backward<Flex, 3> for ConvOp {
    type State = ForwardState;

    fn backward(self, ops: Ops<ForwardState, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let dy = Values::contiguous(grads.consume::<Flex>(&ops.node));
        let saved = ops.state;
        let by = saved.gradients(None, &dy);
        let n_outputs = by.bias.len();
        let found = [
            tensor(by.x, saved.x.dims::<4>()),
            tensor(by.weight, saved.weight.dims::<4>()),
            tensor(by.bias, [n_outputs]),
        ];
        for (parent, gradient) in ops.parents.into_iter().zip(found) {
            if let Some(node) = parent {
                grads.register::<Flex>(node.id, gradient);
            }
        }
    }
}

#[derive(Debug)]
struct NormConvOp;

impl Backward<Flex, 5> for NormConvOp {
    type State = (ForwardState, Norm);

    fn backward(self, ops: Ops<Self::State, 5>, grads: &mut Gradients, _: &mut Checkpointer) {
        let dy = Values::contiguous(grads.consume::<Flex>(&ops.node));
        let (saved, norm) = ops.state;
        let by = saved.gradients(Some(&norm), &dy);
        let [_, channels, height, width] = saved.x.dims();
        let by_norm = norm.gradient(saved.x.slice(), by.x, height * width);
        let n_outputs = by.bias.len();
        let found = [
            tensor(by_norm.x, saved.x.dims::<4>()),
            tensor(by_norm.gamma, [channels]),
            tensor(by_norm.beta, [channels]),
            tensor(by.weight, saved.weight.dims::<4>()),
            tensor(by.bias, [n_outputs]),
        ];
        for (parent, gradient) in ops.parents.into_iter().zip(found) {
            if let Some(node) = parent {
                grads.register::<Flex>(node.id, gradient);
            }
        }
    }
}

/// Maxima of each `size` rows, on the processor, with or without gradients.
pub(super) fn max_pool(x: Tensor<4>, size: usize) -> Tensor<4> {
    let pool = |x: &Values| {
        let [batch, channels, height, width] = x.dims();
        let out = kernels::max_pool(x.slice(), size, height, width);
        tensor(out, [batch, channels, height / size, width])
    };
    if !x.device().is_autodiff() {
        return Tensor::from_primitive::<Flex>(pool(&Values::of(x)));
    }
    let (x, node) = tracked(x).into_parts();
    let x = Values::contiguous(x);
    let y = pool(&x);
    let y = match MaxPoolOp
        .prepare::<NoCheckpointing>([node])
        .compute_bound()
        .stateful()
    {
        OpsKind::Tracked(prep) => prep.finish((x, size), y),
        OpsKind::UnTracked(prep) => prep.finish(y),
    };
    Tensor::from_primitive::<Autodiff<Flex>>(y)
}

/// Values of `x` at the places of the maxima of each `size` rows in `like`, zeros elsewhere;
/// on the processor, with or without gradients (by `x` alone).
pub(super) fn max_unpool(x: Tensor<4>, like: Tensor<4>, size: usize) -> Tensor<4> {
    if !x.device().is_autodiff() {
        let y = unpool(&Values::of(x), &Values::of(like), size);
        return Tensor::from_primitive::<Flex>(y);
    }
    let (x, node) = tracked(x).into_parts();
    let like = Values::contiguous(tracked(like).into_primitive());
    let y = unpool(&Values::contiguous(x), &like, size);
    let y = match MaxUnpoolOp
        .prepare::<NoCheckpointing>([node])
        .compute_bound()
        .stateful()
    {
        OpsKind::Tracked(prep) => prep.finish((like, size), y),
        OpsKind::UnTracked(prep) => prep.finish(y),
    };
    Tensor::from_primitive::<Autodiff<Flex>>(y)
}

fn unpool(x: &Values, like: &Values, size: usize) -> FlexTensor {
    let [batch, channels, height, width] = like.dims();
    let out = kernels::unpool(like.slice(), x.slice(), size, height, width);
    tensor(out, [batch, channels, height, width])
}

#[derive(Debug)]
struct MaxPoolOp;

impl Backward<Flex, 1> for MaxPoolOp {
    type State = (Values, usize);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let dy = Values::contiguous(grads.consume::<Flex>(&ops.node));
        let (x, size) = ops.state;
        if let [Some(node)] = ops.parents {
            grads.register::<Flex>(node.id, unpool(&dy, &x, size));
        }
    }
}

#[derive(Debug)]
struct MaxUnpoolOp;

impl Backward<Flex, 1> for MaxUnpoolOp {
    type State = (Values, usize);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let dy = Values::contiguous(grads.consume::<Flex>(&ops.node));
        let (like, size) = ops.state;
        let [batch, channels, height, width] = like.dims();
        let dx = kernels::gather(like.slice(), dy.slice(), size, height, width);
        if let [Some(node)] = ops.parents {
            let dims = [batch, channels, height / size, width];
            grads.register::<Flex>(node.id, tensor(dx, dims));
        }
    }
}
