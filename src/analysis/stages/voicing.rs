//! Tells where a voice sings the melody that was found.

use super::super::blocks::{Block, Blocks};
use super::super::models::VoicingNetwork;
use super::run;
use crate::dsp::{Contour, MelFrames};
use crate::melody::PitchFrame;
use crate::models::{ModelError, OutputKind};

/// Frames that wait for the voicing network.
pub struct VoicingStage<'a> {
    voicing: &'a VoicingNetwork,
    blocks: Blocks,
    /// Frames without a pitch yet.
    frames: MelFrames,
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
    pub fn push(&mut self, frames: &MelFrames) {
        self.frames.append(frames);
    }

    /// Takes the pitch of the next frames, each by itself: that it leaps where nobody sings tells as much
    /// as where it lies; `mel_mean` is that of the recording's bands.
    pub fn follow(&mut self, pitch: &[PitchFrame], mel_mean: f32) {
        let f0_hz: Vec<f32> = pitch.iter().map(|frame| frame.own_hz).collect();
        let contour = Contour {
            f0_hz: &f0_hz,
            before_hz: self.before_hz,
        };
        let input = &self.voicing.input;
        self.rows
            .extend(input.rows(&self.frames, mel_mean, contour));
        self.frames.drop_front(pitch.len());
        self.before_hz = f0_hz.last().copied().or(self.before_hz);
        self.forget();
    }

    /// Number of the network's rows.
    fn n_rows(&self) -> usize {
        self.voicing.network.config.network.features.n_rows()
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
        let logits = run(&self.voicing.network, OutputKind::VoiceLogits, input, dims)?;
        let probability = |t| {
            let by_listener = logits.values.iter().skip(t).step_by(seen.len());
            let mean = by_listener.sum::<f32>() / logits.n_maps as f32;
            1.0 / (1.0 + (-mean).exp())
        };
        let within = decided.start - seen.start..decided.end - seen.start;
        let voices = within.map(probability).collect();
        self.forget();
        Ok(Some(voices))
    }
}

/// `[frames, rows]` → `[rows, frames]`.
fn columns(values: &[f32], n_rows: usize) -> Vec<f32> {
    let frames = values.len() / n_rows;
    let mut out = vec![0.0; values.len()];
    for (t, frame) in values.chunks_exact(n_rows).enumerate() {
        for (row, &value) in frame.iter().enumerate() {
            out[row * frames + t] = value;
        }
    }
    out
}
