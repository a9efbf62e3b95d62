//! f0 → notes, by the note model of pYIN (Mauch et al. 2015).

use super::note_model::Candidate;
use super::note_path::{NoteStateKind, most_likely_path};
use super::pitch::hz_to_midi;
use super::{F0Frame, F0Track, Note};

/// Constants of the note model. Probabilities are per frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoteParams {
    /// MIDI number of the lowest pitch.
    pub lowest_midi: f64,
    /// Number of pitches.
    pub n_pitches: usize,
    /// Pitches in a semitone.
    pub steps_per_semitone: usize,
    /// Probability that an attack goes on.
    pub stay_attack: f64,
    /// Probability that a note goes on.
    pub stay_stable: f64,
    /// Probability that silence goes on.
    pub stay_silent: f64,
    /// Standard deviation of the step to the next note, in semitones.
    pub jump_sd: f64,
    /// Steps to another pitch are wider than this many semitones.
    pub min_jump: f64,
    /// Steps are narrower than this many semitones.
    pub max_jump: f64,
    /// Deviation of the f0 from the note's pitch in its attack, in semitones.
    pub attack_sd: f64,
    /// Deviation of the f0 from the note's pitch once stable, in semitones.
    pub stable_sd: f64,
    /// How much the frame's own weight counts for its voicing, 0 to 1.
    pub trust: f64,
    /// Probability of voicing where the frame does not count.
    pub voiced_prior: f64,
    /// Weight of a voiced frame; `None` takes its confidence.
    pub weight: Option<f64>,
    /// A note starts anew where the level is at most this part of that a little later.
    pub onset_ratio: f64,
    /// How many frames later.
    pub onset_lookahead: usize,
    /// Shortest note in seconds.
    pub min_secs: f64,
}

/// Step of the published constants: 256 samples at 44.1 kHz.
const REFERENCE_HOP_SECS: f64 = 256.0 / 44_100.0;

impl NoteParams {
    /// The published constants, for a hop of 5.8 ms.
    pub fn reference() -> Self {
        Self {
            lowest_midi: 35.0,
            n_pitches: 69 * 3,
            steps_per_semitone: 3,
            stay_attack: 0.9,
            stay_stable: 0.99,
            stay_silent: 0.9999,
            jump_sd: 0.7,
            min_jump: 0.5,
            max_jump: 13.0,
            attack_sd: 5.0,
            stable_sd: 0.8,
            trust: 0.5,
            voiced_prior: 0.7,
            weight: Some(0.9),
            onset_ratio: 0.7,
            onset_lookahead: 2,
            min_secs: 0.1,
        }
    }

    /// Constants for the networks' pitch range, with durations kept at another hop.
    pub fn for_hop(hop_secs: f64) -> Self {
        let reference = Self::reference();
        let hops = hop_secs / REFERENCE_HOP_SECS;
        let lookahead = reference.onset_lookahead as f64 / hops;
        Self {
            lowest_midi: 23.0,
            n_pitches: 66 * 3,
            stay_attack: reference.stay_attack.powf(hops),
            stay_stable: reference.stay_stable.powf(hops),
            stay_silent: reference.stay_silent.powf(hops),
            weight: None,
            onset_lookahead: (lookahead.round() as usize).max(1),
            ..reference
        }
    }
}

/// Divides the voiced contour into notes, in order and without overlap.
///
/// `level` is the root mean square of the recording a frame, on the grid of
/// `f0`; with it, a note sung again at the same pitch is told from one held.
/// A note sounds from half a hop before its first frame to half a hop after its
/// last; its pitch is the upper median of its frames, its confidence their mean.
pub fn segment(f0: &F0Track, level: Option<&[f32]>, params: &NoteParams) -> Vec<Note> {
    let candidates: Vec<Candidate> = f0.frames.iter().map(|f| candidate(f, params)).collect();
    let path = most_likely_path(&candidates, params);
    let sounds = |i: usize| {
        candidates[i].is_some()
            && NoteStateKind::of(path.states[i]) != NoteStateKind::Silent
            && !level.is_some_and(|level| rises(level, i, params))
    };
    let mut notes = Vec::new();
    let mut i = 0;
    while i < candidates.len() {
        let first = i;
        while i < candidates.len() && sounds(i) {
            i += 1;
        }
        if i > first {
            notes.extend(note(f0, first, i, params));
        } else {
            i += 1;
        }
    }
    notes
}

fn candidate(frame: &F0Frame, params: &NoteParams) -> Candidate {
    let midi = hz_to_midi(f64::from(frame.f0_hz));
    // a maximum with NaN is the other number
    let confidence = f64::from(frame.confidence.clamp(0.0, 1.0)).max(0.0);
    (frame.voiced && midi.is_finite()).then_some((midi, params.weight.unwrap_or(confidence)))
}

/// Whether the level rises steeply after frame `i`: a new onset is near.
fn rises(level: &[f32], i: usize, params: &NoteParams) -> bool {
    let later = level.get(i + params.onset_lookahead);
    later.is_some_and(|&later| {
        later > 0.0 && f64::from(level[i]) <= params.onset_ratio * f64::from(later)
    })
}

/// The note of frames `first..end`, unless it is too short.
fn note(f0: &F0Track, first: usize, end: usize, params: &NoteParams) -> Option<Note> {
    let hop = f0.grid.hop_secs;
    if ((end - first) as f64) * hop < params.min_secs - 1e-9 {
        return None;
    }
    let frames = &f0.frames[first..end];
    let mut pitches: Vec<f32> = frames
        .iter()
        .map(|f| hz_to_midi(f64::from(f.f0_hz)) as f32)
        .collect();
    let (_, &mut midi, _) = pitches.select_nth_unstable_by(frames.len() / 2, f32::total_cmp);
    Some(Note {
        onset_secs: (f0.grid.time(first) - 0.5 * hop).max(0.0),
        offset_secs: f0.grid.time(end - 1) + 0.5 * hop,
        midi,
        confidence: frames.iter().map(|f| f.confidence).sum::<f32>() / frames.len() as f32,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::melody::FrameGrid;
    use crate::melody::pitch::midi_to_hz;

    const HOP: f64 = 0.01;

    fn track(n: usize, midi: impl Fn(f64) -> Option<f64>) -> F0Track {
        let grid = FrameGrid::from_hop(HOP);
        let frame = |i| match midi(grid.time(i)) {
            Some(midi) => F0Frame {
                f0_hz: midi_to_hz(midi) as f32,
                confidence: 0.9,
                voiced: true,
            },
            None => F0Frame::default(),
        };
        F0Track {
            grid,
            frames: (0..n).map(frame).collect(),
        }
    }

    fn notes(track: &F0Track, level: Option<&[f32]>) -> Vec<Note> {
        segment(track, level, &NoteParams::for_hop(HOP))
    }

    fn vibrato(t: f64) -> f64 {
        0.4 * (std::f64::consts::TAU * 5.5 * t).sin()
    }

    #[test]
    fn a_staircase_with_vibrato_has_three_notes() {
        let onsets = [0.3, 0.7, 1.1];
        let stairs = track(180, |t| match t {
            0.3..0.7 => Some(60.0 + vibrato(t)),
            0.7..1.1 => Some(62.0 + vibrato(t)),
            1.1..1.5 => Some(65.0 + vibrato(t)),
            _ => None,
        });
        let notes = notes(&stairs, None);
        assert_eq!(notes.len(), 3, "{notes:?}");
        for ((note, onset), midi) in notes.iter().zip(onsets).zip([60.0, 62.0, 65.0]) {
            assert!((note.onset_secs - onset).abs() <= HOP + 1e-9, "{note:?}");
            assert!((note.midi - midi).abs() < 0.25, "{note:?}");
            assert!((note.confidence - 0.9).abs() < 1e-5);
        }
    }

    #[test]
    fn a_dip_of_the_level_divides_a_pitch_sung_twice() {
        let held = track(100, |t| (0.1..0.9).contains(&t).then_some(62.0));
        let dip = |i: usize| (1.0 - 0.9 * (-((i as f32 - 50.0) / 2.0).powi(2)).exp()) * 0.2;
        let level: Vec<f32> = (0..100).map(dip).collect();
        let notes = [notes(&held, None), notes(&held, Some(&level))];
        assert_eq!(notes.each_ref().map(Vec::len), [1, 2], "{notes:?}");
        assert!((notes[1][1].onset_secs - 0.53).abs() < 0.03, "{notes:?}");
    }

    #[test]
    fn a_slide_divides_two_notes_within_itself() {
        let slide = track(110, |t| match t {
            0.1..0.5 => Some(60.0),
            0.5..0.58 => Some(60.0 + 2.0 * (t - 0.5) / 0.08),
            0.58..1.0 => Some(62.0),
            _ => None,
        });
        let notes = notes(&slide, None);
        assert_eq!(notes.len(), 2, "{notes:?}");
        for boundary in [notes[0].offset_secs, notes[1].onset_secs] {
            assert!((0.5 - HOP..=0.58 + HOP).contains(&boundary), "{notes:?}");
        }
    }

    #[test]
    fn silence_and_a_single_frame_have_no_note() {
        assert!(notes(&track(0, |_| None), None).is_empty());
        assert!(notes(&track(300, |_| None), None).is_empty());
        let single = track(300, |t| (1.495..1.505).contains(&t).then_some(60.0));
        assert_eq!(single.frames.iter().filter(|f| f.voiced).count(), 1);
        assert!(notes(&single, None).is_empty());
    }

    #[test]
    fn frames_that_are_no_pitch_are_unvoiced() {
        let mut bad = track(50, |_| Some(60.0));
        for (i, f0_hz) in [0.0, -5.0, f32::NAN, f32::INFINITY, 1e30]
            .into_iter()
            .enumerate()
        {
            bad.frames[10 * i].f0_hz = f0_hz;
            bad.frames[10 * i + 1].confidence = f32::NAN;
        }
        assert!(notes(&bad, Some(&[0.5; 3])).len() <= 5);
    }
}
