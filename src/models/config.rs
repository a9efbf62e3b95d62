//! What a network was trained on: all that inference needs besides the weights.

use serde::{Deserialize, Serialize};

use super::msnet::ROWS;
use super::voicing::BANDS;
use crate::dsp::{CfpConfig, DspError, LogMelConfig};

/// `config.json` of a model folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelConfig {
    /// The network and its features.
    #[serde(flatten)]
    pub network: Network,
    /// Confidence from which a frame is called voiced, chosen on dev singers.
    pub threshold: f32,
    /// SHA-256 of `weights.safetensors`, in hexadecimal.
    pub weights_sha256: String,
    /// What it was trained on, for the list of models.
    pub data: String,
    /// Licence of the weights.
    pub licence: String,
    /// Figures on dev singers.
    pub metrics: String,
}

/// A network and the features it reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "network", rename_all = "kebab-case")]
pub enum Network {
    /// Pitch from a stack of spectrum, GCoS and cepstrum.
    Msnet {
        /// Maps of the head: 1, or 4 with harmonic supervision.
        maps: usize,
        /// The features.
        cfp: CfpConfig,
    },
    /// Voicing from log-mel frames.
    Voicing {
        /// The features.
        mel: LogMelConfig,
    },
}

impl Network {
    /// What it is for.
    pub fn task(&self) -> &'static str {
        match self {
            Network::Msnet { .. } => "melody",
            Network::Voicing { .. } => "voicing",
        }
    }

    /// Checks that the features can be computed, and that the network can read them.
    ///
    /// # Errors
    /// [`DspError`] names the setting that is out of range.
    pub fn check(&self) -> Result<(), DspError> {
        let (field, expected, found) = match self {
            Network::Msnet { cfp, .. } => {
                cfp.check()?;
                ("rows between fmin_hz and fmax_hz", ROWS, cfp.axis().n_rows)
            }
            Network::Voicing { mel } => {
                mel.check()?;
                ("n_bands", BANDS, mel.n_bands)
            }
        };
        if found == expected {
            return Ok(());
        }
        Err(DspError::Setting {
            field,
            expected: expected.to_string(),
            found: found.to_string(),
        })
    }
}
