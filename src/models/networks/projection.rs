//! The projections of HKDSME: in training, layers within MSNet are made to say what its output says.
//!
//! Each takes what a layer computed to four maps over all rows. They are dropped when the network is kept.

use burn::module::Module;
use burn::nn::{Dropout, DropoutConfig, Linear, LinearConfig};
use burn::tensor::{Device, Tensor, activation};

use crate::models::layers::{Activation, Conv, ConvConfig};

/// Maps of each.
const MAPS: usize = 4;

/// Rows of the output without that of no melody.
const ROWS: usize = 320;

/// Hidden rows of the projection of the fewest rows, and what is dropped of them in training.
const HIDDEN: usize = 128;
const DROPPED: f64 = 0.2;

/// Channels and rows of the layers: two of the encoder, one of the decoder.
const LAYERS: [[usize; 2]; 3] = [[32, 320], [64, 80], [64, 20]];

/// The three projections.
#[derive(Module, Debug)]
pub struct Projections {
    projections: Vec<LayerProjection>,
}

impl Projections {
    /// With convolutions of `kernel` rows and columns, an odd number.
    pub fn new(kernel: usize, device: &Device) -> Self {
        let projection = |layer| LayerProjection::new(layer, kernel, device);
        Self {
            projections: LAYERS.map(projection).into(),
        }
    }

    /// Scores of each layer, `[batch, 4, 321, frames]`; row 0 is the network's own `none`.
    pub fn forward(&self, layers: [Tensor<4>; 3], none: &Tensor<4>) -> Vec<Tensor<4>> {
        let layers = self.projections.iter().zip(layers);
        layers
            .map(|(projection, x)| Tensor::cat(vec![none.clone(), projection.forward(x)], 2))
            .collect()
    }
}

#[derive(Module, Debug)]
struct LayerProjection {
    conv: Conv,
    rows: Linear,
    further: Option<Linear>,
    dropout: Dropout,
}

impl LayerProjection {
    fn new([channels, rows]: [usize; 2], kernel: usize, device: &Device) -> Self {
        let conv = ConvConfig::new([channels, MAPS], [kernel, kernel])
            .same()
            .activation(Activation::Selu);
        let linear = |from, to| LinearConfig::new(from, to).init(device);
        let is_narrow = rows < 80;
        Self {
            conv: conv.init(device),
            rows: linear(rows, if is_narrow { HIDDEN } else { ROWS }),
            further: is_narrow.then(|| linear(HIDDEN, ROWS)),
            dropout: DropoutConfig::new(DROPPED).init(),
        }
    }

    /// `[batch, channels, rows, frames]` → `[batch, 4, 320, frames]`.
    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let x = self.conv.forward(x).swap_dims(2, 3); // [batch, 4, frames, rows]
        let mut x = self.rows.forward(x);
        if let Some(further) = &self.further {
            x = further.forward(activation::relu(self.dropout.forward(x)));
        }
        x.swap_dims(2, 3)
    }
}
