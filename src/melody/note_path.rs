//! The best notes of a phrase, by dynamic programming over their beginnings and ends.

use std::ops::Range;

use super::note_boundaries::{NoteBoundaries, median, peaks};
use super::note_constants::{
    GLIDE_STEP, HALF_CYCLE, LEAST_ODDS, LONG_GLIDE, NOTE_GAIN, PHRASE_ODDS, PITCH_COST, PITCH_MOST,
    PITCH_TOLERANCE, SHORTEST,
};
use super::note_measures::{NoteFrames, sums};

/// Frames of a note that its pitch is judged by, at most.
const SAMPLES: usize = 64;

/// Chooses notes among all beginnings and ends of a recording.
pub(super) struct NoteChooser<'a> {
    frames: &'a NoteFrames,
    boundaries: NoteBoundaries,
    onsets: Vec<usize>,
    offsets: Vec<usize>,
    /// Sums of the pitches before each frame.
    total: Vec<f64>,
    shortest: usize,
}

impl<'a> NoteChooser<'a> {
    /// For all phrases of these frames.
    pub fn new(frames: &'a NoteFrames) -> Self {
        let boundaries = NoteBoundaries::of(frames);
        Self {
            onsets: peaks(&boundaries.onset, LEAST_ODDS),
            offsets: peaks(&boundaries.offset, LEAST_ODDS),
            total: sums(frames.midi.iter().copied()),
            shortest: frames.scale.count(SHORTEST),
            frames,
            boundaries,
        }
    }

    /// The notes of a phrase, as frames, in order and without overlap.
    ///
    /// Their log-odds and [`NOTE_GAIN`], less what their pitch costs, are the largest of all choices.
    pub fn notes(&self, phrase: &Range<usize>) -> Vec<Range<usize>> {
        let (onsets, offsets) = self.candidates(phrase);
        let n = onsets.len();
        // the best that begins at this onset or later, and the note and onset it goes on with
        let mut best = vec![0.0; n + 1];
        let mut choice: Vec<(Option<usize>, usize)> = vec![(None, n); n];
        for i in (0..n).rev() {
            (best[i], choice[i]) = (best[i + 1], (None, i + 1));
            let first = offsets.partition_point(|&offset| offset < onsets[i] + self.shortest);
            for &end in &offsets[first..] {
                let next = onsets.partition_point(|&onset| onset < end);
                let value = self.value(onsets[i]..end, phrase) + best[next];
                if value > best[i] {
                    (best[i], choice[i]) = (value, (Some(end), next));
                }
            }
        }
        let mut notes = Vec::new();
        let mut i = 0;
        while i < n {
            let (end, next) = choice[i];
            notes.extend(end.map(|end| onsets[i]..end));
            i = next;
        }
        self.with_glides(notes, phrase)
    }

    /// Adds the notes of long stretches of a phrase that have none.
    fn with_glides(&self, notes: Vec<Range<usize>>, phrase: &Range<usize>) -> Vec<Range<usize>> {
        let long = self.frames.scale.count(LONG_GLIDE);
        let mut all = Vec::new();
        let mut end = phrase.start;
        let behind = phrase.end..phrase.end;
        for note in notes.into_iter().chain([behind]) {
            if note.start - end >= long {
                all.extend(self.steps_of_a_glide(&(end..note.start)));
            }
            end = note.end;
            all.push(note);
        }
        all.pop();
        all
    }

    /// A stretch whose pitch nowhere stays, divided wherever it has moved by [`GLIDE_STEP`].
    fn steps_of_a_glide(&self, stretch: &Range<usize>) -> Vec<Range<usize>> {
        let mut notes = Vec::new();
        let mut first = stretch.start;
        for at in stretch.clone() {
            let moved = self.steady(at, stretch) - self.steady(first, stretch);
            if moved.abs() > GLIDE_STEP && at - first >= self.shortest {
                notes.push(first..at);
                first = at;
            }
        }
        notes.push(first..stretch.end);
        notes
    }

    /// The pitch at a frame of a note, its vibrato averaged out.
    fn steady(&self, at: usize, note: &Range<usize>) -> f64 {
        let cycle = self.frames.scale.count(HALF_CYCLE);
        let first = at.saturating_sub(cycle).max(note.start);
        let end = (at + cycle + 1).min(note.end);
        (self.total[end] - self.total[first]) / (end - first) as f64
    }

    /// Where notes of a phrase may begin and end: at its own ends too.
    fn candidates(&self, phrase: &Range<usize>) -> (Vec<usize>, Vec<usize>) {
        let within = |places: &[usize], first: usize, end: usize| {
            let [first, end] = [first, end].map(|at| places.partition_point(|&place| place < at));
            places[first..end].to_vec()
        };
        let mut onsets = within(&self.onsets, phrase.start, phrase.end);
        let mut offsets = within(&self.offsets, phrase.start + 1, phrase.end + 1);
        if onsets.first() != Some(&phrase.start) {
            onsets.insert(0, phrase.start);
        }
        if offsets.last() != Some(&phrase.end) {
            offsets.push(phrase.end);
        }
        (onsets, offsets)
    }

    fn value(&self, note: Range<usize>, phrase: &Range<usize>) -> f64 {
        let odds = |odds: &[f64], at: usize, of_phrase: usize| {
            let least = if at == of_phrase {
                PHRASE_ODDS
            } else {
                f64::NEG_INFINITY
            };
            odds[at.min(odds.len() - 1)].max(least)
        };
        let onset = odds(&self.boundaries.onset, note.start, phrase.start);
        let offset = odds(&self.boundaries.offset, note.end, phrase.end);
        let pitch_cost = PITCH_COST * self.frames.scale.weight() * self.unsteadiness(note);
        onset + offset + NOTE_GAIN - pitch_cost
    }

    /// Sum over frames of the semitones that the pitch, its vibrato averaged out, is off its median.
    fn unsteadiness(&self, note: Range<usize>) -> f64 {
        let note = match note.len() {
            0..=3 => note,
            _ => note.start + 1..note.end - 1,
        };
        let stride = note.len().div_ceil(SAMPLES).max(1);
        let steady = |at: usize| self.steady(at, &note);
        let pitches: Vec<f64> = note.clone().step_by(stride).map(steady).collect();
        let middle = median(&pitches);
        let off = |pitch: &f64| ((pitch - middle).abs() - PITCH_TOLERANCE).clamp(0.0, PITCH_MOST);
        stride as f64 * pitches.iter().map(off).sum::<f64>()
    }
}
