//! A map of melody probabilities → pitch and voicing (Lu & Su 2018).
//!
//! Of each frame the strongest row counts. A frame is voiced where that is above the mean of all
//! frames' strongest, so that a recording judges itself.

use super::{Decoded, PitchAxis, PitchFrame};

/// The pitch of each frame's strongest row in probabilities `[rows, frames]`, row `k` at the frequency of
/// row `k`, with its probability; there are no classes.
pub fn decode(map: &[f32], n_frames: usize, axis: &PitchAxis) -> Decoded {
    let frame = |t: usize| {
        let column = map.iter().skip(t).step_by(n_frames);
        let strongest =
            column.enumerate().fold(
                (0, 0.0),
                |best, (row, &value)| {
                    if value > best.1 { (row, value) } else { best }
                },
            );
        let f0_hz = axis.row_to_hz(strongest.0 as f64) as f32;
        PitchFrame {
            f0_hz,
            own_hz: f0_hz,
            confidence: strongest.1,
        }
    };
    Decoded {
        pitch: (0..n_frames).map(frame).collect(),
        classes: vec![Default::default(); n_frames],
    }
}

/// What each frame's strongest probability is against the mean of all: above a half where it is more.
pub fn against_mean(maxima: &[f32]) -> Vec<f32> {
    let sum: f64 = maxima.iter().map(|&value| f64::from(value)).sum();
    let mean = (sum / maxima.len().max(1) as f64) as f32;
    let share = |&value: &f32| match value > 0.0 {
        true => value / (value + mean),
        false => 0.0,
    };
    maxima.iter().map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const AXIS: PitchAxis = PitchAxis {
        fmin_hz: 27.5,
        bins_per_octave: 48.0,
        n_rows: 352,
    };

    #[test]
    fn the_strongest_row_is_the_pitch() {
        let mut map = vec![0.1; 352 * 2];
        map[144 * 2] = 0.8; // 220 Hz
        map[192 * 2 + 1] = 0.3; // 440 Hz
        let decoded = decode(&map, 2, &AXIS);
        let found: Vec<_> = decoded
            .pitch
            .iter()
            .map(|frame| (frame.f0_hz.round(), frame.confidence))
            .collect();
        assert_eq!(found, [(220.0, 0.8), (440.0, 0.3)]);
        assert_eq!(decoded.classes.len(), 2);
    }

    #[test]
    fn frames_above_the_mean_are_voiced() {
        let shares = against_mean(&[0.1, 0.5, 0.3, 0.3]); // the mean is 0.3
        let voiced: Vec<bool> = shares.iter().map(|&share| share > 0.5).collect();
        assert_eq!(voiced, [false, true, false, false]);
        assert!(against_mean(&[]).is_empty());
        assert_eq!(against_mean(&[0.0, 0.0]), [0.0, 0.0]);
    }
}
