//! Selecting and correcting.

use super::{Session, Workspace};
use crate::annotation::{AnnotationError, Operation, Selection};
use crate::app::event::OwnerEvent;
use crate::app::notice::Notice;

impl Workspace {
    /// Selects in the recording that is shown.
    pub fn select(&mut self, selection: Selection) {
        if let Some(open) = self.active_mut() {
            open.view.selection = selection;
            self.events.push(OwnerEvent::SelectionChanged);
        }
    }

    pub(super) fn select_all(&mut self) {
        if let Some(session) = self.session() {
            let all = Selection::Span(0.0..session.bounds().end_secs);
            self.select(all);
        }
    }

    pub(super) fn edit(&mut self, operation: &Operation) {
        let selection = self.view().selection.clone();
        self.change(|session| session.edit(operation, &selection));
    }

    pub(super) fn undo(&mut self) {
        self.change(|session| {
            session.undo();
            Ok(())
        });
    }

    pub(super) fn redo(&mut self) {
        self.change(|session| {
            session.redo();
            Ok(())
        });
    }

    /// Changes the document that is shown; shows a notice if that cannot be done.
    fn change(&mut self, edit: impl FnOnce(&mut Session) -> Result<(), AnnotationError>) {
        let Some(open) = self.active_mut() else {
            return;
        };
        if let Err(error) = edit(&mut open.session) {
            // a short note is enough: nothing was lost
            self.show_notice(Notice::info(Notice::from_error(&error).text));
        }
        self.events.push(OwnerEvent::MelodyChanged);
    }
}
