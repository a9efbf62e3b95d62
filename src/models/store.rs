//! Folders of weights: embedded in the program, or on disk.
//!
//! A folder holds `weights.safetensors`, `config.json` and `README.md`. The
//! default networks travel inside the program, so that it runs from anywhere;
//! any other is named by its folder, or by its name under `models/`.

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};

use burn::store::{ModuleSnapshot, SafetensorsStore};
use burn::tensor::Device;
use sha2::{Digest, Sha256};

use super::{ModelConfig, Msnet, Network, VoicingNet};
use crate::dsp::DspError;

/// Name of the network that finds pitch unless another is asked for.
pub const DEFAULT_PITCH: &str = "msnet-hs";

/// Name of the network that decides voicing unless another is asked for.
pub const DEFAULT_VOICING: &str = "voicing-wide";

/// Why a network is not there.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// No folder of that name.
    #[error("there is no network `{name}`; `melograph models` lists what is installed")]
    Missing {
        /// What was asked for.
        name: String,
    },
    /// A file of the folder could not be read.
    #[error("cannot read {path}; a network's folder holds weights.safetensors and config.json")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// `config.json` is not as expected.
    #[error("the settings of network `{name}` are not understood; it may be from a newer version")]
    Config {
        /// The network.
        name: String,
        /// Where the text departs.
        source: serde_json::Error,
    },
    /// Features cannot be computed as `config.json` says.
    #[error("the settings of network `{name}` cannot be used: {source}")]
    Settings {
        /// The network.
        name: String,
        /// The setting that is out of range.
        source: DspError,
    },
    /// The weights are not those the settings were written for.
    #[error(
        "the weights of network `{name}` are damaged (their checksum differs); install it again"
    )]
    Checksum {
        /// The network.
        name: String,
    },
    /// The weights do not fit the network.
    #[error("the weights of network `{name}` do not fit it: {reason}")]
    Weights {
        /// The network.
        name: String,
        /// What does not fit.
        reason: String,
    },
    /// The network is for another task.
    #[error(
        "network `{name}` decides {found}, not {expected}; `melograph models` lists each one's task"
    )]
    Task {
        /// The network.
        name: String,
        /// Its task.
        found: &'static str,
        /// The task asked for.
        expected: &'static str,
    },
    /// There is no such device.
    #[error("{0}")]
    Device(String),
    /// The device failed.
    #[error("the network stopped on {device}: {reason}; try --device cpu")]
    Run {
        /// What it ran on.
        device: String,
        /// What it says.
        reason: String,
    },
}

/// An entry of `melograph models`.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct ModelCard {
    /// What to pass to `--model` or `--voicing-model`.
    pub name: String,
    /// `melody` or `voicing`.
    pub task: String,
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
pub struct Folder {
    /// The name it was found under.
    pub name: String,
    /// Its settings.
    pub config: ModelConfig,
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

const EMBEDDED: [Embedded; 2] = [embedded!("msnet-hs"), embedded!("voicing-wide")];

/// SHA-256 in hexadecimal.
pub fn checksum(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

impl Folder {
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
        config
            .network
            .check()
            .map_err(|source| ModelError::Settings {
                name: name.into(),
                source,
            })?;
        if checksum(&weights) != config.weights_sha256 {
            return Err(ModelError::Checksum { name: name.into() });
        }
        Ok(Self {
            name: name.into(),
            config,
            weights,
        })
    }

    fn fill<M: ModuleSnapshot>(&self, mut module: M) -> Result<M, ModelError> {
        let error = |reason: String| ModelError::Weights {
            name: self.name.clone(),
            reason,
        };
        let mut store = SafetensorsStore::from_bytes(Some(self.weights.to_vec()));
        module
            .load_from(&mut store)
            .map_err(|e| error(e.to_string()))?;
        Ok(module)
    }

    fn wrong_task(&self, expected: &'static str) -> ModelError {
        ModelError::Task {
            name: self.name.clone(),
            found: self.config.network.task(),
            expected,
        }
    }

    /// The pitch network on `device`.
    ///
    /// # Errors
    /// [`ModelError`] if it is no pitch network, or the weights do not fit.
    pub fn msnet(&self, device: &Device) -> Result<Msnet, ModelError> {
        match self.config.network {
            Network::Msnet { maps, .. } => self.fill(Msnet::new(maps, device)),
            Network::Voicing { .. } => Err(self.wrong_task("melody")),
        }
    }

    /// The voicing network on `device`.
    ///
    /// # Errors
    /// [`ModelError`] if it is no voicing network, or the weights do not fit.
    pub fn voicing(&self, device: &Device) -> Result<VoicingNet, ModelError> {
        match self.config.network {
            Network::Voicing { .. } => self.fill(VoicingNet::new(device)),
            Network::Msnet { .. } => Err(self.wrong_task("voicing")),
        }
    }

    /// The entry for the list of models.
    pub fn card(&self) -> ModelCard {
        ModelCard {
            name: self.name.clone(),
            task: self.config.network.task().into(),
            data: self.config.data.clone(),
            licence: self.config.licence.clone(),
            metrics: self.config.metrics.clone(),
            sha256: self.config.weights_sha256.clone(),
        }
    }
}

/// A module's weights in the safetensors format.
///
/// # Errors
/// The store's own words.
pub fn weights_of<M: ModuleSnapshot>(module: &M) -> Result<Vec<u8>, String> {
    let mut store = SafetensorsStore::from_bytes(None);
    module.save_into(&mut store).map_err(|e| e.to_string())?;
    store.get_bytes().map_err(|e| e.to_string())
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
    let card = |name: &String| Folder::find(name).map(|folder| folder.card());
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
            let error = Folder::checked(name, &foreign, Cow::Borrowed(weights)).err();
            let message = error.expect("it is refused").to_string();
            let named = message.contains("msnet-hs") && message.contains(field);
            assert!(named, "{message}");
        }
        Folder::checked(name, config, Cow::Borrowed(weights)).unwrap();
    }
}
