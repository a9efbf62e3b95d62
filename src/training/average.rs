//! The moving average of a network's weights (Polyak & Juditsky 1992).
//!
//! A gradient step of a small batch moves weights about the place where they
//! belong; their average lies nearer to it. It is what is validated and kept.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Tensor, TensorData};

/// Share of the old average once the run is under way: a horizon of 500 steps.
const DECAY: f64 = 0.998;

/// A network without gradients, averaged over steps.
pub struct Average<N> {
    net: N,
}

impl<N: Module> Average<N> {
    /// Begins with a network as it is; `net` must not carry gradients.
    pub fn new(net: N) -> Self {
        Self { net }
    }

    /// The average.
    pub fn net(&self) -> &N {
        &self.net
    }

    /// Takes in `net` after step `step`, counted from 1; early steps count for more.
    pub fn update(self, net: &N, step: usize) -> Self {
        let early = step as f64 / (step as f64 + 10.0);
        let mut values = Values(Vec::new());
        net.visit(&mut values);
        let mut blend = Blend {
            decay: DECAY.min(early),
            values: values.0.into_iter(),
        };
        Self {
            net: self.net.map(&mut blend),
        }
    }
}

/// Values of every parameter, in the module's order.
struct Values(Vec<TensorData>);

impl ModuleVisitor for Values {
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
    fn the_average_follows_with_its_decay() {
        let device = Device::flex();
        let mut average = Average::new(constant(0.0, &device));
        let one = constant(1.0, &device);
        let mut expected = 0.0;
        for step in 1..=3 {
            average = average.update(&one, step);
            let decay = step as f32 / (step as f32 + 10.0);
            expected = decay * expected + (1.0 - decay);
        }
        let mut values = Values(Vec::new());
        average.net().visit(&mut values);
        assert_eq!(values.0.len(), 2);
        for data in values.0 {
            for value in data.try_to_vec::<f32>().unwrap() {
                assert!((value - expected).abs() < 1e-6, "{value} is not {expected}");
            }
        }
    }
}
