//! The networks of an analysis, loaded on a device.

use std::path::Path;
use std::sync::Arc;

use super::front_end::Transforms;
use super::{Analysis, Product};
use crate::dsp::{
    Cfp, CfpConfig, Features, KaldiMel, LogMel, LogMelConfig, MelodyBands, Stretches,
};
use crate::melody::{Calibration, FrameGrid, PitchAxis};
use crate::models::store::{DEFAULT_PITCH, DEFAULT_VOICING, DETECTOR};
use crate::models::{
    DeviceChoice, DeviceInfo, FeatureKind, LoadedNetwork, ModelError, ModelFolder, OutputKind,
    SettingsError, Task, device,
};

/// Which networks are asked for, and on what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelChoice {
    /// Name or folder of the pitch network.
    pub pitch: String,
    /// Name or folder of the voicing network; none for the papers' rule.
    pub voicing: Option<String>,
    /// What they run on.
    pub device: DeviceChoice,
}

impl Default for ModelChoice {
    fn default() -> Self {
        Self {
            pitch: DEFAULT_PITCH.to_owned(),
            voicing: Some(DEFAULT_VOICING.to_owned()),
            device: DeviceChoice::Auto,
        }
    }
}

impl ModelChoice {
    /// The voicing network only where it reads the frames of the pitch network: those of another grid
    /// decide their voicing by themselves.
    fn folders(&self) -> Result<(ModelFolder, Option<ModelFolder>), ModelError> {
        let voicing = self.voicing.as_deref().map(ModelFolder::find);
        let (pitch, voicing) = (ModelFolder::find(&self.pitch)?, voicing.transpose()?);
        let grid = |folder: &ModelFolder| folder.config.network.features.grid();
        let alike = |voicing: &ModelFolder| {
            voicing.info().task != Task::Voicing || grid(voicing) == grid(&pitch)
        };
        let voicing = voicing.filter(alike);
        Ok((pitch, voicing))
    }

    /// What each product depends on besides the recording: features, networks and their weights,
    /// but not the device.
    ///
    /// # Errors
    /// [`ModelError`] if a network is missing or damaged.
    pub fn identities(&self) -> Result<impl Fn(Product) -> String + use<>, ModelError> {
        let (pitch, voicing) = self.folders()?;
        let features = format!("{:?}", pitch.config.network.features);
        let pitch = format!("{:?}", pitch.config);
        let voicing = voicing.map(|voicing| voicing.config);
        let mel = voicing.as_ref().map(|config| &config.network.features);
        let all_features = format!("{features} {mel:?}");
        let both = format!("{pitch} {voicing:?}");
        let detector = format!("{:?}", ModelFolder::find(DETECTOR)?.config);
        Ok(move |product| match product {
            // Stems are kept apart: see `StemCache`.
            Product::Recording | Product::Stems => String::new(),
            Product::Picture | Product::Level => features.clone(),
            Product::Scale => all_features.clone(),
            Product::Pitch | Product::Classes => pitch.clone(),
            Product::VoiceLevel | Product::Contour | Product::Notes => both.clone(),
            Product::Speech => detector.clone(),
        })
    }

    /// Their names: pitch, then voicing if there is one.
    pub fn names(&self) -> Vec<String> {
        let names = [Some(&self.pitch), self.voicing.as_ref()];
        names.into_iter().flatten().cloned().collect()
    }

    /// Names and SHA-256 of their weights.
    ///
    /// # Errors
    /// [`ModelError`] if one is missing or damaged.
    pub fn checksums(&self) -> Result<Vec<(String, String)>, ModelError> {
        let (pitch, voicing) = self.folders()?;
        let folders = [Some(pitch), voicing].into_iter().flatten();
        Ok(folders
            .map(|folder| (folder.name, folder.config.weights_sha256))
            .collect())
    }

    /// Voicing threshold they come with.
    ///
    /// # Errors
    /// [`ModelError`] if the one that decides voicing is missing or damaged.
    pub fn threshold(&self) -> Result<f32, ModelError> {
        let (pitch, voicing) = self.folders()?;
        Ok(voicing.unwrap_or(pitch).config.threshold)
    }

    /// Rows and frames of what they find.
    ///
    /// # Errors
    /// [`ModelError`] if the pitch network is missing, damaged or finds no pitch.
    pub fn axis_and_grid(&self) -> Result<(PitchAxis, FrameGrid), ModelError> {
        let cfp = self.cfp()?;
        Ok((cfp.axis(), cfp.grid()))
    }

    /// Settings of the features that the pitch network reads, which pictures show too.
    ///
    /// # Errors
    /// As [`ModelChoice::axis_and_grid`].
    pub fn cfp(&self) -> Result<CfpConfig, ModelError> {
        cfp(&ModelFolder::find(&self.pitch)?).cloned()
    }

    /// Loads them.
    ///
    /// # Errors
    /// [`ModelError`] if one is missing, damaged or for another task, or there is no such device.
    pub fn load(&self) -> Result<Models, ModelError> {
        let device = device::choose(self.device).map_err(ModelError::Device)?;
        let (pitch, voicing) = self.folders()?;
        let network = LoadedNetwork::load(&pitch, Task::Melody, &device)?;
        let voicing = voicing.map(|folder| VoicingNetwork::load(&folder, &device));
        let (voicing, cfp) = (voicing.transpose()?, cfp(&pitch)?);
        let mel = match voicing.as_ref().map(|voicing| &voicing.input) {
            Some(VoicingInput::Melody(mel, _)) => mel.clone(),
            _ => LogMelConfig::beside(cfp),
        };
        Ok(Models {
            pitch: network,
            cfp: Arc::new(Cfp::new(cfp.clone())),
            mel: Arc::new(LogMel::new(mel)),
            voicing,
            detector: Detector::load(&device)?,
            device,
        })
    }
}

/// A pitch network, and a voicing network unless the papers' rule is asked for.
pub struct Models {
    pub(super) pitch: LoadedNetwork,
    pub(super) cfp: Arc<Cfp>,
    /// What a voicing network reads along the melody, and the levels of harmonics are taken from.
    pub(super) mel: Arc<LogMel>,
    pub(super) voicing: Option<VoicingNetwork>,
    pub(super) detector: Detector,
    device: DeviceInfo,
}

/// A voicing network with what makes its input.
pub(crate) struct VoicingNetwork {
    pub network: LoadedNetwork,
    pub input: VoicingInput,
}

/// What a voicing network reads.
pub(crate) enum VoicingInput {
    /// Log-mel frames, along the melody.
    Melody(LogMelConfig, MelodyBands),
    /// The bands that the detector reads.
    Bands,
}

/// The network that tells speech from singing, with what makes its input.
pub(crate) struct Detector {
    pub network: LoadedNetwork,
    pub mel: Arc<KaldiMel>,
}

impl Detector {
    fn load(device: &DeviceInfo) -> Result<Self, ModelError> {
        let folder = ModelFolder::find(DETECTOR)?;
        let Features::KaldiMel(mel) = &folder.config.network.features else {
            return Err(wrong_features(&folder, FeatureKind::KaldiMel));
        };
        Ok(Self {
            mel: Arc::new(KaldiMel::new(mel.clone())),
            network: LoadedNetwork::load(&folder, Task::Voicing, device)?,
        })
    }
}

/// The CFP that a pitch network reads.
fn cfp(folder: &ModelFolder) -> Result<&CfpConfig, ModelError> {
    match &folder.config.network.features {
        Features::Cfp(config) | Features::Salience(config) => Ok(config),
        _ => Err(wrong_features(folder, FeatureKind::Cfp)),
    }
}

pub(super) fn wrong_features(folder: &ModelFolder, expected: FeatureKind) -> ModelError {
    let source = SettingsError::Features {
        network: folder.info().name,
        expected,
        found: folder.config.network.features.kind(),
    };
    let name = folder.name.clone();
    ModelError::Settings { name, source }
}

impl VoicingNetwork {
    fn load(folder: &ModelFolder, device: &DeviceInfo) -> Result<Self, ModelError> {
        let network = LoadedNetwork::load(folder, Task::Voicing, device)?;
        let input = match &folder.config.network.features {
            Features::MelodyBands(mel) => VoicingInput::Melody(mel.clone(), MelodyBands::new(mel)),
            Features::KaldiMel(_) => VoicingInput::Bands, // the network reads no others
            _ => return Err(wrong_features(folder, FeatureKind::MelodyBands)),
        };
        Ok(Self { network, input })
    }
}

impl Models {
    /// What the rows of pictures and classes are.
    pub fn axis(&self) -> PitchAxis {
        self.cfp.config().axis()
    }

    /// Times of the frames.
    pub fn grid(&self) -> FrameGrid {
        self.cfp.config().grid()
    }

    /// Names of the networks: pitch, then voicing if there is one.
    pub fn names(&self) -> Vec<String> {
        let voicing = self
            .voicing
            .as_ref()
            .map(|voicing| voicing.network.name.clone());
        [Some(self.pitch.name.clone()), voicing]
            .into_iter()
            .flatten()
            .collect()
    }

    /// An analysis by these networks of which nothing is there yet.
    pub fn begin(&self, path: &Path) -> Analysis {
        Analysis::new(path, self.axis(), self.grid())
    }

    /// What they run on, for people.
    pub fn device_name(&self) -> String {
        self.device.to_string()
    }

    /// The network that decides voicing.
    fn decides(&self) -> &LoadedNetwork {
        let voicing = self.voicing.as_ref();
        voicing.map_or(&self.pitch, |voicing| &voicing.network)
    }

    /// Confidence from which a frame is voiced, unless the user says otherwise.
    pub fn threshold(&self) -> f32 {
        self.decides().config.threshold
    }

    /// Whether a frame's confidence is what it is against that of all frames.
    pub(super) fn judges_by_mean(&self) -> bool {
        self.decides()
            .info
            .outputs
            .contains(&OutputKind::MelodyPixels)
    }

    /// How the whole recording shifts the confidence.
    pub fn calibration(&self) -> Option<Calibration> {
        self.decides().config.calibration
    }

    /// All that the networks of pitch and voicing read.
    pub fn transforms(&self) -> Transforms {
        let input = self.voicing.as_ref().map(|voicing| &voicing.input);
        Transforms {
            cfp: Some(Arc::clone(&self.cfp)),
            mel: Some(Arc::clone(&self.mel)),
            kaldi_mel: match input {
                Some(VoicingInput::Bands) => Some((Arc::clone(&self.detector.mel), Stretches::ALL)),
                _ => None,
            },
        }
    }

    /// Frames on each side whose samples a frame of the CFP reads.
    pub(super) fn reach(&self) -> usize {
        let config = self.cfp.config();
        (config.window_len / 2).div_ceil(config.hop)
    }
}
