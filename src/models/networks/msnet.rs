//! MSNet, a streamlined encoder and decoder (Hsieh et al. 2019), with a head of one or four maps.
//!
//! Time is never pooled, so that any number of frames passes; rows are pooled
//! by four three times. The decoder knows of the encoder only the places of
//! the maxima. The four-map head is HKDSME's ("native": the last layers emit
//! melody, harmonic, sub-harmonic and none in place of one map).

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::projection::Projections;
use super::{Network, check_maps, expect};
use crate::dsp::DspError;
use crate::models::Features;
use crate::models::layers::{Activation, Conv, ConvConfig, NormPlace, PooledRows};

/// Feature rows: pooled three times they are what the bottom layer spans.
pub const ROWS: usize = 320;

/// Rows that are pooled into one.
const POOL: usize = 4;

/// Frames on each side that an output frame depends on: two for each of six convolutions.
pub const CONTEXT_FRAMES: usize = 12;

/// MSNet; see the module's documentation.
#[derive(Module, Debug)]
pub struct Msnet {
    conv1: Conv,
    conv2: Conv,
    conv3: Conv,
    bottom: Conv,
    up3: Conv,
    up2: Conv,
    up1: Conv,
    projections: Option<Projections>,
}

/// What may differ between two of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MsnetSettings {
    /// Maps of the head: 1, or 4 with harmonic supervision.
    pub maps: usize,
    /// Rows and columns of the projections' convolutions (1, or 5 as in the published program), if it is
    /// trained with projections.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub projection: Option<usize>,
}

fn conv5x5(input: usize, output: usize) -> ConvConfig {
    ConvConfig::new([input, output], [5, 5])
        .same()
        .norm(NormPlace::Before)
        .activation(Activation::Selu)
}

impl Network for Msnet {
    const TRAINED_ONLY: &'static [&'static str] = &["projection"];

    type Settings = MsnetSettings;

    fn check(settings: &MsnetSettings, features: &Features) -> Result<(), DspError> {
        check_maps(settings.maps)?;
        if let Some(kernel) = settings.projection {
            let fits = matches!(kernel, 1 | 5) && settings.maps == 4;
            let found = format!("{kernel} with {} maps", settings.maps);
            if !fits {
                return Err(DspError::Setting {
                    field: "projection",
                    expected: "1 or 5, with 4 maps".into(),
                    found,
                });
            }
        }
        expect("rows between fmin_hz and fmax_hz", ROWS, features.n_rows())
    }

    fn new(settings: &MsnetSettings, device: &Device) -> Self {
        let maps = settings.maps;
        // The last up-convolution is activated too, as in the published network.
        Self {
            conv1: conv5x5(3, 32).init(device),
            conv2: conv5x5(32, 64).init(device),
            conv3: conv5x5(64, 128).init(device),
            bottom: conv5x5(128, maps).padding([0, 2]).init(device),
            up3: conv5x5(128, 64).init(device),
            up2: conv5x5(64, 32).init(device),
            up1: conv5x5(32, maps).init(device),
            projections: settings
                .projection
                .map(|kernel| Projections::new(kernel, device)),
        }
    }

    /// `[batch, 3, 320, frames]` → raw scores `[batch, maps, 321, frames]`, row 0 "no melody"; behind them
    /// those of the projections, if it has them.
    fn forward(&self, x: Tensor<4>) -> Vec<Tensor<4>> {
        if let Some(projections) = &self.projections {
            return self.forward_projected(x, projections);
        }
        let p1 = self.conv1.forward_pooled(x, POOL); // [batch, 32, 80, frames]
        let p2 = self.conv2.forward_pooled(p1.values(), POOL); // [batch, 64, 20, frames]
        let p3 = self.conv3.forward_pooled(p2.values(), POOL); // [batch, 128, 5, frames]
        let none = self.bottom.forward(p3.values()); // [batch, maps, 1, frames]
        let u3 = self.up3.forward_unpooled(p3.values(), &p3); // [batch, 64, 20, frames]
        let u2 = self.up2.forward_unpooled(u3, &p2); // [batch, 32, 80, frames]
        let u1 = self.up1.forward_unpooled(u2, &p1); // [batch, maps, 320, frames]
        vec![Tensor::cat(vec![none, u1], 2)]
    }
}

impl Msnet {
    /// The same with what the projections make of three layers.
    fn forward_projected(&self, x: Tensor<4>, projections: &Projections) -> Vec<Tensor<4>> {
        let c1 = self.conv1.forward(x); // [batch, 32, 320, frames]
        let p1 = PooledRows::new(c1.clone(), POOL);
        let c2 = self.conv2.forward(p1.values()); // [batch, 64, 80, frames]
        let p2 = PooledRows::new(c2.clone(), POOL);
        let p3 = self.conv3.forward_pooled(p2.values(), POOL); // [batch, 128, 5, frames]
        let none = self.bottom.forward(p3.values()); // [batch, maps, 1, frames]
        let u3 = self.up3.forward_unpooled(p3.values(), &p3); // [batch, 64, 20, frames]
        let u2 = self.up2.forward_unpooled(u3.clone(), &p2); // [batch, 32, 80, frames]
        let u1 = self.up1.forward_unpooled(u2, &p1); // [batch, maps, 320, frames]
        let projected = projections.forward([c1, c2, u3], &none);
        let scores = Tensor::cat(vec![none, u1], 2);
        [scores].into_iter().chain(projected).collect()
    }
}
