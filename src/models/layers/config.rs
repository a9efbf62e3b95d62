//! What a convolution is besides its weights.

use burn::nn::conv::{Conv2dConfig, ConvTranspose2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, PReluConfig, PaddingConfig2d};
use burn::tensor::{Device, Tensor, activation};

use super::{Activation, Conv, ConvTranspose};

/// Where a layer normalizes its channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NormPlace {
    /// Its input (MSNet, FTANet).
    Before,
    /// The convolution's output, ahead of the activation (U-Net, CREPE).
    After,
    /// Nowhere.
    Nowhere,
}

/// A convolution with normalization and activation, in the order of [`NormPlace`].
///
/// Built up from a plain convolution:
///
/// ```
/// use melograph::models::layers::{Activation, ConvConfig, NormPlace};
///
/// let layer = ConvConfig::new([3, 32], [5, 5])
///     .same()
///     .norm(NormPlace::Before)
///     .activation(Activation::Selu);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConvConfig {
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
    /// Groups of channels that do not see each other; as many as channels: depthwise.
    pub groups: usize,
    /// Where channels are normalized.
    pub norm: NormPlace,
    /// Added to the variance by the normalization.
    pub epsilon: f64,
    /// Applied to the output.
    pub activation: Activation,
    /// Whether a PReLU with one learned slope a channel follows.
    pub prelu: bool,
}

impl ConvConfig {
    /// A convolution of `[input, output]` channels alone: no padding, normalization or activation.
    pub fn new(channels: [usize; 2], kernel: [usize; 2]) -> Self {
        Self {
            channels,
            kernel,
            padding: [0, 0],
            dilation: [1, 1],
            stride: [1, 1],
            groups: 1,
            norm: NormPlace::Nowhere,
            epsilon: 1e-5,
            activation: Activation::Identity,
            prelu: false,
        }
    }

    /// Distance of taps; before [`Self::same`].
    pub fn dilation(self, dilation: [usize; 2]) -> Self {
        Self { dilation, ..self }
    }

    /// Distance of the inputs that neighboring outputs read.
    pub fn stride(self, stride: [usize; 2]) -> Self {
        Self { stride, ..self }
    }

    /// Zeros on each side.
    pub fn padding(self, padding: [usize; 2]) -> Self {
        Self { padding, ..self }
    }

    /// As many zeros as keep the size, for odd kernels without stride.
    pub fn same(self) -> Self {
        let zeros = |axis: usize| self.dilation[axis] * (self.kernel[axis] - 1) / 2;
        let padding = [zeros(0), zeros(1)];
        Self { padding, ..self }
    }

    /// Groups of channels that do not see each other.
    pub fn groups(self, groups: usize) -> Self {
        Self { groups, ..self }
    }

    /// Where channels are normalized.
    pub fn norm(self, norm: NormPlace) -> Self {
        Self { norm, ..self }
    }

    /// What the normalization adds to the variance.
    pub fn epsilon(self, epsilon: f64) -> Self {
        Self { epsilon, ..self }
    }

    /// Applied to the output.
    pub fn activation(self, activation: Activation) -> Self {
        Self { activation, ..self }
    }

    /// Ends with a PReLU, whose slopes are learned.
    pub fn prelu(self) -> Self {
        let prelu = true;
        Self { prelu, ..self }
    }

    /// A layer with random weights.
    pub fn init(&self, device: &Device) -> Conv {
        let [height, width] = self.padding;
        let conv = Conv2dConfig::new(self.channels, self.kernel)
            .with_dilation(self.dilation)
            .with_stride(self.stride)
            .with_groups(self.groups)
            .with_padding(PaddingConfig2d::Explicit(height, width, height, width))
            .init(device);
        Conv::new(*self, self.init_norm(device), conv, self.init_prelu(device))
    }

    /// A transposed layer with random weights; `output_padding` rows and columns,
    /// fewer than the stride, are added at its output's end.
    pub fn init_transposed(&self, output_padding: [usize; 2], device: &Device) -> ConvTranspose {
        let conv = ConvTranspose2dConfig::new(self.channels, self.kernel)
            .with_dilation(self.dilation)
            .with_stride(self.stride)
            .with_groups(self.groups)
            .with_padding(self.padding)
            .with_padding_out(output_padding)
            .init(device);
        let (norm, prelu) = (self.init_norm(device), self.init_prelu(device));
        ConvTranspose::new(*self, output_padding, norm, conv, prelu)
    }

    fn init_norm(&self, device: &Device) -> Option<BatchNorm> {
        let [input, output] = self.channels;
        let channels = match self.norm {
            NormPlace::Before => input,
            NormPlace::After => output,
            NormPlace::Nowhere => return None,
        };
        let config = BatchNormConfig::new(channels).with_epsilon(self.epsilon);
        Some(config.init(device))
    }

    fn init_prelu(&self, device: &Device) -> Option<burn::nn::PRelu> {
        let config = PReluConfig::new().with_num_parameters(self.channels[1]);
        self.prelu.then(|| config.init(device))
    }

    /// Applies the activation by burn's operations.
    pub(super) fn activate(&self, x: Tensor<4>) -> Tensor<4> {
        match self.activation {
            Activation::Identity => x,
            Activation::Selu => activation::selu(x),
            Activation::Relu => activation::relu(x),
            Activation::LeakyRelu(slope) => activation::leaky_relu(x, slope.into()),
            Activation::Sigmoid => activation::sigmoid(x),
        }
    }
}
