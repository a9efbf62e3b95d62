//! The document a person edits: contour and notes, who decided what, undo, and the project file.
//!
//! - [`document`]: an annotation with its history and its file.
//! - [`annotation`]: what is edited; what follows the voicing threshold and what does not.
//! - [`frame`]: a frame and who decided it.
//! - [`note`]: a note and the id that it keeps.
//! - [`edit`]: changes, applied whole or not at all, each giving its inverse.
//! - [`history`]: undo and redo without limit, and whether there is something to save.
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
pub mod document;
pub mod doubt;
pub mod edit;
pub mod error;
pub mod frame;
pub mod history;
pub mod note;
pub mod operations;
pub mod project;
pub mod selection;

#[cfg(test)]
mod arbitrary;

pub use annotation::Annotation;
pub use audio_file::{AudioReference, AudioSearch};
pub use document::{Document, Place};
pub use doubt::{Doubt, Passage};
pub use edit::{Edit, Transaction};
pub use error::{AnnotationError, Refusal};
pub use frame::{AnnotatedFrame, Provenance};
pub use history::History;
pub use note::{AnnotatedNote, NoteId};
pub use operations::{Operation, PitchSource};
pub use project::{ModelReference, Project};
pub use selection::Selection;
