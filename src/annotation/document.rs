//! The annotation: what a person edits, undoes and saves.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::AnnotationError;
use crate::melody::{F0Frame, F0Track, Note};

/// Who decided a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provenance {
    /// The networks; its voicing follows the threshold.
    #[default]
    Model,
    /// A person, pitch and voicing.
    Human,
    /// A person asked for it, and it was drawn between frames beside it.
    Interpolated,
}

/// One frame and who decided it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AnnotatedFrame {
    /// Pitch and voicing. The confidence stays the networks': what a person did shows in
    /// `provenance`.
    pub f0: F0Frame,
    /// Who decided it.
    pub provenance: Provenance,
}

/// A recording's melody as it stands: contour, who decided each frame, and notes.
///
/// Changed by [`Annotation::apply`] alone, but for the voicing threshold. That is a setting of the
/// document: it is saved with it, but moving it is no step of the history, or a slider would bury
/// the edits. Voicing of a frame the networks decided is derived from the threshold, wherever the
/// frame comes from, an undo included; voicing of any other frame is what the person decided. So
/// edits and the slider may come in any order with the same result.
#[derive(Clone, Debug, PartialEq)]
pub struct Annotation {
    pub(super) f0: F0Track,
    pub(super) provenance: Vec<Provenance>, // as many as frames
    pub(super) notes: Vec<Note>,            // by onset
    threshold: Option<f32>,
}

impl Annotation {
    /// What the networks say, before anyone edits it.
    ///
    /// Voicing stays as given until [`Annotation::revoice`]; a frame without a pitch is unvoiced.
    ///
    /// # Errors
    /// [`AnnotationError`] if a number is not finite or out of its range, or notes are not in order
    /// of onset.
    pub fn new(f0: F0Track, notes: Vec<Note>) -> Result<Self, AnnotationError> {
        let provenance = vec![Provenance::Model; f0.frames.len()];
        Self::restore(f0, provenance, notes, None)
    }

    /// A document as saved; `provenance` must have one value a frame.
    pub(super) fn restore(
        f0: F0Track,
        provenance: Vec<Provenance>,
        notes: Vec<Note>,
        threshold: Option<f32>,
    ) -> Result<Self, AnnotationError> {
        check_grid(&f0)?;
        let mut annotation = Self {
            f0,
            provenance,
            notes: Vec::new(),
            threshold,
        };
        let n_frames = annotation.n_frames();
        annotation.settle(0..n_frames);
        check_frames(0, annotation.frames(0..n_frames))?;
        check_notes(0, &notes)?;
        annotation.notes = notes;
        Ok(annotation)
    }

    /// The contour, voiced by the present threshold and by what was decided by hand.
    pub fn f0(&self) -> &F0Track {
        &self.f0
    }

    /// Who decided each frame of the contour.
    pub fn provenance(&self) -> &[Provenance] {
        &self.provenance
    }

    /// Notes in order of onset.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Number of frames; no edit changes it.
    pub fn n_frames(&self) -> usize {
        self.provenance.len()
    }

    /// Frames with who decided them; `range` must lie within the annotation.
    pub fn frames(&self, range: Range<usize>) -> impl Iterator<Item = AnnotatedFrame> + '_ {
        let frames = self.f0.frames[range.clone()].iter();
        let pairs = frames.zip(&self.provenance[range]);
        pairs.map(|(&f0, &provenance)| AnnotatedFrame { f0, provenance })
    }

    /// Confidence from which the networks' frames are voiced; `None` while each frame is as the
    /// networks decided.
    pub fn threshold(&self) -> Option<f32> {
        self.threshold
    }

    /// Decides voicing anew wherever no person did: voiced from this confidence on.
    ///
    /// Beyond 0 and 1 the nearer of them is taken. One pass over the frames.
    pub fn revoice(&mut self, threshold: f32) {
        if !threshold.is_nan() {
            self.threshold = Some(threshold.clamp(0.0, 1.0));
            self.settle(0..self.n_frames());
        }
    }

    /// Takes notes that follow the voicing. Only for a document without steps in its history,
    /// which name notes by their index; later, notes change by
    /// [`replace_notes`](super::operations::replace_notes).
    ///
    /// # Errors
    /// [`AnnotationError::Note`]; then nothing changes.
    pub fn renote(&mut self, notes: Vec<Note>) -> Result<(), AnnotationError> {
        check_notes(0, &notes)?;
        self.notes = notes;
        Ok(())
    }

    /// Derives the voicing of the networks' frames among `range`.
    pub(super) fn settle(&mut self, range: Range<usize>) {
        let frames = self.f0.frames[range.clone()].iter_mut();
        for (frame, &provenance) in frames.zip(&self.provenance[range]) {
            if provenance == Provenance::Model {
                let decided = self.threshold.map(|least| frame.confidence >= least);
                frame.voiced = frame.f0_hz > 0.0 && decided.unwrap_or(frame.voiced);
            }
        }
    }
}

fn check_grid(f0: &F0Track) -> Result<(), AnnotationError> {
    let (first_secs, hop_secs) = (f0.grid.first_secs, f0.grid.hop_secs);
    if first_secs.is_finite() && hop_secs.is_finite() && hop_secs > 0.0 {
        return Ok(());
    }
    Err(AnnotationError::Grid {
        first_secs,
        hop_secs,
    })
}

/// Whether these may be frames `start..`.
pub(super) fn check_frames(
    start: usize,
    frames: impl Iterator<Item = AnnotatedFrame>,
) -> Result<(), AnnotationError> {
    for (i, frame) in frames.enumerate() {
        if let Some(problem) = frame_problem(&frame) {
            let at = start + i;
            return Err(AnnotationError::Frame { at, problem });
        }
    }
    Ok(())
}

fn frame_problem(frame: &AnnotatedFrame) -> Option<&'static str> {
    let f0 = &frame.f0;
    if !(f0.f0_hz.is_finite() && f0.f0_hz >= 0.0) {
        return Some("f0 must be a finite number of Hz, 0 or above");
    }
    if !(0.0..=1.0).contains(&f0.confidence) {
        return Some("confidence must lie within 0 and 1");
    }
    let pitchless = f0.voiced && f0.f0_hz == 0.0 && frame.provenance != Provenance::Model;
    pitchless.then_some("a voiced frame must have a pitch")
}

/// Whether these may stand in a row as notes `start..`.
pub(super) fn check_notes<'a>(
    start: usize,
    notes: impl IntoIterator<Item = &'a Note>,
) -> Result<(), AnnotationError> {
    let mut earliest = f64::NEG_INFINITY;
    for (i, note) in notes.into_iter().enumerate() {
        if let Some(problem) = note_problem(note, earliest) {
            let at = start + i;
            return Err(AnnotationError::Note { at, problem });
        }
        earliest = note.onset_secs;
    }
    Ok(())
}

fn note_problem(note: &Note, earliest: f64) -> Option<&'static str> {
    if !(note.onset_secs.is_finite() && note.offset_secs.is_finite() && note.midi.is_finite()) {
        return Some("times and pitch must be finite numbers");
    }
    if note.onset_secs >= note.offset_secs {
        return Some("it must end after it begins");
    }
    if !(0.0..=1.0).contains(&note.confidence) {
        return Some("confidence must lie within 0 and 1");
    }
    (note.onset_secs < earliest).then_some("it begins before the note in front of it")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::melody::FrameGrid;

    fn track(frames: &[(f32, f32)]) -> F0Track {
        let frame = |&(f0_hz, confidence): &(f32, f32)| F0Frame {
            f0_hz,
            confidence,
            voiced: true,
        };
        F0Track {
            grid: FrameGrid::from_hop(0.01),
            frames: frames.iter().map(frame).collect(),
        }
    }

    fn voiced(annotation: &Annotation) -> Vec<bool> {
        let frames = annotation.f0().frames.iter();
        frames.map(|frame| frame.voiced).collect()
    }

    #[test]
    fn the_threshold_moves_the_networks_frames_only() {
        let f0 = track(&[(200.0, 0.2), (200.0, 0.6), (200.0, 0.2), (0.0, 1.0)]);
        let mut annotation = Annotation::new(f0, Vec::new()).unwrap();
        assert_eq!(voiced(&annotation), [true, true, true, false]);
        annotation.provenance[2] = Provenance::Human;
        annotation.revoice(0.5);
        assert_eq!(voiced(&annotation), [false, true, true, false]);
        annotation.revoice(f32::NAN);
        assert_eq!(annotation.threshold(), Some(0.5));
        annotation.revoice(-3.0);
        assert_eq!(voiced(&annotation), [true, true, true, false]);
    }

    #[test]
    fn what_cannot_be_is_refused_with_its_place() {
        let refused = |f0: F0Track| Annotation::new(f0, Vec::new()).unwrap_err().to_string();
        let frame = "frame 1: f0 must be a finite number of Hz, 0 or above";
        assert_eq!(refused(track(&[(1.0, 0.5), (f32::NAN, 0.5)])), frame);
        assert_eq!(refused(track(&[(1.0, 0.5), (-1.0, 0.5)])), frame);
        let confidence = "frame 0: confidence must lie within 0 and 1";
        assert_eq!(refused(track(&[(1.0, 1.5)])), confidence);
        let mut still = track(&[]);
        still.grid.hop_secs = 0.0;
        assert!(refused(still).contains("above 0"));
    }
}
