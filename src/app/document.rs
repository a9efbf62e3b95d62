//! What is edited and saved: the annotation, its history, and where its project file is.

use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::analysis::Analysis;
use crate::annotation::{Annotation, AnnotationError, History, Transaction};
use crate::melody::Note;

/// An annotation with its history.
#[derive(Clone, Debug)]
pub struct Document {
    annotation: Annotation,
    history: History,
    /// Its project file, once it was saved or if it was opened from one.
    pub file: Option<PathBuf>,
    /// Whether it began with what the networks say here, rather than with a project.
    of_networks: bool,
}

impl Document {
    /// A document that begins with what the networks say.
    ///
    /// # Errors
    /// [`AnnotationError`] if the analysis holds what cannot be, which would be a bug.
    pub fn of(analysis: &Analysis) -> Result<Self, AnnotationError> {
        let annotation = Annotation::new(analysis.f0.clone(), analysis.notes.clone())?;
        Ok(Self {
            history: History::new(&annotation),
            annotation,
            file: None,
            of_networks: true,
        })
    }

    /// A document as it was saved in `file`.
    pub fn saved_as(annotation: Annotation, file: PathBuf) -> Self {
        Self {
            history: History::new(&annotation),
            annotation,
            file: Some(file),
            of_networks: false,
        }
    }

    /// The annotation as it stands.
    pub fn annotation(&self) -> &Annotation {
        &self.annotation
    }

    /// Whether closing it would lose something.
    pub fn is_modified(&self) -> bool {
        self.history.is_modified(&self.annotation)
    }

    /// What undo would take back, and redo would make again.
    pub fn labels(&self) -> [Option<&'static str>; 2] {
        [self.history.undo_label(), self.history.redo_label()]
    }

    /// Its project file holds it as it stands.
    pub fn mark_saved(&mut self, file: &Path) {
        self.file = Some(file.to_owned());
        self.history.mark_saved(&self.annotation);
    }

    /// Makes an edit; returns the frames it wrote.
    ///
    /// # Errors
    /// Those of [`Annotation::apply`].
    pub fn apply(&mut self, edit: Transaction) -> Result<Range<usize>, AnnotationError> {
        let frames = edit.frames().unwrap_or_default();
        self.history.apply(&mut self.annotation, edit)?;
        Ok(frames)
    }

    /// Takes the last edit back; returns the frames that it wrote.
    pub fn undo(&mut self) -> Range<usize> {
        frames(self.history.undo(&mut self.annotation))
    }

    /// Makes the edit last taken back again; returns the frames that it wrote.
    pub fn redo(&mut self) -> Range<usize> {
        frames(self.history.redo(&mut self.annotation))
    }

    /// Decides voicing anew wherever no person did.
    pub fn revoice(&mut self, threshold: f32) {
        self.annotation.revoice(threshold);
    }

    /// Takes notes that follow the voicing, unless notes were edited.
    pub fn renote(&mut self, notes: Vec<Note>) {
        if self.follows_networks() {
            // the segmenter gives notes in order; if not, those there are stay
            let _ = self.annotation.renote(notes);
        }
    }

    /// Whether its notes are still the networks'.
    pub fn follows_networks(&self) -> bool {
        self.of_networks && self.labels() == [None, None]
    }
}

/// Frames of a step, which cannot fail: every edit passes through the history.
fn frames(step: Result<Option<&Transaction>, AnnotationError>) -> Range<usize> {
    let written = step.ok().flatten().and_then(Transaction::frames);
    written.unwrap_or_default()
}
