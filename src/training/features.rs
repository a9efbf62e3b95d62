//! What networks read of a mixture, made from its samples.

use std::sync::Arc;

use super::blocks::in_blocks;
use crate::analysis::{FrameBlock, Scale, Transforms};
use crate::datasets::RATE_HZ;
use crate::dsp::{Cfp, Contour, Features, LogMel, LogMelConfig, MelodyBands};
use crate::melody::PitchAxis;
use crate::melody::decode::decode;
use crate::models::store::{DEFAULT_PITCH, ModelFolder};
use crate::models::{DeviceChoice, LoadedNetwork, ModelError, OutputKind, Task, device};

/// Input of a pitch network for a 16 kHz mixture: `[3, rows, frames]`, and the number of frames.
pub fn pitch_stack(cfp: &Arc<Cfp>, mix: &[f32]) -> (Vec<f32>, usize) {
    let transforms = Transforms {
        cfp: Some(Arc::clone(cfp)),
        ..Transforms::default()
    };
    let block = FrameBlock::of(mix, RATE_HZ, &transforms).expect("both rates are fixed");
    (
        Scale::of(&block).stack(&block.layers),
        block.layers.n_frames(),
    )
}

/// Input of a network that reads the salience, for a 16 kHz mixture: `[rows, frames]`, and the number of
/// frames.
pub fn salience(cfp: &Arc<Cfp>, mix: &[f32]) -> (Vec<f32>, usize) {
    let transforms = Transforms {
        cfp: Some(Arc::clone(cfp)),
        ..Transforms::default()
    };
    let block = FrameBlock::of(mix, RATE_HZ, &transforms).expect("both rates are fixed");
    (block.layers.salience_rows(), block.layers.n_frames())
}

/// Makes the voicing network's input of mixtures, along the melody that the shipped pitch
/// network finds in them.
pub struct VoicingFeatures {
    transforms: Transforms,
    config: LogMelConfig,
    input: MelodyBands,
    pitch: LoadedNetwork,
    axis: PitchAxis,
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
            _ => None,
        };
        let axis = folder.config.network.features.axis();
        Ok(Self {
            axis: axis.expect("a pitch network's rows are pitches"),
            transforms: Transforms {
                cfp,
                mel: Some(Arc::new(LogMel::new(mel.clone()))),
                kaldi_mel: None,
            },
            input: MelodyBands::new(&mel),
            config: mel,
            pitch: LoadedNetwork::load(&folder, Task::Melody, &cpu)?,
        })
    }

    /// Checksum of the pitch network's weights.
    pub fn pitch_weights(&self) -> &str {
        &self.pitch.config.weights_sha256
    }

    /// Whether the pitch network has a row for a pitch: a voice beyond them is none of the melody.
    pub fn has_pitch(&self, hz: f32) -> bool {
        self.axis.class_within(hz.into()) > 0
    }

    /// Values of a frame.
    pub fn n_rows(&self) -> usize {
        MelodyBands::n_rows(&self.config)
    }

    /// Input for a 16 kHz mixture, frame after frame, and the melody in Hz that it follows.
    pub fn rows(&self, mix: &[f32]) -> (Vec<f32>, Vec<f32>) {
        let block = FrameBlock::of(mix, RATE_HZ, &self.transforms).expect("rates are fixed");
        let scale = Scale::of(&block);
        let f0_hz = self.melody(&block, &scale);
        let contour = Contour {
            f0_hz: &f0_hz,
            before_hz: None,
        };
        let rows = self.input.rows(&block.mel, scale.mel_mean(), contour);
        (rows, f0_hz)
    }

    fn melody(&self, block: &FrameBlock, scale: &Scale) -> Vec<f32> {
        let (stack, frames) = (scale.stack(&block.layers), block.layers.n_frames());
        let (framing, rows) = (self.pitch.info.framing, block.layers.n_rows);
        let mut maps = 1;
        let scores = in_blocks(&stack, frames, framing, |part, frames| {
            let scores = self
                .pitch
                .run(OutputKind::PitchScores, part, [1, 3, rows, frames]);
            let scores = scores.expect("networks on the processor run");
            maps = scores.dims[1];
            scores.values
        });
        let decoded = decode(&scores, maps, &self.axis);
        let pitch = decoded.pitch.iter().map(|frame| frame.own_hz);
        let whistles = &block.layers.whistle_hz;
        pitch
            .zip(whistles)
            .map(|(f0_hz, &whistle_hz)| if whistle_hz > 0.0 { whistle_hz } else { f0_hz })
            .collect()
    }
}
