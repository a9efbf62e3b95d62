//! The networks, one file each.
//!
//! A file defines the network's layers, its settings and its forward pass; a line of
//! [`crate::models::registry`] tells the program the rest.

pub mod crepe;
pub mod dfsmn;
pub mod dynamic_weights;
pub mod ftanet;
pub mod harmof0;
pub mod msnet;
pub mod progressive;
pub mod projection;
pub mod res_unet;
pub mod segmentation;
pub mod spectmamba;
pub mod tfc_tdf;
pub mod unet;
pub mod voicing;

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Features;
use crate::dsp::DspError;

/// A network.
pub trait Network: Module {
    /// Settings that concern training alone: a network is kept without them.
    const TRAINED_ONLY: &'static [&'static str] = &[];

    /// What may differ between two of its kind, as `config.json` and recipes have it.
    type Settings: Serialize + DeserializeOwned;

    /// Whether there can be a network of these settings that reads `features`.
    ///
    /// # Errors
    /// [`DspError::Setting`] names the setting that does not fit.
    fn check(settings: &Self::Settings, features: &Features) -> Result<(), DspError>;

    /// Random weights, for settings that were checked.
    fn new(settings: &Self::Settings, device: &Device) -> Self;

    /// The outputs that the registry declares, in its order, for `[batch, channels, rows, frames]`.
    fn forward(&self, x: Tensor<4>) -> Vec<Tensor<4>>;
}

/// Checks the maps of a head: the melody's alone, or four with harmonic supervision.
pub(super) fn check_maps(maps: usize) -> Result<(), DspError> {
    if maps == 1 || maps == 4 {
        return Ok(());
    }
    Err(DspError::Setting {
        field: "maps",
        expected: "1 or 4".into(),
        found: maps.to_string(),
    })
}

/// Checks that a setting has the value that a network is made for.
pub(super) fn expect(field: &'static str, expected: usize, found: usize) -> Result<(), DspError> {
    if expected == found {
        return Ok(());
    }
    Err(DspError::Setting {
        field,
        expected: expected.to_string(),
        found: found.to_string(),
    })
}
