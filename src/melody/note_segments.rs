//! f0 → notes.
//!
//! A note sounds within a voiced stretch, a phrase. Where one begins and ends is told by the level of
//! the melody's harmonics and by the voicing, where both are silent by steps of the pitch
//! (`note_boundaries`); which beginnings and ends are taken, by how steady the pitch stays
//! between them, its vibrato aside (`note_path`).

use std::ops::Range;

use super::note_boundaries::median;
use super::note_constants::{GAP, LONGEST, PITCH_TRIM, SHORTEST};
use super::note_measures::NoteFrames;
use super::note_path::NoteChooser;
use super::{F0Track, Note};

/// Divides the voiced contour into notes, in order and without overlap.
///
/// `voice_level` is how loud the melody's harmonics are in dB, on the grid of `f0`; with it, a note
/// sung again at the same pitch is told from one held. A note sounds from the center of its first
/// frame to that of the frame behind its last, as annotators put it; its pitch is the median of its
/// middle frames, its confidence the mean of all.
pub fn segment_notes(f0: &F0Track, voice_level: Option<&[f32]>) -> Vec<Note> {
    if f0.frames.is_empty() {
        return Vec::new();
    }
    let frames = NoteFrames::new(f0, voice_level);
    let chooser = NoteChooser::new(&frames);
    let phrases = phrases(&frames);
    let found = phrases.iter().flat_map(|phrase| chooser.notes(phrase));
    found.filter_map(|note| sung(f0, &frames, note)).collect()
}

/// Voiced stretches; one goes on where it is voiced again soon, and none is endless.
fn phrases(frames: &NoteFrames) -> Vec<Range<usize>> {
    let [gap, longest] = [GAP, LONGEST].map(|n| frames.scale.count(n));
    let mut phrases: Vec<Range<usize>> = Vec::new();
    for at in (0..frames.voiced.len()).filter(|&at| frames.voiced[at]) {
        match phrases.last_mut() {
            Some(phrase) if at - phrase.end < gap && at - phrase.start < longest => {
                phrase.end = at + 1;
            }
            _ => phrases.push(at..at + 1),
        }
    }
    let shortest = frames.scale.count(SHORTEST);
    phrases.retain(|phrase| phrase.len() >= shortest);
    phrases
}

/// The note of these frames from its first to its last voiced one, if it is sung for long enough.
fn sung(f0: &F0Track, frames: &NoteFrames, note: Range<usize>) -> Option<Note> {
    let is_voiced = |at: &usize| frames.voiced[*at];
    let n_voiced = note.clone().filter(is_voiced).count();
    let first = note.clone().find(is_voiced)?;
    let end = note.clone().rfind(is_voiced)? + 1;
    // what is left may lack a little of the shortest note
    let shortest = frames.scale.count(SHORTEST * 3 / 4);
    if 2 * n_voiced < note.len() || end - first < shortest {
        return None;
    }
    let trim = (PITCH_TRIM * (end - first) as f64) as usize;
    let middle = (first + trim..end - trim).filter(is_voiced);
    let mut pitches: Vec<f64> = middle.map(|at| frames.midi[at]).collect();
    if pitches.is_empty() {
        pitches = frames.midi[first..end].to_vec();
    }
    let confidence = f0.frames[first..end]
        .iter()
        .map(|frame| frame.confidence.clamp(0.0, 1.0).max(0.0));
    Some(Note {
        onset_secs: f0.grid.time(first).max(0.0),
        offset_secs: f0.grid.time(end),
        midi: median(&pitches) as f32,
        confidence: confidence.sum::<f32>() / (end - first) as f32,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::melody::pitch::midi_to_hz;
    use crate::melody::{F0Frame, FrameGrid};

    const HOP: f64 = 0.01;

    /// A contour, and a level that is loud where it is voiced.
    fn track(n: usize, midi: impl Fn(f64) -> Option<f64>) -> (F0Track, Vec<f32>) {
        let grid = FrameGrid::from_hop(HOP);
        let frame = |i| match midi(grid.time(i)) {
            Some(midi) => F0Frame {
                f0_hz: midi_to_hz(midi) as f32,
                confidence: 0.9,
                voiced: true,
            },
            None => F0Frame::default(),
        };
        let frames: Vec<F0Frame> = (0..n).map(frame).collect();
        let level = |frame: &F0Frame| if frame.voiced { -20.0 } else { -70.0 };
        let levels = frames.iter().map(level).collect();
        (F0Track { grid, frames }, levels)
    }

    fn notes((track, level): &(F0Track, Vec<f32>)) -> Vec<Note> {
        segment_notes(track, Some(level))
    }

    fn vibrato(t: f64, rate_hz: f64, cents: f64) -> f64 {
        cents / 100.0 * (std::f64::consts::TAU * rate_hz * t).sin()
    }

    #[test]
    fn a_vibrato_of_any_rate_and_extent_is_one_note() {
        for rate_hz in [4.5, 5.0, 5.5, 6.0, 6.5, 7.0, 7.5] {
            for cents in [20.0, 50.0, 80.0, 120.0, 150.0] {
                let sung = |t: f64| 62.0 + vibrato(t, rate_hz, cents);
                let (track, mut level) = track(340, |t| (0.3..3.1).contains(&t).then(|| sung(t)));
                // harmonics pass formants as the pitch moves
                for (i, level) in level.iter_mut().enumerate() {
                    *level += (1.5 * vibrato(HOP * i as f64, rate_hz, cents)) as f32;
                }
                let notes = segment_notes(&track, Some(&level));
                assert_eq!(notes.len(), 1, "{rate_hz} Hz, {cents} cents: {notes:?}");
                assert!((notes[0].midi - 62.0).abs() < 0.3, "{notes:?}");
                assert!((notes[0].onset_secs - 0.3).abs() <= 2.0 * HOP, "{notes:?}");
                assert!((notes[0].offset_secs - 3.1).abs() <= 2.0 * HOP, "{notes:?}");
            }
        }
    }

    #[test]
    fn a_long_glide_has_notes() {
        let glide = track(500, |t| {
            (0.5..4.5).contains(&t).then_some(60.0 + 3.0 * (t - 0.5))
        });
        let notes = notes(&glide);
        let sounding: f64 = notes.iter().map(|it| it.offset_secs - it.onset_secs).sum();
        assert!(notes.len() >= 4 && sounding > 3.0, "{notes:?}");
        assert!(notes.windows(2).all(|pair| pair[1].midi > pair[0].midi));
    }

    #[test]
    fn a_staircase_with_vibrato_has_three_notes() {
        let onsets = [0.3, 0.7, 1.1];
        let wave = |t| vibrato(t, 5.5, 40.0);
        let stairs = track(180, |t| match t {
            0.3..0.7 => Some(60.0 + wave(t)),
            0.7..1.1 => Some(62.0 + wave(t)),
            1.1..1.5 => Some(65.0 + wave(t)),
            _ => None,
        });
        let notes = notes(&stairs);
        assert_eq!(notes.len(), 3, "{notes:?}");
        for ((note, onset), midi) in notes.iter().zip(onsets).zip([60.0, 62.0, 65.0]) {
            assert!((note.onset_secs - onset).abs() <= HOP + 1e-9, "{note:?}");
            assert!((note.midi - midi).abs() < 0.25, "{note:?}");
            assert!((note.confidence - 0.9).abs() < 1e-5);
        }
    }

    #[test]
    fn a_dip_of_the_level_divides_a_pitch_sung_twice() {
        let (held, mut level) = track(100, |t| (0.1..0.9).contains(&t).then_some(62.0));
        assert_eq!(segment_notes(&held, Some(&level)).len(), 1);
        assert_eq!(segment_notes(&held, None).len(), 1);
        for (i, level) in level.iter_mut().enumerate() {
            *level -= 20.0 * (-((i as f32 - 50.0) / 2.0).powi(2)).exp();
        }
        let notes = segment_notes(&held, Some(&level));
        assert_eq!(notes.len(), 2, "{notes:?}");
        assert!((notes[1].onset_secs - 0.53).abs() < 0.03, "{notes:?}");
    }

    #[test]
    fn a_slide_divides_two_notes_within_itself() {
        let slide = track(110, |t| match t {
            0.1..0.5 => Some(60.0),
            0.5..0.58 => Some(60.0 + 2.0 * (t - 0.5) / 0.08),
            0.58..1.0 => Some(62.0),
            _ => None,
        });
        let notes = notes(&slide);
        assert_eq!(notes.len(), 2, "{notes:?}");
        for boundary in [notes[0].offset_secs, notes[1].onset_secs] {
            assert!((0.5 - HOP..=0.58 + HOP).contains(&boundary), "{notes:?}");
        }
    }

    #[test]
    fn a_note_sounds_within_the_voice_as_it_was_decided() {
        let (mut track, level) = track(200, |t| (0.2..1.8).contains(&t).then_some(57.0));
        for frame in &mut track.frames[80..120] {
            frame.voiced = false; // by a person: the confidence stays
        }
        let notes = segment_notes(&track, Some(&level));
        assert_eq!(notes.len(), 2, "{notes:?}");
        assert!(notes[0].offset_secs <= track.grid.time(80), "{notes:?}");
        assert!(notes[1].onset_secs >= track.grid.time(120), "{notes:?}");
    }

    #[test]
    fn silence_and_a_single_frame_have_no_note() {
        assert!(notes(&track(0, |_| None)).is_empty());
        assert!(notes(&track(300, |_| None)).is_empty());
        let single = track(300, |t| (1.495..1.505).contains(&t).then_some(60.0));
        assert_eq!(single.0.frames.iter().filter(|f| f.voiced).count(), 1);
        assert!(notes(&single).is_empty());
    }

    #[test]
    fn frames_that_are_no_pitch_are_unvoiced() {
        let (mut bad, mut level) = track(50, |_| Some(60.0));
        for (i, f0_hz) in [0.0, -5.0, f32::NAN, f32::INFINITY, 1e30]
            .into_iter()
            .enumerate()
        {
            bad.frames[10 * i].f0_hz = f0_hz;
            bad.frames[10 * i + 1].confidence = f32::NAN;
            level[10 * i + 2] = f32::NAN;
        }
        for level in [None, Some(&level[..]), Some(&level[..3])] {
            let notes = segment_notes(&bad, level);
            assert!(notes.len() <= 5);
            assert!(notes.iter().all(|note| (note.midi - 60.0).abs() < 0.01));
            assert!(notes.iter().all(|note| note.confidence.is_finite()));
        }
    }

    #[test]
    fn a_drone_of_minutes_is_divided_soon() {
        let began = std::time::Instant::now();
        let drone = track(60_000, |t| Some(48.0 + vibrato(t, 6.0, 90.0)));
        assert!(!notes(&drone).is_empty());
        assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
    }
}
