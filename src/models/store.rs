//! Folders of weights: embedded in the program, or on disk.
//!
//! A folder holds `weights.safetensors`, `config.json` and `README.md`. The
//! default networks travel inside the program, so that it runs from anywhere;
//! any other is named by its folder, or by its name under `models/`.

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use sha2::{Digest, Sha256};

use super::registry::{AnyNetwork, NetworkInfo, Task};
use super::{ModelConfig, ModelError, NetworkConfig};

/// Name of the network that finds pitch unless another is asked for.
pub const DEFAULT_PITCH: &str = "msnet-hs";

/// Name of the network that decides voicing unless another is asked for.
pub const DEFAULT_VOICING: &str = "voicing-wide";

/// Name of the network that tells speech from singing.
pub const DETECTOR: &str = "singing-detector";

/// Name of the network that separates voices unless another is asked for: the one that comes with
/// the program.
///
/// # Errors
/// [`ModelError::NoSeparator`] if none does.
pub fn default_separator() -> Result<&'static str, ModelError> {
    let separates = |(name, config, weights): &&Embedded| {
        let folder = ModelFolder::checked(name, config, Cow::Borrowed(*weights));
        folder.is_ok_and(|folder| folder.info.task == Task::Separation)
    };
    let found = EMBEDDED.iter().find(separates);
    found.map(|(name, ..)| *name).ok_or(ModelError::NoSeparator)
}

/// An entry of `melograph models`.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct ModelCard {
    /// What to pass to `--model` or `--voicing-model`.
    pub name: String,
    /// What it decides.
    pub task: Task,
    /// What it was trained on.
    pub data: String,
    /// Licence of the weights.
    pub licence: String,
    /// Figures on dev singers.
    pub metrics: String,
    /// Checksum of the weights.
    pub sha256: String,
}

/// A network's files, not yet on a device.
pub struct ModelFolder {
    /// The name it was found under.
    pub name: String,
    /// Its settings.
    pub config: ModelConfig,
    info: &'static NetworkInfo,
    weights: Cow<'static, [u8]>,
}

/// Name, settings and weights of a network that travels inside the program.
type Embedded = (&'static str, &'static str, &'static [u8]);

macro_rules! embedded {
    ($name:literal) => {
        (
            $name,
            include_str!(concat!("../../models/", $name, "/config.json")),
            include_bytes!(concat!("../../models/", $name, "/weights.safetensors")),
        )
    };
}

const EMBEDDED: [Embedded; 4] = [
    embedded!("msnet-hs"),
    embedded!("voicing-wide"),
    embedded!("singing-detector"),
    embedded!("tfc-tdf"),
];

/// SHA-256 in hexadecimal.
pub fn checksum(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

impl ModelFolder {
    /// Finds a network by folder or by name: as a path, under `models/`, then inside the program.
    ///
    /// # Errors
    /// [`ModelError`] if there is none, or its files are not whole.
    pub fn find(name: &str) -> Result<Self, ModelError> {
        for path in [PathBuf::from(name), Path::new("models").join(name)] {
            if path.join("config.json").is_file() {
                return Self::read(name, &path);
            }
        }
        let (_, config, weights) = EMBEDDED
            .iter()
            .find(|(embedded, _, _)| *embedded == name)
            .ok_or_else(|| ModelError::Missing { name: name.into() })?;
        Self::checked(name, config, Cow::Borrowed(*weights))
    }

    fn read(name: &str, path: &Path) -> Result<Self, ModelError> {
        let read = |file: &str| {
            let path = path.join(file);
            fs::read(&path).map_err(|source| ModelError::Read { path, source })
        };
        let config = String::from_utf8_lossy(&read("config.json")?).into_owned();
        Self::checked(name, &config, Cow::Owned(read("weights.safetensors")?))
    }

    fn checked(name: &str, config: &str, weights: Cow<'static, [u8]>) -> Result<Self, ModelError> {
        let config: ModelConfig = serde_json::from_str(config).map_err(|source| {
            let name = name.into();
            ModelError::Config { name, source }
        })?;
        let info = config.network.check().map_err(|source| {
            let name = name.into();
            ModelError::Settings { name, source }
        })?;
        if checksum(&weights) != config.weights_sha256 {
            return Err(ModelError::Checksum { name: name.into() });
        }
        Ok(Self {
            name: name.into(),
            config,
            info,
            weights,
        })
    }

    /// Its line of the registry.
    pub fn info(&self) -> &'static NetworkInfo {
        self.info
    }

    /// The network with its weights on `device`.
    ///
    /// # Errors
    /// [`ModelError`] if the weights do not fit.
    pub fn network(&self, device: &Device) -> Result<AnyNetwork, ModelError> {
        let name = || self.name.clone();
        let mut net = AnyNetwork::new(&self.config.network, device).map_err(|source| {
            let name = name();
            ModelError::Settings { name, source }
        })?;
        net.load(self.weights.to_vec()).map_err(|reason| {
            let name = name();
            ModelError::Weights { name, reason }
        })?;
        Ok(net)
    }

    /// Gives the weights to `net`, a network of the settings `config`, whose features may be others.
    ///
    /// # Errors
    /// [`ModelError::Weights`] if it is another network, or the weights do not fit.
    pub fn load_into(
        &self,
        net: &mut AnyNetwork,
        config: &NetworkConfig,
    ) -> Result<(), ModelError> {
        let own = &self.config.network;
        let refused = |reason| ModelError::Weights {
            name: self.name.clone(),
            reason,
        };
        if (&own.network, &own.settings) != (&config.network, &config.settings) {
            let NetworkConfig {
                network, settings, ..
            } = own;
            return Err(refused(format!(
                "they are those of network `{network}` with settings {settings}, not of `{}` with {}",
                config.network, config.settings
            )));
        }
        net.load(self.weights.to_vec()).map_err(refused)
    }

    /// Gives the weights to a part of `net`, where they stay as they are.
    ///
    /// # Errors
    /// [`ModelError::Weights`] if it has no such part, or another one.
    pub fn load_into_part(&self, net: &mut AnyNetwork, part: &str) -> Result<(), ModelError> {
        let loaded = net.load_part(part, self.weights.to_vec());
        loaded.map_err(|reason| ModelError::Weights {
            name: self.name.clone(),
            reason,
        })
    }

    /// The entry for the list of models.
    pub fn card(&self) -> ModelCard {
        ModelCard {
            name: self.name.clone(),
            task: self.info.task,
            data: self.config.data.clone(),
            licence: self.config.licence.clone(),
            metrics: self.config.metrics.clone(),
            sha256: self.config.weights_sha256.clone(),
        }
    }
}

/// The networks inside the program, then those under `models/`; broken ones are errors in their place.
pub fn list_models() -> Vec<Result<ModelCard, ModelError>> {
    let mut names: Vec<String> = EMBEDDED.iter().map(|(name, _, _)| (*name).into()).collect();
    let mut local: Vec<String> = fs::read_dir("models")
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.path().join("config.json").is_file())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| !names.contains(name))
        .collect();
    local.sort();
    names.append(&mut local);
    let card = |name: &String| ModelFolder::find(name).map(|folder| folder.card());
    names.iter().map(card).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_no_features_can_have_are_refused_by_name() {
        let (name, config, weights) = EMBEDDED[0];
        for (setting, foreign_setting, field) in [
            ("\"hop\": 80", "\"hop\": 0", "hop"),
            (
                "\"bins_per_octave\": 60.0",
                "\"bins_per_octave\": 48.0",
                "rows",
            ),
        ] {
            let foreign = config.replacen(setting, foreign_setting, 1);
            assert_ne!(foreign, config);
            let error = ModelFolder::checked(name, &foreign, Cow::Borrowed(weights)).err();
            let message = error.expect("it is refused").to_string();
            let named = message.contains("msnet-hs") && message.contains(field);
            assert!(named, "{message}");
        }
        ModelFolder::checked(name, config, Cow::Borrowed(weights)).unwrap();
    }
}
