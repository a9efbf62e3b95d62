//! Notes, scored by onset, pitch and offset.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::matching::maximum_matching;
use super::{EvaluationError, Scores};
use crate::melody::Note;
use crate::melody::pitch::midi_to_hz;

/// A note as it is scored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HzNote {
    /// Start in seconds, at least 0.
    pub onset_secs: f64,
    /// End in seconds, after the start.
    pub offset_secs: f64,
    /// Pitch in Hz, above 0.
    pub hz: f64,
}

impl From<&Note> for HzNote {
    fn from(note: &Note) -> Self {
        Self {
            onset_secs: note.onset_secs,
            offset_secs: note.offset_secs,
            hz: midi_to_hz(f64::from(note.midi)),
        }
    }
}

/// What makes an estimated note right. Each limit itself still counts as right.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerances {
    /// Distance of onsets in seconds.
    pub onset_secs: f64,
    /// Distance of pitches in cents.
    pub pitch_cents: f64,
    /// Distance of offsets, in parts of the reference note's length.
    pub offset_ratio: f64,
    /// Distance of offsets that is right for any length, in seconds.
    pub offset_min_secs: f64,
}

impl Default for Tolerances {
    fn default() -> Self {
        Self {
            onset_secs: 0.05,
            pitch_cents: 50.0,
            offset_ratio: 0.2,
            offset_min_secs: 0.05,
        }
    }
}

/// Scores under one criterion, each 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Accuracy {
    /// Estimated notes that are right.
    pub precision: f64,
    /// Reference notes that were found.
    pub recall: f64,
    /// Harmonic mean of the two.
    pub f1: f64,
    /// Mean over matched pairs of the time they share over the time they span.
    pub overlap: f64,
}

/// Scores of notes under four criteria. `Display` shows the F1 values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NoteScores {
    /// Onset, pitch and offset right ("COnPOff").
    pub onset_pitch_offset: Accuracy,
    /// Onset and pitch right ("COnP").
    pub onset_pitch: Accuracy,
    /// Onset right ("COn").
    pub onset: Accuracy,
    /// Offset right.
    pub offset: Accuracy,
}

impl NoteScores {
    fn all(&self) -> [Accuracy; 4] {
        [
            self.onset_pitch_offset,
            self.onset_pitch,
            self.onset,
            self.offset,
        ]
    }
}

impl Scores for NoteScores {
    const NAMES: &'static [&'static str] = &[
        "COnPOff", "P", "R", "overlap", "COnP", "P", "R", "overlap", "COn", "P", "R", "overlap",
        "COff", "P", "R", "overlap",
    ];

    fn values(&self) -> Vec<f64> {
        self.all()
            .iter()
            .flat_map(|a| [a.f1, a.precision, a.recall, a.overlap])
            .collect()
    }

    fn from_values(values: &[f64]) -> Self {
        let accuracy = |i: usize| Accuracy {
            f1: values[4 * i],
            precision: values[4 * i + 1],
            recall: values[4 * i + 2],
            overlap: values[4 * i + 3],
        };
        Self {
            onset_pitch_offset: accuracy(0),
            onset_pitch: accuracy(1),
            onset: accuracy(2),
            offset: accuracy(3),
        }
    }
}

impl fmt::Display for NoteScores {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let [full, pitch, onset, offset] = self.all().map(|a| 100.0 * a.f1);
        write!(
            f,
            "COnPOff {full:.1}  COnP {pitch:.1}  COn {onset:.1}  COff {offset:.1}"
        )
    }
}

/// Scores estimated notes against reference notes.
///
/// Without notes on either side all scores are 0, also when both are empty.
///
/// # Errors
/// [`EvaluationError::BadNote`] for a note without length, before 0 or without pitch.
pub fn evaluate(
    reference: &[HzNote],
    estimate: &[HzNote],
    tolerances: &Tolerances,
) -> Result<NoteScores, EvaluationError> {
    check(reference, "reference")?;
    check(estimate, "estimate")?;
    let score = |criteria| {
        accuracy(
            reference,
            estimate,
            &matches(reference, estimate, tolerances, criteria),
        )
    };
    Ok(NoteScores {
        onset_pitch_offset: score(Criteria {
            onset: true,
            pitch: true,
            offset: true,
        }),
        onset_pitch: score(Criteria {
            onset: true,
            pitch: true,
            offset: false,
        }),
        onset: score(Criteria {
            onset: true,
            pitch: false,
            offset: false,
        }),
        offset: score(Criteria {
            onset: false,
            pitch: false,
            offset: true,
        }),
    })
}

/// What has to be right in a matched pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Criteria {
    /// The onset.
    pub onset: bool,
    /// The pitch.
    pub pitch: bool,
    /// The offset.
    pub offset: bool,
}

/// The largest set of pairs (reference, estimate) that are right by `criteria`.
pub fn matches(
    reference: &[HzNote],
    estimate: &[HzNote],
    tolerances: &Tolerances,
    criteria: Criteria,
) -> Vec<(usize, usize)> {
    let octaves: Vec<f64> = estimate.iter().map(|note| note.hz.log2()).collect();
    let hits: Vec<Vec<usize>> = reference
        .iter()
        .map(|r| {
            let octave = r.hz.log2();
            let offset_limit = (tolerances.offset_ratio * (r.offset_secs - r.onset_secs))
                .max(tolerances.offset_min_secs);
            let is_hit = |&j: &usize| {
                let e = &estimate[j];
                (!criteria.onset
                    || distance_secs(r.onset_secs, e.onset_secs) <= tolerances.onset_secs)
                    && (!criteria.offset
                        || distance_secs(r.offset_secs, e.offset_secs) <= offset_limit)
                    && (!criteria.pitch
                        || (1200.0 * (octave - octaves[j])).abs() <= tolerances.pitch_cents)
            };
            (0..estimate.len()).filter(is_hit).collect()
        })
        .collect();
    maximum_matching(&hits, estimate.len())
}

/// Rounded to 0.1 ms, so that a distance at the limit is not lost to the last bits.
fn distance_secs(a: f64, b: f64) -> f64 {
    ((a - b).abs() * 1e4).round_ties_even() / 1e4
}

fn accuracy(reference: &[HzNote], estimate: &[HzNote], pairs: &[(usize, usize)]) -> Accuracy {
    if pairs.is_empty() {
        return Accuracy::default();
    }
    let n = pairs.len() as f64;
    let (precision, recall) = (n / estimate.len() as f64, n / reference.len() as f64);
    let overlaps = pairs
        .iter()
        .map(|&(i, j)| overlap(&reference[i], &estimate[j]));
    Accuracy {
        precision,
        recall,
        f1: 2.0 * precision * recall / (precision + recall),
        overlap: overlaps.sum::<f64>() / n,
    }
}

fn overlap(a: &HzNote, b: &HzNote) -> f64 {
    let shared = a.offset_secs.min(b.offset_secs) - a.onset_secs.max(b.onset_secs);
    shared / (a.offset_secs.max(b.offset_secs) - a.onset_secs.min(b.onset_secs))
}

fn check(notes: &[HzNote], side: &'static str) -> Result<(), EvaluationError> {
    let is_bad = |n: &HzNote| {
        !(n.onset_secs >= 0.0
            && n.offset_secs > n.onset_secs
            && n.offset_secs.is_finite()
            && n.hz > 0.0
            && n.hz.is_finite())
    };
    match notes.iter().position(is_bad) {
        None => Ok(()),
        Some(note) => {
            let HzNote {
                onset_secs: onset,
                offset_secs: offset,
                hz,
            } = notes[note];
            Err(EvaluationError::BadNote {
                side,
                note,
                onset,
                offset,
                hz,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(onset_secs: f64, offset_secs: f64, hz: f64) -> HzNote {
        HzNote {
            onset_secs,
            offset_secs,
            hz,
        }
    }

    #[test]
    fn an_octave_off_is_right_in_time_only() {
        let scores = evaluate(
            &[note(0.0, 1.0, 220.0)],
            &[note(0.0, 1.0, 440.0)],
            &Tolerances::default(),
        )
        .unwrap();
        assert_eq!(
            scores.to_string(),
            "COnPOff 0.0  COnP 0.0  COn 100.0  COff 100.0"
        );
        assert_eq!(NoteScores::from_values(&scores.values()), scores);
    }

    #[test]
    fn a_note_without_length_is_named() {
        let error = evaluate(
            &[note(0.0, 1.0, 220.0)],
            &[note(1.0, 1.0, 220.0)],
            &Tolerances::default(),
        );
        assert_eq!(
            error.unwrap_err().to_string(),
            "note 0 of the estimate is not a note: 1 s to 1 s at 220 Hz"
        );
    }
}
