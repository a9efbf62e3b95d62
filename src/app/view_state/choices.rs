//! Candidates that are shown to choose from.

use crate::annotation::Selection;
use crate::melody::Candidate;

/// Other courses of the pitch of a selection.
#[derive(Clone, Debug, PartialEq)]
pub struct PitchChoices {
    /// What they are for.
    pub selection: Selection,
    /// The frame of their first values.
    pub start: usize,
    /// The courses, the likeliest first.
    pub all: Vec<Candidate>,
    /// The one that was taken.
    pub taken: Option<usize>,
}

/// Which way to go among candidates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChoiceStep {
    /// To the next higher one.
    Up,
    /// To the next lower one.
    Down,
}

impl PitchChoices {
    /// The place of the next higher or lower one; `present_octaves` is the mean of the contour as it
    /// was, in octaves over 1 Hz. `None` beyond the last.
    pub fn next(&self, step: ChoiceStep, present_octaves: f64) -> Option<usize> {
        let octaves = |i: usize| mean_octaves(&self.all[i].f0_hz);
        let now = self.taken.map_or(present_octaves, octaves);
        let others = (0..self.all.len()).filter(|&i| Some(i) != self.taken);
        let distance = |&i: &usize| match step {
            ChoiceStep::Up => octaves(i) - now,
            ChoiceStep::Down => now - octaves(i),
        };
        let ahead = others.filter(|i| distance(i) > 0.0);
        ahead.min_by(|a, b| distance(a).total_cmp(&distance(b)))
    }
}

/// The mean of pitches in octaves over 1 Hz; those that are none do not count.
pub fn mean_octaves(f0_hz: &[f32]) -> f64 {
    let sung = f0_hz.iter().filter(|&&hz| hz > 0.0);
    let (sum, n) = sung.fold((0.0, 0), |(sum, n), &hz| {
        (sum + f64::from(hz).log2(), n + 1)
    });
    sum / f64::from(n.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::melody::CandidateKind;

    #[test]
    fn the_next_one_is_the_nearest_that_way() {
        let candidate = |hz: f32| Candidate {
            kind: CandidateKind::Path,
            f0_hz: vec![hz, 0.0, hz],
        };
        let mut choices = PitchChoices {
            selection: Selection::Nothing,
            start: 0,
            all: [440.0, 110.0, 330.0].map(candidate).to_vec(),
            taken: None,
        };
        let present = 220f64.log2();
        assert_eq!(choices.next(ChoiceStep::Up, present), Some(2));
        assert_eq!(choices.next(ChoiceStep::Down, present), Some(1));
        choices.taken = Some(2);
        assert_eq!(choices.next(ChoiceStep::Up, present), Some(0));
        assert_eq!(choices.next(ChoiceStep::Down, present), Some(1));
        choices.taken = Some(0);
        assert_eq!(choices.next(ChoiceStep::Up, present), None);
    }
}
