//! What a network was trained on: all that inference needs besides the weights.

use serde::{Deserialize, Serialize};

use super::registry::{NETWORKS, NetworkInfo};
use super::{Features, SettingsError};
use crate::melody::Calibration;

/// A network with its settings, and the features it reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetworkConfig {
    /// Its name in the registry.
    pub network: String,
    /// What may differ between two of its kind; see the network's file.
    #[serde(default = "no_settings")]
    pub settings: serde_json::Value,
    /// What it reads.
    pub features: Features,
}

fn no_settings() -> serde_json::Value {
    serde_json::json!({})
}

impl NetworkConfig {
    /// A network by its name in the registry.
    pub fn new(network: &str, settings: serde_json::Value, features: Features) -> Self {
        Self {
            network: network.to_owned(),
            settings,
            features,
        }
    }

    /// Its line of the registry.
    ///
    /// # Errors
    /// [`SettingsError::Unknown`] if there is none of that name.
    pub fn info(&self) -> Result<&'static NetworkInfo, SettingsError> {
        let found = NETWORKS.iter().find(|info| info.name == self.network);
        found.ok_or_else(|| SettingsError::Unknown(self.network.clone()))
    }

    /// The network as it is kept: without what concerns training alone.
    pub fn kept(&self) -> Self {
        let mut kept = self.clone();
        let trained_only = self.info().map_or(&[][..], |info| info.trained_only);
        if let Some(settings) = kept.settings.as_object_mut() {
            settings.retain(|name, _| !trained_only.contains(&&name[..]));
        }
        kept
    }

    /// Checks that there can be such a network, which reads such features; returns its line of the registry.
    ///
    /// # Errors
    /// [`SettingsError`] says what is wrong.
    pub fn check(&self) -> Result<&'static NetworkInfo, SettingsError> {
        let info = self.info()?;
        let (expected, found) = (info.features, self.features.kind());
        if expected != found {
            let network = info.name;
            return Err(SettingsError::Features {
                network,
                expected,
                found,
            });
        }
        self.features.check()?;
        (info.check)(self)?;
        Ok(info)
    }
}

/// `config.json` of a model folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelConfig {
    /// The network and its features.
    #[serde(flatten)]
    pub network: NetworkConfig,
    /// Confidence from which a frame is called voiced.
    pub threshold: f32,
    /// How the whole recording shifts a voicing network's confidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
    /// SHA-256 of `weights.safetensors`, in hexadecimal.
    pub weights_sha256: String,
    /// What it was trained on, for the list of models.
    pub data: String,
    /// Licence of the weights.
    pub licence: String,
    /// Figures on dev singers.
    pub metrics: String,
}
