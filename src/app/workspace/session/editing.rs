//! What a person does with the document.

use std::path::Path;

use super::Session;
use crate::annotation::{Annotation, AnnotationError, Document, Operation, Selection};
use crate::melody::Note;

impl Session {
    /// Whether there are edits that are not saved.
    pub fn is_modified(&self) -> bool {
        self.document.as_ref().is_some_and(Document::is_modified)
    }

    /// The file at `path` holds `saved`, which may have changed since.
    pub fn take_saved(&mut self, path: &Path, saved: &Annotation) {
        if let Some(document) = &mut self.document {
            if document.annotation() == saved {
                document.mark_saved(path);
            } else {
                document.file = Some(path.to_owned());
            }
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        self.saved = Some(name.into_owned());
    }

    /// Decides voicing anew.
    pub fn set_threshold(&mut self, threshold: f32) {
        self.threshold = threshold;
        self.threshold_chosen = true;
        match &mut self.document {
            Some(document) => document.revoice(threshold),
            None => self.revoice_contour(),
        }
        self.changed(0..usize::MAX);
    }

    /// Takes the notes of another voicing.
    pub fn set_notes(&mut self, notes: Vec<Note>) {
        if let Some(document) = &mut self.document {
            document.renote(notes);
            self.n_changes += 1;
        }
    }

    /// Corrects what is selected.
    ///
    /// # Errors
    /// [`AnnotationError`] if there is nothing to do, or it cannot be done.
    pub fn edit(
        &mut self,
        operation: &Operation,
        selection: &Selection,
    ) -> Result<(), AnnotationError> {
        if let Some(document) = &mut self.document {
            let transaction = operation.transaction(document.annotation(), selection)?;
            let frames = document.apply(transaction)?;
            self.changed(frames);
        }
        Ok(())
    }

    /// Takes back the last edit.
    pub fn undo(&mut self) {
        if let Some(document) = &mut self.document {
            let frames = document.undo();
            self.changed(frames);
        }
    }

    /// Makes the edit last taken back again.
    pub fn redo(&mut self) {
        if let Some(document) = &mut self.document {
            let frames = document.redo();
            self.changed(frames);
        }
    }
}
