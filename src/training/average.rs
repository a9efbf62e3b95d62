//! The moving average of a network's weights (Polyak & Juditsky 1992).
//!
//! A gradient step of a small batch moves weights about the place where they
//! belong; their average lies nearer to it. It is what is validated and kept, and
//! what teaches on unlabeled examples.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Tensor, TensorData};

use crate::models::AnyNetwork;

/// A network without gradients, averaged over steps.
pub struct AverageWeights {
    net: AnyNetwork,
    decay: f64,
}

impl AverageWeights {
    /// Begins with a network as it is, which must not carry gradients; a step leaves `decay` of
    /// the old average.
    pub fn new(net: AnyNetwork, decay: f64) -> Self {
        Self { net, decay }
    }

    /// The average.
    pub fn net(&self) -> &AnyNetwork {
        &self.net
    }

    /// Takes in `net` after step `step`, counted from 1; early steps count for more.
    pub fn update(&mut self, net: &AnyNetwork, step: usize) {
        let early = step as f64 / (step as f64 + 10.0);
        self.net = blend(self.net.clone(), net, self.decay.min(early));
    }

    /// The average with `share` of another network's weights in place of its own.
    pub fn with_share_of(&self, other: &AnyNetwork, share: f64) -> AnyNetwork {
        blend(self.net.clone(), other, 1.0 - share)
    }

    /// The same with another network in its place.
    pub fn with_net(self, net: AnyNetwork) -> Self {
        Self { net, ..self }
    }
}

/// `decay` of each of `average`'s values, and the rest of `net`'s.
fn blend<M: Module>(average: M, net: &M, decay: f64) -> M {
    let mut values = ParameterValues(Vec::new());
    net.visit(&mut values);
    average.map(&mut Blend {
        decay,
        values: values.0.into_iter(),
    })
}

/// The values of every parameter, in the module's order.
struct ParameterValues(Vec<TensorData>);

impl ModuleVisitor for ParameterValues {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.0.push(param.val().into_data());
    }
}

struct Blend {
    decay: f64,
    values: std::vec::IntoIter<TensorData>,
}

impl ModuleMapper for Blend {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let value = self.values.next().expect("both are the same network");
        let decay = self.decay;
        param.map(|average| {
            let value = Tensor::from_data(value, &average.device());
            average * decay + value * (1.0 - decay)
        })
    }
}

#[cfg(test)]
mod tests {
    use burn::nn::{Linear, LinearConfig};
    use burn::tensor::Device;

    use super::*;

    fn constant(value: f32, device: &Device) -> Linear {
        struct Fill(f32);
        impl ModuleMapper for Fill {
            fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
                param.map(|x| x.full_like(self.0))
            }
        }
        LinearConfig::new(2, 3).init(device).map(&mut Fill(value))
    }

    #[test]
    fn values_are_blended_by_the_decay() {
        let device = Device::flex();
        let blended = blend(constant(2.0, &device), &constant(1.0, &device), 0.75);
        let mut values = ParameterValues(Vec::new());
        blended.visit(&mut values);
        assert_eq!(values.0.len(), 2);
        for data in values.0 {
            let values = data.try_to_vec::<f32>().unwrap();
            assert!(values.iter().all(|&value| value == 1.75), "{values:?}");
        }
    }
}
