//! Every network there is, one line each, and a network chosen at run time.

use burn::module::Module;
use burn::store::{ModuleSnapshot, SafetensorsStore};
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::networks::{
    Network, crepe, dfsmn, ftanet, harmof0, msnet, progressive, res_unet, segmentation, spectmamba,
    tfc_tdf, unet, voicing,
};
use super::{FeatureKind, NetworkConfig, SettingsError};

/// What a network decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// The pitch of the sung melody.
    Melody,
    /// Where a voice sings.
    Voicing,
    /// What of a mixture is the voice.
    Separation,
}

impl Task {
    /// Its name for people and files.
    pub fn name(self) -> &'static str {
        match self {
            Task::Melody => "melody",
            Task::Voicing => "voicing",
            Task::Separation => "separation",
        }
    }
}

/// Which frames decide about a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// So many on each side; any number of frames can be run together.
    Context(usize),
    /// All of its segment of so many frames, which are counted from the first frame on.
    Segments(usize),
    /// All of every window of so many frames that it lies in ([`super::windows`]).
    Windows(usize),
}

/// What an output is, and so how it is decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputKind {
    /// Scores of pitch classes, `[maps, classes, frames]`: [`crate::melody::decode`].
    PitchScores,
    /// Scores of note classes, `[1, classes, frames]`, by the setting `note_rule`
    /// ([`crate::melody::NoteRule`]). They are trained, and help the pitch.
    NoteScores,
    /// Log-odds of each row, by itself: of no melody and of melody, `[2, rows, frames]`:
    /// [`crate::melody::column_maxima`].
    MelodyPixels,
    /// Log-odds of pitch classes, each by itself, `[1, classes, frames]`:
    /// [`crate::melody::activations`].
    PitchLogits,
    /// Log-odds of a voice, `[listeners, 1, frames]`; their mean counts.
    VoiceLogits,
    /// Log-odds of speech, singing and music, which may sound together, `[1, 3, frames]`.
    SoundLogits,
    /// The voice's part of the spectrum, `[1 or 4, rows, frames]`: [`crate::dsp::stft::mask`].
    VoiceMaps,
}

/// What the program knows of a network besides its layers.
#[derive(Debug)]
pub struct NetworkInfo {
    /// Its name in `config.json` and recipes.
    pub name: &'static str,
    /// What it decides.
    pub task: Task,
    /// What it reads.
    pub features: FeatureKind,
    /// Which frames decide about a frame.
    pub framing: Framing,
    /// What it gives.
    pub outputs: &'static [OutputKind],
    /// Settings that concern training alone.
    pub trained_only: &'static [&'static str],
    /// Whether there can be one of these settings.
    pub(super) check: fn(&NetworkConfig) -> Result<(), SettingsError>,
}

/// Declares the networks: the registry, and [`AnyNetwork`].
macro_rules! networks {
    ($($name:literal: $variant:ident($net:ty), $task:ident, $features:ident, $framing:expr,
        [$($output:ident),+];)+) => {
        /// The networks.
        pub const NETWORKS: &[NetworkInfo] = &[$(NetworkInfo {
            name: $name,
            task: Task::$task,
            features: FeatureKind::$features,
            framing: $framing,
            outputs: &[$(OutputKind::$output),+],
            trained_only: <$net>::TRAINED_ONLY,
            check: |config| {
                let settings = serde_json::from_value(config.settings.clone())?;
                Ok(<$net>::check(&settings, &config.features)?)
            },
        }),+];

        /// A network of [`NETWORKS`], chosen at run time.
        #[derive(Module, Debug)]
        #[allow(clippy::large_enum_variant)] // there are few, and they are moved seldom
        pub enum AnyNetwork {
            $(#[doc = $name] $variant($net)),+
        }

        impl AnyNetwork {
            /// Random weights.
            ///
            /// # Errors
            /// Those of [`NetworkConfig::check`].
            pub fn new(config: &NetworkConfig, device: &Device) -> Result<Self, SettingsError> {
                config.check()?;
                let settings = config.settings.clone();
                match config.network.as_str() {
                    $($name => {
                        let settings = serde_json::from_value(settings)?;
                        Ok(Self::$variant(<$net>::new(&settings, device)))
                    })+
                    other => Err(SettingsError::Unknown(other.to_owned())),
                }
            }

            /// Its outputs, in the order of [`NetworkInfo::outputs`]; behind them may be some that
            /// concern training alone.
            pub fn forward(&self, x: Tensor<4>) -> Vec<Tensor<4>> {
                match self {
                    $(Self::$variant(net) => net.forward(x)),+
                }
            }

            /// Takes weights from a safetensors file's bytes.
            ///
            /// # Errors
            /// What does not fit, in the store's words.
            pub fn load(&mut self, weights: Vec<u8>) -> Result<(), String> {
                let mut store = SafetensorsStore::from_bytes(Some(weights));
                match self {
                    $(Self::$variant(net) => net.load_from(&mut store).map(drop)),+
                }
                .map_err(|error| error.to_string())
            }

            /// Gives the part of this name the weights of another network, a safetensors file's bytes.
            ///
            /// # Errors
            /// What does not fit, in a sentence.
            pub fn load_part(&mut self, part: &str, weights: Vec<u8>) -> Result<(), String> {
                let store = SafetensorsStore::from_bytes(Some(weights));
                let mut store = store
                    .with_key_remapping("^", format!("{part}."))
                    .allow_partial(true);
                let found = match self {
                    $(Self::$variant(net) => net.load_from(&mut store)),+
                }
                .map_err(|error| error.to_string())?;
                let within = format!("{part}.");
                let missing = found.missing.iter().map(|(path, _)| path);
                let missing = missing.filter(|path| path.starts_with(&within)).count();
                if missing + found.unused.len() > 0 || found.applied.is_empty() {
                    return Err(format!("the part `{part}` is not of that kind"));
                }
                Ok(())
            }

            /// Its weights in the safetensors format.
            ///
            /// # Errors
            /// The store's own words.
            pub fn weights(&self) -> Result<Vec<u8>, String> {
                let mut store = SafetensorsStore::from_bytes(None);
                match self {
                    $(Self::$variant(net) => net.save_into(&mut store)),+
                }
                .map_err(|error| error.to_string())?;
                store.get_bytes().map_err(|error| error.to_string())
            }
        }
    };
}

use Framing::{Context, Segments, Windows};

networks! {
    // name: network, task, features, frames that decide about a frame, outputs
    "msnet": Msnet(msnet::Msnet), Melody, Cfp, Context(msnet::CONTEXT_FRAMES), [PitchScores];
    "ftanet": Ftanet(ftanet::Ftanet), Melody, Cfp, Segments(ftanet::SEGMENT_FRAMES), [PitchScores];
    "spectmamba": Spectmamba(spectmamba::Spectmamba), Melody, Cfp,
        Segments(spectmamba::SEGMENT_FRAMES), [PitchScores, NoteScores];
    "segmentation": Segmentation(segmentation::Segmentation), Melody, Salience,
        Windows(segmentation::WINDOW_FRAMES), [MelodyPixels];
    "score-segmentation": ScoreSegmentation(segmentation::Segmentation), Melody, Score,
        Windows(segmentation::WINDOW_FRAMES), [MelodyPixels];
    "progressive": Progressive(progressive::Progressive), Melody, Salience,
        Windows(segmentation::WINDOW_FRAMES), [MelodyPixels];
    "voicing": VoicingNet(voicing::VoicingNet), Voicing, MelodyBands,
        Context(voicing::CONTEXT_FRAMES), [VoiceLogits];
    "dfsmn": Dfsmn(dfsmn::Dfsmn), Voicing, KaldiMel, Context(dfsmn::CONTEXT_FRAMES), [SoundLogits];
    "crepe": Crepe(crepe::Crepe), Melody, WaveFrames, Context(0), [PitchLogits];
    "harmof0": HarmoF0(harmof0::HarmoF0), Melody, LogSpectrum, Context(harmof0::CONTEXT_FRAMES),
        [PitchLogits];
    "unet": UNet(unet::UNet), Separation, Spectrum, Segments(unet::SEGMENT_FRAMES), [VoiceMaps];
    "resunet": ResUNet(res_unet::ResUNet), Separation, Spectrum,
        Segments(res_unet::SEGMENT_FRAMES), [VoiceMaps];
    "tfc-tdf": TfcTdf(tfc_tdf::TfcTdf), Separation, Spectrum, Context(tfc_tdf::CONTEXT_FRAMES),
        [VoiceMaps];
}
