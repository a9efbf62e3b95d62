//! Normalize, convolve, activate; pooling over rows.
//!
//! On the CPU a layer is one operation of [`super::fused`]; elsewhere it is
//! composed of burn's. The parameters live in burn's own modules, so that
//! weight files keep the usual names and layouts.

use burn::backend::{Dispatch, DispatchDevice};
use burn::module::{Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig, ConvTranspose2d, ConvTranspose2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, PaddingConfig2d};
use burn::tensor::{Device, Tensor, activation};

use super::fused::{FusedOps, Layer};
use crate::kernels::Activation;

/// Batch norm, convolution, activation.
#[derive(Module, Debug)]
pub struct NormConv {
    /// Applied before the convolution.
    pub norm: BatchNorm,
    /// Weight `[cout, cin, height, width]` and bias.
    pub conv: Conv2d,
    #[module(skip)]
    layer: Layer,
}

/// Batch norm, transposed convolution, activation.
#[derive(Module, Debug)]
pub struct NormConvTranspose {
    /// Applied before the convolution.
    pub norm: BatchNorm,
    /// Weight `[cin, cout, height, width]` and bias.
    pub conv: ConvTranspose2d,
    #[module(skip)]
    layer: Layer,
}

/// Sizes of a [`NormConv`] or [`NormConvTranspose`].
#[derive(Clone, Copy, Debug)]
pub struct NormConvConfig {
    /// Input and output channels.
    pub channels: [usize; 2],
    /// Height and width.
    pub kernel: [usize; 2],
    /// Zeros on each side.
    pub padding: [usize; 2],
    /// Distance of taps.
    pub dilation: [usize; 2],
    /// Distance of the inputs that neighboring outputs read.
    pub stride: [usize; 2],
    /// Applied to the output.
    pub activation: Activation,
}

impl NormConvConfig {
    fn layer(&self, norm: &BatchNorm, transposed: Option<(usize, usize)>) -> Layer {
        Layer {
            padding: self.padding.into(),
            dilation: self.dilation.into(),
            stride: self.stride.into(),
            transposed,
            activation: self.activation,
            epsilon: norm.epsilon as f32,
        }
    }

    /// A layer with random weights.
    pub fn init(&self, device: &Device) -> NormConv {
        let norm = BatchNormConfig::new(self.channels[0]).init(device);
        let [height, width] = self.padding;
        NormConv {
            layer: self.layer(&norm, None),
            norm,
            conv: Conv2dConfig::new(self.channels, self.kernel)
                .with_dilation(self.dilation)
                .with_stride(self.stride)
                .with_padding(PaddingConfig2d::Explicit(height, width, height, width))
                .init(device),
        }
    }

    /// A transposed layer with random weights; `output_padding` rows and columns,
    /// fewer than the stride, are added at its output's end.
    pub fn init_transposed(
        &self,
        output_padding: [usize; 2],
        device: &Device,
    ) -> NormConvTranspose {
        let norm = BatchNormConfig::new(self.channels[0]).init(device);
        NormConvTranspose {
            layer: self.layer(&norm, Some(output_padding.into())),
            norm,
            conv: ConvTranspose2dConfig::new(self.channels, self.kernel)
                .with_dilation(self.dilation)
                .with_stride(self.stride)
                .with_padding(self.padding)
                .with_padding_out(output_padding)
                .init(device),
        }
    }
}

/// Whether tensors on `device` lie where this project's kernels can read them.
pub(super) fn on_cpu(device: &Device) -> bool {
    matches!(
        device.clone().without_autodiff().as_dispatch(),
        DispatchDevice::Flex(_)
    )
}

impl NormConv {
    /// What it is besides its weights.
    pub fn options(&self) -> Layer {
        self.layer
    }

    /// `[batch, cin, height, width]` → `[batch, cout, out_height, out_width]`.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        if !on_cpu(&x.device()) {
            return self.composed(x);
        }
        fused(
            x,
            &self.norm,
            &self.conv.weight,
            &self.conv.bias,
            self.layer,
        )
    }

    fn composed(&self, x: Tensor<4>) -> Tensor<4> {
        activate(self.conv.forward(self.norm.forward(x)), &self.layer)
    }
}

impl NormConvTranspose {
    /// `[batch, cin, height, width]` → `[batch, cout, out_height, out_width]`.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        if !on_cpu(&x.device()) {
            return self.composed(x);
        }
        fused(
            x,
            &self.norm,
            &self.conv.weight,
            &self.conv.bias,
            self.layer,
        )
    }

    fn composed(&self, x: Tensor<4>) -> Tensor<4> {
        activate(self.conv.forward(self.norm.forward(x)), &self.layer)
    }
}

fn activate(x: Tensor<4>, layer: &Layer) -> Tensor<4> {
    match layer.activation {
        Activation::Identity => x,
        Activation::Selu => activation::selu(x),
        Activation::Relu => activation::relu(x),
        Activation::LeakyRelu(slope) => activation::leaky_relu(x, f64::from(slope)),
        Activation::Sigmoid => activation::sigmoid(x),
    }
}

/// A layer as one operation of [`super::fused`]; where gradients are wanted, by the batch's statistics.
fn fused(
    x: Tensor<4>,
    norm: &BatchNorm,
    weight: &Param<Tensor<4>>,
    bias: &Option<Param<Tensor<1>>>,
    layer: Layer,
) -> Tensor<4> {
    let device = x.device();
    let bias = bias.as_ref().expect("layers have a bias");
    let [gamma, beta, bias] = [&norm.gamma, &norm.beta, bias].map(|p| p.val().into_dispatch());
    let (x, weight) = (x.into_dispatch(), weight.val().into_dispatch());
    if !device.is_autodiff() {
        let [mean, variance] = [&norm.running_mean, &norm.running_var]
            .map(|state| state.value().to_device(&device).into_dispatch());
        return Tensor::from_dispatch(Dispatch::norm_conv(
            x, mean, variance, gamma, beta, weight, bias, layer,
        ));
    }
    let (y, mean, variance) = Dispatch::norm_conv_train(x, gamma, beta, weight, bias, layer);
    let momentum = norm.momentum;
    for (state, batch) in [(&norm.running_mean, mean), (&norm.running_var, variance)] {
        let kept = state.value_sync().to_device(&device) * (1.0 - momentum);
        let batch = Tensor::<1>::from_dispatch(batch).detach() * momentum;
        state.update((kept + batch).detach());
    }
    Tensor::from_dispatch(y)
}

/// Maxima of each `size` rows: `[batch, channels, height, width]` → `[.., height / size, ..]`.
pub fn max_pool_rows(x: Tensor<4>, size: usize) -> Tensor<4> {
    if on_cpu(&x.device()) {
        return Tensor::from_dispatch(Dispatch::max_pool_rows(x.into_dispatch(), size));
    }
    let [batch, channels, height, width] = x.dims();
    x.reshape([batch, channels, height / size, size, width])
        .max_dim(3)
        .reshape([batch, channels, height / size, width])
}

/// Puts each value of `x` where its maximum in `like` came from, zeros elsewhere (SegNet's unpooling).
///
/// `x` is `[batch, channels, height / size, width]`, `like` the tensor that was pooled.
/// Of equal maxima the first counts.
pub fn max_unpool_rows(x: Tensor<4>, like: Tensor<4>, size: usize) -> Tensor<4> {
    if on_cpu(&x.device()) {
        return Tensor::from_dispatch(Dispatch::max_unpool_rows(
            x.into_dispatch(),
            like.into_dispatch(),
            size,
        ));
    }
    let [batch, channels, height, width] = like.dims();
    let blocks = [batch, channels, height / size, size, width];
    let places = like.detach().reshape(blocks).argmax(3);
    let rows = Tensor::<1, burn::tensor::Int>::arange(0..size as i64, &x.device())
        .reshape([1, 1, 1, size, 1])
        .expand(blocks);
    let here = places.expand(blocks).equal(rows).float();
    let x = x.reshape([batch, channels, height / size, 1, width]);
    (x.expand(blocks) * here).reshape([batch, channels, height, width])
}

#[cfg(test)]
mod tests {
    use burn::tensor::Distribution;

    use super::*;

    const CONFIG: NormConvConfig = NormConvConfig {
        channels: [3, 5],
        kernel: [5, 3],
        padding: [2, 1],
        dilation: [1, 2],
        stride: [2, 2],
        activation: Activation::Selu,
    };

    /// Outputs and gradients by input, weight and gamma of the kernels, and of burn's operations.
    fn both(
        forward: impl Fn(Tensor<4>) -> Tensor<4>,
        composed: impl Fn(Tensor<4>) -> Tensor<4>,
        weight: Tensor<4>,
        gamma: Tensor<1>,
        device: &Device,
    ) {
        let normal = Distribution::Normal(0.5, 2.0);
        let x = Tensor::<4>::random([2, 3, 12, 11], normal, device).require_grad();
        let run = |y: Tensor<4>| {
            let len = y.shape().num_elements();
            let dims = y.dims();
            let slope: Vec<f32> = (0..len).map(|i| (i as f32 * 0.7).sin()).collect();
            let slope = Tensor::<1>::from_floats(&slope[..], device).reshape(dims);
            let gradients = (y.clone() * slope).sum().backward();
            let values = [
                y.inner(),
                x.grad(&gradients).unwrap(),
                weight.grad(&gradients).unwrap(),
            ];
            let mut values = values.map(|t| t.into_data().try_to_vec::<f32>().unwrap());
            let gamma = gamma.grad(&gradients).unwrap();
            values[2].extend(gamma.into_data().try_to_vec::<f32>().unwrap());
            values
        };
        let (found, expected) = (run(forward(x.clone())), run(composed(x.clone())));
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(found.len(), expected.len());
            let scale = expected.iter().fold(1.0f32, |a, b| a.max(b.abs()));
            for (found, expected) in found.iter().zip(expected) {
                assert!(
                    (found - expected).abs() < 2e-5 * scale,
                    "{found} for {expected}"
                );
            }
        }
    }

    #[test]
    fn a_layer_with_stride_is_the_one_composed_of_burns_operations() {
        let device = Device::flex().autodiff();
        let layer = CONFIG.init(&device);
        let (weight, gamma) = (layer.conv.weight.val(), layer.norm.gamma.val());
        let (forward, composed) = (|x| layer.forward(x), |x| layer.composed(x));
        both(forward, composed, weight, gamma, &device);
    }

    #[test]
    fn a_transposed_layer_is_the_one_composed_of_burns_operations() {
        let device = Device::flex().autodiff();
        let layer = CONFIG.init_transposed([1, 1], &device);
        let (weight, gamma) = (layer.conv.weight.val(), layer.norm.gamma.val());
        let (forward, composed) = (|x| layer.forward(x), |x| layer.composed(x));
        both(forward, composed, weight, gamma, &device);
    }
}
