//! Frames that wait for their context, and the networks that decide them: pitch, then voicing.

use super::blocks::{Block, Blocks};
use super::models::Voicing;
use super::survey::{Survey, Transformed};
use super::{AnalysisError, Models};
use crate::dsp::{Layers, MelFrames, normalized_stack};
use crate::melody::decode::{Decoded, decode};
use crate::melody::{ClassFrame, F0Frame};
use crate::models::voicing::ROWS;
use crate::models::{Contour, msnet, voicing};

/// Contour and classes of a block.
pub type Decided = (Vec<F0Frame>, Vec<ClassFrame>);

/// Decides frames as they come, in blocks of any length.
pub struct Decider<'a> {
    models: &'a Models,
    survey: &'a Survey,
    threshold: Option<f32>,
    pitch: PitchStage<'a>,
    voice: Option<VoiceStage<'a>>,
    /// Frames that have a pitch and wait for their voicing.
    pending: Decoded,
    /// Number of the first of them.
    first: usize,
}

impl<'a> Decider<'a> {
    /// A decider of a recording that was surveyed, in blocks of `block_frames`.
    pub fn new(
        models: &'a Models,
        survey: &'a Survey,
        threshold: Option<f32>,
        block_frames: usize,
    ) -> Self {
        let voicing = models.voicing.as_ref();
        Self {
            models,
            survey,
            threshold,
            pitch: PitchStage {
                models,
                survey,
                blocks: Blocks::new(block_frames, msnet::CONTEXT_FRAMES),
                first: 0,
                layers: Layers {
                    n_rows: survey.picture.axis.n_rows,
                    ..Layers::default()
                },
            },
            voice: voicing.map(|voicing| VoiceStage {
                voicing,
                mean: survey.mel_mean,
                blocks: Blocks::new(block_frames, voicing::CONTEXT_FRAMES),
                frames: MelFrames::default(),
                before_hz: None,
                first: 0,
                rows: Vec::new(),
            }),
            pending: Decoded::default(),
            first: 0,
        }
    }

    /// Takes the next frames.
    pub fn push(&mut self, new: &Transformed) {
        self.pitch.layers.append(&new.layers);
        if let Some(voice) = &mut self.voice {
            voice.frames.append(&new.mel);
        }
    }

    /// Decides the next block if its context is there.
    ///
    /// # Errors
    /// [`AnalysisError::Model`] if a network fails.
    pub fn next(&mut self, ended: bool) -> Result<Option<Decided>, AnalysisError> {
        while let Some(decoded) = self.pitch.next(ended)? {
            if let Some(voice) = &mut self.voice {
                voice.follow(&decoded);
            }
            self.pending.append(decoded);
        }
        let voices = match &mut self.voice {
            Some(voice) => Some(voice.next(ended)?.unwrap_or_default()),
            None => None,
        };
        let n_frames = voices.as_ref().map_or(self.pending.n_frames(), Vec::len);
        if n_frames == 0 {
            return Ok(None);
        }
        let decoded = self.pending.take_front(n_frames);
        let frame = |at: usize| self.frame(&decoded, at, voices.as_ref().map(|v| v[at]));
        let f0 = (0..n_frames).map(frame).collect();
        self.first += n_frames;
        Ok(Some((f0, decoded.classes)))
    }

    fn frame(&self, decoded: &Decoded, at: usize, voice: Option<f32>) -> F0Frame {
        let column = self.survey.picture.column(self.first + at);
        if column.iter().all(|&cell| cell == 0) {
            return F0Frame::default(); // silence has no pitch
        }
        let confidence = voice.unwrap_or(decoded.melody_probability[at]);
        let voiced = match (self.threshold, voice) {
            (None, None) => !decoded.row0_wins[at],
            (threshold, _) => confidence >= threshold.unwrap_or(self.models.threshold()),
        };
        F0Frame {
            f0_hz: decoded.f0_hz[at],
            confidence,
            voiced,
        }
    }
}

/// Finds the pitch.
struct PitchStage<'a> {
    models: &'a Models,
    survey: &'a Survey,
    blocks: Blocks,
    /// Number of the first frame that waits.
    first: usize,
    layers: Layers,
}

impl PitchStage<'_> {
    /// The melody of the next block, if its context is there.
    fn next(&mut self, ended: bool) -> Result<Option<Decoded>, AnalysisError> {
        let available = self.first + self.layers.n_frames();
        let Some(Block { decided, seen }) = self.blocks.next(available, ended) else {
            return Ok(None);
        };
        let layers = self
            .layers
            .frames(seen.start - self.first..seen.end - self.first);
        let stack = normalized_stack(&layers, &self.survey.scale);
        let scores = self.models.pitch.scores(stack, layers.n_frames())?;
        let mut decoded = decode(&scores, &self.survey.picture.axis);
        decoded.take_front(decided.start - seen.start);
        let decoded = decoded.take_front(decided.len());
        let passed = self.blocks.needed_from() - self.first;
        self.layers.drop_front(passed);
        self.first += passed;
        Ok(Some(decoded))
    }
}

/// Tells where a voice sings that melody.
struct VoiceStage<'a> {
    voicing: &'a Voicing,
    /// Of the recording's log-mel bands.
    mean: f32,
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

impl VoiceStage<'_> {
    /// Takes the melody of the next frames.
    fn follow(&mut self, melody: &Decoded) {
        let contour = Contour {
            f0_hz: &melody.f0_hz,
            before_hz: self.before_hz,
        };
        let input = &self.voicing.input;
        self.rows
            .extend(input.rows(&self.frames, self.mean, contour));
        self.frames.drop_front(melody.n_frames());
        self.before_hz = melody.f0_hz.last().copied();
    }

    /// Probability of a voice on the next block, if its context is there.
    fn next(&mut self, ended: bool) -> Result<Option<Vec<f32>>, AnalysisError> {
        let available = self.first + self.rows.len() / ROWS;
        let Some(Block { decided, seen }) = self.blocks.next(available, ended) else {
            return Ok(None);
        };
        let rows = (seen.start - self.first) * ROWS..(seen.end - self.first) * ROWS;
        let frames = seen.len();
        let mut input = vec![0.0; rows.len()];
        for (t, frame) in self.rows[rows].chunks_exact(ROWS).enumerate() {
            for (row, &value) in frame.iter().enumerate() {
                input[row * frames + t] = value;
            }
        }
        let mut voices = self.voicing.net.probabilities(input, frames)?;
        voices.truncate(decided.end - seen.start);
        let passed = self.blocks.needed_from() - self.first;
        self.rows.drain(..passed * ROWS);
        self.first += passed;
        Ok(Some(voices.split_off(decided.start - seen.start)))
    }
}
