//! A note, the id that it keeps, and what a person gave it.

use std::borrow::Borrow;
use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{AnnotationError, Marks};
use crate::melody::Note;

/// Which note of a document: it stays when the note is moved, deleted and brought back by undo, or
/// saved and opened, and no other note of the document ever gets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NoteId(pub u64);

/// The first id that is refused: every JSON reader holds those below it exactly.
const END_OF_IDS: u64 = 1 << 53;

/// A note, its id, and what a person gave it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnnotatedNote {
    /// Which note it is.
    pub id: NoteId,
    /// Time, pitch and confidence.
    pub note: Note,
    /// What is said of it.
    #[serde(default)]
    pub tags: NoteTags,
}

/// What a person says of a note: it goes wherever the note goes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NoteTags {
    /// The syllable that is sung on it.
    pub lyric: Option<String>,
    /// Its marks.
    pub marks: Marks,
}

impl AnnotatedNote {
    /// A note of which nothing is said.
    pub fn new(id: NoteId, note: Note) -> Self {
        let tags = NoteTags::default();
        Self { id, note, tags }
    }
}

/// Notes with ids from `first` on.
pub(super) fn numbered(
    first: NoteId,
    notes: impl IntoIterator<Item = Note>,
) -> impl Iterator<Item = AnnotatedNote> {
    let ids = (first.0..).map(NoteId);
    let pairs = ids.zip(notes);
    pairs.map(|(id, note)| AnnotatedNote::new(id, note))
}

/// Whether these may stand in a row as notes `start..`.
pub(super) fn check_notes(
    start: usize,
    notes: impl IntoIterator<Item = impl Borrow<AnnotatedNote>>,
) -> Result<(), AnnotationError> {
    let mut earliest = f64::NEG_INFINITY;
    for (i, note) in notes.into_iter().enumerate() {
        let note = note.borrow();
        if let Some(problem) = problem(note, earliest) {
            let at = start + i;
            return Err(AnnotationError::Note { at, problem });
        }
        earliest = note.note.onset_secs;
    }
    Ok(())
}

/// Whether no two notes have one id.
pub(super) fn check_ids(ids: &[NoteId]) -> Result<(), AnnotationError> {
    let mut known = HashSet::with_capacity(ids.len());
    let repeated = ids.iter().position(|id| !known.insert(id));
    let problem = "another note has its id";
    repeated.map_or(Ok(()), |at| Err(AnnotationError::Note { at, problem }))
}

fn problem(AnnotatedNote { id, note, .. }: &AnnotatedNote, earliest: f64) -> Option<&'static str> {
    if id.0 >= END_OF_IDS {
        return Some("its id must be below 2^53");
    }
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
