//! Frames take pitches that a person pointed at, drew or chose.

use serde::{Deserialize, Serialize};

use super::{decided, frame_edit, shift};
use crate::annotation::{AnnotatedFrame, Annotation, Edit, Provenance, Refusal, Selection};
use crate::melody::pitch::cents_between;

/// A frame that lies this near, in cents, to the pitch it would take stays as it is.
const THERE_CENTS: f64 = 30.0;

/// How a person came by the pitches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PitchSource {
    /// A ridge of the picture was pointed at.
    Ridge,
    /// One was chosen among candidates.
    Candidate,
    /// The likeliest within a range of pitch was asked for.
    Range,
    /// They were drawn.
    Drawn,
}

impl PitchSource {
    /// What it is called as a step of the history.
    pub fn label(self) -> &'static str {
        match self {
            Self::Ridge => "take the ridge",
            Self::Candidate => "take a candidate",
            Self::Range => "find the pitch again",
            Self::Drawn => "redraw",
        }
    }
}

/// The edits that give the selected frames the pitches of `f0_hz`, of frames from `start` on.
///
/// Voiced frames change their pitch; if none is voiced, or they are drawn, all become voiced.
pub fn edits(
    annotation: &Annotation,
    selection: &Selection,
    source: PitchSource,
    start: usize,
    f0_hz: &[f32],
) -> Result<Vec<Edit>, Refusal> {
    let end = start.saturating_add(f0_hz.len());
    let ranges = selection.frames(annotation).into_iter();
    let ranges = ranges.map(|it| it.start.max(start)..it.end.min(end));
    let ranges: Vec<_> = ranges.filter(|it| !it.is_empty()).collect();
    let is_voiced =
        |it: &std::ops::Range<usize>| annotation.frames(it.clone()).any(|it| it.f0.voiced);
    let all = source == PitchSource::Drawn || !ranges.iter().any(is_voiced);
    let mut edits = Vec::new();
    for range in ranges {
        let pitches = &f0_hz[range.start - start..range.end - start];
        let pairs = annotation.frames(range.clone()).zip(pitches);
        let taken = pairs.map(|(frame, &hz)| taken(frame, hz, all));
        let taken: Option<Vec<_>> = taken.collect();
        edits.extend(frame_edit(
            annotation,
            range.start,
            taken.ok_or(Refusal::OutOfRange)?,
        ));
    }
    Ok(edits)
}

/// A frame with a pitch, 0 Hz for the one it has; `None` if nobody sings that.
fn taken(frame: AnnotatedFrame, hz: f32, all: bool) -> Option<AnnotatedFrame> {
    let is_there =
        frame.f0.voiced && cents_between(frame.f0.f0_hz.into(), hz.into()).abs() < THERE_CENTS;
    if hz == 0.0 || is_there || !(frame.f0.voiced || all) {
        return Some(frame);
    }
    let is_sung = shift::SUNG_HZ.contains(&f64::from(hz));
    is_sung.then(|| decided(frame, hz, true, Provenance::Human))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation::arbitrary::{document, refusal};
    use crate::annotation::{AnnotationError, Operation, Transaction};

    fn take(
        annotation: &Annotation,
        source: PitchSource,
        f0_hz: &[f32],
    ) -> Result<Transaction, AnnotationError> {
        let operation = Operation::TakePitch {
            source,
            start: 1,
            f0_hz: f0_hz.to_vec(),
        };
        operation.transaction(annotation, &Selection::Span(0.0..4.0))
    }

    #[test]
    fn voiced_frames_take_the_pitch_and_are_a_persons() {
        let mut annotation = document(&[100.0, 200.0, 0.0, 301.0, 400.0]);
        let step = take(&annotation, PitchSource::Ridge, &[400.0, 400.0, 300.0, 9.0]).unwrap();
        assert_eq!(step.label, "take the ridge");
        annotation.apply(step).unwrap();
        let hz: Vec<_> = annotation.f0().frames.iter().map(|it| it.f0_hz).collect();
        assert_eq!(hz, [100.0, 400.0, 0.0, 301.0, 400.0]);
        use Provenance::{Human, Model};
        assert_eq!(annotation.provenance(), [Model, Human, Model, Model, Model]);
    }

    #[test]
    fn what_is_drawn_is_sung_and_so_is_what_was_silent_throughout() {
        for (source, f0_hz) in [
            (PitchSource::Drawn, [200.0, 0.0, 200.0, 200.0]),
            (PitchSource::Ridge, [0.0; 4]),
        ] {
            let mut annotation = document(&f0_hz);
            let step = take(&annotation, source, &[300.0, 300.0]).unwrap();
            annotation.apply(step).unwrap();
            let voiced: Vec<_> = annotation.f0().frames[1..3]
                .iter()
                .map(|it| it.voiced)
                .collect();
            assert_eq!(voiced, [true, true]);
        }
    }

    #[test]
    fn what_nobody_sings_is_refused_and_so_is_what_is_there() {
        let annotation = document(&[100.0; 4]);
        let refused = |hz: f32| refusal(take(&annotation, PitchSource::Candidate, &[hz; 3]));
        assert_eq!(refused(5.0), Refusal::OutOfRange);
        assert_eq!(refused(f32::NAN), Refusal::OutOfRange);
        assert_eq!(refused(100.5), Refusal::NothingToDo);
        assert_eq!(refused(0.0), Refusal::NothingToDo);
    }
}
