//! Whether a confidence means what it says: of all frames called 70 % sure, 70 % should be right.

use serde::Serialize;

use super::melody::TOLERANCE_CENTS;
use crate::datasets::validation::{LabelKind, Reference};
use crate::melody::pitch::cents_between;
use crate::melody::{F0Track, PitchFrame};

/// How many ranges of confidence frames are counted in.
const N_BINS: usize = 10;

/// Frames counted by their confidence, with how many of them were right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Reliability {
    bins: [ConfidenceBin; N_BINS],
}

/// The frames of one range of confidence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct ConfidenceBin {
    /// How many there are.
    pub n_frames: usize,
    /// How many of them are right.
    pub n_right: usize,
    /// The sum of their confidence.
    pub confidence: f64,
}

impl ConfidenceBin {
    /// Mean confidence and share of right frames; none of no frames.
    pub fn means(&self) -> Option<[f64; 2]> {
        let n = self.n_frames as f64;
        (self.n_frames > 0).then(|| [self.confidence / n, self.n_right as f64 / n])
    }
}

impl Reliability {
    /// Counts a frame whose confidence, 0 to 1, says how likely it is right.
    pub fn count(&mut self, confidence: f64, right: bool) {
        let confidence = if confidence.is_finite() {
            confidence.clamp(0.0, 1.0)
        } else {
            0.0
        };
        let bin = ((confidence * N_BINS as f64) as usize).min(N_BINS - 1);
        let bin = &mut self.bins[bin];
        bin.n_frames += 1;
        bin.n_right += usize::from(right);
        bin.confidence += confidence;
    }

    /// Adds the frames of another.
    pub fn add(&mut self, other: &Self) {
        for (sum, bin) in self.bins.iter_mut().zip(&other.bins) {
            sum.n_frames += bin.n_frames;
            sum.n_right += bin.n_right;
            sum.confidence += bin.confidence;
        }
    }

    /// The ranges, lowest confidence first.
    pub fn bins(&self) -> &[ConfidenceBin] {
        &self.bins
    }

    /// Expected calibration error (Guo et al. 2017): how far confidence and share of right frames lie
    /// apart, mean over frames; none of no frames.
    pub fn expected_error(&self) -> Option<f64> {
        let n: usize = self.bins.iter().map(|bin| bin.n_frames).sum();
        let gap = |bin: &ConfidenceBin| (bin.confidence - bin.n_right as f64).abs();
        (n > 0).then(|| self.bins.iter().map(gap).sum::<f64>() / n as f64)
    }
}

/// Reliability of a melody: of its voicing, and of its pitch where somebody sings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct MelodyReliability {
    /// Confidence that a voice sings, against whether one does.
    pub voicing: Reliability,
    /// The pitch network's confidence, against whether its pitch is right within half a semitone.
    pub pitch: Reliability,
}

impl MelodyReliability {
    /// Counts the frames of a clip of which enough is known; `pitch` is on the frames of `f0`.
    pub fn count(&mut self, reference: &Reference, f0: &F0Track, pitch: &[PitchFrame]) {
        let knows_voicing = reference.known != LabelKind::Pitch;
        let knows_pitch = matches!(reference.known, LabelKind::Melody | LabelKind::Pitch);
        for (i, (&time, &hz)) in reference.times.iter().zip(&reference.f0_hz).enumerate() {
            let counts = reference.counts.as_ref().is_none_or(|counts| counts[i]);
            let frame = ((time - f0.grid.first_secs) / f0.grid.hop_secs).round();
            let frame = (frame >= 0.0).then_some(frame as usize);
            let found = frame.and_then(|frame| f0.frames.get(frame).zip(pitch.get(frame)));
            let Some((voice, pitch)) = found.filter(|_| counts) else {
                continue;
            };
            if knows_voicing {
                self.voicing.count(voice.confidence.into(), hz > 0.0);
            }
            if knows_pitch && hz > 0.0 {
                let off_cents = cents_between(hz, pitch.f0_hz.into()).abs();
                self.pitch
                    .count(pitch.confidence.into(), off_cents < TOLERANCE_CENTS);
            }
        }
    }

    /// Adds the frames of another.
    pub fn add(&mut self, other: &Self) {
        self.voicing.add(&other.voicing);
        self.pitch.add(&other.pitch);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::melody::{F0Frame, FrameGrid};

    #[test]
    fn frames_are_counted_by_what_is_known_of_them() {
        let frame = |f0_hz: f32, confidence| F0Frame {
            f0_hz,
            confidence,
            voiced: true,
        };
        let f0 = F0Track {
            grid: FrameGrid::from_hop(0.01),
            frames: vec![frame(220.0, 0.9), frame(220.0, 0.4), frame(440.0, 0.9)],
        };
        let pitch: Vec<PitchFrame> = f0
            .frames
            .iter()
            .map(|frame| PitchFrame {
                f0_hz: frame.f0_hz,
                own_hz: frame.f0_hz,
                confidence: 0.8,
            })
            .collect();
        let reference = |known, counts| Reference {
            times: vec![0.01, 0.02, 0.03, 0.04],
            f0_hz: vec![221.0, 0.0, 220.0, 220.0],
            counts,
            known,
            notes: Vec::new(),
        };
        let counted = |reference: &Reference| {
            let mut all = MelodyReliability::default();
            all.count(reference, &f0, &pitch);
            let sum = |part: Reliability| {
                let bins = part.bins().iter();
                bins.fold([0, 0], |[n, right], bin| {
                    [n + bin.n_frames, right + bin.n_right]
                })
            };
            [sum(all.voicing), sum(all.pitch)]
        };
        assert_eq!(
            counted(&reference(LabelKind::Melody, None)),
            [[3, 2], [2, 1]]
        );
        assert_eq!(
            counted(&reference(LabelKind::Pitch, None)),
            [[0, 0], [2, 1]]
        );
        let counts = Some(vec![true, true, false, true]);
        assert_eq!(
            counted(&reference(LabelKind::Voicing, counts)),
            [[2, 1], [0, 0]]
        );
    }

    #[test]
    fn a_confidence_that_means_what_it_says_has_no_error() {
        let mut honest = Reliability::default();
        let mut boastful = Reliability::default();
        for i in 0..1000 {
            honest.count(0.75, i % 4 != 0);
            boastful.count(0.95, i % 4 != 0);
        }
        assert!(honest.expected_error().unwrap() < 1e-9);
        assert!((boastful.expected_error().unwrap() - 0.2).abs() < 1e-9);
        assert_eq!(honest.bins()[7].means(), Some([0.75, 0.75]));
        assert_eq!(honest.bins()[0].means(), None);
        boastful.add(&honest);
        assert!((boastful.expected_error().unwrap() - 0.1).abs() < 1e-9);
    }

    #[test]
    fn the_ends_and_bad_numbers_are_counted() {
        let mut all = Reliability::default();
        for confidence in [0.0, 1.0, -3.0, f64::NAN, 7.0] {
            all.count(confidence, true);
        }
        let counts: Vec<usize> = all.bins().iter().map(|bin| bin.n_frames).collect();
        assert_eq!((counts[0], counts[9]), (3, 2));
        assert_eq!(Reliability::default().expected_error(), None);
    }
}
