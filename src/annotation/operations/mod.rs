//! Corrections of what is selected.
//!
//! An [`Operation`] is a value that can be written down. It makes of an annotation and a selection
//! a [`Transaction`], and changes nothing by itself. It is refused where it would do nothing, so
//! that no empty step enters the history.
//!
//! - `shift`: octave, fifth, any interval.
//! - `voicing`: make unvoiced, make voiced.
//! - `interpolate`: a straight line of pitch between two frames.
//! - `smooth`: the contour without its jitter.
//! - `take_pitch`: pitches that a person pointed at, drew or chose.
//! - `notes`: delete notes, take others.
//! - `shape_notes`: draw, move, split, merge and form notes.
//! - `judge`: marks and lyrics.
//! - `follow`: notes of a contour that changed, around what a person decided.

mod follow;
mod interpolate;
mod judge;
mod notes;
mod shape_notes;
mod shift;
mod smooth;
mod take_pitch;
mod voicing;

use std::ops::Range;

pub(super) use follow::{followed, replaced};
pub use shape_notes::median_midi;
pub use take_pitch::PitchSource;

use serde::{Deserialize, Serialize};

use super::{
    AnnotatedFrame, Annotation, AnnotationError, Edit, Mark, NoteId, Provenance, Refusal,
    Selection, Transaction,
};
use crate::melody::{F0Frame, Note};

/// A correction, with its parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Voiced frames to twice their f0, notes up by 12 semitones.
    ///
    /// In a span, notes wholly in it move; a note that it cuts is divided, and the part in it moves.
    /// If a pitch would leave what voices sing, 30 to 2100 Hz, none moves, so that a phrase keeps
    /// its shape.
    OctaveUp,
    /// Voiced frames to half their f0, notes down by 12 semitones; otherwise as `OctaveUp`.
    OctaveDown,
    /// Voiced frames to 3/2 of their f0, notes up by a pure fifth (7.01955 semitones).
    FifthUp,
    /// Voiced frames to 2/3 of their f0, notes down by a pure fifth.
    FifthDown,
    /// Voiced frames and notes up by this many cents, down if it is negative.
    Shift {
        /// The interval; 100 are a semitone.
        cents: f64,
    },
    /// Every frame unvoiced, decided by a person; notes in it go, notes that reach into it are cut.
    ///
    /// Frames keep their estimate. Those the networks call unvoiced are decided too, so that no
    /// lower threshold brings them back.
    Unvoice,
    /// Every frame voiced, decided by a person, at the estimate it has even where unvoiced.
    ///
    /// A frame without an estimate takes one from the nearest on both sides in the selection, on a
    /// straight line of pitch, and counts as interpolated. Beyond the outermost the pitch stays
    /// level.
    Voice,
    /// The frames between two voiced ones on a straight line of pitch (of log frequency), voiced.
    ///
    /// The line begins at the first frame of the selection if it is voiced, else at the frame just
    /// in front of it, else at the first voiced frame in it; and ends likewise. So it can be pulled
    /// over a gap exactly, or from good frames to good frames over bad ones. The ends themselves
    /// stay.
    Interpolate,
    /// Voiced frames to the weighted mean of those around them: jitter goes, vibrato stays.
    Smooth,
    /// The selected frames take pitches, those beyond the pitches none.
    ///
    /// Voiced frames change their pitch, unless they lie on it already; where none is voiced, or the
    /// pitches were drawn, all become voiced.
    TakePitch {
        /// How a person came by them.
        source: PitchSource,
        /// The frame of the first.
        start: usize,
        /// f0 in Hz, a value a frame; 0 for one that stays.
        f0_hz: Vec<f32>,
    },
    /// The selected notes, or those wholly in the span, are taken away; the contour stays.
    DeleteNotes,
    /// A note more, whatever is selected; those it would overlap are cut.
    DrawNote {
        /// The note.
        note: Note,
    },
    /// A note with another time or pitch, whatever is selected; those it would overlap are cut.
    ReshapeNote {
        /// Which note.
        id: NoteId,
        /// How it is to be.
        note: Note,
    },
    /// Two notes in the place of the one that sounds at a time, whatever is selected.
    SplitNote {
        /// Where the second begins.
        at_secs: f64,
    },
    /// One note in the place of those selected, and of those between them.
    MergeNotes,
    /// A note of the selected voiced frames, at the median of their pitch.
    FormNote,
    /// The selected notes at the median pitch of the contour below them.
    SnapNotes,
    /// The selected notes, or the time of the span, carry a mark.
    Mark(Mark),
    /// The selected notes, or the time of the span, carry a mark no longer.
    Unmark(Mark),
    /// The one selected note gets a lyric, or loses it.
    SetLyric {
        /// The syllable; empty to take it away.
        lyric: String,
    },
    /// All notes there are, whatever is selected, are replaced: by those formed anew from the
    /// contour, for one.
    ReplaceNotes {
        /// Those that come, in order of onset.
        notes: Vec<Note>,
    },
}

impl Operation {
    /// The operations that need no more than a selection.
    pub const OF_SELECTION: [Self; 16] = [
        Self::OctaveUp,
        Self::OctaveDown,
        Self::FifthUp,
        Self::FifthDown,
        Self::Unvoice,
        Self::Voice,
        Self::Interpolate,
        Self::Smooth,
        Self::FormNote,
        Self::MergeNotes,
        Self::SnapNotes,
        Self::DeleteNotes,
        Self::Mark(Mark::Accepted),
        Self::Unmark(Mark::Accepted),
        Self::Mark(Mark::Starred),
        Self::Unmark(Mark::Starred),
    ];

    /// What it is called, behind "Undo" for instance.
    pub fn label(&self) -> &'static str {
        match self {
            Self::OctaveUp => "octave up",
            Self::OctaveDown => "octave down",
            Self::FifthUp => "fifth up",
            Self::FifthDown => "fifth down",
            Self::Shift { .. } => "shift",
            Self::Unvoice => "make unvoiced",
            Self::Voice => "make voiced",
            Self::Interpolate => "interpolate",
            Self::Smooth => "smooth",
            Self::TakePitch { source, .. } => source.label(),
            Self::DeleteNotes => "delete notes",
            Self::DrawNote { .. } => "draw a note",
            Self::ReshapeNote { .. } => "change a note",
            Self::SplitNote { .. } => "split a note",
            Self::MergeNotes => "merge notes",
            Self::FormNote => "form a note",
            Self::SnapNotes => "notes to the contour",
            Self::Mark(Mark::Accepted) => "accept",
            Self::Unmark(Mark::Accepted) => "take back acceptance",
            Self::Mark(Mark::Starred) => "star",
            Self::Unmark(Mark::Starred) => "remove star",
            Self::SetLyric { .. } => "lyric",
            Self::ReplaceNotes { .. } => "replace notes",
        }
    }

    /// The transaction that makes this correction.
    ///
    /// # Errors
    /// [`AnnotationError::Refused`] if it would change nothing, would leave what voices sing, or
    /// finds no pitch to go by.
    pub fn transaction(
        &self,
        annotation: &Annotation,
        selection: &Selection,
    ) -> Result<Transaction, AnnotationError> {
        let operation = self.label();
        let refused = |refusal| AnnotationError::Refused { operation, refusal };
        let edits = self.edits(annotation, selection).map_err(refused)?;
        if edits.is_empty() {
            return Err(refused(Refusal::NothingToDo));
        }
        let label = operation.into();
        Ok(Transaction { label, edits })
    }

    fn edits(&self, annotation: &Annotation, selection: &Selection) -> Result<Vec<Edit>, Refusal> {
        match self {
            Self::OctaveUp => shift::edits(annotation, selection, 2.0),
            Self::OctaveDown => shift::edits(annotation, selection, 0.5),
            Self::FifthUp => shift::edits(annotation, selection, 1.5),
            Self::FifthDown => shift::edits(annotation, selection, 2.0 / 3.0),
            Self::Shift { cents } => shift::edits(annotation, selection, (cents / 1200.0).exp2()),
            Self::Unvoice => Ok(voicing::unvoice(annotation, selection)),
            Self::Voice => voicing::voice(annotation, selection),
            Self::Interpolate => interpolate::edits(annotation, selection),
            Self::Smooth => Ok(smooth::edits(annotation, selection)),
            Self::TakePitch {
                source,
                start,
                f0_hz,
            } => take_pitch::edits(annotation, selection, *source, *start, f0_hz),
            Self::DeleteNotes => Ok(notes::delete(annotation, selection)),
            Self::DrawNote { note } => shape_notes::draw(annotation, note),
            Self::ReshapeNote { id, note } => shape_notes::reshape(annotation, *id, note),
            Self::SplitNote { at_secs } => shape_notes::split(annotation, *at_secs),
            Self::MergeNotes => shape_notes::merge(annotation, selection),
            Self::FormNote => shape_notes::form(annotation, selection),
            Self::SnapNotes => shape_notes::snap(annotation, selection),
            Self::Mark(mark) => Ok(judge::mark(annotation, selection, *mark, true)),
            Self::Unmark(mark) => Ok(judge::mark(annotation, selection, *mark, false)),
            Self::SetLyric { lyric } => judge::lyric(annotation, selection, lyric),
            Self::ReplaceNotes { notes } => Ok(notes::replace_all(annotation, notes)),
        }
    }
}

/// The edit that puts `frames` from `start` on, unless they are there already.
fn frame_edit(annotation: &Annotation, start: usize, frames: Vec<AnnotatedFrame>) -> Option<Edit> {
    let present = annotation.frames(start..start + frames.len());
    let same = present.eq(frames.iter().copied());
    (!same).then_some(Edit::ReplaceF0 { start, frames })
}

/// The edits that put every frame of `ranges` through `change`.
fn frame_edits(
    annotation: &Annotation,
    ranges: Vec<Range<usize>>,
    change: impl Fn(AnnotatedFrame) -> AnnotatedFrame,
) -> Vec<Edit> {
    let changed = |range: Range<usize>| annotation.frames(range).map(&change).collect();
    let edits = ranges
        .into_iter()
        .filter_map(|range| frame_edit(annotation, range.start, changed(range)));
    edits.collect()
}

/// A frame as decided, with the confidence it had.
fn decided(
    frame: AnnotatedFrame,
    f0_hz: f32,
    voiced: bool,
    provenance: Provenance,
) -> AnnotatedFrame {
    let f0 = F0Frame {
        f0_hz,
        voiced,
        ..frame.f0
    };
    AnnotatedFrame { f0, provenance }
}

#[cfg(test)]
mod tests {
    use super::Operation;
    use crate::annotation::arbitrary::{annotations, operations, selections};
    use crate::annotation::{Provenance, Selection};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_operation_is_undone_exactly(
            start in annotations(), selection in selections(), operation in operations(),
        ) {
            let mut annotation = start.clone();
            if let Ok(transaction) = operation.transaction(&annotation, &selection) {
                let undo = annotation.apply(transaction.clone()).unwrap();
                prop_assert_ne!(&annotation, &start, "{} did nothing", undo.label);
                let redo = annotation.apply(undo).unwrap();
                prop_assert_eq!(&annotation, &start);
                prop_assert_eq!(redo.frames(), transaction.frames());
            }
        }

        #[test]
        fn only_selected_frames_change_and_the_model_decides_none_anew(
            start in annotations(), selection in selections(), operation in operations(),
        ) {
            // these decide the frames below notes too
            let makes_notes = matches!(
                operation,
                Operation::SplitNote { .. }
                    | Operation::ReshapeNote { .. }
                    | Operation::MergeNotes
                    | Operation::FormNote
                    | Operation::SnapNotes
            );
            prop_assume!(!makes_notes);
            let mut annotation = start.clone();
            if let Ok(transaction) = operation.transaction(&annotation, &selection) {
                annotation.apply(transaction).unwrap();
                let selected = selection.frames(&start);
                let n = start.n_frames();
                for (i, (old, new)) in start.frames(0..n).zip(annotation.frames(0..n)).enumerate() {
                    let inside = selected.iter().any(|range| range.contains(&i));
                    prop_assert!(old == new || inside && new.provenance != Provenance::Model);
                }
            }
        }

        #[test]
        fn nothing_selected_is_nothing_done(start in annotations(), at in 0..Operation::OF_SELECTION.len()) {
            let operation = &Operation::OF_SELECTION[at];
            prop_assert!(operation.transaction(&start, &Selection::Nothing).is_err());
        }
    }
}
