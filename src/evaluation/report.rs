//! Scores of many clips and their mean.

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

/// Scores of a corpus: those of its clips, and their unweighted mean.
///
/// `Display` is a table in per cent, a row a clip, the mean last.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report<S> {
    /// Clip by clip, in the order they were scored.
    pub clips: Vec<ClipScores<S>>,
    /// The mean; `None` without clips.
    pub mean: Option<S>,
}

impl<S: Scores> Report<S> {
    /// A report of clips, each a name and its scores.
    pub fn new(clips: impl IntoIterator<Item = (String, S)>) -> Self {
        let clips: Vec<_> = clips
            .into_iter()
            .map(|(name, scores)| ClipScores { name, scores })
            .collect();
        let mean = S::mean(clips.iter().map(|clip| &clip.scores));
        Self { clips, mean }
    }
}

impl<S: Scores> fmt::Display for Report<S> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let mean = self.mean.as_ref().map(|mean| ("mean", mean));
        let rows = self
            .clips
            .iter()
            .map(|clip| (clip.name.as_str(), &clip.scores))
            .chain(mean);
        let width = rows
            .clone()
            .map(|(name, _)| name.chars().count())
            .max()
            .unwrap_or(0);
        write!(f, "{:width$}", "")?;
        S::NAMES
            .iter()
            .try_for_each(|name| write!(f, " {name:>7}"))?;
        for (name, scores) in rows {
            write!(f, "\n{name:width$}")?;
            scores
                .values()
                .iter()
                .try_for_each(|value| write!(f, " {:7.2}", 100.0 * value))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::MelodyScores;

    #[test]
    fn the_mean_is_unweighted_and_comes_last() {
        let scores = |value| MelodyScores::from_values(&[value; 5]);
        let report = Report::new([("a".into(), scores(0.5)), ("long".into(), scores(1.0))]);
        assert_eq!(report.mean, Some(scores(0.75)));
        let text = report.to_string();
        assert_eq!(
            text.lines().last(),
            Some("mean   75.00   75.00   75.00   75.00   75.00")
        );
        assert_eq!(
            scores(0.5).to_string(),
            "OA 50.0  RPA 50.0  RCA 50.0  VR 50.0  VFA 50.0"
        );
        assert_eq!(MelodyScores::mean([]), None);
    }

    #[test]
    fn clips_are_flat_in_json() {
        let report = Report::new([("a".into(), MelodyScores::default())]);
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["clips"][0]["name"], "a");
        assert_eq!(json["clips"][0]["overall_accuracy"], 0.0);
    }
}
