//! What networks read of a mixture, made from its samples.

use std::sync::Arc;

use crate::analysis::{FrameBlock, Scale, Transforms};
use crate::datasets::RATE_HZ;
use crate::dsp::{Cfp, Contour, Features, LogMel, LogMelConfig, MelodyBands};
use crate::melody::decode::decode;
use crate::models::store::{DEFAULT_PITCH, ModelFolder};
use crate::models::{DeviceChoice, LoadedNetwork, ModelError, Output, Task, device};

/// Input of a pitch network for a 16 kHz mixture: `[3, rows, frames]`, and the number of frames.
pub fn pitch_stack(cfp: &Arc<Cfp>, mix: &[f32]) -> (Vec<f32>, usize) {
    let transforms = Transforms {
        cfp: Some(Arc::clone(cfp)),
        mel: None,
    };
    let block = FrameBlock::of(mix, RATE_HZ, &transforms).expect("both rates are fixed");
    (
        Scale::of(&block).stack(&block.layers),
        block.layers.n_frames(),
    )
}

/// Makes the voicing network's input of mixtures, along the melody that the shipped pitch
/// network finds in them.
pub struct VoicingFeatures {
    transforms: Transforms,
    config: LogMelConfig,
    input: MelodyBands,
    pitch: LoadedNetwork,
}

impl VoicingFeatures {
    /// With bands of these settings.
    ///
    /// # Errors
    /// [`ModelError`] of the pitch network.
    pub fn new(mel: LogMelConfig) -> Result<Self, ModelError> {
        let folder = ModelFolder::find(DEFAULT_PITCH)?;
        let cpu = device::choose(DeviceChoice::Cpu).map_err(ModelError::Device)?;
        let cfp = match &folder.config.network.features {
            Features::Cfp(cfp) => Some(Arc::new(Cfp::new(cfp.clone()))),
            Features::MelodyBands(_) => None,
        };
        Ok(Self {
            transforms: Transforms {
                cfp,
                mel: Some(Arc::new(LogMel::new(mel.clone()))),
            },
            input: MelodyBands::new(&mel),
            config: mel,
            pitch: LoadedNetwork::load(&folder, Task::Melody, &cpu)?,
        })
    }

    /// Settings of the bands.
    pub fn config(&self) -> &LogMelConfig {
        &self.config
    }

    /// Input for a 16 kHz mixture, frame after frame.
    pub fn rows(&self, mix: &[f32]) -> Vec<f32> {
        let block = FrameBlock::of(mix, RATE_HZ, &self.transforms).expect("rates are fixed");
        let (layers, scale) = (&block.layers, Scale::of(&block));
        let dims = [1, 3, layers.n_rows, layers.n_frames()];
        let scores = self
            .pitch
            .run(Output::PitchScores, scale.stack(layers), dims);
        let scores = scores.expect("networks on the processor run");
        let features = &self.pitch.config.network.features;
        let axis = features.axis().expect("a pitch network's rows are pitches");
        let decoded = decode(&scores.values, scores.dims[1], &axis);
        let f0_hz: Vec<f32> = decoded.pitch.iter().map(|frame| frame.f0_hz).collect();
        let contour = Contour {
            f0_hz: &f0_hz,
            before_hz: None,
        };
        self.input.rows(&block.mel, scale.mel_mean(), contour)
    }
}
