//! Selecting and correcting, as commands ask for it.

use super::App;
use super::command::EditCommand;
use super::document::Document;
use super::notice::Notice;
use super::view_state::Bounds;
use crate::annotation::{AnnotationError, Selection, Transaction, operations};

impl App {
    pub(super) fn edit(&mut self, command: EditCommand) {
        let selection = self.view.selection.clone();
        let Some(session) = &mut self.session else {
            return;
        };
        let n_notes = session.notes().len();
        if let Err(error) = session.edit(|document| transaction(document, &selection, command)) {
            self.tell_edit(&error);
        }
        self.notes_changed(n_notes);
    }

    pub(super) fn undo_or_redo(&mut self, redo: bool) {
        let Some(session) = &mut self.session else {
            return;
        };
        let n_notes = session.notes().len();
        session.undo_or_redo(redo);
        self.notes_changed(n_notes);
    }

    /// Notes are selected by number: with other notes, the numbers mean others.
    pub(super) fn notes_changed(&mut self, n_before: usize) {
        let n_notes = self.session.as_ref().map_or(0, |s| s.notes().len());
        if n_notes != n_before && matches!(self.view.selection, Selection::Notes(_)) {
            self.view.selection = Selection::Nothing;
        }
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
            Selection::Notes(indices) => {
                let notes = indices.iter().filter_map(|&i| session.notes().get(i));
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
        EditCommand::OctaveUp => operations::octave_up,
        EditCommand::OctaveDown => operations::octave_down,
        EditCommand::FifthUp => operations::fifth_up,
        EditCommand::FifthDown => operations::fifth_down,
        EditCommand::Unvoice => operations::make_unvoiced,
        EditCommand::Voice => operations::make_voiced,
        EditCommand::Interpolate => operations::interpolate,
        EditCommand::DeleteNotes => operations::delete_notes,
    };
    operation(document.annotation(), selection)
}
