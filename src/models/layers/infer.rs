//! Layers without gradients, on the processor's kernels.
//!
//! Weights are packed once, with the normalization folded into them, and kept as long as the
//! parameters are the tensors they were packed from.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;
use burn::module::Param;
use burn::nn::{BatchNorm, PRelu};
use burn::tensor::{Int, Tensor, TensorData};

use super::train::{self, ConvGeometry};
use super::{ConvConfig, NormPlace, PooledRows};
use crate::kernels::{self, ConvInput, ConvShape, Norm, PackedConv};

/// A layer's parameters.
pub(super) struct Kernel<'a> {
    pub config: &'a ConvConfig,
    pub norm: Option<&'a BatchNorm>,
    pub weight: &'a Param<Tensor<4>>,
    pub bias: &'a Param<Tensor<1>>,
    /// Slopes of the learned activation, which follows what this kernel runs.
    pub prelu: Option<&'a PRelu>,
}

/// A tensor whose values lie in order.
#[derive(Clone, Debug)]
pub(super) struct Values(FlexTensor);

impl Values {
    pub fn of<const D: usize>(tensor: Tensor<D>) -> Self {
        let tensor = tensor.try_into_primitive::<Flex>();
        Self::contiguous(tensor.expect("tensors of a processor's layer lie there"))
    }

    pub fn contiguous(tensor: FlexTensor) -> Self {
        Self(tensor.to_contiguous())
    }

    pub fn slice(&self) -> &[f32] {
        let layout = self.0.layout();
        &self.0.storage::<f32>()[layout.start_offset()..][..layout.num_elements()]
    }

    pub fn dims<const D: usize>(&self) -> [usize; D] {
        self.0.layout().shape().dims()
    }

    fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0.data_arc(), &other.0.data_arc())
    }
}

/// Values that an operation made, as a tensor.
pub(super) fn tensor<const D: usize>(values: Vec<f32>, dims: [usize; D]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, dims))
}

impl<'a> Kernel<'a> {
    /// The parameters of a layer, whose weight has a bias.
    pub fn new(
        config: &'a ConvConfig,
        norm: &'a Option<BatchNorm>,
        (weight, bias): (&'a Param<Tensor<4>>, &'a Option<Param<Tensor<1>>>),
        prelu: &'a Option<PRelu>,
    ) -> Self {
        Self {
            config,
            norm: norm.as_ref(),
            weight,
            bias: bias.as_ref().expect("layers have a bias"),
            prelu: prelu.as_ref(),
        }
    }
}

impl Kernel<'_> {
    /// Weight, bias, and gamma, beta, mean and variance of the normalization.
    fn parameters(&self) -> Vec<Values> {
        let mut all = vec![Values::of(self.weight.val()), Values::of(self.bias.val())];
        if let Some(norm) = self.norm {
            let learned = [norm.gamma.val(), norm.beta.val()];
            let measured = [norm.running_mean.value(), norm.running_var.value()];
            all.extend(learned.into_iter().chain(measured).map(Values::of));
        }
        all
    }

    /// The normalization by its running statistics.
    pub fn running_norm(&self) -> Option<Norm> {
        let norm = self.norm?;
        let [mean, variance] =
            [&norm.running_mean, &norm.running_var].map(|s| Values::of(s.value()));
        let [gamma, beta] = [&norm.gamma, &norm.beta].map(|p| Values::of(p.val()));
        Some(Norm::new(
            mean.slice(),
            variance.slice(),
            gamma.slice(),
            beta.slice(),
            norm.epsilon as f32,
        ))
    }

    /// Weight and bias with a normalization of the output folded into them.
    pub fn folded(&self, per_output: usize) -> (Vec<f32>, Vec<f32>) {
        let mut weight = Values::of(self.weight.val()).slice().to_vec();
        let mut bias = Values::of(self.bias.val()).slice().to_vec();
        if self.config.norm == NormPlace::After
            && let Some(norm) = self.running_norm()
        {
            for (o, weight) in weight.chunks_exact_mut(per_output).enumerate() {
                weight.iter_mut().for_each(|w| *w *= norm.scale[o]);
            }
            for (o, bias) in bias.iter_mut().enumerate() {
                *bias = (*bias - norm.mean[o]) * norm.scale[o] + norm.shift[o];
            }
        }
        (weight, bias)
    }

    fn pack(&self) -> PackedConv {
        let [cout, cin, height, width] = self.weight.val().dims();
        let (weight, bias) = self.folded(cin * height * width);
        let norm = match self.config.norm {
            NormPlace::Before => self.running_norm(),
            NormPlace::After | NormPlace::Nowhere => None,
        };
        let shape = ConvShape {
            batch: 1,
            cin,
            cout,
            height: 1,
            width: 1,
            kernel: (height, width),
            padding: self.config.padding.into(),
            dilation: self.config.dilation.into(),
            stride: self.config.stride.into(),
        };
        PackedConv::new(shape, &weight, &bias, norm.as_ref(), self.config.activation)
    }
}

/// A layer's weights as its kernel reads them.
///
/// They follow the parameters: another tensor in a parameter's place is packed anew.
#[derive(Default)]
pub(super) struct PackedCache(Mutex<Option<Packed>>);

/// Packed weights, and the tensors they were packed from.
#[derive(Clone)]
pub(super) struct Packed {
    conv: Arc<PackedConv>,
    parameters: Vec<Values>,
    n_outputs: usize,
}

impl PackedCache {
    pub fn get(&self, kernel: &Kernel) -> Packed {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let parameters = kernel.parameters();
        let same = |packed: &&Packed| {
            let pairs = packed.parameters.iter().zip(&parameters);
            pairs.into_iter().all(|(a, b)| a.is_same(b))
        };
        if let Some(packed) = known.as_ref().filter(same) {
            return packed.clone();
        }
        let packed = Packed {
            conv: Arc::new(kernel.pack()),
            parameters,
            n_outputs: kernel.config.channels[1],
        };
        known.insert(packed).clone()
    }
}

/// A copy packs its own.
impl Clone for PackedCache {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl fmt::Debug for PackedCache {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("PackedCache")
    }
}

impl Packed {
    /// The layer's output.
    pub fn run(&self, x: Tensor<4>) -> Tensor<4> {
        let x = Values::of(x);
        self.convolve(ConvInput::Plain(x.slice()), x.dims())
    }

    /// The layer's output on `x` unpooled from `size` rows a value.
    pub fn run_unpooled(&self, x: Tensor<4>, places: &Tensor<4, Int>, size: usize) -> Tensor<4> {
        let x = Values::of(x);
        let places = places.clone().try_into_primitive::<Flex>();
        let places = places.expect("places lie where their values do");
        let [batch, channels, height, width] = x.dims();
        let input = ConvInput::Unpooled {
            values: x.slice(),
            places: bytemuck::cast_slice(places.storage::<i32>()),
            size,
        };
        self.convolve(input, [batch, channels, height * size, width])
    }

    fn convolve(&self, input: ConvInput, [batch, _, height, width]: [usize; 4]) -> Tensor<4> {
        let (out_height, out_width) = self.conv.out_shape(height, width);
        let dims = [batch, self.n_outputs, out_height, out_width];
        let mut out = vec![0.0; dims.iter().product()];
        self.conv.run(input, batch, height, width, &mut out);
        Tensor::from_primitive::<Flex>(tensor(out, dims))
    }

    /// Maxima of each `size` rows of the layer's output.
    pub fn run_pooled(&self, x: Tensor<4>, size: usize) -> PooledRows {
        let x = Values::of(x);
        let [batch, _, height, width] = x.dims();
        let (out_height, out_width) = self.conv.out_shape(height, width);
        let dims = [batch, self.n_outputs, out_height / size, out_width];
        let mut pooled = kernels::Pooled::default();
        let input = ConvInput::Plain(x.slice());
        self.conv
            .run_pooled(input, batch, height, width, size, &mut pooled);
        let places: Vec<i32> = bytemuck::cast_vec(pooled.places);
        let places = FlexTensor::from_data(TensorData::new(places, dims));
        PooledRows::with_rows(
            Tensor::from_primitive::<Flex>(tensor(pooled.values, dims)),
            Tensor::from_primitive::<Flex>(places),
            size,
        )
    }
}

/// A transposed layer without gradients.
pub(super) fn transposed(x: Tensor<4>, options: ConvGeometry, kernel: &Kernel) -> Tensor<4> {
    let (x, weight, bias) = (
        Values::of(x),
        Values::of(kernel.weight.val()),
        Values::of(kernel.bias.val()),
    );
    let norm = kernel.running_norm();
    let before = norm
        .as_ref()
        .filter(|_| kernel.config.norm == NormPlace::Before);
    let after = norm
        .as_ref()
        .filter(|_| kernel.config.norm == NormPlace::After);
    let activation = match after {
        Some(_) => super::Activation::Identity,
        None => kernel.config.activation,
    };
    let y = train::convolve(
        &x,
        before,
        &weight,
        &bias,
        &ConvGeometry {
            activation,
            ..options
        },
    );
    let y = Tensor::from_primitive::<Flex>(y);
    match (kernel.norm, after) {
        (Some(norm), Some(_)) => kernel.config.activate(norm.forward(y)),
        _ => y,
    }
}
