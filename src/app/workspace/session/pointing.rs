//! Corrections that are pointed at in the picture: ridges, drawn lines, candidates.

use std::ops::Range;

use super::Session;
use crate::annotation::{Annotation, Operation, PitchSource, Selection};
use crate::melody::pitch::{cents_between, hz_to_midi, midi_to_hz};
use crate::melody::{Candidate, Partial, candidates, likeliest, near_line, ridge};

/// Where the contour leaps by more semitones, a passage ends.
const LEAP_SEMITONES: f64 = 6.0;

/// A passage is looked for within so many frames of where it was pointed at.
const NEAR_FRAMES: usize = 10;

/// A contour this near, in cents, to what a ridge implies is there already.
const THERE_CENTS: f64 = 60.0;

/// Frames of which a drawn pitch is the mean, on either side.
const DRAWN_REACH: usize = 3;

/// A ridge that is pointed at, and what follows from it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PointedRidge {
    /// The frame.
    pub frame: usize,
    /// Where the ridge lies, in Hz.
    pub hz: f64,
    /// What it is taken for.
    pub partial: Partial,
    /// The melody's f0 in Hz if it is that.
    pub f0_hz: f64,
    /// Whether the network's classes say so.
    pub is_labeled: bool,
}

impl Session {
    /// The ridge near a time and a MIDI number, taken for what is asked for, or else for what the
    /// network's classes say.
    ///
    /// Where they say nothing it is the fundamental; also where the contour follows them already,
    /// since who points there means something else.
    pub fn ridge_at(
        &self,
        secs: f64,
        midi: f64,
        taken_for: Option<Partial>,
    ) -> Option<PointedRidge> {
        let frame = self.f0().grid.nearest(secs)?;
        if frame >= self.analysis.picture.n_columns() {
            return None;
        }
        let hz = self.analysis.ridge_near(frame, midi_to_hz(midi));
        let labeled = self.analysis.labeled(frame, hz);
        let present = self.f0().frames.get(frame).filter(|it| it.voiced);
        let is_there = |partial: &Partial| {
            let implied = hz / partial.ratio();
            present.is_some_and(|it| cents_between(it.f0_hz.into(), implied).abs() < THERE_CENTS)
        };
        let partial = taken_for.or(labeled.filter(|it| !is_there(it)));
        let partial = partial.unwrap_or(Partial::Fundamental);
        Some(PointedRidge {
            frame,
            hz,
            partial,
            f0_hz: hz / partial.ratio(),
            is_labeled: labeled == Some(partial),
        })
    }

    /// What a click at a time corrects: the selection, or else the passage there, up to where the
    /// voice pauses or leaps.
    pub fn pointed_selection(&self, selection: &Selection, frame: usize) -> Option<Selection> {
        match selection {
            Selection::Nothing => {
                let annotation = self.document.as_ref()?.annotation();
                let frames = passage(annotation, frame)?;
                let grid = annotation.f0().grid;
                let half = 0.5 * grid.hop_secs;
                let end = grid.time(frames.end) - half;
                Some(Selection::Span(grid.time(frames.start) - half..end))
            }
            _ => Some(selection.clone()),
        }
    }

    /// The correction that lets the selected frames follow a ridge.
    pub fn along_ridge(&self, pointed: &PointedRidge, selection: &Selection) -> Option<Operation> {
        let annotation = self.document.as_ref()?.annotation();
        let ranges = selection.frames(annotation);
        let start = ranges.first()?.start.min(pointed.frame);
        let end = ranges.last()?.end.max(pointed.frame + 1);
        let salience = self.analysis.salience(start..end);
        (pointed.frame - start < salience.n_frames()).then(|| Operation::TakePitch {
            source: PitchSource::Ridge,
            start,
            f0_hz: ridge(&salience, pointed.frame - start, pointed.f0_hz),
        })
    }

    /// The correction that follows a line drawn through points in seconds and MIDI numbers; with
    /// `snaps`, along the ridges beside it.
    pub fn along_line(&self, points: &[(f64, f64)], snaps: bool) -> Option<Operation> {
        let annotation = self.document.as_ref()?.annotation();
        let grid = annotation.f0().grid;
        let frame = |secs: f64| grid.nearest(secs).unwrap_or(0);
        let start = points.iter().map(|it| frame(it.0)).min()?;
        let end = points.iter().map(|it| frame(it.0)).max()? + 1;
        let end = end.min(annotation.n_frames());
        if start + 1 >= end {
            return None;
        }
        let line = smoothed(&resampled(points, start..end, frame));
        let drawn: Vec<f32> = line.iter().map(|&midi| midi_to_hz(midi) as f32).collect();
        let f0_hz = match snaps {
            true => near_line(&self.analysis.salience(start..end), &drawn),
            false => drawn,
        };
        let source = PitchSource::Drawn;
        Some(Operation::TakePitch {
            source,
            start,
            f0_hz,
        })
    }

    /// Other courses of the pitch of what is selected, the likeliest first, from which frame on.
    pub fn candidates(&self, selection: &Selection) -> Option<(usize, Vec<Candidate>)> {
        let annotation = self.document.as_ref()?.annotation();
        let ranges = selection.frames(annotation);
        let frames = ranges.first()?.start..ranges.last()?.end;
        let salience = self.analysis.salience(frames.clone());
        let is_selected = |i: usize| ranges.iter().any(|range| range.contains(&i));
        let present = frames.clone().take(salience.n_frames()).map(|i| {
            let frame = &annotation.f0().frames[i];
            match frame.voiced && is_selected(i) {
                true => frame.f0_hz,
                false => 0.0,
            }
        });
        let present: Vec<f32> = present.collect();
        Some((frames.start, candidates(&salience, &present)))
    }

    /// The correction that finds the pitch of the selected time anew, in the range of a box.
    pub fn found_again(&self, selection: &Selection) -> Option<(Operation, Selection)> {
        let annotation = self.document.as_ref()?.annotation();
        let secs = selection.secs(annotation)?;
        let all = Selection::Span(secs);
        let frames = all.frames(annotation).into_iter().next()?;
        let within = match selection {
            Selection::Box { midi, .. } => Some(midi_to_hz(midi.start)..midi_to_hz(midi.end)),
            _ => None,
        };
        let found = Operation::TakePitch {
            source: PitchSource::Range,
            start: frames.start,
            f0_hz: likeliest(&self.analysis.salience(frames), within),
        };
        let taken = match selection {
            Selection::Notes(_) => selection.clone(),
            _ => all,
        };
        Some((found, taken))
    }
}

/// The voiced frames around one without a leap among them.
fn passage(annotation: &Annotation, frame: usize) -> Option<Range<usize>> {
    let frames = &annotation.f0().frames;
    let near = frame.saturating_sub(NEAR_FRAMES)..(frame + NEAR_FRAMES + 1).min(frames.len());
    let voiced = near.filter(|&i| frames[i].voiced && frames[i].f0_hz > 0.0);
    let at = voiced.min_by_key(|&i| i.abs_diff(frame))?;
    let midi = |i: usize| hz_to_midi(frames[i].f0_hz.into());
    let goes_on = |a: usize, b: usize| {
        let voiced = frames[b].voiced && frames[b].f0_hz > 0.0;
        voiced && (midi(a) - midi(b)).abs() < LEAP_SEMITONES
    };
    let first = (1..at + 1).rev().find(|&i| !goes_on(i, i - 1)).unwrap_or(0);
    let last = (at..frames.len() - 1).find(|&i| !goes_on(i, i + 1));
    Some(first..last.unwrap_or(frames.len() - 1) + 1)
}

/// The MIDI number of each frame on straight lines between points; where the hand went back, what
/// it drew last.
fn resampled(
    points: &[(f64, f64)],
    frames: Range<usize>,
    frame: impl Fn(f64) -> usize,
) -> Vec<f64> {
    let mut line = vec![points.first().map_or(0.0, |it| it.1); frames.len()];
    for pair in points.windows(2) {
        let [(a, from), (b, to)] = [pair[0], pair[1]].map(|(secs, midi)| (frame(secs), midi));
        for at in a.min(b)..a.max(b) + 1 {
            let part = at.abs_diff(a) as f64 / a.abs_diff(b).max(1) as f64;
            if let Some(midi) = at.checked_sub(frames.start).and_then(|i| line.get_mut(i)) {
                *midi = from + part * (to - from);
            }
        }
    }
    line
}

/// Means of neighbors: a hand trembles.
fn smoothed(line: &[f64]) -> Vec<f64> {
    let mean = |at: usize| {
        let reach = DRAWN_REACH.min(at).min(line.len() - 1 - at);
        let near = &line[at - reach..at + reach + 1];
        near.iter().sum::<f64>() / near.len() as f64
    };
    (0..line.len()).map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::melody::{F0Frame, F0Track, FrameGrid};

    #[test]
    fn a_passage_ends_where_the_voice_pauses_or_leaps() {
        let hz = |i: usize| match i {
            0..20 => 0.0,
            20..50 => 220.0,
            50..80 => 441.0,
            80..82 => 0.0,
            _ => 440.0,
        };
        let frame = |i: usize| F0Frame {
            f0_hz: hz(i),
            confidence: 0.9,
            voiced: hz(i) > 0.0,
        };
        let f0 = F0Track {
            grid: FrameGrid::from_hop(0.01),
            frames: (0..100).map(frame).collect(),
        };
        let annotation = Annotation::new(f0, Vec::new()).unwrap();
        assert_eq!(passage(&annotation, 30), Some(20..50));
        assert_eq!(passage(&annotation, 50), Some(50..80));
        assert_eq!(passage(&annotation, 99), Some(82..100));
        assert_eq!(passage(&annotation, 15), Some(20..50));
        assert_eq!(passage(&annotation, 5), None);
        assert_eq!(passage(&annotation, 9999), None);
    }

    #[test]
    fn a_line_counts_as_it_was_drawn_last() {
        let frame = |secs: f64| secs as usize;
        let forth = [(0.0, 60.0), (4.0, 64.0)];
        assert_eq!(
            resampled(&forth, 0..5, frame),
            [60.0, 61.0, 62.0, 63.0, 64.0]
        );
        let back = [(0.0, 60.0), (4.0, 64.0), (3.0, 70.0)];
        assert_eq!(
            resampled(&back, 0..5, frame),
            [60.0, 61.0, 62.0, 70.0, 64.0]
        );
        let level = smoothed(&[5.0; 9]);
        assert_eq!(level, [5.0; 9]);
    }
}
