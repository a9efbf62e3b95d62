//! Selecting and correcting, as commands ask for it.

use super::App;
use super::command::EditCommand;
use super::notice::Notice;
use super::view_state::Bounds;
use crate::annotation::{AnnotationError, Document, Operation, Selection, Transaction};

impl App {
    pub(super) fn edit(&mut self, command: EditCommand) {
        let selection = self.view.selection.clone();
        let Some(session) = &mut self.session else {
            return;
        };
        if let Err(error) = session.edit(|document| transaction(document, &selection, command)) {
            self.tell_edit(&error);
        }
        self.melody_changed();
    }

    pub(super) fn undo_or_redo(&mut self, redo: bool) {
        let Some(session) = &mut self.session else {
            return;
        };
        session.undo_or_redo(redo);
        self.melody_changed();
    }

    pub(super) fn select(&mut self, selection: Selection) {
        if self.session.is_some() {
            self.view.selection = selection;
            self.loop_changed();
        }
    }

    pub(super) fn select_nothing(&mut self) {
        if self.dialogs.close() {
            return;
        }
        match self.dialogs.presenting {
            true => self.present(false),
            false => self.select(Selection::Nothing),
        }
    }

    pub(super) fn fit_selection(&mut self, bounds: &Bounds) {
        if let Some(secs) = self.selected_secs() {
            let margin = 0.1 * (secs.end - secs.start);
            self.view
                .show(secs.start - margin..secs.end + margin, bounds);
        }
    }

    /// The time that the selection spans.
    pub(super) fn selected_secs(&self) -> Option<std::ops::Range<f64>> {
        let session = self.session.as_ref()?;
        match &self.view.selection {
            Selection::Nothing => None,
            Selection::Span(secs) => Some(secs.clone()),
            Selection::Notes(_) => {
                let annotation = session.document.as_ref()?.annotation();
                let places = self.view.selection.notes(annotation).into_iter();
                let notes = places.map(|i| annotation.notes()[i]);
                let spans = notes.map(|note| note.onset_secs..note.offset_secs);
                spans.reduce(|a, b| a.start.min(b.start)..a.end.max(b.end))
            }
        }
    }

    /// An edit that cannot be made is a short note, which the next one replaces.
    fn tell_edit(&mut self, error: &AnnotationError) {
        let notice = Notice::info(Notice::from_error(error).text);
        if self.notices.last() != Some(&notice) {
            self.notices.push(notice);
        }
    }
}

fn transaction(
    document: &Document,
    selection: &Selection,
    command: EditCommand,
) -> Result<Transaction, AnnotationError> {
    let operation = match command {
        EditCommand::OctaveUp => Operation::OctaveUp,
        EditCommand::OctaveDown => Operation::OctaveDown,
        EditCommand::FifthUp => Operation::FifthUp,
        EditCommand::FifthDown => Operation::FifthDown,
        EditCommand::Unvoice => Operation::Unvoice,
        EditCommand::Voice => Operation::Voice,
        EditCommand::Interpolate => Operation::Interpolate,
        EditCommand::DeleteNotes => Operation::DeleteNotes,
    };
    operation.transaction(document.annotation(), selection)
}
