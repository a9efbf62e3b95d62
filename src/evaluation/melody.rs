//! Voicing recall and false alarm, raw pitch, raw chroma, overall accuracy.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::align::{AlignOptions, Aligned, MelodySeries, align};
use super::{EvaluationError, Scores};

/// A pitch is right when it is closer than this many cents.
pub const TOLERANCE_CENTS: f64 = 50.0;

/// The five scores of a melody, each 0 to 1 (Salamon et al. 2014).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MelodyScores {
    /// Frames right in voicing and, where voiced, in pitch.
    pub overall_accuracy: f64,
    /// Voiced frames with the right pitch, whatever the estimate says of voicing.
    pub raw_pitch_accuracy: f64,
    /// The same, octaves forgiven.
    pub raw_chroma_accuracy: f64,
    /// Voiced frames that the estimate says are voiced.
    pub voicing_recall: f64,
    /// Unvoiced frames that the estimate says are voiced; the lower the better.
    pub voicing_false_alarm: f64,
}

impl Scores for MelodyScores {
    const NAMES: &'static [&'static str] = &["OA", "RPA", "RCA", "VR", "VFA"];

    fn values(&self) -> Vec<f64> {
        vec![
            self.overall_accuracy,
            self.raw_pitch_accuracy,
            self.raw_chroma_accuracy,
            self.voicing_recall,
            self.voicing_false_alarm,
        ]
    }

    fn from_values(values: &[f64]) -> Self {
        Self {
            overall_accuracy: values[0],
            raw_pitch_accuracy: values[1],
            raw_chroma_accuracy: values[2],
            voicing_recall: values[3],
            voicing_false_alarm: values[4],
        }
    }
}

impl fmt::Display for MelodyScores {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        super::report::write_scores(self, f)
    }
}

/// Scores an estimated melody against a reference, on the times of the reference.
///
/// # Errors
/// As [`align`].
pub fn evaluate(
    reference: &MelodySeries,
    estimate: &MelodySeries,
) -> Result<MelodyScores, EvaluationError> {
    let aligned = align(reference, estimate, &AlignOptions::default())?;
    Ok(score(&aligned, TOLERANCE_CENTS))
}

/// Scores melodies that are on the same frames; right is closer than `tolerance_cents`.
pub fn score(aligned: &Aligned, tolerance_cents: f64) -> MelodyScores {
    let mut sums = MelodyScoreSums::default();
    for i in 0..aligned.ref_cents.len() {
        let (reference, estimate) = (aligned.ref_cents[i], aligned.est_cents[i]);
        let voicing = [aligned.ref_voicing[i], aligned.est_voicing[i]];
        sums.add(voicing, reference, estimate, tolerance_cents);
    }
    sums.scores()
}

/// Sums over frames; `reward` is the voicing of the reference where it weights frames.
#[derive(Default)]
struct MelodyScoreSums {
    frames: f64,
    voiced: f64,
    reward: f64,
    recalled: f64,
    false_alarms: f64,
    pitch: f64,
    chroma: f64,
    voiced_pitch: f64,
    rejected: f64,
}

impl MelodyScoreSums {
    fn add(&mut self, [reward, voicing]: [f64; 2], reference: f64, estimate: f64, tolerance: f64) {
        self.frames += 1.0;
        if reward > 0.0 {
            self.voiced += 1.0;
            self.recalled += voicing;
        } else {
            self.false_alarms += voicing;
            self.rejected += 1.0 - voicing;
        }
        self.reward += reward;
        if reference != 0.0 && estimate != 0.0 {
            let distance = (reference - estimate).abs();
            let octave = 1200.0 * (distance / 1200.0 + 0.5).floor();
            let pitch = f64::from(distance < tolerance);
            self.pitch += reward * pitch;
            self.chroma += reward * f64::from((distance - octave).abs() < tolerance);
            self.voiced_pitch += reward * voicing * pitch;
        }
    }

    fn scores(&self) -> MelodyScores {
        let share =
            |part: f64, of: f64, otherwise: f64| if of == 0.0 { otherwise } else { part / of };
        let right = share(self.voiced, self.reward, 0.0) * self.voiced_pitch + self.rejected;
        MelodyScores {
            overall_accuracy: share(right, self.frames, 0.0),
            raw_pitch_accuracy: share(self.pitch, self.reward, 0.0),
            raw_chroma_accuracy: share(self.chroma, self.reward, 0.0),
            voicing_recall: share(self.recalled, self.voiced, 1.0),
            voicing_false_alarm: share(self.false_alarms, self.frames - self.voiced, 0.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(hz: &[f64]) -> MelodySeries {
        MelodySeries::new(
            (0..hz.len()).map(|i| 0.01 * i as f64).collect(),
            hz.to_vec(),
        )
    }

    #[test]
    fn a_guess_counts_for_pitch_but_not_for_voicing() {
        let reference = series(&[220.0, 220.0, 0.0, 0.0]);
        let scores = evaluate(&reference, &series(&[220.0, -220.0, -220.0, 220.0])).unwrap();
        assert_eq!(scores.raw_pitch_accuracy, 1.0);
        assert_eq!(scores.voicing_recall, 0.5);
        assert_eq!(scores.voicing_false_alarm, 0.5);
        assert_eq!(scores.overall_accuracy, 0.5);
    }

    #[test]
    fn an_empty_estimate_is_unvoiced_and_an_empty_reference_an_error() {
        let reference = series(&[220.0, 0.0, 0.0, 0.0]);
        let scores = evaluate(&reference, &series(&[])).unwrap();
        assert_eq!(
            (scores.overall_accuracy, scores.raw_pitch_accuracy),
            (0.75, 0.0)
        );
        assert_eq!(
            evaluate(&series(&[]), &reference),
            Err(EvaluationError::EmptyReference)
        );
    }

    #[test]
    fn bad_frames_are_named() {
        let reference = series(&[220.0, 0.0]);
        let error = evaluate(&reference, &series(&[220.0, f64::NAN])).unwrap_err();
        assert_eq!(
            error.to_string(),
            "frame 1 of the estimate has frequency NaN"
        );
        let mut backwards = series(&[220.0, 220.0]);
        backwards.times.reverse();
        assert!(evaluate(&backwards, &reference).is_err());
    }
}
