//! Picture and melody of what is looked at, found ahead of their turn.
//!
//! They are found once more in their turn, so that the result does not depend on what was looked at.

use std::ops::Range;

use super::front_end::Transforms;
use super::pipeline::AnalysisRun;
use super::source::FrameReader;
use super::{Analysis, AnalysisError, LookedAt, Part, Picture, PictureKind, Scale, Tracker};
use crate::audio::TrackSelection;
use crate::melody::FrameGrid;

/// Nearer to what was found, in seconds, the turn of a melody comes soon.
const SOON_SECS: f64 = 30.0;
/// The same of a picture, which is drawn faster.
const PICTURE_SOON_SECS: f64 = 120.0;
/// So many seconds are found at a time.
const MOST_SECS: f64 = 60.0;
/// Seconds before what is looked at that the networks hear too.
const LEAD_SECS: f64 = 4.0;
/// Frames decided at once: two seconds.
const BLOCK_FRAMES: usize = 200;

/// What was found ahead, and what is looked at.
struct Ahead {
    soon_secs: f64,
    /// Frames that were found.
    found: Vec<Range<usize>>,
    /// What was looked at when it was asked last.
    looked_at: Option<Range<f64>>,
}

impl Ahead {
    fn new(soon_secs: f64) -> Self {
        Self {
            soon_secs,
            found: Vec::new(),
            looked_at: None,
        }
    }

    /// Frames to find, of so many: those on which the eye rests, if their turn comes late and they
    /// were not found ahead.
    fn wanted(
        &mut self,
        attention: &LookedAt,
        grid: FrameGrid,
        n_done: usize,
        n_frames: usize,
    ) -> Option<Range<usize>> {
        let looked_at = attention.secs();
        let rests = looked_at.is_some() && looked_at == self.looked_at;
        self.looked_at = looked_at;
        let secs = self.looked_at.as_ref().filter(|_| rests)?;
        let frame = |secs: f64| ((secs - grid.first_secs) / grid.hop_secs).max(0.0) as usize;
        let soon = n_done + (self.soon_secs / grid.hop_secs) as usize;
        let end = frame(secs.end).min(n_frames);
        let mut first = frame(secs.start);
        while let Some(found) = self.found.iter().find(|found| found.contains(&first)) {
            first = found.end;
        }
        let most = (MOST_SECS / grid.hop_secs) as usize;
        (first > soon && first < end).then(|| first..end.min(first + most))
    }
}

/// Draws what is looked at.
pub(super) struct DrawAhead<'a> {
    selection: &'a TrackSelection,
    ahead: Ahead,
}

impl<'a> DrawAhead<'a> {
    /// Nothing yet, of a recording that is read so.
    pub fn new(selection: &'a TrackSelection) -> Self {
        Self {
            selection,
            ahead: Ahead::new(PICTURE_SOON_SECS),
        }
    }

    /// Draws what is looked at behind `n_drawn` columns of so many, if its turn comes late and the
    /// eye rests there; `fraction` of the recording was read.
    ///
    /// # Errors
    /// [`AnalysisError`] if the recording cannot be read, or the user stops it.
    pub fn follow(
        &mut self,
        run: &mut AnalysisRun,
        (n_drawn, n_columns): (usize, usize),
        fraction: f32,
    ) -> Result<(), AnalysisError> {
        let grid = run.models.grid();
        let attention = &run.options.attention;
        match self.ahead.wanted(attention, grid, n_drawn, n_columns) {
            Some(columns) => self.draw(columns, run, fraction),
            None => Ok(()),
        }
    }

    fn draw(
        &mut self,
        columns: Range<usize>,
        run: &mut AnalysisRun,
        fraction: f32,
    ) -> Result<(), AnalysisError> {
        let (models, grid) = (run.models, run.models.grid());
        let start = columns
            .start
            .saturating_sub((LEAD_SECS / grid.hop_secs) as usize);
        let skipped_secs = start as f64 * grid.hop_secs;
        let transforms = Transforms {
            mel: None,
            ..models.transforms()
        };
        let path = &run.analysis.path;
        let mut reader = FrameReader::open_at(path, self.selection, &transforms, skipped_secs)?;
        let mut first = start;
        while first < columns.end
            && let Some(block) = reader.read()?
        {
            let mut picture = Picture::new(models.axis(), grid);
            picture.extend(PictureKind::Spectrum, &models.cfp, &block.layers);
            let n_lead = columns.start.saturating_sub(first).min(picture.n_columns());
            let mut cells = picture.cells;
            let n_columns = cells.len() / picture.axis.n_rows;
            cells.drain(..n_lead * picture.axis.n_rows);
            if !cells.is_empty() {
                let first = first + n_lead;
                (run.on_part)(&Part::Picture { first, cells });
            }
            first += n_columns;
            run.report_read(fraction)?;
        }
        self.ahead.found.push(columns.start..columns.end.max(first));
        Ok(())
    }
}

/// Finds the melody of what is looked at.
pub(super) struct LookAhead<'a> {
    scale: &'a Scale,
    ahead: Ahead,
}

impl<'a> LookAhead<'a> {
    /// Nothing yet, of a recording of this scale.
    pub fn new(scale: &'a Scale) -> Self {
        Self {
            scale,
            ahead: Ahead::new(SOON_SECS),
        }
    }

    /// Finds the melody of what is looked at, if its turn comes late and the eye rests there.
    ///
    /// # Errors
    /// [`AnalysisError`] if the recording cannot be read, a network fails, or the user stops it.
    pub fn follow(&mut self, run: &mut AnalysisRun) -> Result<(), AnalysisError> {
        let Analysis { f0, .. } = &*run.analysis;
        let (n_found, n_frames) = (f0.frames.len(), run.analysis.n_frames());
        let attention = &run.options.attention;
        match self.ahead.wanted(attention, f0.grid, n_found, n_frames) {
            Some(frames) => self.find(frames, run),
            None => Ok(()),
        }
    }

    fn find(&mut self, frames: Range<usize>, run: &mut AnalysisRun) -> Result<(), AnalysisError> {
        let grid = run.analysis.f0.grid;
        let lead = (LEAD_SECS / grid.hop_secs) as usize;
        let start = frames.start.saturating_sub(lead);
        let skipped_secs = start as f64 * grid.hop_secs;
        let Analysis { path, audio, .. } = &*run.analysis;
        let transforms = run.models.transforms();
        let mut reader = FrameReader::open_at(path, &audio.selection, &transforms, skipped_secs)?;
        let (models, scale) = (run.models, self.scale.clone());
        let mut tracker = Tracker::new(models, run.threshold(), scale, BLOCK_FRAMES);
        let (mut decided, mut ended) = (start, false);
        while decided < frames.end && !ended {
            let block = reader.read()?;
            ended = block.is_none();
            if let Some(block) = block {
                tracker.push(&block);
            }
            while let Some(parts) = tracker.next(ended)? {
                for part in parts {
                    let part = moved(part, start, frames.start);
                    if let Some(Part::Contour { first, frames }) = &part {
                        decided = first + frames.len();
                    }
                    part.iter().for_each(|part| (run.on_part)(part));
                }
            }
            run.report_melody()?;
        }
        self.ahead.found.push(frames.start..frames.end.max(decided));
        Ok(())
    }
}

/// A part of the melody `by` frames later, from frame `from` on; none of what only serves to go on.
fn moved(part: Part, by: usize, from: usize) -> Option<Part> {
    fn rest<T>(mut frames: Vec<T>, first: usize, from: usize) -> (usize, Vec<T>) {
        let n_before = from.saturating_sub(first).min(frames.len());
        frames.drain(..n_before);
        (first + n_before, frames)
    }
    match part {
        Part::Contour { first, frames } => {
            let (first, frames) = rest(frames, first + by, from);
            Some(Part::Contour { first, frames })
        }
        Part::Classes { first, frames } => {
            let (first, frames) = rest(frames, first + by, from);
            Some(Part::Classes { first, frames })
        }
        _ => None,
    }
}
