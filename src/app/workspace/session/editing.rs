//! What a person does with the document.

use std::ops::Range;

use super::Session;
use crate::annotation::{
    Annotation, AnnotationError, Document, Operation, Place, SavedFile, Selection,
};
use crate::files::shown_name;
use crate::melody::{F0Track, Note};

/// A step through the history.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryStep {
    /// What it was called.
    pub label: String,
    /// The time in seconds that it touched; `None` if that is everywhere.
    pub secs: Option<Range<f64>>,
}

impl Session {
    /// Whether there are edits that are not saved.
    pub fn is_modified(&self) -> bool {
        self.document.as_ref().is_some_and(Document::is_modified)
    }

    /// The file holds `saved`, which may have changed since.
    pub fn take_saved(&mut self, file: SavedFile, saved: &Annotation) {
        self.saved = Some(shown_name(&file.path).into_owned());
        if let Some(document) = &mut self.document {
            if document.annotation() == saved {
                document.mark_saved(file);
            } else {
                document.file = Some(file);
                document.file_differs();
            }
        }
    }

    /// Takes the contour that the notes of a recovered document belong to.
    pub fn take_recovered(&mut self, contour_of_notes: Option<F0Track>) {
        self.contour_of_notes = contour_of_notes;
    }

    /// Takes back what is not saved.
    pub fn revert(&mut self) {
        if let Some(document) = &mut self.document {
            document.revert();
            let frames = 0..usize::MAX;
            self.stepped(String::new(), Place { frames, secs: None });
        }
    }

    /// Decides voicing anew; while the threshold is dragged, one step of the history.
    ///
    /// # Errors
    /// [`AnnotationError::Threshold`].
    pub fn set_threshold(&mut self, threshold: f32) -> Result<(), AnnotationError> {
        match &mut self.document {
            Some(document) => {
                let before = document.annotation().f0().clone();
                document.set_threshold(threshold, self.is_dragging_threshold)?;
                self.contour_changed(before);
                self.is_dragging_threshold = true;
            }
            None => {
                self.chosen_threshold = Some(threshold);
                self.revoice_contour();
            }
        }
        self.changed(0..usize::MAX);
        Ok(())
    }

    /// Takes the notes of the contour as it was and as it is.
    pub fn follow(&mut self, before: &[Note], after: &[Note]) {
        if let Some(document) = &mut self.document {
            // the segmenter gives notes in order; if not, those there are stay
            let _ = document.follow(before, after);
            self.contour_of_notes = None;
            self.n_changes += 1;
        }
    }

    /// The notes are those of the contour before, until others were found.
    fn contour_changed(&mut self, before: F0Track) {
        self.contour_of_notes.get_or_insert(before);
        self.document_state += 1;
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
            let before = document.annotation().f0().clone();
            let frames = document.apply(transaction)?;
            match *document.annotation().f0() == before {
                // notes that were made or moved follow nothing
                true => self.document_state += 1,
                false => self.contour_changed(before),
            }
            self.is_dragging_threshold = false;
            self.changed(frames);
        }
        Ok(())
    }

    /// Takes back the last edit; `None` if there is none.
    pub fn undo(&mut self) -> Option<HistoryStep> {
        let document = self.document.as_mut()?;
        let label = document.labels()[0]?.to_owned();
        let place = document.undo();
        Some(self.stepped(label, place))
    }

    /// Makes the edit last taken back again; `None` if there is none.
    pub fn redo(&mut self) -> Option<HistoryStep> {
        let document = self.document.as_mut()?;
        let label = document.labels()[1]?.to_owned();
        let place = document.redo();
        Some(self.stepped(label, place))
    }

    fn stepped(&mut self, label: String, place: Place) -> HistoryStep {
        // the history brought the notes with it
        self.contour_of_notes = None;
        self.document_state += 1;
        self.is_dragging_threshold = false;
        self.changed(place.frames);
        HistoryStep {
            label,
            secs: place.secs,
        }
    }
}
