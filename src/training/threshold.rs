//! The confidence from which a frame is called voiced, as validation clips have it.

use super::calibration::HeardClip;
use super::validation::THRESHOLD;
use crate::evaluation::{Measure, score_voicing};

/// Thresholds that are tried, in hundredths.
const TRIED: std::ops::RangeInclusive<u8> = 5..=95;

/// The threshold with the highest mean accuracy of voicing, the nearest to a half of several.
pub fn best(clips: &[HeardClip]) -> f32 {
    let distance = |hundredths: u8| hundredths.abs_diff(50);
    let accuracies = TRIED.map(|hundredths| {
        let threshold = f32::from(hundredths) / 100.0;
        (hundredths, accuracy(clips, threshold))
    });
    let best =
        accuracies.max_by(|(a, x), (b, y)| x.total_cmp(y).then(distance(*b).cmp(&distance(*a))));
    best.map_or(THRESHOLD, |(hundredths, _)| f32::from(hundredths) / 100.0)
}

fn accuracy(clips: &[HeardClip], threshold: f32) -> f64 {
    let scores = clips.iter().filter_map(|(reference, estimate)| {
        let scores = score_voicing(reference, &estimate.series(threshold)).ok()?;
        scores.get(Measure::VoicingAccuracy)
    });
    scores.sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::datasets::validation::{LabelKind, Reference, frame_times};
    use crate::training::tasks::Estimate;

    fn clip(voiced: &[bool], confidence: &[f32]) -> (Reference, Estimate) {
        let hz = voiced
            .iter()
            .map(|&voiced| if voiced { 220.0 } else { 0.0 });
        let reference = Reference {
            times: frame_times(voiced.len()),
            f0_hz: hz.collect(),
            counts: None,
            known: LabelKind::Melody,
            notes: Vec::new(),
        };
        let estimate = Estimate {
            f0_hz: vec![220.0; voiced.len()],
            confidence: confidence.to_vec(),
            ..Estimate::default()
        };
        (reference, estimate)
    }

    #[test]
    fn it_parts_voices_from_the_rest() {
        let (reference, estimate) = clip(
            &[true, true, true, false, false, false],
            &[0.9, 0.8, 0.77, 0.7, 0.6, 0.1],
        );
        let found = best(&[(&reference, &estimate)]);
        assert!((0.70..0.77).contains(&found), "{found}");
    }

    #[test]
    fn where_all_do_as_well_it_is_a_half() {
        let (reference, estimate) = clip(&[true, false], &[1.0, 0.0]);
        assert_eq!(best(&[(&reference, &estimate)]), 0.5);
        assert_eq!(best(&[]), 0.5);
    }
}
