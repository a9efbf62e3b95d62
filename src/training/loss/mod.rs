//! Losses with their gradients, over plain slices.
//!
//! A loss takes a network's output to values and to the gradient by that output; as a
//! tensor ([`Loss::into_term`]) it takes its place among tensors. So every network, on every
//! device, shares these few loops, which are faster than operations on tensors one by one.
//!
//! - [`binary`]: dominant classes against the rest.
//! - [`distillation`]: what a frozen teacher adds.
//! - [`dynamic_weights`]: what MAJL's weights of frames are to be.
//! - [`focal`]: cross-entropy of pixels, those that are hard to tell weighing more.
//! - [`rows`]: cross-entropy over pitch classes, with hard or soft targets.
//! - [`harmonic`]: harmonic supervision, over four maps.
//! - [`separation`]: absolute error of a separated voice's samples.
//! - [`voicing`]: binary cross-entropy of a voice.

pub mod binary;
pub mod distillation;
pub mod dynamic_weights;
pub mod focal;
pub mod harmonic;
pub mod rows;
pub mod separation;
pub mod voicing;

use burn::tensor::{Tensor, TensorData};

/// Values, each named, and the gradient of their sum by the network's output, laid like the output.
#[derive(Clone, Debug, PartialEq)]
pub struct Loss {
    /// Means over what counts; their sum is the loss.
    pub parts: Vec<(&'static str, f32)>,
    /// Gradient by each output.
    pub gradient: Vec<f32>,
}

impl Loss {
    /// The sum of the parts.
    pub fn value(&self) -> f32 {
        self.parts.iter().map(|(_, value)| value).sum()
    }

    /// The loss of an output as a tensor with that value and that gradient.
    pub fn into_term(self, output: Tensor<4>) -> Term {
        let value = self.value();
        let gradient = TensorData::new(self.gradient, output.dims());
        let gradient = Tensor::from_data(gradient, &output.device());
        // The product's gradient by the output is the loss's gradient; its value does not count.
        let product = (output * gradient).sum();
        Term {
            loss: product.clone() - product.detach() + value,
            parts: self.parts,
            certainty: None,
        }
    }
}

/// A loss among tensors.
pub struct Term {
    /// Its value, with the graph that gradients go back through.
    pub loss: Tensor<1>,
    /// What it is made of, for the log.
    pub parts: Vec<(&'static str, f32)>,
    /// How sure the teacher is of unlabeled frames, if it was asked: the mean of their best classes.
    pub certainty: Option<f32>,
}

impl Term {
    /// Both together.
    pub fn plus(self, other: Self) -> Self {
        Self {
            loss: self.loss + other.loss,
            parts: [self.parts, other.parts].concat(),
            certainty: self.certainty.or(other.certainty),
        }
    }

    /// So many times as much; the parts stay as they are.
    pub fn times(self, factor: f64) -> Self {
        let loss = self.loss * factor;
        Self { loss, ..self }
    }
}

/// Values of a tensor in its own order.
pub fn values(tensor: &Tensor<4>) -> Vec<f32> {
    tensor.to_data().try_to_vec().expect("outputs are f32")
}

#[cfg(test)]
pub(super) mod tests {
    use burn::tensor::Device;

    use super::*;

    /// Values without order.
    pub fn noise(len: usize) -> Vec<f32> {
        (0..len)
            .map(|i| ((i * 7919 % 1000) as f32 / 250.0) - 2.0)
            .collect()
    }

    /// Compares a gradient with the slopes of its loss.
    pub fn assert_slopes(x: &[f32], gradient: &[f32], loss: impl Fn(&[f32]) -> f32) {
        for at in (0..x.len()).step_by(x.len() / 40 + 1) {
            let at_step = |step: f32| {
                let mut moved = x.to_vec();
                moved[at] += step;
                f64::from(loss(&moved))
            };
            let slope = (at_step(0.05) - at_step(-0.05)) / 0.1;
            assert!(
                (slope - f64::from(gradient[at])).abs() < 2e-4,
                "{at}: {slope} {}",
                gradient[at]
            );
        }
    }

    #[test]
    fn a_loss_is_a_tensor_of_its_value_and_gradient() {
        let device = Device::flex().autodiff();
        let input = TensorData::new(vec![3.0f32, -1.0], [1, 1, 1, 2]);
        let x = Tensor::<4>::from_data(input, &device).require_grad();
        let loss = Loss {
            parts: vec![("a", 0.5), ("b", 0.25)],
            gradient: vec![2.0, -4.0],
        };
        // Behind the loss a factor, before it another.
        let tensor = loss.into_term(x.clone() * 3.0).loss * 2.0;
        let value: Vec<f32> = tensor.to_data().try_to_vec().unwrap();
        assert_eq!(value, [1.5]);
        let gradient = x.grad(&tensor.backward()).unwrap();
        let gradient: Vec<f32> = gradient.into_data().try_to_vec().unwrap();
        assert_eq!(gradient, [12.0, -24.0]);
    }
}
