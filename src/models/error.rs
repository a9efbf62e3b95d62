//! What can be wrong with a network.

use std::path::PathBuf;

use super::registry::{NETWORKS, Task};
use crate::dsp::{DspError, FeatureKind};
use crate::files::shown;

/// Why there is no network of these settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The registry has no such line.
    #[error("there is no network of the kind `{0}`; there are {known}", known = known())]
    Unknown(String),
    /// A setting is misspelled, missing or of another type.
    #[error("{0}")]
    Format(#[from] serde_json::Error),
    /// A setting is out of range.
    #[error("{0}")]
    Range(#[from] DspError),
    /// The network reads other features.
    #[error("the network `{network}` reads {expected:?} features, not {found:?}")]
    Features {
        /// Name of the network.
        network: &'static str,
        /// What it reads.
        expected: FeatureKind,
        /// What the settings say.
        found: FeatureKind,
    },
}

fn known() -> String {
    let names: Vec<&str> = NETWORKS.iter().map(|info| info.name).collect();
    names.join(", ")
}

/// Why a network is not there.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// No folder of that name.
    #[error("there is no network `{name}`; `melograph models` lists what is installed")]
    Missing {
        /// What was asked for.
        name: String,
    },
    /// None that separates voices comes with the program.
    #[error(
        "no network that separates voices comes with this program; name the folder of one that a \
         recipe trained, with --model"
    )]
    NoSeparator,
    /// A file of the folder could not be read.
    #[error(
        "cannot read {}; a network's folder holds weights.safetensors and config.json",
        shown(path)
    )]
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
    /// There can be no network as `config.json` says.
    #[error("the settings of network `{name}` cannot be used: {source}")]
    Settings {
        /// The network.
        name: String,
        /// What is wrong.
        source: SettingsError,
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
        "network `{name}` decides {found}, not {expected}; `melograph models` lists each one's task",
        found = found.name(), expected = expected.name()
    )]
    Task {
        /// The network.
        name: String,
        /// Its task.
        found: Task,
        /// The task asked for.
        expected: Task,
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
