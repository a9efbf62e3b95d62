//! The document a person edits: contour and notes, who decided what, undo, and the project file.
//!
//! - [`document`]: an annotation with its history and its file.
//! - [`annotation`]: what is edited; what follows the voicing threshold and what does not.
//! - [`frame`]: a frame and who decided it.
//! - [`note`]: a note, the id that it keeps, and its lyric.
//! - [`mark`]: what is accepted or starred.
//! - [`edit`]: changes, applied whole or not at all, each giving its inverse.
//! - [`history`]: undo and redo without limit, and whether there is something to save.
//! - [`change`]: what was done to a document, written down.
//! - [`database`]: the file in which the program keeps what must outlive a crash.
//! - [`journal`]: changes that are in no project file yet, in that database.
//! - [`selection`]: what operations act on.
//! - [`operations`]: what a person does, as values, from annotation and selection to a transaction.
//! - [`doubt`]: passages worth a second look.
//! - [`audio_file`]: which recording it belongs to, and where that is now.
//! - [`project`]: the `.melograph` file, saved and opened; `docs/project-format.md` describes it.
//! - [`error`]: what can go wrong, a sentence each.
//!
//! Operations, selections and transactions can be written down and read back.

#[expect(
    clippy::module_inception,
    reason = "the room is named after what it is about"
)]
pub mod annotation;
pub mod audio_file;
pub mod change;
pub mod database;
pub mod document;
pub mod doubt;
pub mod edit;
pub mod error;
pub mod frame;
pub mod history;
pub mod journal;
pub mod mark;
pub mod note;
pub mod operations;
pub mod project;
pub mod selection;

#[cfg(test)]
mod arbitrary;

pub use annotation::Annotation;
pub use audio_file::{AudioReference, AudioSearch};
pub use change::{Change, Unwritten};
pub use document::{Document, DocumentId, Place, SavedFile};
pub use doubt::{Doubt, Passage};
pub use edit::{Edit, Transaction};
pub use error::{AnnotationError, Refusal};
pub use frame::{AnnotatedFrame, Provenance};
pub use history::History;
pub use journal::{Journal, JournalRecord, LeftWork};
pub use mark::{Mark, MarkedSpan, Marks};
pub use note::{AnnotatedNote, NoteId, NoteTags};
pub use operations::{Operation, PitchSource};
pub use project::{ModelReference, Project};
pub use selection::{Selection, frames_within, notes_within};
