//! The dynamic weight module of MAJL: how much a frame counts for separation and for pitch.
//!
//! It sees three maps of pitch over time: of the separated voice, of the label, and of the voice itself.
//! A weight of 1 is neutral; the paper's sigmoid cannot exceed it, though hard samples are to count
//! for more, so that here a weight is twice a sigmoid, 0 to 2.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use crate::models::layers::{Activation, Conv, ConvConfig};

/// Maps that it sees.
const MAPS: usize = 3;

/// Channels of the convolutions.
const CHANNELS: [usize; 2] = [8, 16];

/// Cells that the pitch classes are pooled to.
const CELLS: usize = 8;

/// Values between the dense layers.
const HIDDEN: usize = 64;

/// The module.
#[derive(Module, Debug)]
pub struct DynamicWeights {
    near: Conv,
    far: Conv,
    hidden: Conv,
    out: Conv,
}

impl DynamicWeights {
    /// Random weights.
    pub fn new(device: &Device) -> Self {
        let conv = |channels| {
            ConvConfig::new(channels, [3, 3])
                .stride([2, 1])
                .padding([1, 1])
                .activation(Activation::Relu)
                .init(device)
        };
        let dense = |channels| ConvConfig::new(channels, [1, 1]);
        Self {
            near: conv([MAPS, CHANNELS[0]]),
            far: conv(CHANNELS),
            hidden: dense([CHANNELS[1] * CELLS, HIDDEN])
                .activation(Activation::Relu)
                .init(device),
            out: dense([HIDDEN, 2])
                .activation(Activation::Sigmoid)
                .init(device),
        }
    }

    /// `[batch, 3, classes, frames]` → weights of separation and pitch, `[batch, 2, 1, frames]`.
    ///
    /// No gradient flows back into the maps.
    pub fn forward(&self, maps: Tensor<4>) -> Tensor<4> {
        let x = self.far.forward(self.near.forward(maps.detach())); // [batch, 16, classes / 4, frames]
        let [batch, channels, _, frames] = x.dims();
        let cells = mean_cells(x).reshape([batch, channels * CELLS, 1, frames]);
        self.out.forward(self.hidden.forward(cells)) * 2.0
    }
}

/// Rows in eight parts as even as can be, which may share a row, and their means.
fn mean_cells(x: Tensor<4>) -> Tensor<4> {
    let rows = x.dims()[2];
    let cell = |i: usize| {
        let (first, end) = (i * rows / CELLS, ((i + 1) * rows).div_ceil(CELLS));
        x.clone().narrow(2, first, end - first).mean_dim(2)
    };
    Tensor::cat((0..CELLS).map(cell).collect(), 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_of_every_frame_lie_within_0_and_2() {
        let device = Device::flex();
        for classes in [360, 352] {
            let weights =
                DynamicWeights::new(&device).forward(Tensor::ones([2, 3, classes, 5], &device));
            assert_eq!(weights.dims(), [2, 2, 1, 5]);
            let values: Vec<f32> = weights.into_data().try_to_vec().unwrap();
            assert!(values.iter().all(|weight| (0.0..=2.0).contains(weight)));
        }
    }

    #[test]
    fn cells_are_those_of_adaptive_pooling() {
        let x = Tensor::<1>::from_floats(
            [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0],
            &Device::flex(),
        );
        let cells = mean_cells(x.reshape([1, 1, 10, 1]));
        let values: Vec<f32> = cells.into_data().try_to_vec().unwrap();
        assert_eq!(values, [1.5, 2.5, 3.5, 4.5, 6.5, 7.5, 8.5, 9.5]);
    }
}
