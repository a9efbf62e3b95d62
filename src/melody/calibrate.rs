//! Confidence in the light of the whole recording.
//!
//! A voicing network judges each moment by the seconds around it, as if every recording were a
//! mixture like those it was trained on. Where the voice lies deep in the accompaniment it is
//! heard and never sure; there less evidence must do.

use serde::{Deserialize, Serialize};

use super::F0Frame;

/// How a voicing network's confidence shifts with what the whole recording shows of its voice.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Median log-odds of the frames with a voice, in a recording where it is clear.
    pub clear: f32,
    /// The same where it is buried.
    pub buried: f32,
    /// Log-odds that a buried voice lacks.
    pub lacking: f32,
}

/// Fewer frames with a voice, a second of them, are none: the recording is an instrumental.
const ENOUGH: usize = 100;

impl Calibration {
    /// Shifts the confidence of all frames that have a pitch; their order stays.
    pub fn apply(&self, frames: &mut [F0Frame]) {
        let pitched = frames.iter().filter(|frame| frame.f0_hz > 0.0);
        let odds = pitched.map(|frame| log_odds(frame.confidence));
        let mut heard: Vec<f32> = odds.filter(|&odds| odds > 0.0).collect();
        if heard.len() < ENOUGH {
            return;
        }
        let middle = heard.len() / 2;
        let (_, &mut median, _) = heard.select_nth_unstable_by(middle, f32::total_cmp);
        let depth = (self.clear - median) / (self.clear - self.buried);
        let shift = self.lacking * depth.clamp(0.0, 1.0);
        for frame in frames.iter_mut().filter(|frame| frame.f0_hz > 0.0) {
            frame.confidence = probability(log_odds(frame.confidence) + shift);
        }
    }
}

/// Logarithm of the odds of a probability, within ±9.2.
pub fn log_odds(probability: f32) -> f32 {
    let certain = 1e-4;
    (probability.max(certain) / (1.0 - probability).max(certain)).ln()
}

/// The inverse of [`log_odds`].
pub fn probability(log_odds: f32) -> f32 {
    1.0 / (1.0 + (-log_odds).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALIBRATION: Calibration = Calibration {
        clear: 3.5,
        buried: 1.0,
        lacking: 1.2,
    };

    /// A recording whose frames have these log-odds.
    fn recording(values: impl IntoIterator<Item = f32>) -> Vec<F0Frame> {
        let frame = |value| F0Frame {
            f0_hz: 220.0,
            confidence: probability(value),
            voiced: false,
        };
        values.into_iter().map(frame).collect()
    }

    fn calibrated(values: impl IntoIterator<Item = f32>) -> Vec<f32> {
        let mut frames = recording(values);
        CALIBRATION.apply(&mut frames);
        frames
            .iter()
            .map(|frame| log_odds(frame.confidence))
            .collect()
    }

    #[test]
    fn a_clear_voice_is_left_as_it_is() {
        let values = (0..400).map(|i| if i % 2 == 0 { 6.0 } else { -5.0 });
        for (found, before) in calibrated(values.clone()).iter().zip(values) {
            assert!((found - before).abs() < 1e-2, "{found} for {before}");
        }
    }

    #[test]
    fn a_buried_voice_needs_less() {
        let values = (0..400).map(|i| [1.0, -0.8, 0.9, -4.0][i % 4]);
        let found = calibrated(values);
        assert!(
            (found[0] - (1.0 + CALIBRATION.lacking)).abs() < 1e-3
                && found[1] > 0.0
                && found[3] < 0.0,
            "{:?}",
            &found[..4]
        );
    }

    #[test]
    fn an_instrumental_is_left_as_it_is() {
        let values = (0..2000).map(|i| if i % 40 == 0 { 0.4 } else { -0.5 });
        for (found, before) in calibrated(values.clone()).iter().zip(values) {
            assert!((found - before).abs() < 1e-3, "{found} for {before}");
        }
    }

    #[test]
    fn silence_stays_silent_and_order_stays() {
        let mut frames = recording((0..300).map(|i| (i as f32 - 150.0) / 40.0));
        frames[7] = F0Frame::default();
        let before = frames.clone();
        CALIBRATION.apply(&mut frames);
        assert_eq!(frames[7], before[7]);
        frames.remove(7);
        assert!(frames.is_sorted_by(|a, b| a.confidence <= b.confidence));
        CALIBRATION.apply(&mut []);
    }
}
