//! The melody of what is looked at, found ahead of its turn.
//!
//! It is found once more in its turn, so that the result does not depend on what was looked at.

use std::ops::Range;

use super::pipeline::AnalysisRun;
use super::source::FrameReader;
use super::{Analysis, AnalysisError, Part, Scale, Tracker};

/// Nearer to what was found, in seconds, its turn comes soon.
const SOON_SECS: f64 = 30.0;
/// So many seconds are found at a time.
const MOST_SECS: f64 = 60.0;
/// Seconds before what is looked at that the networks hear too.
const LEAD_SECS: f64 = 4.0;
/// Frames decided at once: two seconds.
const BLOCK_FRAMES: usize = 200;

/// What was found ahead, and what is looked at.
pub(super) struct LookAhead<'a> {
    scale: &'a Scale,
    /// Frames that were found.
    found: Vec<Range<usize>>,
    /// What was looked at when it was asked last.
    looked_at: Option<Range<f64>>,
}

impl<'a> LookAhead<'a> {
    /// Nothing yet, of a recording of this scale.
    pub fn new(scale: &'a Scale) -> Self {
        Self {
            scale,
            found: Vec::new(),
            looked_at: None,
        }
    }

    /// Finds the melody of what is looked at, if its turn comes late and the eye rests there.
    ///
    /// # Errors
    /// [`AnalysisError`] if the recording cannot be read, a network fails, or the user stops it.
    pub fn follow(&mut self, run: &mut AnalysisRun) -> Result<(), AnalysisError> {
        let looked_at = run.options.attention.secs();
        let rests = looked_at.is_some() && looked_at == self.looked_at;
        self.looked_at = looked_at;
        let wanted = self.looked_at.as_ref().filter(|_| rests);
        match wanted.and_then(|secs| self.wanted(secs, run.analysis)) {
            Some(frames) => self.find(frames, run),
            None => Ok(()),
        }
    }

    /// Frames to find: those that are looked at and neither found nor soon to be.
    fn wanted(&self, secs: &Range<f64>, analysis: &Analysis) -> Option<Range<usize>> {
        let grid = analysis.f0.grid;
        let frame = |secs: f64| ((secs - grid.first_secs) / grid.hop_secs).max(0.0) as usize;
        let soon = analysis.f0.frames.len() + (SOON_SECS / grid.hop_secs) as usize;
        let end = frame(secs.end).min(analysis.n_frames());
        let mut first = frame(secs.start);
        while let Some(found) = self.found.iter().find(|found| found.contains(&first)) {
            first = found.end;
        }
        let most = (MOST_SECS / grid.hop_secs) as usize;
        (first > soon && first < end).then(|| first..end.min(first + most))
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
        self.found.push(frames.start..frames.end.max(decided));
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
