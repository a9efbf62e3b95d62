//! The notes of a contour whose voicing changed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use super::{JobReport, Jobs, Pending, Reporter, SessionReport};
use crate::analysis::Analysis;
use crate::app::notice::Notice;
use crate::app::workspace::SessionId;
use crate::melody::{F0Track, segment_notes};

/// A contour that changed, whose notes are wanted, and the analysis it comes from.
pub struct NotesRequest {
    /// The session it is for.
    pub session: SessionId,
    /// Number of the document's state.
    pub state: u64,
    /// The contour that the present notes belong to.
    pub before: F0Track,
    /// The contour.
    pub f0: F0Track,
    /// The analysis.
    pub analysis: Arc<Analysis>,
    /// Held until the window has taken the notes.
    pub pending: Pending,
}

impl Jobs {
    /// Finds the notes of a contour, in place of one that still waits.
    pub fn find_notes(&mut self, request: NotesRequest) {
        if self.notes.is_none() {
            let (sender, receiver) = channel();
            let reporter = self.reporter.clone();
            self.spawn("melograph-notes", move || serve(&receiver, &reporter));
            self.notes = Some(sender);
        }
        if self
            .notes
            .as_ref()
            .is_some_and(|it| it.send(request).is_err())
        {
            self.notes = None;
        }
    }
}

/// The notes thread: a slider moves faster than notes are found, so only the latest counts.
fn serve(requests: &Receiver<NotesRequest>, reporter: &Reporter) {
    while let Ok(request) = requests.recv() {
        let NotesRequest {
            session,
            state,
            before,
            f0,
            analysis,
            pending,
        } = requests.try_iter().last().unwrap_or(request);
        let work = AssertUnwindSafe(|| {
            [before, f0].map(|f0| segment_notes(&f0, Some(&analysis.voice_level)))
        });
        match catch_unwind(work) {
            Ok(notes) => {
                reporter.send_for(session, SessionReport::Notes(state, notes, pending));
            }
            Err(payload) => {
                drop(pending);
                let notice = Notice::from_panic(payload.as_ref());
                reporter.send(JobReport::Notice(notice));
            }
        }
    }
}
