//! Passages worth a second look, found by what the networks often get wrong.

use std::ops::Range;

use super::frame::stretches;
use super::{Annotation, Mark, MarkedSpan, Provenance};
use crate::melody::F0Frame;
use crate::melody::pitch::hz_to_midi;

/// A leap within a phrase of more semitones is doubtful.
const LEAP_SEMITONES: f64 = 9.0;
/// Beyond this many seconds, what leaps is a part of its own.
const LONGEST_LEAP_SECS: f64 = 1.5;
/// A shorter sound, in seconds, is a flicker.
const FLICKER_SECS: f64 = 0.06;
/// This share of the voiced frames is the least sure.
const LEAST_SURE: f32 = 0.05;
/// Unsure frames closer than this, in seconds, are one passage.
const BREATH_SECS: f64 = 0.05;
/// Shorter than this, in seconds, nothing is heard to be unsure.
const UNSURE_SECS: f64 = 0.08;

/// What is doubtful about a passage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// It leaps out of its phrase by about an octave.
    Leap,
    /// It is too short to be sung.
    Flicker,
    /// The networks are least sure of it.
    Unsure,
}

impl Doubt {
    /// What it is called.
    pub fn label(self) -> &'static str {
        match self {
            Doubt::Leap => "a leap",
            Doubt::Flicker => "a flicker",
            Doubt::Unsure => "least sure",
        }
    }
}

/// Some frames, and what is doubtful about them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// The frames.
    pub frames: Range<usize>,
    /// What is doubtful.
    pub doubt: Doubt,
}

/// The doubtful passages in order of time, none overlapping; what a person decided or accepted is not
/// doubted.
pub fn passages(annotation: &Annotation) -> Vec<Passage> {
    let frames = &annotation.f0().frames;
    let n_frames = |secs: f64| (secs / annotation.f0().grid.hop_secs).round() as usize;
    let phrases = stretches(0..frames.len(), |i| frames[i].voiced);
    let mut found = Vec::new();
    for phrase in &phrases {
        if phrase.len() < n_frames(FLICKER_SECS) {
            found.push((phrase.clone(), Doubt::Flicker));
            continue;
        }
        let leaps = leaps(frames, phrase, n_frames(LONGEST_LEAP_SECS));
        found.extend(leaps.into_iter().map(|it| (it, Doubt::Leap)));
    }
    let unsure = unsure(frames, n_frames(BREATH_SECS), n_frames(UNSURE_SECS));
    found.extend(unsure.into_iter().map(|it| (it, Doubt::Unsure)));
    let by_networks = |it: &(Range<usize>, Doubt)| {
        let provenance = &annotation.provenance()[it.0.clone()];
        provenance.iter().all(|by| *by == Provenance::Model)
    };
    let grid = annotation.f0().grid;
    let is_accepted = |it: &(Range<usize>, Doubt)| {
        let (first, last) = (grid.time(it.0.start), grid.time(it.0.end - 1));
        let covers = |span: &MarkedSpan| span.start_secs <= first && span.end_secs >= last;
        let mut marked = annotation.marked().iter();
        marked.any(|it| it.mark == Mark::Accepted && covers(it))
    };
    found.retain(|it| by_networks(it) && !is_accepted(it));
    apart(found)
}

/// The parts of a phrase between leaps that lie far from its longest part.
fn leaps(frames: &[F0Frame], phrase: &Range<usize>, longest: usize) -> Vec<Range<usize>> {
    let midi = |i: usize| hz_to_midi(f64::from(frames[i].f0_hz));
    let leaps =
        (phrase.start + 1..phrase.end).filter(|&i| (midi(i) - midi(i - 1)).abs() > LEAP_SEMITONES);
    let start = std::iter::once(phrase.start);
    let edges: Vec<_> = start.chain(leaps).chain([phrase.end]).collect();
    let mut parts: Vec<_> = edges.windows(2).map(|it| it[0]..it[1]).collect();
    let middle = |part: &Range<usize>| midi((part.start + part.end) / 2);
    let Some(home) = parts.iter().max_by_key(|part| part.len()).map(middle) else {
        return Vec::new();
    };
    parts.retain(|part| part.len() <= longest && (middle(part) - home).abs() > LEAP_SEMITONES);
    parts
}

/// Stretches in which the networks are least sure of their voiced frames.
fn unsure(frames: &[F0Frame], breath: usize, shortest: usize) -> Vec<Range<usize>> {
    let voiced = frames.iter().filter(|frame| frame.voiced);
    let mut sure: Vec<f32> = voiced.map(|frame| frame.confidence).collect();
    sure.sort_by(f32::total_cmp);
    let Some(&least) = sure.get((LEAST_SURE * sure.len() as f32) as usize) else {
        return Vec::new();
    };
    let found = stretches(0..frames.len(), |i| {
        frames[i].voiced && frames[i].confidence < least
    });
    let mut joined: Vec<Range<usize>> = Vec::new();
    for run in found {
        match joined.last_mut() {
            Some(last) if run.start <= last.end + breath => last.end = run.end,
            _ => joined.push(run),
        }
    }
    joined.retain(|run| run.len() >= shortest);
    joined
}

/// Those that do not overlap with an earlier one, in order of time.
fn apart(mut found: Vec<(Range<usize>, Doubt)>) -> Vec<Passage> {
    found.sort_by_key(|(frames, _)| frames.start);
    let mut passages: Vec<Passage> = Vec::new();
    for (frames, doubt) in found {
        if passages
            .last()
            .is_none_or(|last| last.frames.end <= frames.start)
        {
            passages.push(Passage { frames, doubt });
        }
    }
    passages
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation::{Operation, Selection};
    use crate::melody::{F0Track, FrameGrid};

    /// Phrases of 2 s at 220 Hz with half a second of silence between.
    fn song(n_phrases: usize) -> F0Track {
        let frame = |i: usize| F0Frame {
            f0_hz: 220.0,
            confidence: 0.9,
            voiced: i % 250 < 200,
        };
        F0Track {
            grid: FrameGrid::from_hop(0.01),
            frames: (0..250 * n_phrases).map(frame).collect(),
        }
    }

    fn doubts(f0: F0Track) -> Vec<Passage> {
        passages(&Annotation::new(f0, Vec::new()).unwrap())
    }

    #[test]
    fn leap_flicker_and_the_least_sure_are_found_where_they_are() {
        assert_eq!(doubts(song(10)), []);
        let mut f0 = song(10);
        f0.frames[300..340]
            .iter_mut()
            .for_each(|it| it.f0_hz = 440.0);
        f0.frames[720..723]
            .iter_mut()
            .for_each(|it| it.voiced = true);
        f0.frames[1100..1140]
            .iter_mut()
            .for_each(|it| it.confidence = 0.3);
        let found = doubts(f0);
        let found: Vec<_> = found.into_iter().map(|it| (it.frames, it.doubt)).collect();
        let expected = [
            (300..340, Doubt::Leap),
            (720..723, Doubt::Flicker),
            (1100..1140, Doubt::Unsure),
        ];
        assert_eq!(found, expected);
    }

    /// Each is a key to get there and a key to mend it: twenty for ten.
    #[test]
    fn ten_slips_are_ten_passages_and_one_that_is_mended_or_accepted_is_doubted_no_more() {
        let mut f0 = song(10);
        for phrase in 0..10 {
            let slip = 250 * phrase + 60..250 * phrase + 90;
            f0.frames[slip].iter_mut().for_each(|it| it.f0_hz = 440.0);
        }
        let mut annotation = Annotation::new(f0, Vec::new()).unwrap();
        for left in (0..10).rev() {
            let grid = annotation.f0().grid;
            let first = passages(&annotation)[0].frames.clone();
            let span = Selection::Span(grid.time(first.start)..grid.time(first.end) - 0.001);
            let mend = match left % 2 {
                0 => Operation::OctaveDown,
                _ => Operation::Mark(Mark::Accepted),
            };
            let mend = mend.transaction(&annotation, &span);
            annotation.apply(mend.unwrap()).unwrap();
            assert_eq!(passages(&annotation).len(), left);
        }
    }
}
