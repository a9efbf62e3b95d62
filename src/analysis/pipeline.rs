//! From a file to an [`Analysis`], in blocks of bounded memory.

use std::path::Path;

use super::blocks::{Block, Blocks};
use super::survey::{Frames, Survey, survey};
use super::{Analysis, AnalysisError, Models};
use crate::dsp::{Layers, normalized_stack};
use crate::melody::calibrate::calibrate;
use crate::melody::decode::decode;
use crate::melody::note_hmm::{NoteParams, segment};
use crate::melody::{ClassFrame, ClassTrack, F0Frame, F0Track, Note};
use crate::models;
use crate::progress::{Progress, Stage};

/// Frames decided at once unless a caller says otherwise: ten seconds.
const BLOCK_FRAMES: usize = 1024;

/// A part of the result, as soon as it is known.
#[derive(Clone, Debug)]
pub enum Partial {
    /// Columns of the spectrogram.
    Picture {
        /// Number of the first.
        first_column: usize,
        /// Their cells, as in [`super::Picture`].
        cells: Vec<u8>,
        /// Root mean square of the frames there; may end before the columns do.
        level: Vec<f32>,
    },
    /// Frames of contour and classes.
    Frames {
        /// Number of the first.
        first: usize,
        /// Contour.
        f0: Vec<F0Frame>,
        /// Classes.
        classes: Vec<ClassFrame>,
    },
    /// All notes.
    Notes(Vec<Note>),
}

/// Analyzes a recording; `on_partial` hears of parts as they are known.
///
/// The recording is read twice, so that features can be scaled by its range
/// without being kept. `threshold` replaces the networks' own.
///
/// # Errors
/// [`AnalysisError`] if it cannot be read, a network fails, or the user stops it.
pub fn analyze(
    path: &Path,
    models: &Models,
    threshold: Option<f32>,
    progress: &Progress,
    on_partial: &mut dyn FnMut(Partial),
) -> Result<Analysis, AnalysisError> {
    analyze_in_blocks(path, models, threshold, BLOCK_FRAMES, progress, on_partial)
}

/// [`analyze`] with blocks of `block_frames`, which change memory and speed but not the result.
///
/// # Errors
/// As [`analyze`].
pub fn analyze_in_blocks(
    path: &Path,
    models: &Models,
    threshold: Option<f32>,
    block_frames: usize,
    progress: &Progress,
    on_partial: &mut dyn FnMut(Partial),
) -> Result<Analysis, AnalysisError> {
    let survey = survey(path, models, progress, |first_column, cells, level| {
        on_partial(Partial::Picture {
            first_column,
            cells: cells.to_vec(),
            level: level.to_vec(),
        });
    })?;
    let config = models.cfp.config();
    let mut f0 = F0Track {
        grid: config.grid(),
        frames: Vec::new(),
    };
    let mut classes = ClassTrack {
        axis: config.axis(),
        grid: config.grid(),
        frames: Vec::new(),
    };
    let total = survey.picture.n_columns();
    let mut decider = Decider::new(models, &survey, threshold, block_frames);
    let mut blocks = Frames::open(path, models)?.ahead();
    progress.report(Stage::Network, 0.0)?;
    let mut ended = false;
    while !ended {
        let block = blocks.next().transpose()?;
        ended = block.is_none();
        if let Some(block) = block {
            decider.layers.append(&block.layers);
            decider.mel.extend(block.mel);
        }
        while let Some((new_f0, new_classes)) = decider.next(ended)? {
            let first = f0.frames.len();
            f0.frames.extend_from_slice(&new_f0);
            classes.frames.extend_from_slice(&new_classes);
            on_partial(Partial::Frames {
                first,
                f0: new_f0,
                classes: new_classes,
            });
            progress.report(Stage::Network, f0.frames.len() as f32 / total.max(1) as f32)?;
        }
    }
    progress.report(Stage::Notes, 0.0)?;
    if models.voicing.is_some() {
        calibrate(&mut f0.frames);
        f0.revoice(threshold.unwrap_or(models.threshold()));
    }
    let notes = segment(
        &f0,
        Some(&survey.level),
        &NoteParams::for_hop(f0.grid.hop_secs),
    );
    on_partial(Partial::Notes(notes.clone()));
    progress.report(Stage::Notes, 1.0)?;
    Ok(Analysis {
        path: path.to_owned(),
        audio: survey.audio,
        models: models.names().to_vec(),
        f0,
        classes,
        notes,
        level: survey.level,
        picture: survey.picture,
        warnings: survey.warnings,
    })
}

/// Contour and classes of a block.
type Decided = (Vec<F0Frame>, Vec<ClassFrame>);

/// Frames that wait for their context, and the networks that decide them.
struct Decider<'a> {
    models: &'a Models,
    survey: &'a Survey,
    threshold: Option<f32>,
    blocks: Blocks,
    /// Number of the first frame that waits.
    first: usize,
    layers: Layers,
    mel: Vec<f32>,
}

impl<'a> Decider<'a> {
    fn new(
        models: &'a Models,
        survey: &'a Survey,
        threshold: Option<f32>,
        block_frames: usize,
    ) -> Self {
        let context = if models.voicing.is_some() {
            models::voicing::CONTEXT_FRAMES
        } else {
            models::msnet::CONTEXT_FRAMES
        };
        let n_rows = survey.picture.axis.n_rows;
        Self {
            models,
            survey,
            threshold,
            blocks: Blocks::new(block_frames, context),
            first: 0,
            layers: Layers {
                n_rows,
                ..Layers::default()
            },
            mel: Vec::new(),
        }
    }

    /// Decides the next block if its context is there.
    fn next(&mut self, ended: bool) -> Result<Option<Decided>, AnalysisError> {
        let available = self.first + self.layers.n_frames();
        let Some(block) = self.blocks.next(available, ended) else {
            return Ok(None);
        };
        let decided = self.decide(&block)?;
        let passed = self.blocks.needed_from() - self.first;
        self.layers.drop_front(passed);
        let bands = self.bands();
        self.mel.drain(..passed * bands);
        self.first += passed;
        Ok(Some(decided))
    }

    fn bands(&self) -> usize {
        self.models
            .voicing
            .as_ref()
            .map_or(0, |(_, mel)| mel.config().n_bands)
    }

    fn decide(&self, block: &Block) -> Result<Decided, AnalysisError> {
        let context = models::msnet::CONTEXT_FRAMES;
        let seen = block
            .decided
            .start
            .saturating_sub(context)
            .max(block.seen.start)
            ..block.seen.end.min(block.decided.end + context);
        let layers = self
            .layers
            .frames(seen.start - self.first..seen.end - self.first);
        let stack = normalized_stack(&layers, &self.survey.scale);
        let scores = self.models.pitch.scores(stack, layers.n_frames())?;
        let decoded = decode(&scores, &self.survey.picture.axis);
        let voices = self.voices(block)?;
        let frames = block.decided.clone().map(|frame| {
            let at = frame - seen.start;
            if self
                .survey
                .picture
                .column(frame)
                .iter()
                .all(|&cell| cell == 0)
            {
                return F0Frame::default(); // silence has no pitch
            }
            let melody = decoded.melody_probability[at];
            let voice = voices
                .as_ref()
                .map(|voices| voices[frame - block.seen.start]);
            let confidence = voice.map_or(melody, |voice| self.models.confidence(voice, melody));
            let voiced = match (self.threshold, voice) {
                (None, None) => !decoded.row0_wins[at],
                (threshold, _) => confidence >= threshold.unwrap_or(self.models.threshold()),
            };
            F0Frame {
                f0_hz: decoded.f0_hz[at],
                confidence,
                voiced,
            }
        });
        let at = block.decided.start - seen.start..block.decided.end - seen.start;
        Ok((frames.collect(), decoded.classes[at].to_vec()))
    }

    /// Probability of a voice on the frames that a block sees.
    fn voices(&self, block: &Block) -> Result<Option<Vec<f32>>, AnalysisError> {
        let Some((net, _)) = &self.models.voicing else {
            return Ok(None);
        };
        let bands = self.bands();
        let seen = (block.seen.start - self.first) * bands..(block.seen.end - self.first) * bands;
        let mel = &self.mel[seen];
        let frames = mel.len() / bands;
        let mut input = vec![0.0; mel.len()];
        for (t, frame) in mel.chunks_exact(bands).enumerate() {
            for (band, &value) in frame.iter().enumerate() {
                input[band * frames + t] = value - self.survey.mel_mean;
            }
        }
        Ok(Some(net.probabilities(input, frames)?))
    }
}
