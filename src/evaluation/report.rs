//! Sets of named scores, of one clip or as a mean over many.

use std::fmt;

use serde::Serialize;

/// A fixed set of named scores.
pub trait Scores: Sized {
    /// Short names, in the order of [`Scores::values`].
    const NAMES: &'static [&'static str];

    /// All scores, 0 to 1.
    fn values(&self) -> Vec<f64>;

    /// The inverse of [`Scores::values`].
    fn from_values(values: &[f64]) -> Self;

    /// The mean score by score, each clip counting alike; `None` of no clips.
    fn mean<'a>(clips: impl IntoIterator<Item = &'a Self>) -> Option<Self>
    where
        Self: 'a,
    {
        let mut sums = vec![0.0; Self::NAMES.len()];
        let mut n = 0.0;
        for clip in clips {
            sums.iter_mut()
                .zip(clip.values())
                .for_each(|(sum, value)| *sum += value);
            n += 1.0;
        }
        sums.iter_mut().for_each(|sum| *sum /= n);
        (n > 0.0).then(|| Self::from_values(&sums))
    }
}

/// Writes scores in per cent on one line, as `OA 85.6  RPA 85.2`.
pub(crate) fn write_scores<S: Scores>(scores: &S, f: &mut fmt::Formatter) -> fmt::Result {
    for (i, (name, value)) in S::NAMES.iter().zip(scores.values()).enumerate() {
        let gap = if i > 0 { "  " } else { "" };
        write!(f, "{gap}{name} {:.1}", 100.0 * value)?;
    }
    Ok(())
}

/// Scores of one clip.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClipScores<S> {
    /// Name of the clip.
    pub name: String,
    /// Its scores.
    #[serde(flatten)]
    pub scores: S,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::MelodyScores;

    #[test]
    fn the_mean_is_unweighted() {
        let scores = |value| MelodyScores::from_values(&[value; 5]);
        let mean = MelodyScores::mean(&[scores(0.5), scores(1.0)]);
        assert_eq!(mean, Some(scores(0.75)));
        assert_eq!(
            scores(0.5).to_string(),
            "OA 50.0  RPA 50.0  RCA 50.0  VR 50.0  VFA 50.0"
        );
        assert_eq!(MelodyScores::mean([]), None);
    }

    #[test]
    fn clips_are_flat_in_json() {
        let clip = ClipScores {
            name: "a".into(),
            scores: MelodyScores::default(),
        };
        let json = serde_json::to_value(&clip).unwrap();
        assert_eq!(json["name"], "a");
        assert_eq!(json["overall_accuracy"], 0.0);
    }
}
