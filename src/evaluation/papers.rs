//! What papers report on corpora that can be scored here, to be printed beside one's own scores.
//!
//! Systems were trained on other data than each other; the figures are theirs, in per cent.

use super::{Measure, Scorecard};

/// A system's scores on a corpus, as published.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PublishedScores {
    /// The validation set.
    pub set: &'static str,
    /// The system, and who reports it.
    pub system: &'static str,
    /// OA, RPA, RCA, VR and VFA in per cent, as far as they are reported.
    percent: [Option<f64>; 5],
}

/// The order of the figures.
const MEASURES: [Measure; 5] = [
    Measure::OverallAccuracy,
    Measure::RawPitchAccuracy,
    Measure::RawChromaAccuracy,
    Measure::VoicingRecall,
    Measure::VoicingFalseAlarm,
];

const fn row(set: &'static str, system: &'static str, percent: [f64; 5]) -> PublishedScores {
    let [oa, rpa, rca, vr, vfa] = percent;
    PublishedScores {
        set,
        system,
        percent: [Some(oa), Some(rpa), Some(rca), Some(vr), Some(vfa)],
    }
}

const fn accuracy(set: &'static str, system: &'static str, oa: f64) -> PublishedScores {
    PublishedScores {
        set,
        system,
        percent: [Some(oa), None, None, None, None],
    }
}

/// The rows: of Lu & Su (2018), of HKDSME's table 2, and SpectMamba's accuracies, which are known
/// second-hand.
const ROWS: [PublishedScores; 18] = [
    row(
        "adc2004",
        "Segmentation (Lu & Su)",
        [74.9, 71.7, 74.8, 73.8, 3.0],
    ),
    row(
        "adc2004",
        "Segmentation + note PNN",
        [73.5, 70.2, 73.2, 72.2, 3.1],
    ),
    row(
        "adc2004",
        "Segmentation + time PNN",
        [73.2, 70.4, 72.9, 73.2, 5.4],
    ),
    row(
        "adc2004",
        "MSNet (HKDSME's paper)",
        [77.1, 75.1, 75.8, 80.8, 16.3],
    ),
    row(
        "adc2004",
        "FTANet (HKDSME's paper)",
        [77.4, 76.3, 76.5, 83.2, 13.3],
    ),
    row("adc2004", "HKDSME", [85.6, 85.2, 85.3, 87.5, 11.5]),
    accuracy("adc2004", "SpectMamba (second-hand)", 80.67),
    row(
        "mirex05",
        "Segmentation (Lu & Su)",
        [85.8, 82.2, 82.9, 87.3, 7.9],
    ),
    row(
        "mirex05",
        "Segmentation + note PNN",
        [84.5, 79.6, 80.3, 84.7, 6.9],
    ),
    row(
        "mirex05",
        "Segmentation + time PNN",
        [84.8, 82.3, 83.0, 87.3, 9.9],
    ),
    row(
        "mirex05",
        "MSNet (HKDSME's paper)",
        [82.0, 78.4, 79.0, 82.3, 14.3],
    ),
    row(
        "mirex05",
        "FTANet (HKDSME's paper)",
        [84.4, 77.8, 77.8, 83.9, 5.2],
    ),
    row("mirex05", "HKDSME", [85.7, 82.3, 82.4, 84.1, 5.4]),
    accuracy("mirex05", "SpectMamba (second-hand)", 84.64),
    row(
        "medleydb",
        "Segmentation (Lu & Su)",
        [70.0, 68.3, 70.0, 77.9, 22.4],
    ),
    row(
        "medleydb",
        "Segmentation + note PNN",
        [70.0, 67.1, 68.7, 77.0, 21.5],
    ),
    row(
        "medleydb",
        "Segmentation + time PNN",
        [69.1, 67.4, 69.0, 78.7, 23.6],
    ),
    accuracy("medleydb", "SpectMamba (second-hand)", 72.62),
];

impl PublishedScores {
    /// What is published of a validation set; nothing of most.
    pub fn of(set: &str) -> impl Iterator<Item = &'static Self> {
        ROWS.iter().filter(move |row| row.set == set)
    }

    /// The measures that are reported.
    pub fn scorecard(&self) -> Scorecard {
        let measures = MEASURES.into_iter().zip(self.percent);
        let reported = measures.filter_map(|(measure, value)| Some((measure, value? / 100.0)));
        Scorecard(reported.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accuracy_is_reported_wherever_a_set_is() {
        let of = |set: &str| PublishedScores::of(set).count();
        assert_eq!([of("adc2004"), of("mirex05"), of("medleydb")], [7, 7, 4]);
        assert_eq!(of("mir1k"), 0);
        for row in &ROWS {
            let score = row.scorecard();
            let accuracy = score.get(Measure::OverallAccuracy).expect("it is reported");
            assert!((0.5..0.9).contains(&accuracy), "{}", row.system);
        }
    }
}
