//! Normalize, convolve, activate; pooling over rows.
//!
//! On the CPU a layer is one operation of [`super::fused`]; elsewhere it is
//! composed of burn's. The parameters live in burn's own modules, so that
//! weight files keep the usual names and layouts.

use burn::backend::{Dispatch, DispatchDevice};
use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, PaddingConfig2d};
use burn::tensor::{Device, Tensor, activation};

use super::fused::{FusedOps, Layer};
use super::kernels::Activation;

/// Batch norm, convolution of stride 1, activation.
#[derive(Module, Debug)]
pub struct NormConv {
    /// Applied before the convolution.
    pub norm: BatchNorm,
    /// Weight `[cout, cin, height, width]` and bias.
    pub conv: Conv2d,
    #[module(skip)]
    layer: Layer,
}

/// Sizes of a [`NormConv`].
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
    /// Applied to the output.
    pub activation: Activation,
}

impl NormConvConfig {
    /// A layer with random weights.
    pub fn init(&self, device: &Device) -> NormConv {
        let norm = BatchNormConfig::new(self.channels[0]).init(device);
        let [height, width] = self.padding;
        NormConv {
            layer: Layer {
                padding: (height, width),
                dilation: (self.dilation[0], self.dilation[1]),
                activation: self.activation,
                epsilon: norm.epsilon as f32,
            },
            norm,
            conv: Conv2dConfig::new(self.channels, self.kernel)
                .with_dilation(self.dilation)
                .with_padding(PaddingConfig2d::Explicit(height, width, height, width))
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
        let device = x.device();
        if !on_cpu(&device) {
            return self.composed(x);
        }
        let bias = self.conv.bias.as_ref().expect("layers have a bias").val();
        let [gamma, beta, bias] =
            [self.norm.gamma.val(), self.norm.beta.val(), bias].map(Tensor::into_dispatch);
        let weight = self.conv.weight.val().into_dispatch();
        let x = x.into_dispatch();
        if !device.is_autodiff() {
            let [mean, variance] = [&self.norm.running_mean, &self.norm.running_var]
                .map(|state| state.value().to_device(&device).into_dispatch());
            return Tensor::from_dispatch(Dispatch::norm_conv(
                x, mean, variance, gamma, beta, weight, bias, self.layer,
            ));
        }
        let (y, mean, variance) =
            Dispatch::norm_conv_train(x, gamma, beta, weight, bias, self.layer);
        let momentum = self.norm.momentum;
        for (state, batch) in [
            (&self.norm.running_mean, mean),
            (&self.norm.running_var, variance),
        ] {
            let kept = state.value_sync().to_device(&device) * (1.0 - momentum);
            let batch = Tensor::<1>::from_dispatch(batch).detach() * momentum;
            state.update((kept + batch).detach());
        }
        Tensor::from_dispatch(y)
    }

    fn composed(&self, x: Tensor<4>) -> Tensor<4> {
        let y = self.conv.forward(self.norm.forward(x));
        match self.layer.activation {
            Activation::Identity => y,
            Activation::Selu => activation::selu(y),
            Activation::Relu => activation::relu(y),
        }
    }
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
