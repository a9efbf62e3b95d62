//! Confidence of a voice that is higher than those a voicing network knows.

use super::calibrate::{log_odds, probability};

/// Octaves from the highest pitch it knows to where it counts no more.
const FADE: f32 = 0.5;

/// The confidence of a frame by both networks, `ratio` its pitch over the highest that the voicing
/// network knows.
///
/// Up to there the voicing network alone counts, half an octave above the pitch network alone; between,
/// log-odds are mixed.
pub fn joined(voicing: f32, pitch: f32, ratio: f32) -> f32 {
    let share = (ratio.log2() / FADE).clamp(0.0, 1.0);
    if share.is_nan() || share == 0.0 {
        return voicing;
    }
    let (voicing, pitch) = (log_odds(voicing), log_odds(pitch));
    probability(voicing + share * (pitch - voicing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_voicing_network_alone_counts_where_it_knows_voices() {
        for ratio in [0.0, 0.3, 1.0, f32::NAN] {
            assert_eq!(joined(0.2, 0.9, ratio), 0.2);
        }
    }

    #[test]
    fn above_it_the_pitch_network_counts_more_and_more() {
        let at = |ratio| joined(0.1, 0.9, ratio);
        assert!((at(1.5) - 0.9).abs() < 1e-3 && (at(4.0) - 0.9).abs() < 1e-3);
        assert!((at(2f32.powf(0.25)) - 0.5).abs() < 1e-3);
        assert!(at(1.1) < at(1.2) && at(1.2) < at(1.3));
    }
}
