//! Features → contour, classes and levels, frame by frame: the pitch stage, then the others.

use super::front_end::{FrameBlock, Scale};
use super::level::is_silent;
use super::stages::{PitchStage, VoiceLevelStage, VoicingStage};
use super::{AnalysisError, Models, Part};
use crate::melody::{Decoded, F0Frame, PitchAxis, PitchFrame};

/// Decides frames as they come, in blocks of any length.
///
/// The same for a file, whose scale is known from a first pass, and for sound that goes on: there
/// the scale is that of all that was heard so far.
pub struct Tracker<'a> {
    models: &'a Models,
    axis: PitchAxis,
    threshold: f32,
    scale: Scale,
    causal: bool,
    /// Frames whose pitch is known from an earlier analysis.
    known: &'a [PitchFrame],
    /// So many of them were taken.
    n_taken: usize,
    /// Finds the pitch behind them; none if it is known throughout.
    pitch: Option<PitchStage<'a>>,
    voice_level: VoiceLevelStage,
    voicing: Option<VoicingStage<'a>>,
    level: Vec<f32>,
    /// Frames that have a pitch and wait for their voicing.
    pending: Decoded,
    /// Levels of the harmonics of those frames.
    pending_levels: Vec<f32>,
    /// Number of the first frame to decide.
    first: usize,
    /// Frames before it that have yet to pass.
    n_passing: usize,
}

impl<'a> Tracker<'a> {
    /// A tracker of a recording whose scale is known, in blocks of about `block_frames`.
    pub fn new(models: &'a Models, threshold: f32, scale: Scale, block_frames: usize) -> Self {
        let voicing = models.voicing.as_ref();
        let axis = models.axis();
        let pitch = PitchStage::new(&models.pitch, axis, block_frames);
        Self {
            models,
            axis,
            threshold,
            scale,
            causal: false,
            known: &[],
            n_taken: 0,
            pitch: Some(pitch),
            voice_level: VoiceLevelStage::new(models.mel.config()),
            voicing: voicing.map(|voicing| VoicingStage::new(voicing, block_frames)),
            level: Vec::new(),
            pending: Decoded::default(),
            pending_levels: Vec::new(),
            first: 0,
            n_passing: 0,
        }
    }

    /// A tracker of sound that is heard once: features are scaled by what was heard so far.
    pub fn live(models: &'a Models, threshold: f32, block_frames: usize) -> Self {
        Self {
            causal: true,
            ..Self::new(models, threshold, Scale::default(), block_frames)
        }
    }

    /// Takes the pitch from an earlier analysis; there will be no classes.
    pub fn with_pitch(self, pitch: &'a [PitchFrame], level: &[f32]) -> Self {
        Self {
            pitch: None,
            known: pitch,
            level: level.to_vec(),
            ..self
        }
    }

    /// The most of `n_found` frames behind which an analysis can go on as if it had not stopped.
    pub fn resumable(&self, n_found: usize) -> usize {
        let by_pitch = self.pitch.as_ref().map_or(1, PitchStage::block_len);
        let by_voicing = self.voicing.as_ref().map_or(1, VoicingStage::block_len);
        let mut ends = (0..n_found + 1).step_by(by_pitch).rev();
        ends.find(|end| end.is_multiple_of(by_voicing)).unwrap_or(0)
    }

    /// Goes on behind frames that were decided, whose pitch this is; as many as are
    /// [resumable](Tracker::resumable).
    pub fn behind(mut self, pitch: &'a [PitchFrame]) -> Self {
        if let Some(stage) = &mut self.pitch {
            stage.begin_at(pitch.len());
        }
        if let Some(stage) = &mut self.voicing {
            stage.begin_at(pitch.len());
        }
        Self {
            known: pitch,
            first: pitch.len(),
            n_passing: pitch.len(),
            ..self
        }
    }

    /// Takes the next frames.
    pub fn push(&mut self, block: &FrameBlock) {
        if self.causal {
            self.scale.include(block);
        }
        self.level.extend_from_slice(&block.level);
        if let Some(stage) = &mut self.pitch {
            stage.push(&block.layers);
        }
        self.voice_level.push(&block.mel);
        if let Some(stage) = &mut self.voicing {
            stage.push(block);
        }
    }

    /// What is decided next, if all frames that decide about it are there.
    ///
    /// # Errors
    /// [`AnalysisError::Model`] if a network fails.
    pub fn next(&mut self, ended: bool) -> Result<Option<Vec<Part>>, AnalysisError> {
        while let Some(mut decoded) = self.next_pitch(ended)? {
            let mut levels = self.voice_level.follow(&decoded.pitch);
            if let Some(stage) = &mut self.voicing {
                stage.follow(&decoded.pitch, self.scale.mel_mean());
            }
            let passing = decoded.take_front(self.n_passing.min(decoded.n_frames()));
            self.n_passing -= passing.n_frames();
            levels.drain(..passing.n_frames().min(levels.len()));
            self.pending_levels.extend(levels);
            self.pending.append(decoded);
        }
        let voices = match &mut self.voicing {
            Some(stage) => Some(stage.next(ended)?.unwrap_or_default()),
            None => None,
        };
        let n_frames = voices.as_ref().map_or(self.pending.n_frames(), Vec::len);
        if n_frames == 0 {
            return Ok(None);
        }
        let (first, decided) = (self.first, self.pending.take_front(n_frames));
        let contour = |at: usize| {
            let PitchFrame {
                f0_hz, confidence, ..
            } = decided.pitch[at];
            let confidence = voices.as_ref().map_or(confidence, |voices| voices[at]);
            self.frame(first + at, f0_hz, confidence)
        };
        let frames = (0..n_frames).map(contour).collect();
        let mut parts = vec![Part::Contour { first, frames }];
        if self.pitch.is_some() {
            let (frames, classes) = (decided.pitch, decided.classes);
            parts.push(Part::Pitch { first, frames });
            let frames = classes;
            parts.push(Part::Classes { first, frames });
        }
        let n_levels = n_frames.min(self.pending_levels.len());
        if n_levels > 0 {
            let values = self.pending_levels.drain(..n_levels).collect();
            parts.push(Part::VoiceLevel { first, values });
        }
        self.first += n_frames;
        Ok(Some(parts))
    }

    fn next_pitch(&mut self, ended: bool) -> Result<Option<Decoded>, AnalysisError> {
        let rest = &self.known[self.n_taken..];
        let heard = self.voicing.as_ref().map(VoicingStage::n_without_pitch);
        let heard = heard
            .unwrap_or(usize::MAX)
            .min(self.voice_level.n_without_pitch());
        let n_frames = if ended {
            rest.len()
        } else {
            heard.min(rest.len())
        };
        if n_frames > 0 {
            self.n_taken += n_frames;
            return Ok(Some(Decoded {
                pitch: rest[..n_frames].to_vec(),
                classes: vec![Default::default(); n_frames],
            }));
        }
        match &mut self.pitch {
            Some(stage) if rest.is_empty() => Ok(stage.next(&self.scale, ended)?),
            _ => Ok(None),
        }
    }

    /// The frame of the contour; silence has no pitch, nor has a tone above all rows.
    fn frame(&self, number: usize, f0_hz: f32, confidence: f32) -> F0Frame {
        let beyond = self.axis.class_within(f0_hz.into()) == 0;
        if beyond || is_silent(&self.level, number, self.models.reach()) {
            return F0Frame::default();
        }
        F0Frame {
            f0_hz,
            confidence,
            voiced: confidence >= self.threshold,
        }
    }
}
