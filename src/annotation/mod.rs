//! The document a person edits: contour and notes, who decided what, undo, and the project file.
//!
//! - [`document`]: the annotation itself; what follows the voicing threshold and what does not.
//! - [`edit`]: changes of it, applied whole or not at all, each giving its inverse.
//! - [`history`]: undo and redo without limit, and whether there is something to save.
//! - [`selection`]: what commands act on.
//! - [`operations`]: the commands, from annotation and selection to a transaction.
//! - [`audio_file`]: which recording it belongs to, and where that is now.
//! - [`project`]: the `.melograph` file, saved and opened.
//! - `project_text`: its text; `docs/project-format.md` describes it.
//! - [`error`]: what can go wrong, a sentence each.

pub mod audio_file;
pub mod document;
pub mod edit;
pub mod error;
pub mod history;
pub mod operations;
pub mod project;
mod project_text;
pub mod selection;

#[cfg(test)]
mod arbitrary;

pub use audio_file::{AudioReference, AudioSearch};
pub use document::{AnnotatedFrame, Annotation, Provenance};
pub use edit::{Edit, Transaction};
pub use error::AnnotationError;
pub use history::History;
pub use project::{ModelReference, Project};
pub use selection::Selection;
