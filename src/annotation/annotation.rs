//! The annotation: what a person edits, undoes and saves.

use std::ops::Range;

use super::frame::{check_frames, stretches};
use super::mark::check_spans;
use super::note::{check_ids, check_notes, numbered};
use super::{
    AnnotatedFrame, AnnotatedNote, AnnotationError, MarkedSpan, NoteId, NoteTags, Provenance,
};
use crate::melody::{F0Track, Note};

/// A recording's melody as it stands: contour, who decided each frame, notes with their ids and
/// lyrics, and marks.
///
/// Changed by [`Annotation::apply`] alone, but that it grows while it follows an analysis. Voicing of
/// a frame the networks decided is derived from the threshold, wherever the frame comes from, an
/// undo included; voicing of any other frame is what the person decided. So edits and the threshold
/// may come in any order with the same result.
///
/// Two are equal if they say the same; which id the next note would get does not count.
#[derive(Clone, Debug)]
pub struct Annotation {
    pub(super) f0: F0Track,
    pub(super) provenance: Vec<Provenance>, // as many as frames
    pub(super) notes: Vec<Note>,            // by onset
    pub(super) note_ids: Vec<NoteId>,       // as many as notes, none twice
    note_tags: Vec<NoteTags>,               // as many as notes
    pub(super) marked: Vec<MarkedSpan>,     // by beginning
    pub(super) next_note_id: NoteId,        // above all that were ever given
    threshold: Option<f32>,
}

impl PartialEq for Annotation {
    fn eq(&self, other: &Self) -> bool {
        self.f0 == other.f0
            && self.provenance == other.provenance
            && self.notes == other.notes
            && self.note_ids == other.note_ids
            && self.note_tags == other.note_tags
            && self.marked == other.marked
            && self.threshold == other.threshold
    }
}

impl Annotation {
    /// What the networks say, before anyone edits it.
    ///
    /// Voicing stays as given until a threshold is set; a frame without a pitch is unvoiced.
    /// Notes get ids in their order.
    ///
    /// # Errors
    /// [`AnnotationError`] if a number is not finite or out of its range, or notes are not in order
    /// of onset.
    pub fn new(f0: F0Track, notes: Vec<Note>) -> Result<Self, AnnotationError> {
        let provenance = vec![Provenance::Model; f0.frames.len()];
        let notes = numbered(NoteId(0), notes).collect();
        Self::restore(f0, provenance, notes, Vec::new(), None)
    }

    /// A document as saved; `provenance` must have one value a frame.
    pub(super) fn restore(
        f0: F0Track,
        provenance: Vec<Provenance>,
        notes: Vec<AnnotatedNote>,
        marked: Vec<MarkedSpan>,
        threshold: Option<f32>,
    ) -> Result<Self, AnnotationError> {
        check_grid(&f0)?;
        let mut annotation = Self {
            f0,
            provenance,
            notes: Vec::new(),
            note_ids: Vec::new(),
            note_tags: Vec::new(),
            marked,
            next_note_id: NoteId(0),
            threshold,
        };
        let n_frames = annotation.n_frames();
        annotation.derive_voicing(0..n_frames);
        check_frames(0, annotation.frames(0..n_frames))?;
        check_notes(0, &notes)?;
        check_spans(&annotation.marked)?;
        annotation.splice_notes(0..0, notes);
        check_ids(&annotation.note_ids)?;
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

    /// The id of each note.
    pub fn note_ids(&self) -> &[NoteId] {
        &self.note_ids
    }

    /// Lyric and marks of each note.
    pub fn note_tags(&self) -> &[NoteTags] {
        &self.note_tags
    }

    /// Spans of time that carry a mark, by their beginnings; none overlaps another of the same mark.
    pub fn marked(&self) -> &[MarkedSpan] {
        &self.marked
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

    /// Notes with their ids, lyrics and marks; `range` must lie within the annotation.
    pub fn annotated_notes(
        &self,
        range: Range<usize>,
    ) -> impl DoubleEndedIterator<Item = AnnotatedNote> + '_ {
        range.map(|i| AnnotatedNote {
            id: self.note_ids[i],
            note: self.notes[i],
            tags: self.note_tags[i].clone(),
        })
    }

    /// The id of the next new note; those above it are free too.
    pub fn next_note_id(&self) -> NoteId {
        self.next_note_id
    }

    /// Confidence from which the networks' frames are voiced; `None` while each frame is as the
    /// networks decided.
    pub fn threshold(&self) -> Option<f32> {
        self.threshold
    }

    /// Decides voicing anew wherever no person did: voiced from this confidence on.
    ///
    /// Beyond 0 and 1 the nearer of them is taken. One pass over the frames.
    #[cfg(test)]
    pub(super) fn revoice(&mut self, threshold: f32) {
        if !threshold.is_nan() {
            self.threshold = Some(threshold.clamp(0.0, 1.0));
            self.derive_voicing(0..self.n_frames());
        }
    }

    /// Takes a threshold, or none: then those of the networks' frames are voiced that lie in `voiced`.
    pub(super) fn set_threshold(&mut self, threshold: Option<f32>, voiced: &[Range<usize>]) {
        self.threshold = threshold;
        if threshold.is_none() {
            let frames = self.f0.frames.iter_mut().zip(&self.provenance);
            for (frame, _) in frames.filter(|(_, by)| **by == Provenance::Model) {
                frame.voiced = false;
            }
            for range in voiced {
                let frames = self.f0.frames[range.clone()].iter_mut();
                let frames = frames.zip(&self.provenance[range.clone()]);
                for (frame, _) in frames.filter(|(_, by)| **by == Provenance::Model) {
                    frame.voiced = true;
                }
            }
        }
        self.derive_voicing(0..self.n_frames());
    }

    /// Where the networks' frames are voiced although no threshold says so.
    pub(super) fn voiced_by_networks(&self) -> Vec<Range<usize>> {
        if self.threshold.is_some() {
            return Vec::new();
        }
        stretches(0..self.n_frames(), |i| {
            self.f0.frames[i].voiced && self.provenance[i] == Provenance::Model
        })
    }

    /// Takes more of the contour as an analysis finds it: the frames behind the last one, and with
    /// `renew` all that the networks decided.
    ///
    /// # Errors
    /// [`AnnotationError::Frame`]; then nothing changes.
    pub(super) fn grow(&mut self, f0: &F0Track, renew: bool) -> Result<(), AnnotationError> {
        let n_frames = self.n_frames();
        let new = f0.frames.iter().map(|&f0| AnnotatedFrame {
            f0,
            provenance: Provenance::Model,
        });
        check_frames(0, new)?;
        if renew {
            let frames = self.f0.frames.iter_mut().zip(&self.provenance);
            for ((frame, by), new) in frames.zip(&f0.frames) {
                if *by == Provenance::Model {
                    *frame = *new;
                }
            }
        }
        self.f0.frames.extend(f0.frames.iter().skip(n_frames));
        let n_frames = self.f0.frames.len();
        self.provenance.resize(n_frames, Provenance::Model);
        self.derive_voicing(0..n_frames);
        Ok(())
    }

    /// Puts checked notes in the place of others; returns those.
    pub(super) fn splice_notes(
        &mut self,
        at: Range<usize>,
        notes: Vec<AnnotatedNote>,
    ) -> Vec<AnnotatedNote> {
        let gone = self.annotated_notes(at.clone()).collect();
        for AnnotatedNote { id, .. } in &notes {
            self.next_note_id = self.next_note_id.max(NoteId(id.0 + 1));
        }
        self.note_ids
            .splice(at.clone(), notes.iter().map(|it| it.id));
        self.notes
            .splice(at.clone(), notes.iter().map(|it| it.note));
        self.note_tags
            .splice(at, notes.into_iter().map(|it| it.tags));
        gone
    }

    /// Derives the voicing of the networks' frames among `range`.
    pub(super) fn derive_voicing(&mut self, range: Range<usize>) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::melody::{F0Frame, FrameGrid};

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
