//! Normalize, convolve and activate as one operation on the CPU.
//!
//! [`FusedOps`] is what the layers of [`super::layer`] call. On the CPU
//! they run this project's kernels with gradients of their own; on other
//! devices they are composed of burn's operations.

use std::ops::Range;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Flex, backend_extension};
use burn::tensor::TensorData;

use crate::kernels::{
    Activation, ConvShape, Convolution, Norm, TransposedShape, gather, max_pool, statistics, unpool,
};

/// What a layer is besides its weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layer {
    /// Zeros on each side, (height, width).
    pub padding: (usize, usize),
    /// Distance of taps, (height, width).
    pub dilation: (usize, usize),
    /// Distance of the inputs that neighboring outputs read, (height, width).
    pub stride: (usize, usize),
    /// Rows and columns added at the end, if the convolution is transposed.
    pub transposed: Option<(usize, usize)>,
    /// Applied to the output.
    pub activation: Activation,
    /// Added to the variance.
    pub epsilon: f32,
}

/// The operations of this project that run on kernels of its own.
#[backend_extension(Flex, Autodiff)]
pub trait FusedOps: Backend {
    /// Batch norm by given statistics, convolution, activation.
    #[allow(clippy::too_many_arguments)] // tensors cross the backend's boundary one by one
    fn norm_conv(
        x: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        variance: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        layer: Layer,
    ) -> FloatTensor<Self>;

    /// The same by the batch's own statistics, which are returned too: output, mean, variance.
    fn norm_conv_train(
        x: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        layer: Layer,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);

    /// Maxima of each `size` rows.
    fn max_pool_rows(x: FloatTensor<Self>, size: usize) -> FloatTensor<Self>;

    /// Values of `x` at the places of the maxima in `like`, zeros elsewhere.
    fn max_unpool_rows(
        x: FloatTensor<Self>,
        like: FloatTensor<Self>,
        size: usize,
    ) -> FloatTensor<Self>;
}

/// A tensor whose values lie in order.
struct Values(FlexTensor);

impl Values {
    fn of(tensor: FlexTensor) -> Self {
        Self(tensor.to_contiguous())
    }

    fn slice(&self) -> &[f32] {
        let layout = self.0.layout();
        &self.0.storage::<f32>()[layout.start_offset()..][..layout.num_elements()]
    }

    /// Values of one item of a batch.
    fn item_len(&self) -> usize {
        self.0.layout().num_elements() / self.dims::<4>()[0]
    }

    fn dims<const D: usize>(&self) -> [usize; D] {
        self.0.layout().shape().dims()
    }
}

fn tensor<const D: usize>(values: Vec<f32>, dims: [usize; D]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, dims))
}

fn convolution(x: &Values, weight: &Values, layer: &Layer) -> Convolution {
    let [batch, cin, height, width] = x.dims();
    let [first, second, kh, kw] = weight.dims();
    let Layer {
        padding,
        dilation,
        stride,
        ..
    } = *layer;
    match layer.transposed {
        None => Convolution::Plain(ConvShape {
            batch,
            cin,
            cout: first,
            height,
            width,
            kernel: (kh, kw),
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
            kernel: (kh, kw),
            padding,
            output_padding,
            dilation,
            stride,
        }),
    }
}

/// Reads a batch's normalized values for the kernels.
fn normalized<'a>(
    x: &'a [f32],
    item_len: usize,
    norm: &'a Norm,
) -> impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync + 'a {
    move |item, channel, range, into| norm.apply(channel, &x[item * item_len..][range], into)
}

/// Normalization and convolution of a batch.
fn run(x: &Values, norm: &Norm, weight: &Values, bias: &Values, layer: &Layer) -> FlexTensor {
    let convolution = convolution(x, weight, layer);
    let dims = convolution.out_dims();
    let mut out = vec![0.0; dims.iter().product()];
    let read = normalized(x.slice(), x.item_len(), norm);
    let (weight, bias) = (weight.slice(), bias.slice());
    convolution.forward(weight, bias, layer.activation, read, &mut out);
    tensor(out, dims)
}

impl FusedOps for Flex {
    fn norm_conv(
        x: FlexTensor,
        mean: FlexTensor,
        variance: FlexTensor,
        gamma: FlexTensor,
        beta: FlexTensor,
        weight: FlexTensor,
        bias: FlexTensor,
        layer: Layer,
    ) -> FlexTensor {
        let [x, mean, variance, gamma, beta, weight, bias] =
            [x, mean, variance, gamma, beta, weight, bias].map(Values::of);
        let norm = Norm::new(
            mean.slice(),
            variance.slice(),
            gamma.slice(),
            beta.slice(),
            layer.epsilon,
        );
        run(&x, &norm, &weight, &bias, &layer)
    }

    fn norm_conv_train(
        x: FlexTensor,
        gamma: FlexTensor,
        beta: FlexTensor,
        weight: FlexTensor,
        bias: FlexTensor,
        layer: Layer,
    ) -> (FlexTensor, FlexTensor, FlexTensor) {
        let [x, gamma, beta, weight, bias] = [x, gamma, beta, weight, bias].map(Values::of);
        let [_, channels, height, width] = x.dims();
        let (mean, variance) = statistics(x.slice(), channels, height * width);
        let norm = Norm::new(&mean, &variance, gamma.slice(), beta.slice(), layer.epsilon);
        let out = run(&x, &norm, &weight, &bias, &layer);
        (out, tensor(mean, [channels]), tensor(variance, [channels]))
    }

    fn max_pool_rows(x: FlexTensor, size: usize) -> FlexTensor {
        let x = Values::of(x);
        let [batch, channels, height, width] = x.dims();
        let out = max_pool(x.slice(), size, height, width);
        tensor(out, [batch, channels, height / size, width])
    }

    fn max_unpool_rows(x: FlexTensor, like: FlexTensor, size: usize) -> FlexTensor {
        let [x, like] = [x, like].map(Values::of);
        let [batch, channels, height, width] = like.dims();
        let out = unpool(like.slice(), x.slice(), size, height, width);
        tensor(out, [batch, channels, height, width])
    }
}

/// What the gradient of a layer needs of its forward pass.
#[derive(Clone, Debug)]
struct Saved {
    x: FlexTensor,
    gamma: FlexTensor,
    beta: FlexTensor,
    weight: FlexTensor,
    mean: FlexTensor,
    variance: FlexTensor,
    y: FlexTensor,
    layer: Layer,
}

#[derive(Debug)]
struct NormConv;

impl Backward<Flex, 5> for NormConv {
    type State = Saved;

    fn backward(self, ops: Ops<Saved, 5>, grads: &mut Gradients, _: &mut Checkpointer) {
        let dy = Values::of(grads.consume::<Flex>(&ops.node));
        let layer = ops.state.layer;
        let saved = ops.state;
        let [x, gamma, beta, weights, mean, variance, y] = [
            saved.x,
            saved.gamma,
            saved.beta,
            saved.weight,
            saved.mean,
            saved.variance,
            saved.y,
        ]
        .map(Values::of);
        let norm = Norm::new(
            mean.slice(),
            variance.slice(),
            gamma.slice(),
            beta.slice(),
            layer.epsilon,
        );
        let convolution = convolution(&x, &weights, &layer);
        let y_len = y.item_len();
        let slope = |item: usize, _: usize, range: Range<usize>, into: &mut [f32]| {
            let y = &y.slice()[item * y_len..][range.clone()];
            let dy = &dy.slice()[item * y_len..][range];
            for (into, (&y, &dy)) in into.iter_mut().zip(y.iter().zip(dy)) {
                *into = dy * layer.activation.slope(y);
            }
        };
        let read_x = normalized(x.slice(), x.item_len(), &norm);
        let (dw, db) = convolution.weight_gradients(read_x, slope);
        let mut dx = vec![0.0; x.slice().len()];
        convolution.input_gradient(weights.slice(), slope, &mut dx);
        let [_, cin, height, width] = x.dims();
        let dx = norm.gradient(x.slice(), dx, height * width);

        let n_out = db.len();
        let found = [
            tensor(dx.x, x.dims::<4>()),
            tensor(dx.gamma, [cin]),
            tensor(dx.beta, [cin]),
            tensor(dw, weights.dims::<4>()),
            tensor(db, [n_out]),
        ];
        for (parent, gradient) in ops.parents.into_iter().zip(found) {
            if let Some(node) = parent {
                grads.register::<Flex>(node.id, gradient);
            }
        }
    }
}

#[derive(Debug)]
struct MaxPool;

impl Backward<Flex, 1> for MaxPool {
    type State = (FlexTensor, usize);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let dy = grads.consume::<Flex>(&ops.node);
        let (x, size) = ops.state;
        if let [Some(node)] = ops.parents {
            grads.register::<Flex>(node.id, Flex::max_unpool_rows(dy, x, size));
        }
    }
}

#[derive(Debug)]
struct MaxUnpool;

impl Backward<Flex, 1> for MaxUnpool {
    type State = (FlexTensor, usize);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let dy = Values::of(grads.consume::<Flex>(&ops.node));
        let (like, size) = (Values::of(ops.state.0), ops.state.1);
        let [batch, channels, height, width] = like.dims();
        let dx = gather(like.slice(), dy.slice(), size, height, width);
        if let [Some(node)] = ops.parents {
            let dims = [batch, channels, height / size, width];
            grads.register::<Flex>(node.id, tensor(dx, dims));
        }
    }
}

type Tracked = FloatTensor<Autodiff<Flex>>;

impl<C: CheckpointStrategy> FusedOps for Autodiff<Flex, C> {
    /// A layer whose statistics are frozen is not trained: no gradient passes.
    fn norm_conv(
        x: Tracked,
        mean: Tracked,
        variance: Tracked,
        gamma: Tracked,
        beta: Tracked,
        weight: Tracked,
        bias: Tracked,
        layer: Layer,
    ) -> Tracked {
        let [x, mean, variance, gamma, beta, weight, bias] =
            [x, mean, variance, gamma, beta, weight, bias].map(Tracked::into_primitive);
        Tracked::new(Flex::norm_conv(
            x, mean, variance, gamma, beta, weight, bias, layer,
        ))
    }

    fn norm_conv_train(
        x: Tracked,
        gamma: Tracked,
        beta: Tracked,
        weight: Tracked,
        bias: Tracked,
        layer: Layer,
    ) -> (Tracked, Tracked, Tracked) {
        let [x, gamma, beta, weight, bias] =
            [x, gamma, beta, weight, bias].map(Tracked::into_parts);
        let nodes = [x.1, gamma.1, beta.1, weight.1, bias.1];
        let (y, mean, variance) = Flex::norm_conv_train(
            x.0.clone(),
            gamma.0.clone(),
            beta.0.clone(),
            weight.0.clone(),
            bias.0,
            layer,
        );
        let statistics = (Tracked::new(mean.clone()), Tracked::new(variance.clone()));
        let output = match NormConv.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let saved = Saved {
                    x: x.0,
                    gamma: gamma.0,
                    beta: beta.0,
                    weight: weight.0,
                    mean,
                    variance,
                    y: y.clone(),
                    layer,
                };
                prep.finish(saved, y)
            }
            OpsKind::UnTracked(prep) => prep.finish(y),
        };
        (output, statistics.0, statistics.1)
    }

    fn max_pool_rows(x: Tracked, size: usize) -> Tracked {
        let (x, node) = x.into_parts();
        let y = Flex::max_pool_rows(x.clone(), size);
        match MaxPool.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((x, size), y),
            OpsKind::UnTracked(prep) => prep.finish(y),
        }
    }

    fn max_unpool_rows(x: Tracked, like: Tracked, size: usize) -> Tracked {
        let (x, node) = x.into_parts();
        let like = like.into_primitive();
        let y = Flex::max_unpool_rows(x, like.clone(), size);
        match MaxUnpool.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((like, size), y),
            OpsKind::UnTracked(prep) => prep.finish(y),
        }
    }
}
