//! What a person says of a note or a span of time without changing it: accepted, starred.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::AnnotationError;

/// A judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mark {
    /// Looked at and found right.
    Accepted,
    /// Worth coming back to.
    Starred,
}

/// Which marks a note carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Marks {
    /// It is accepted.
    pub accepted: bool,
    /// It is starred.
    pub starred: bool,
}

impl Marks {
    /// Whether it carries a mark.
    pub fn has(self, mark: Mark) -> bool {
        match mark {
            Mark::Accepted => self.accepted,
            Mark::Starred => self.starred,
        }
    }

    /// The same with a mark, or without it.
    pub fn with(mut self, mark: Mark, is_on: bool) -> Self {
        match mark {
            Mark::Accepted => self.accepted = is_on,
            Mark::Starred => self.starred = is_on,
        }
        self
    }
}

/// A span of time that carries a mark.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MarkedSpan {
    /// The mark.
    pub mark: Mark,
    /// Its beginning in seconds.
    pub start_secs: f64,
    /// Its end in seconds.
    pub end_secs: f64,
}

impl MarkedSpan {
    /// Its time in seconds.
    pub fn secs(&self) -> Range<f64> {
        self.start_secs..self.end_secs
    }
}

/// Whether spans are in order of their beginnings, and none overlaps another of the same mark.
pub(super) fn check_spans(spans: &[MarkedSpan]) -> Result<(), AnnotationError> {
    let mut earliest = f64::NEG_INFINITY;
    let mut ends = [f64::NEG_INFINITY; 2]; // of the last span of each mark
    for (at, span) in spans.iter().enumerate() {
        let end = &mut ends[span.mark as usize];
        if let Some(problem) = problem(span, earliest, *end) {
            return Err(AnnotationError::Mark { at, problem });
        }
        earliest = span.start_secs;
        *end = span.end_secs;
    }
    Ok(())
}

fn problem(span: &MarkedSpan, earliest: f64, end_of_last: f64) -> Option<&'static str> {
    if !(span.start_secs.is_finite() && span.end_secs.is_finite()) {
        return Some("its times must be finite numbers");
    }
    if span.start_secs >= span.end_secs {
        return Some("it must end after it begins");
    }
    if span.start_secs < earliest {
        return Some("it begins before the mark in front of it");
    }
    (span.start_secs < end_of_last).then_some("it overlaps with another of its kind")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_one_kind_do_not_overlap_and_those_of_two_may() {
        let span = |mark, start_secs, end_secs| MarkedSpan {
            mark,
            start_secs,
            end_secs,
        };
        let (accepted, starred) = (Mark::Accepted, Mark::Starred);
        let both = [span(accepted, 0.0, 2.0), span(starred, 1.0, 3.0)];
        assert!(check_spans(&both).is_ok());
        let refused = |spans: &[MarkedSpan]| check_spans(spans).unwrap_err().to_string();
        let [first, second] = both;
        let twice = [first, second, span(accepted, 1.5, 4.0)];
        assert_eq!(
            refused(&twice),
            "mark 2: it overlaps with another of its kind"
        );
        assert!(refused(&[second, first]).contains("before the mark in front"));
        assert!(refused(&[span(starred, 1.0, 1.0)]).contains("end after"));
        assert!(refused(&[span(starred, f64::NAN, 1.0)]).contains("finite"));
    }
}
