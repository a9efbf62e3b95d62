//! What networks read of a mixture, made from its samples.

use crate::audio::Resampler;
use crate::datasets::RATE_HZ;
use crate::dsp::{Cfp, FeatureScale, LogMel, LogMelConfig, normalized_stack};
use crate::melody::decode::decode;
use crate::models::store::{DEFAULT_PITCH, Folder};
use crate::models::{Contour, DeviceChoice, ModelError, Network, PitchModel, VoiceInput, device};

/// Input of a pitch network for a 16 kHz mixture: `[3, rows, frames]`, and the number of frames.
pub fn pitch_stack(cfp: &Cfp, mix: &[f32]) -> (Vec<f32>, usize) {
    let mut resampler =
        Resampler::new(RATE_HZ, cfp.config().rate_hz).expect("both rates are fixed");
    let mut samples = resampler.push(mix);
    samples.extend(resampler.finish());
    let layers = cfp.compute(&samples);
    let mut scale = FeatureScale::empty();
    scale.include(&layers);
    (normalized_stack(&layers, &scale), layers.n_frames())
}

/// Makes the voicing network's input of mixtures, along the melody that the shipped pitch
/// network finds in them.
pub struct VoicingFeatures {
    mel: LogMel,
    input: VoiceInput,
    cfp: Cfp,
    pitch: PitchModel,
}

impl VoicingFeatures {
    /// With bands of these settings.
    ///
    /// # Errors
    /// [`ModelError`] of the pitch network.
    pub fn new(mel: LogMelConfig) -> Result<Self, ModelError> {
        let folder = Folder::find(DEFAULT_PITCH)?;
        let Network::Msnet { cfp, .. } = &folder.config.network else {
            unreachable!("the default pitch network finds pitch")
        };
        let cpu = device::choose(DeviceChoice::Cpu).map_err(ModelError::Device)?;
        Ok(Self {
            input: VoiceInput::new(&mel),
            mel: LogMel::new(mel),
            cfp: Cfp::new(cfp.clone()),
            pitch: PitchModel::load(&folder, &cpu)?,
        })
    }

    /// Settings of the bands.
    pub fn config(&self) -> &LogMelConfig {
        self.mel.config()
    }

    /// Input for a 16 kHz mixture, frame after frame.
    pub fn rows(&self, mix: &[f32]) -> Vec<f32> {
        let (stack, frames) = pitch_stack(&self.cfp, mix);
        let scores = self.pitch.scores(stack, frames);
        let scores = scores.expect("networks on the processor run");
        let decoded = decode(&scores, &self.cfp.config().axis());
        let mel = self.mel.compute(mix);
        let sum: f64 = mel.bands.iter().map(|&value| f64::from(value)).sum();
        let mean = (sum / mel.bands.len().max(1) as f64) as f32;
        let contour = Contour {
            f0_hz: &decoded.f0_hz,
            before_hz: None,
        };
        self.input.rows(&mel, mean, contour)
    }
}
