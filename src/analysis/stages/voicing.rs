//! Tells where a voice sings the melody that was found.

use super::super::blocks::{Block, Blocks};
use super::super::front_end::FrameBlock;
use super::super::models::{VoicingInput, VoicingNetwork};
use super::{FrameScores, columns, run};
use crate::dsp::{Contour, MelFrames};
use crate::melody::PitchFrame;
use crate::melody::calibrate::probability;
use crate::models::{ModelError, OutputKind};

/// Frames that wait for the voicing network.
pub struct VoicingStage<'a> {
    voicing: &'a VoicingNetwork,
    blocks: Blocks,
    /// Frames without a pitch yet.
    frames: MelFrames,
    /// Bands of those, for a network that reads them as they are.
    bands: Vec<f32>,
    /// Pitch of the frame before them.
    before_hz: Option<f32>,
    /// Number of the first frame that waits.
    first: usize,
    /// The network's input for those.
    rows: Vec<f32>,
}

impl<'a> VoicingStage<'a> {
    /// Before the first frame, in blocks of about `block_frames`.
    pub(crate) fn new(voicing: &'a VoicingNetwork, block_frames: usize) -> Self {
        Self {
            voicing,
            blocks: Blocks::new(block_frames, voicing.network.info.framing),
            frames: MelFrames::default(),
            bands: Vec::new(),
            before_hz: None,
            first: 0,
            rows: Vec::new(),
        }
    }

    /// Frames decided at once.
    pub fn block_len(&self) -> usize {
        self.blocks.block_len()
    }

    /// Begins at a frame, whose number is a multiple of the block's length.
    pub fn begin_at(&mut self, frame: usize) {
        self.blocks.begin_at(frame);
    }

    /// Takes the next frames.
    pub fn push(&mut self, block: &FrameBlock) {
        match &self.voicing.input {
            VoicingInput::Melody(..) => self.frames.append(&block.mel),
            VoicingInput::Bands => self.bands.extend_from_slice(&block.kaldi_mel),
        }
    }

    /// Frames whose pitch is not known yet.
    pub fn n_without_pitch(&self) -> usize {
        match &self.voicing.input {
            VoicingInput::Melody(..) => self.frames.n_frames(),
            VoicingInput::Bands => self.bands.len() / self.n_rows(),
        }
    }

    /// Values of a frame.
    fn n_rows(&self) -> usize {
        self.voicing.network.config.network.features.n_rows()
    }

    /// Takes the pitch of the next frames, each by itself: that it leaps where nobody sings tells as much
    /// as where it lies; `mel_mean` is that of the recording's bands.
    pub fn follow(&mut self, pitch: &[PitchFrame], mel_mean: f32) {
        let f0_hz: Vec<f32> = pitch.iter().map(|frame| frame.own_hz).collect();
        let contour = Contour {
            f0_hz: &f0_hz,
            before_hz: self.before_hz,
        };
        match &self.voicing.input {
            VoicingInput::Melody(_, input) => {
                let rows = input.rows(&self.frames, mel_mean, contour);
                self.rows.extend(rows);
                self.frames.drop_front(pitch.len());
            }
            VoicingInput::Bands => {
                let n_values = (pitch.len() * self.n_rows()).min(self.bands.len());
                self.rows.extend(self.bands.drain(..n_values));
            }
        }
        self.before_hz = f0_hz.last().copied().or(self.before_hz);
        self.forget();
    }

    /// Forgets the frames that are no longer needed.
    fn forget(&mut self) {
        let n_rows = self.n_rows();
        let passed = self.blocks.needed_from() - self.first;
        let passed = passed.min(self.rows.len() / n_rows);
        self.rows.drain(..passed * n_rows);
        self.first += passed;
    }

    /// Probability of a voice on the next block, if all frames that decide about it are there.
    ///
    /// # Errors
    /// [`ModelError::Run`] if the device fails.
    pub fn next(&mut self, ended: bool) -> Result<Option<Vec<f32>>, ModelError> {
        let n_rows = self.n_rows();
        let available = self.first + self.rows.len() / n_rows;
        let Some(Block { decided, seen }) = self.blocks.next(available, ended) else {
            return Ok(None);
        };
        let rows = (seen.start - self.first) * n_rows..(seen.end - self.first) * n_rows;
        let input = columns(&self.rows[rows], n_rows);
        let dims = [1, n_rows, seen.len()];
        let network = &self.voicing.network;
        let output = network.info.outputs[0];
        let scores = run(network, output, input, dims)?;
        let voice = |t| probability(voice_odds(output, &scores, t, seen.len()));
        let within = decided.start - seen.start..decided.end - seen.start;
        let voices = within.map(voice).collect();
        self.forget();
        Ok(Some(voices))
    }
}

/// Log-odds of a voice in frame `t` of `n_frames`.
fn voice_odds(output: OutputKind, scores: &FrameScores, t: usize, n_frames: usize) -> f32 {
    let of_frame = scores.values.iter().skip(t).step_by(n_frames);
    match output {
        // speech or singing: rap and recitative are taken for either
        OutputKind::SoundLogits => of_frame.take(2).copied().fold(f32::NEG_INFINITY, f32::max),
        _ => of_frame.sum::<f32>() / scores.n_maps as f32,
    }
}
