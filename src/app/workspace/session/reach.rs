//! How far an analysis has come, and what of it is still missing.

use std::ops::Range;

use super::{AnalysisState, Session};
use crate::analysis::Product;
use crate::app::views::readout::duration;
use crate::progress::Stage;

/// Frames, of the picture or of the melody, that are there.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// So many from the first one on.
    n_found: usize,
    /// Others that were looked at, and found ahead of their turn.
    ahead: Vec<Range<usize>>,
}

/// What is missing of a stretch of the recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// It was not read yet.
    Picture,
    /// Its melody was not found yet.
    Melody,
}

impl Missing {
    /// What to say of it.
    pub fn label(self, session: &Session) -> String {
        let is_stopped = session.state == AnalysisState::Stopped;
        let what = match self {
            Missing::Picture if is_stopped => return "This was not read".to_owned(),
            Missing::Picture => "Not read yet",
            Missing::Melody if is_stopped => {
                return "The melody was not looked for here".to_owned();
            }
            Missing::Melody => "The melody is not found here yet",
        };
        match session.remaining_secs() {
            Some(secs) => format!("{what}: {} left", duration(secs)),
            None => what.to_owned(),
        }
    }
}

impl Reach {
    /// Takes note of frames that were found.
    pub fn include(&mut self, frames: Range<usize>) {
        if frames.start <= self.n_found {
            self.n_found = self.n_found.max(frames.end);
        } else {
            self.ahead.push(frames);
        }
    }

    /// Frames from the first one on.
    pub fn n_found(&self) -> usize {
        self.n_found
    }

    /// Only those from the first one on count.
    pub fn forget_ahead(&mut self) {
        self.ahead.clear();
    }

    /// Frames below `n_frames` that are not found.
    fn gaps(&self, n_frames: usize) -> Vec<Range<usize>> {
        let mut ahead = self.ahead.clone();
        ahead.sort_by_key(|frames| frames.start);
        let (mut gaps, mut next) = (Vec::new(), self.n_found);
        for frames in ahead {
            if frames.start > next {
                gaps.push(next..frames.start.min(n_frames));
            }
            next = next.max(frames.end);
        }
        gaps.push(next..n_frames);
        gaps.retain(|gap| !gap.is_empty());
        gaps
    }
}

impl Session {
    /// Stretches of time, in seconds, of which something is missing while the analysis is not done.
    pub fn missing(&self) -> Vec<(Range<f64>, Missing)> {
        match self.state {
            AnalysisState::Done => Vec::new(),
            AnalysisState::Running(Stage::Features, _) => self.unread(),
            AnalysisState::Stopped if !self.analysis.has(Product::Picture) => self.unread(),
            _ => {
                let grid = self.analysis.f0.grid;
                let gaps = self.reach.gaps(self.analysis.n_frames()).into_iter();
                let secs = |gap: Range<usize>| grid.time(gap.start)..grid.time(gap.end);
                gaps.map(|gap| (secs(gap), Missing::Melody)).collect()
            }
        }
    }

    /// Stretches that were not read yet.
    fn unread(&self) -> Vec<(Range<f64>, Missing)> {
        let end_secs = self.bounds().end_secs;
        let spectrogram = self.spectrogram();
        if self.other_picture.is_some() {
            let drawn_secs = spectrogram.end_secs().min(end_secs);
            return vec![(drawn_secs..end_secs, Missing::Picture)];
        }
        let grid = spectrogram.grid();
        let n_columns = ((end_secs - grid.time(0)) / grid.hop_secs).ceil().max(0.0) as usize;
        let gaps = self.drawn.gaps(n_columns).into_iter();
        let secs = |gap: Range<usize>| grid.time(gap.start)..grid.time(gap.end).min(end_secs);
        gaps.map(|gap| (secs(gap), Missing::Picture)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_what_was_not_found() {
        let mut reach = Reach::default();
        reach.include(0..10);
        reach.include(50..60);
        reach.include(30..40);
        assert_eq!(reach.gaps(100), [10..30, 40..50, 60..100]);
        assert_eq!(reach.gaps(55), [10..30, 40..50]);
        reach.include(10..35);
        assert_eq!(reach.gaps(100), [40..50, 60..100]);
        reach.forget_ahead();
        assert_eq!(reach.gaps(100), vec![35..100]);
    }
}
