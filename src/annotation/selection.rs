//! What commands act on.

use std::collections::HashSet;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::frame::stretches;
use super::{Annotation, NoteId};
use crate::melody::pitch::hz_to_midi;
use crate::melody::{FrameGrid, Note};

/// Times closer than this are the same: far less than a sample, far more than rounding.
pub(super) const SAME_SECS: f64 = 1e-6;

/// What is selected. Pure data: it may name more than there is, which then does not count.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Selection {
    /// Nothing.
    #[default]
    Nothing,
    /// All that lies in a span of time, in seconds.
    Span(Range<f64>),
    /// Notes in any order, with the frames under them.
    Notes(Vec<NoteId>),
    /// What lies in a span of time and a range of pitch: frames whose estimate does, notes wholly.
    Box {
        /// The time in seconds.
        secs: Range<f64>,
        /// The pitch, as MIDI numbers.
        midi: Range<f64>,
    },
}

impl Selection {
    /// The frames it holds: ranges in order of time, none empty, none touching.
    ///
    /// A frame is in a span if its center is.
    pub fn frames(&self, annotation: &Annotation) -> Vec<Range<usize>> {
        let (grid, n_frames) = (annotation.f0().grid, annotation.n_frames());
        let within = |secs: Range<f64>| frames_within(grid, n_frames, &secs);
        match self {
            Selection::Nothing => Vec::new(),
            Selection::Span(secs) => merged(vec![within(secs.clone())]),
            Selection::Notes(_) => {
                let notes = self.notes(annotation).into_iter();
                let spans = notes.map(|i| span(&annotation.notes()[i]));
                merged(spans.map(within).collect())
            }
            Selection::Box { secs, midi } => {
                let frames = &annotation.f0().frames;
                stretches(within(secs.clone()), |i| {
                    midi.contains(&hz_to_midi(frames[i].f0_hz.into()))
                })
            }
        }
    }

    /// The time that it spans, in seconds; `None` if nothing is there.
    pub fn secs(&self, annotation: &Annotation) -> Option<Range<f64>> {
        match self {
            Selection::Nothing => None,
            Selection::Span(secs) | Selection::Box { secs, .. } => Some(secs.clone()),
            Selection::Notes(_) => {
                let notes = self.notes(annotation).into_iter();
                let spans = notes.map(|i| span(&annotation.notes()[i]));
                spans.reduce(|a, b| a.start.min(b.start)..a.end.max(b.end))
            }
        }
    }

    /// Places of its notes, rising: those selected, or those wholly in the span.
    pub fn notes(&self, annotation: &Annotation) -> Vec<usize> {
        let notes = annotation.notes();
        match self {
            Selection::Nothing => Vec::new(),
            Selection::Span(secs) => notes_within(notes, secs).collect(),
            Selection::Box { secs, midi } => notes_within(notes, secs)
                .filter(|&i| midi.contains(&f64::from(notes[i].midi)))
                .collect(),
            Selection::Notes(ids) => {
                let chosen: HashSet<_> = ids.iter().collect();
                let ids = annotation.note_ids();
                (0..ids.len())
                    .filter(|&i| chosen.contains(&ids[i]))
                    .collect()
            }
        }
    }
}

/// Places of the notes wholly in a time, rising.
pub fn notes_within<'a>(
    notes: &'a [Note],
    secs: &'a Range<f64>,
) -> impl Iterator<Item = usize> + 'a {
    let first = notes.partition_point(|it| it.onset_secs < secs.start - SAME_SECS);
    let begun = notes[first..].iter().enumerate();
    begun
        .take_while(|(_, note)| note.onset_secs < secs.end)
        .filter(|(_, note)| note.offset_secs <= secs.end + SAME_SECS)
        .map(move |(i, _)| first + i)
}

fn span(note: &Note) -> Range<f64> {
    note.onset_secs..note.offset_secs
}

/// Frames centered within `secs`.
pub fn frames_within(grid: FrameGrid, n_frames: usize, secs: &Range<f64>) -> Range<usize> {
    // A cast takes what lies before the first frame, and NaN, to 0.
    let first_from = |t: f64| ((t - SAME_SECS - grid.first_secs) / grid.hop_secs).ceil() as usize;
    let end = first_from(secs.end).min(n_frames);
    first_from(secs.start).min(end)..end
}

/// The time that frames take up: half a hop to either side of their centers.
pub fn seconds_of(grid: FrameGrid, frames: &Range<usize>) -> Range<f64> {
    let half = 0.5 * grid.hop_secs;
    grid.time(frames.start) - half..grid.time(frames.end) - half
}

fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.retain(|range| !range.is_empty());
    ranges.sort_unstable_by_key(|range| range.start);
    let mut merged: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::super::arbitrary::{annotations, note, selections};
    use super::*;
    use crate::melody::{F0Frame, F0Track};
    use proptest::prelude::*;

    fn document() -> Annotation {
        let f0 = F0Track {
            grid: FrameGrid::from_hop(0.1),
            frames: vec![F0Frame::default(); 20],
        };
        let notes = [(0.15, 0.45), (0.45, 0.75), (1.0, 1.25), (1.05, 1.1)];
        let notes = notes.map(|(onset, offset)| note(onset, offset, 60.0));
        Annotation::new(f0, notes.to_vec()).unwrap()
    }

    fn ranges(ends: &[(usize, usize)]) -> Vec<Range<usize>> {
        ends.iter().map(|&(start, end)| start..end).collect()
    }

    fn selected<const N: usize>(ids: [u64; N]) -> Selection {
        Selection::Notes(ids.map(NoteId).to_vec())
    }

    #[test]
    fn a_span_holds_centers_and_whole_notes() {
        let document = document();
        let span = Selection::Span(0.1..0.75);
        assert_eq!(span.frames(&document), ranges(&[(0, 7)]));
        assert_eq!(span.notes(&document), [0, 1]);
        assert_eq!(Selection::Span(0.2..1.2).notes(&document), [1, 3]);
        assert!(Selection::Span(0.11..0.19).frames(&document).is_empty());
        let (late, early) = (0.9, 0.3);
        assert!(Selection::Span(late..early).frames(&document).is_empty());
        assert!(
            Selection::Span(f64::NAN..f64::NAN)
                .frames(&document)
                .is_empty()
        );
        assert_eq!(
            Selection::Span(-9.0..99.0).frames(&document),
            ranges(&[(0, 20)])
        );
    }

    #[test]
    fn notes_hold_the_frames_under_them() {
        let document = document();
        let notes = selected([9, 3, 1, 0, 1]);
        assert_eq!(notes.notes(&document), [0, 1, 3]);
        assert_eq!(selected([1, 0]).frames(&document), ranges(&[(1, 7)]));
        assert_eq!(
            selected([0, 2]).frames(&document),
            ranges(&[(1, 4), (9, 12)])
        );
        assert!(Selection::Nothing.frames(&document).is_empty());
    }

    proptest! {
        #[test]
        fn ranges_are_in_order_and_in_the_document(
            document in annotations(), selection in selections(),
        ) {
            let mut end = None;
            for range in selection.frames(&document) {
                prop_assert!(!range.is_empty() && end < Some(range.start));
                end = Some(range.end);
            }
            prop_assert!(end.unwrap_or(0) <= document.n_frames());
        }
    }
}
