//! The TOML file that says what is trained, on what, and how; `read` checks it.

mod read;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::datasets::remix::RemixConfig;
use crate::dsp::{CfpConfig, LogMelConfig, ScoreConfig, ScoreStep, StftConfig};
use crate::evaluation::Measure;
use crate::models::{Features, NetworkConfig};
use crate::training::selection::SelectionConfig;

/// A recipe. It holds no path: data roots say where corpora lie.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Everything random follows from it.
    pub seed: u64,
    /// What it runs on: auto, cpu, gpu or gpu:N.
    #[serde(default = "processor")]
    pub device: String,
    /// Which network, and what it reads.
    pub network: NetworkChoice,
    /// What to learn from.
    pub data: DataConfig,
    /// Excerpts whose features are cached.
    pub excerpts: ExcerptsConfig,
    /// How voices and accompaniments are remixed.
    #[serde(default)]
    pub remix: RemixConfig,
    /// Songs to learn from without labels.
    #[serde(default)]
    pub unlabeled: Option<UnlabeledConfig>,
    /// Multiples of the pitch that harmonic supervision labels: 2, or 2 and 3.
    #[serde(default = "octaves")]
    pub partials: Vec<u32>,
    /// A network that guides this one.
    #[serde(default)]
    pub teacher: Option<TeacherConfig>,
    /// How stretches of unlabeled songs are selected to be learned from with labels.
    #[serde(default)]
    pub selection: Option<SelectionConfig>,
    /// How weights are moved.
    pub optimizer: OptimizerConfig,
    /// How networks are compared.
    pub validation: ValidationConfig,
}

fn octaves() -> Vec<u32> {
    vec![2]
}

fn processor() -> String {
    "cpu".into()
}

/// A network of the registry with its settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkChoice {
    /// Its name.
    pub name: String,
    /// What may differ between two of its kind; see the network's file.
    #[serde(default)]
    pub settings: toml::Table,
    /// What it reads.
    pub features: FeaturePreset,
    /// Parts whose weights are another network's, by name or folder.
    #[serde(default)]
    pub parts: BTreeMap<String, String>,
}

/// Features by their name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FeaturePreset {
    /// CFP at 8 kHz, 320 rows.
    Hkdsme,
    /// The same moved up: 38 to 1532 Hz.
    Voices,
    /// CFP of Lu & Su.
    LuSu,
    /// Its GCoS times cepstrum, as Lu & Su's network reads it.
    LuSuSalience,
    /// Keys of a score, step by step of a thirty-second note.
    ScoreNotes,
    /// The same every 20 ms.
    ScoreTime,
    /// CFP at 44.1 kHz, as MSNet was published.
    Msnet,
    /// Log-mel bands along the melody.
    MelodyBands,
    /// Spectra of 2048 samples at 16 kHz every 20 ms, as MAJL has them.
    Spectrum20ms,
    /// The same every 32 ms.
    Spectrum32ms,
}

impl NetworkChoice {
    /// As `config.json` has it.
    pub fn config(&self) -> NetworkConfig {
        let settings = serde_json::to_value(&self.settings).expect("TOML's values are JSON's");
        let features = match self.features {
            FeaturePreset::Hkdsme => Features::Cfp(CfpConfig::hkdsme()),
            FeaturePreset::Voices => Features::Cfp(CfpConfig::voices()),
            FeaturePreset::LuSu => Features::Cfp(CfpConfig::lu_su()),
            FeaturePreset::LuSuSalience => Features::Salience(CfpConfig::lu_su()),
            FeaturePreset::ScoreNotes => Features::Score(ScoreConfig {
                step: ScoreStep::Note,
            }),
            FeaturePreset::ScoreTime => Features::Score(ScoreConfig {
                step: ScoreStep::Time,
            }),
            FeaturePreset::Msnet => Features::Cfp(CfpConfig::msnet()),
            FeaturePreset::MelodyBands => Features::MelodyBands(LogMelConfig::voicing()),
            FeaturePreset::Spectrum20ms => Features::Spectrum(StftConfig::majl()),
            FeaturePreset::Spectrum32ms => Features::Spectrum(StftConfig::coarse()),
        };
        NetworkConfig::new(&self.name, settings, features)
    }
}

/// Corpora, whose train split is learned from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataConfig {
    /// Names of corpora; their order is that of what is drawn.
    pub corpora: Vec<String>,
    /// Singers whose voices are labeled, such as `mir1k/leon`; all, if none is named.
    #[serde(default)]
    pub singers: Vec<String>,
    /// Names of folders of MIDI files, for networks that read scores.
    #[serde(default)]
    pub scores: Vec<String>,
    /// Names of folders of music without voices; those that no data root has are left out with
    /// a warning.
    #[serde(default)]
    pub instrumentals: Vec<String>,
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
pub struct ExcerptsConfig {
    /// How many.
    pub count: usize,
    /// Length of each.
    pub seconds: f64,
    /// Share of clips as recorded, at 0 dB, among the remixes.
    pub recorded_share: f64,
}

/// Songs without labels, and what is made of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnlabeledConfig {
    /// Names of folders of songs.
    #[serde(default)]
    pub songs: Vec<String>,
    /// Corpora whose singers of the train split that `data.singers` leaves out sing songs too. What is
    /// known of them is told in the log and not learned from.
    #[serde(default)]
    pub corpora: Vec<String>,
    /// What is learned from them.
    #[serde(default)]
    pub by: UnlabeledUse,
    /// Excerpts of them, as long as the labeled ones.
    pub count: usize,
    /// How many of those in a batch.
    pub batch: usize,
    /// Weight of its term beside the loss on labeled excerpts; a selection has none.
    #[serde(default = "whole")]
    pub weight: f64,
    /// Probability of its best pitch class from which a frame of the average counts.
    #[serde(default)]
    pub min_confidence: f32,
    /// Whether the network hears them softer and with gaps, by binary regularization.
    #[serde(default = "yes")]
    pub augment: bool,
}

fn whole() -> f64 {
    1.0
}

fn yes() -> bool {
    true
}

/// What is learned from songs without labels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnlabeledUse {
    /// Agreement with the average of the network's weights.
    #[default]
    Agreement,
    /// The same, of the likely classes against the rest (SpectMamba).
    Binary,
    /// The labels that the network gives to stretches in which its maps agree (HKDSME).
    Selection,
}

/// A network that guides: trained before, and left as it is (HKDSME).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TeacherConfig {
    /// Its name or folder.
    pub model: String,
    /// How much the teacher's confidence counts: the exponent of its weights.
    #[serde(default = "alpha")]
    pub alpha: f32,
    /// Weight of the divergence from the teacher's distributions.
    #[serde(default = "whole")]
    pub divergence: f64,
    /// Weight of the loss that the teacher's confidence guides.
    #[serde(default = "whole")]
    pub guidance: f64,
    /// Weight of the same on the network's projections.
    #[serde(default = "tenth")]
    pub projections: f64,
}

fn alpha() -> f32 {
    1.5
}

fn tenth() -> f64 {
    0.1
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
    /// Share of the old average of the weights that a step leaves.
    #[serde(default = "average_decay")]
    pub average_decay: f64,
    /// Share of the weights that a run began with, in place of what it made of them, in what is kept;
    /// for runs that begin with a network's weights (Wortsman et al. 2022).
    #[serde(default)]
    pub begun_share: f64,
    /// Largest shift up or down in rows (melody only).
    #[serde(default)]
    pub shift_rows: usize,
}

fn average_decay() -> f64 {
    0.998
}

/// How networks are compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValidationConfig {
    /// Steps between validations and checkpoints.
    pub every: usize,
    /// Validation sets by name, and every how-manieth clip of each is scored.
    pub sets: BTreeMap<String, usize>,
    /// The set and the measure by which the best weights are kept.
    pub choose_by: Choice,
    /// The sets that a voicing network's calibration follows from, where it has one.
    #[serde(default)]
    pub calibration: Option<CalibrationSets>,
}

/// Sets, among those scored, in which voices are clear and in which they are buried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationSets {
    /// Clear voices.
    pub clear: String,
    /// Buried voices.
    pub buried: String,
}

/// A measure on a set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// One of the sets.
    pub set: String,
    /// The measure.
    pub measure: Measure,
}

impl Recipe {
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
