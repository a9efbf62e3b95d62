//! Selecting and correcting.

use std::ops::Range;

use super::session::HistoryStep;
use super::{OpenSession, Session, Workspace};
use crate::annotation::{AnnotationError, Operation, Selection};
use crate::app::event::OwnerEvent;
use crate::app::notice::Notice;
use crate::app::view_state::Gesture;

impl Workspace {
    /// Selects in the recording that is shown.
    pub fn select(&mut self, selection: Selection) {
        if let Some(open) = self.active_mut() {
            if open.view.selection != selection {
                open.view.choices = None;
            }
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
        self.edit_within(operation, &selection);
    }

    /// Corrects what lies in a selection, which need not be the one that is shown.
    pub(super) fn edit_within(&mut self, operation: &Operation, selection: &Selection) {
        self.change(|session| session.edit(operation, selection));
    }

    /// Takes back what is being done: a gesture, candidates, else the selection.
    pub fn escape(&mut self) {
        let Some(OpenSession { view, .. }) = self.active_mut() else {
            return;
        };
        if view.gesture.is_some() {
            view.gesture = Some(Gesture::TakenBack);
        } else if view.choices.is_some() {
            view.choices = None;
        } else {
            self.select(Selection::Nothing);
        }
    }

    pub(super) fn undo(&mut self) {
        self.step("Undid", Session::undo);
    }

    pub(super) fn redo(&mut self) {
        self.step("Did again", Session::redo);
    }

    /// Goes a step through the history, shows its place and says what it was.
    fn step(&mut self, verb: &str, step: impl FnOnce(&mut Session) -> Option<HistoryStep>) {
        let Some(open) = self.active_mut() else {
            return;
        };
        let Some(HistoryStep { label, secs }) = step(&mut open.session) else {
            return;
        };
        open.view.choices = None;
        if let Some(secs) = secs {
            self.show_span(&secs);
        }
        self.show_notice(Notice::info(format!("{verb}: {label}.")));
        self.events.push(OwnerEvent::MelodyChanged);
    }

    /// Shows a span of time in seconds, unless its beginning or end is seen already.
    fn show_span(&mut self, secs: &Range<f64>) {
        let seen = self.view().secs();
        if secs.end <= seen.start || secs.start >= seen.end {
            self.show_time((secs.start + secs.end) / 2.0);
        }
    }

    /// Changes the document that is shown; shows a notice if that cannot be done.
    pub(super) fn change(
        &mut self,
        edit: impl FnOnce(&mut Session) -> Result<(), AnnotationError>,
    ) {
        let Some(open) = self.active_mut() else {
            return;
        };
        let id = open.session.id;
        open.view.choices = None;
        match edit(&mut open.session) {
            Ok(()) => self.find_notes(id),
            // a short note is enough: nothing was lost
            Err(error) => self.show_notice(Notice::info(Notice::from_error(&error).text)),
        }
        self.events.push(OwnerEvent::MelodyChanged);
    }
}
