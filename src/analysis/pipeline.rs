//! From a file to an [`Analysis`], in blocks of bounded memory.

use std::path::Path;

use super::decider::Decider;
use super::survey::{Frames, survey};
use super::{Analysis, AnalysisError, Models};
use crate::melody::calibrate::calibrate;
use crate::melody::note_hmm::{NoteParams, segment};
use crate::melody::{ClassFrame, ClassTrack, F0Frame, F0Track, Note};
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
            decider.push(&block);
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
