//! The networks of an analysis, loaded on a device.

use std::sync::Arc;

use crate::dsp::{Cfp, LogMel};
use crate::melody::{FrameGrid, PitchAxis};
use crate::models::store::{DEFAULT_PITCH, DEFAULT_VOICING, Folder};
use crate::models::{
    DeviceChoice, DeviceInfo, ModelError, Network, PitchModel, VoiceInput, VoicingModel, device,
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
    /// What results depend on: the networks and their weights, but not the device.
    ///
    /// # Errors
    /// [`ModelError`] if one is missing or damaged.
    pub fn identity(&self) -> Result<String, ModelError> {
        let names = [Some(&self.pitch), self.voicing.as_ref()];
        let cards = names.into_iter().flatten().map(|name| {
            let config = Folder::find(name)?.config;
            let settings = serde_json::to_string(&config).unwrap_or_default();
            Ok(format!("{name} {settings}"))
        });
        Ok(cards.collect::<Result<Vec<_>, ModelError>>()?.join("\n"))
    }

    /// Names and SHA-256 of their weights.
    ///
    /// # Errors
    /// As [`Self::identity`].
    pub fn checksums(&self) -> Result<Vec<(String, String)>, ModelError> {
        let names = [Some(&self.pitch), self.voicing.as_ref()];
        let card = |name: &String| Ok((name.clone(), Folder::find(name)?.config.weights_sha256));
        names.into_iter().flatten().map(card).collect()
    }

    /// Voicing threshold they come with.
    ///
    /// # Errors
    /// [`ModelError`] if the one that decides voicing is missing or damaged.
    pub fn threshold(&self) -> Result<f32, ModelError> {
        let decides = self.voicing.as_ref().unwrap_or(&self.pitch);
        Ok(Folder::find(decides)?.config.threshold)
    }

    /// Loads them.
    ///
    /// # Errors
    /// As [`Models::load`].
    pub fn load(&self) -> Result<Models, ModelError> {
        Models::load(&self.pitch, self.voicing.as_deref(), self.device)
    }
}

/// A pitch network, and a voicing network unless the papers' rule is asked for.
pub struct Models {
    pub(super) pitch: PitchModel,
    pub(super) cfp: Arc<Cfp>,
    pub(super) voicing: Option<Voicing>,
    names: Vec<String>,
    threshold: f32,
    device: DeviceInfo,
}

/// A voicing network with what makes its input.
pub(super) struct Voicing {
    pub net: VoicingModel,
    pub mel: Arc<LogMel>,
    pub input: VoiceInput,
}

impl Models {
    /// Loads networks by name or folder; without `voicing`, row 0 of the pitch network decides.
    ///
    /// # Errors
    /// [`ModelError`] if one is missing, damaged or for another task, or there is no such device.
    pub fn load(
        pitch: &str,
        voicing: Option<&str>,
        device: DeviceChoice,
    ) -> Result<Self, ModelError> {
        let device = device::choose(device).map_err(ModelError::Device)?;
        let folder = Folder::find(pitch)?;
        let net = PitchModel::load(&folder, &device)?;
        let Network::Msnet { cfp, .. } = &folder.config.network else {
            unreachable!("a pitch network was loaded")
        };
        let mut models = Self {
            pitch: net,
            cfp: Arc::new(Cfp::new(cfp.clone())),
            voicing: None,
            names: vec![folder.name.clone()],
            threshold: folder.config.threshold,
            device,
        };
        if let Some(name) = voicing {
            let folder = Folder::find(name)?;
            let net = VoicingModel::load(&folder, &models.device)?;
            let Network::Voicing { mel } = &folder.config.network else {
                unreachable!("a voicing network was loaded")
            };
            models.voicing = Some(Voicing {
                net,
                mel: Arc::new(LogMel::new(mel.clone())),
                input: VoiceInput::new(mel),
            });
            models.names.push(folder.name.clone());
            models.threshold = folder.config.threshold;
        }
        Ok(models)
    }

    /// What the rows of pictures and classes are.
    pub fn axis(&self) -> PitchAxis {
        self.cfp.config().axis()
    }

    /// Times of the frames.
    pub fn grid(&self) -> FrameGrid {
        self.cfp.config().grid()
    }

    /// Names of the networks: pitch, then voicing if there is one.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// What they run on, for people.
    pub fn device_name(&self) -> String {
        self.device.to_string()
    }

    /// Confidence from which a frame is voiced, unless the user says otherwise.
    pub fn threshold(&self) -> f32 {
        self.threshold
    }
}
