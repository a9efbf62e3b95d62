//! How a whole recording shifts the confidence of its frames, as validation clips have it.

use super::tasks::Estimate;
use crate::datasets::validation::Reference;
use crate::evaluation::{Measure, score_voicing};
use crate::melody::F0Frame;
use crate::melody::calibrate::{Calibration, log_odds};

/// Shifts of buried voices that are tried, in tenths of log-odds.
const TRIED: std::ops::RangeInclusive<u8> = 0..=30;

/// How much surer a network must be of clear voices than of buried ones, in log-odds.
const LEAST_DIFFERENCE: f32 = 0.25;

/// A clip with what a network made of it.
pub type HeardClip<'a> = (&'a Reference, &'a Estimate);

/// The calibration by which voicing is most accurate on clear and buried voices together.
///
/// None where the network is hardly surer of clear voices than of buried ones, or no shift helps.
pub fn best(clear: &[HeardClip], buried: &[HeardClip], threshold: f32) -> Option<Calibration> {
    let (clear_odds, buried_odds) = (evidence(clear)?, evidence(buried)?);
    if clear_odds - buried_odds < LEAST_DIFFERENCE {
        return None;
    }
    let tried = TRIED.map(|tenths| Calibration {
        clear: clear_odds,
        buried: buried_odds,
        lacking: f32::from(tenths) / 10.0,
    });
    let accuracy = |calibration: &Calibration| {
        mean_accuracy(clear, calibration, threshold) + mean_accuracy(buried, calibration, threshold)
    };
    // The least shift of several that do as well.
    let scored = tried
        .rev()
        .map(|calibration| (accuracy(&calibration), calibration));
    let best = scored.max_by(|(a, _), (b, _)| a.total_cmp(b));
    best.map(|(_, calibration)| calibration)
        .filter(|calibration| calibration.lacking > 0.0)
}

/// Median over clips of the median log-odds of the frames that a voice is heard in.
fn evidence(clips: &[HeardClip]) -> Option<f32> {
    let odds = |estimate: &Estimate| {
        let odds = estimate.confidence.iter().map(|&p| log_odds(p));
        median(odds.filter(|&odds| odds > 0.0).collect())
    };
    median(
        clips
            .iter()
            .filter_map(|(_, estimate)| odds(estimate))
            .collect(),
    )
}

fn median(mut values: Vec<f32>) -> Option<f32> {
    let middle = values.len() / 2;
    values.sort_by(f32::total_cmp);
    values.get(middle).copied()
}

fn mean_accuracy(clips: &[HeardClip], calibration: &Calibration, threshold: f32) -> f64 {
    let accuracies = clips.iter().filter_map(|(reference, estimate)| {
        let series = calibrated(estimate, calibration).series(threshold);
        score_voicing(reference, &series)
            .ok()?
            .get(Measure::VoicingAccuracy)
    });
    accuracies.sum::<f64>() / clips.len().max(1) as f64
}

fn calibrated(estimate: &Estimate, calibration: &Calibration) -> Estimate {
    let frames = estimate.f0_hz.iter().zip(&estimate.confidence);
    let frame = |(&f0_hz, &confidence): (&f32, &f32)| F0Frame {
        f0_hz,
        confidence,
        voiced: false,
    };
    let mut frames: Vec<F0Frame> = frames.map(frame).collect();
    calibration.apply(&mut frames);
    Estimate {
        f0_hz: estimate.f0_hz.clone(),
        confidence: frames.iter().map(|frame| frame.confidence).collect(),
        ..Estimate::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::datasets::validation::{LabelKind, frame_times};
    use crate::melody::calibrate::probability;

    const FRAMES: usize = 800;

    /// A clip sung in three quarters of its frames; `odds` are those of a frame's number.
    fn clip(odds: impl Fn(usize) -> f32) -> (Reference, Estimate) {
        let sung = |i: usize| i % 4 < 3;
        let reference = Reference {
            times: frame_times(FRAMES),
            f0_hz: (0..FRAMES)
                .map(|i| if sung(i) { 220.0 } else { 0.0 })
                .collect(),
            counts: None,
            known: LabelKind::Melody,
            notes: Vec::new(),
        };
        let estimate = Estimate {
            f0_hz: vec![220.0; FRAMES],
            confidence: (0..FRAMES).map(|i| probability(odds(i))).collect(),
            ..Estimate::default()
        };
        (reference, estimate)
    }

    #[test]
    fn a_buried_voice_gets_what_it_lacks() {
        let clear = clip(|i| if i % 4 < 3 { 4.0 } else { -4.0 });
        // A third of the sung frames is missed by less than one.
        let buried = clip(|i| [1.0, 1.0, -0.75, -4.0][i % 4]);
        let found = best(&[(&clear.0, &clear.1)], &[(&buried.0, &buried.1)], 0.5).unwrap();
        assert!((found.clear - 4.0).abs() < 0.01 && (found.buried - 1.0).abs() < 0.01);
        assert!((found.lacking - 0.8).abs() < 0.01, "{found:?}");
    }

    #[test]
    fn where_no_shift_helps_there_is_none() {
        let clear = clip(|i| if i % 4 < 3 { 4.0 } else { -4.0 });
        let soft = clip(|i| if i % 4 < 3 { 1.0 } else { -4.0 });
        let (clear, soft) = ([(&clear.0, &clear.1)], [(&soft.0, &soft.1)]);
        assert_eq!(best(&clear, &soft, 0.5), None);
        assert_eq!(best(&clear, &clear, 0.5), None);
        assert_eq!(best(&[], &soft, 0.5), None);
    }
}
