//! The networks of an analysis, loaded on a device.

use std::sync::Arc;

use crate::dsp::{Cfp, LogMel};
use crate::melody::{FrameGrid, PitchAxis};
use crate::models::store::Folder;
use crate::models::{
    DeviceChoice, DeviceInfo, ModelError, Network, PitchModel, VoicingModel, device,
};

/// A pitch network, and a voicing network unless the papers' rule is asked for.
pub struct Models {
    pub(super) pitch: PitchModel,
    pub(super) cfp: Arc<Cfp>,
    pub(super) voicing: Option<(VoicingModel, Arc<LogMel>)>,
    names: Vec<String>,
    threshold: f32,
    melody_weight: f32,
    device: DeviceInfo,
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
            melody_weight: 0.0,
            device,
        };
        if let Some(name) = voicing {
            let folder = Folder::find(name)?;
            let net = VoicingModel::load(&folder, &models.device)?;
            let Network::Voicing { mel } = &folder.config.network else {
                unreachable!("a voicing network was loaded")
            };
            models.voicing = Some((net, Arc::new(LogMel::new(mel.clone()))));
            models.names.push(folder.name.clone());
            models.threshold = folder.config.threshold;
            models.melody_weight = folder.config.melody_weight;
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

    /// Confidence in a voice: its probability by the voicing network, and that of a melody by the
    /// pitch network, as weighted log-odds.
    pub(super) fn confidence(&self, voice: f32, melody: f32) -> f32 {
        let log_odds = |p: f32| (p.max(1e-4) / (1.0 - p).max(1e-4)).ln();
        let sum = log_odds(voice) + self.melody_weight * log_odds(melody);
        1.0 / (1.0 + (-sum).exp())
    }

    /// Confidence from which a frame is voiced, unless the user says otherwise.
    pub fn threshold(&self) -> f32 {
        self.threshold
    }
}
