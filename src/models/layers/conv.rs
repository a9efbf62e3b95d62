//! Convolutions with normalization and activation.
//!
//! The parameters live in burn's own modules, so that weight files keep the usual names and layouts:
//! `NAME.norm.gamma`, `NAME.conv.weight`, and so on.

use burn::module::Module;
use burn::nn::conv::{Conv2d, ConvTranspose2d};
use burn::nn::{BatchNorm, PRelu};
use burn::tensor::Tensor;

use super::infer::{Kernel, PackedCache};
use super::{ConvConfig, NormPlace, PooledRows, infer, on_cpu, train};

/// A convolution; see [`ConvConfig`].
#[derive(Module, Debug)]
pub struct Conv {
    /// Over the channels of the input or of the convolution's output.
    pub norm: Option<BatchNorm>,
    /// Weight `[output, input / groups, height, width]` and bias.
    pub conv: Conv2d,
    /// Learned activation, `[output]` slopes.
    pub prelu: Option<PRelu>,
    #[module(skip)]
    config: ConvConfig,
    #[module(skip)]
    packed: PackedCache,
}

/// A transposed convolution; see [`ConvConfig`].
#[derive(Module, Debug)]
pub struct ConvTranspose {
    /// Over the channels of the input or of the convolution's output.
    pub norm: Option<BatchNorm>,
    /// Weight `[input, output / groups, height, width]` and bias.
    pub conv: ConvTranspose2d,
    /// Learned activation, `[output]` slopes.
    pub prelu: Option<PRelu>,
    #[module(skip)]
    config: ConvConfig,
    #[module(skip)]
    output_padding: [usize; 2],
}

/// What runs a layer.
enum Executor {
    /// burn's operations one by one.
    Composed,
    /// The processor's kernels, for results alone.
    Infer,
    /// The processor's kernels, with gradients.
    Train,
}

impl Executor {
    fn of(x: &Tensor<4>, config: &ConvConfig) -> Self {
        let device = x.device();
        if config.groups > 1 || !on_cpu(&device) {
            Self::Composed
        } else if device.is_autodiff() {
            Self::Train
        } else {
            Self::Infer
        }
    }
}

impl Conv {
    pub(super) fn new(
        config: ConvConfig,
        norm: Option<BatchNorm>,
        conv: Conv2d,
        prelu: Option<PRelu>,
    ) -> Self {
        Self {
            norm,
            conv,
            prelu,
            config,
            packed: PackedCache::default(),
        }
    }

    /// What it is besides its weights.
    pub fn config(&self) -> &ConvConfig {
        &self.config
    }

    /// `[batch, input, height, width]` → `[batch, output, out_height, out_width]`.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let kernel = self.kernel();
        let y = match Executor::of(&x, &self.config) {
            Executor::Composed => self.composed(x),
            Executor::Infer => self.packed.get(&kernel).run(x),
            Executor::Train => {
                train::layer(x, train::ConvGeometry::new(&self.config, None), &kernel)
            }
        };
        kernel.learned_activation(y)
    }

    /// The layer, then the maxima of each `size` rows, and where they came from.
    pub fn forward_pooled(&self, x: Tensor<4>, size: usize) -> PooledRows {
        match Executor::of(&x, &self.config) {
            Executor::Infer if !self.config.prelu => {
                self.packed.get(&self.kernel()).run_pooled(x, size)
            }
            _ => PooledRows::new(self.forward(x), size),
        }
    }

    /// The layer on `x` unpooled: each value where its maximum in `like` came from, zeros elsewhere.
    ///
    /// `x` is laid as `like`'s values; the layer sees as many rows as were pooled.
    pub fn forward_unpooled(&self, x: Tensor<4>, like: &PooledRows) -> Tensor<4> {
        match like.rows() {
            Some(places) if matches!(Executor::of(&x, &self.config), Executor::Infer) => {
                let kernel = self.kernel();
                let y = self.packed.get(&kernel);
                kernel.learned_activation(y.run_unpooled(x, places, like.size()))
            }
            _ => self.forward(like.unpool(x)),
        }
    }

    fn composed(&self, x: Tensor<4>) -> Tensor<4> {
        self.kernel().composed(x, |x| self.conv.forward(x))
    }

    fn kernel(&self) -> Kernel<'_> {
        let parameters = (&self.conv.weight, &self.conv.bias);
        Kernel::new(&self.config, &self.norm, parameters, &self.prelu)
    }
}

impl ConvTranspose {
    pub(super) fn new(
        config: ConvConfig,
        output_padding: [usize; 2],
        norm: Option<BatchNorm>,
        conv: ConvTranspose2d,
        prelu: Option<PRelu>,
    ) -> Self {
        Self {
            norm,
            conv,
            prelu,
            config,
            output_padding,
        }
    }

    /// `[batch, input, height, width]` → `[batch, output, out_height, out_width]`.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let options = train::ConvGeometry::new(&self.config, Some(self.output_padding));
        let kernel = self.kernel();
        let y = match Executor::of(&x, &self.config) {
            Executor::Composed => self.composed(x),
            Executor::Infer => infer::transposed(x, options, &kernel),
            Executor::Train => train::layer(x, options, &kernel),
        };
        kernel.learned_activation(y)
    }

    fn composed(&self, x: Tensor<4>) -> Tensor<4> {
        self.kernel().composed(x, |x| self.conv.forward(x))
    }

    fn kernel(&self) -> Kernel<'_> {
        let parameters = (&self.conv.weight, &self.conv.bias);
        Kernel::new(&self.config, &self.norm, parameters, &self.prelu)
    }
}

impl Kernel<'_> {
    /// Normalization, convolution and activation by burn's operations.
    fn composed(&self, x: Tensor<4>, conv: impl Fn(Tensor<4>) -> Tensor<4>) -> Tensor<4> {
        let y = match (self.norm, self.config.norm) {
            (Some(norm), NormPlace::Before) => conv(norm.forward(x)),
            (Some(norm), NormPlace::After) => norm.forward(conv(x)),
            _ => conv(x),
        };
        self.config.activate(y)
    }

    fn learned_activation(&self, y: Tensor<4>) -> Tensor<4> {
        match self.prelu {
            Some(prelu) => prelu.forward(y),
            None => y,
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::module::Param;
    use burn::tensor::{Device, Distribution};

    use super::super::{Activation, pool};
    use super::*;

    fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        tensor.into_data().try_to_vec().unwrap()
    }

    fn assert_close(found: &[f32], expected: &[f32]) {
        assert_eq!(found.len(), expected.len());
        let scale = expected.iter().fold(1.0f32, |a, b| a.max(b.abs()));
        for (found, expected) in found.iter().zip(expected) {
            let difference = (found - expected).abs();
            assert!(difference < 2e-5 * scale, "{found} for {expected}");
        }
    }

    /// Layers of every kind: place of the norm, stride, dilation, activation, batch of two.
    fn configs() -> Vec<ConvConfig> {
        let base = ConvConfig::new([3, 5], [5, 3]).padding([2, 1]);
        vec![
            base.dilation([1, 2])
                .stride([2, 2])
                .norm(NormPlace::Before)
                .activation(Activation::Selu),
            base.norm(NormPlace::After).activation(Activation::Relu),
            base.activation(Activation::LeakyRelu(0.2)),
            base.norm(NormPlace::After).activation(Activation::Sigmoid),
            base.norm(NormPlace::Before).prelu(),
            ConvConfig::new([3, 16], [4, 1]).stride([4, 1]),
        ]
    }

    fn input(device: &Device) -> Tensor<4> {
        Tensor::random([2, 3, 12, 11], Distribution::Normal(0.5, 2.0), device)
    }

    /// Outputs, and gradients by input, weight and gamma.
    fn with_gradients(
        forward: &dyn Fn(Tensor<4>) -> Tensor<4>,
        x: &Tensor<4>,
        parameters: (&Param<Tensor<4>>, &Option<BatchNorm>),
    ) -> Vec<Vec<f32>> {
        let y = forward(x.clone());
        let (len, dims) = (y.shape().num_elements(), y.dims());
        let slope: Vec<f32> = (0..len).map(|i| (i as f32 * 0.7).sin()).collect();
        let slope = Tensor::<1>::from_floats(&slope[..], &x.device()).reshape(dims);
        let gradients = (y.clone() * slope).sum().backward();
        let (weight, norm) = parameters;
        let mut found = vec![
            values(y.inner()),
            values(x.grad(&gradients).unwrap()),
            values(weight.val().grad(&gradients).unwrap()),
        ];
        if let Some(norm) = norm {
            found.push(values(norm.gamma.val().grad(&gradients).unwrap()));
        }
        found
    }

    fn assert_alike(
        kernels: &dyn Fn(Tensor<4>) -> Tensor<4>,
        composed: &dyn Fn(Tensor<4>) -> Tensor<4>,
        x: &Tensor<4>,
        parameters: (&Param<Tensor<4>>, &Option<BatchNorm>),
    ) {
        let found = with_gradients(kernels, x, parameters);
        let expected = with_gradients(composed, x, parameters);
        for (found, expected) in found.iter().zip(&expected) {
            assert_close(found, expected);
        }
    }

    #[test]
    fn training_is_the_layer_composed_of_burns_operations() {
        let device = Device::flex().autodiff();
        let x = input(&device).require_grad();
        for config in configs() {
            let layer = config.init(&device);
            let parameters = (&layer.conv.weight, &layer.norm);
            let composed = |x| layer.kernel().learned_activation(layer.composed(x));
            assert_alike(&|x| layer.forward(x), &composed, &x, parameters);
        }
    }

    #[test]
    fn transposed_training_is_the_layer_composed_of_burns_operations() {
        let device = Device::flex().autodiff();
        let x = input(&device).require_grad();
        for config in &configs()[..4] {
            let padding = config.stride.map(|stride| stride - 1);
            let layer = config.init_transposed(padding, &device);
            let parameters = (&layer.conv.weight, &layer.norm);
            assert_alike(
                &|x| layer.forward(x),
                &|x| layer.composed(x),
                &x,
                parameters,
            );
        }
    }

    #[test]
    fn inference_is_the_layer_composed_of_burns_operations() {
        let device = Device::flex();
        let x = input(&device);
        for config in configs() {
            let layer = config.init(&device);
            let composed = values(layer.kernel().learned_activation(layer.composed(x.clone())));
            assert_close(&values(layer.forward(x.clone())), &composed);
            let padding = config.stride.map(|stride| stride - 1);
            let layer = config.init_transposed(padding, &device);
            if !config.prelu {
                let composed = values(layer.composed(x.clone()));
                assert_close(&values(layer.forward(x.clone())), &composed);
            }
        }
    }

    #[test]
    fn groups_and_depthwise_layers_run() {
        let device = Device::flex().autodiff();
        let x: Tensor<4> = Tensor::random([1, 4, 6, 5], Distribution::Default, &device);
        for groups in [2, 4] {
            let config = ConvConfig::new([4, 4], [3, 3]).same().groups(groups);
            let layer = config.norm(NormPlace::Before).init(&device);
            assert_eq!(layer.conv.weight.dims(), [4, 4 / groups, 3, 3]);
            assert_eq!(layer.forward(x.clone()).dims(), [1, 4, 6, 5]);
        }
    }

    #[test]
    fn weights_packed_before_a_change_are_not_used_after_it() {
        let device = Device::flex();
        let x = input(&device);
        let mut layer = ConvConfig::new([3, 4], [3, 3]).same().init(&device);
        let before = values(layer.forward(x.clone()));
        layer.conv.weight = layer.conv.weight.map(|weight| weight * 2.0);
        layer.conv.bias = layer.conv.bias.map(|bias| bias.map(|bias| bias * 2.0));
        let after = values(layer.forward(x));
        let doubled: Vec<f32> = before.iter().map(|value| 2.0 * value).collect();
        assert_close(&after, &doubled);
    }

    #[test]
    fn pooling_inside_a_layer_is_pooling_after_it() {
        for device in [Device::flex(), Device::flex().autodiff()] {
            let x = input(&device);
            let up = ConvConfig::new([5, 2], [3, 3]).same().init(&device);
            for config in configs().into_iter().filter(|c| c.stride == [1, 1]) {
                let layer = config.init(&device);
                let full = layer.forward(x.clone());
                let pooled = layer.forward_pooled(x.clone(), 4);
                let expected = pool::max_pool(full.clone(), [4, 1]);
                assert_close(&values(pooled.values()), &values(expected.clone()));
                let unpooled = PooledRows::new(full, 4).unpool(expected.clone());
                let found = up.forward_unpooled(expected, &pooled);
                assert_close(&values(found), &values(up.forward(unpooled)));
            }
        }
    }
}
