//! Saving what was made of a recording.

use std::path::PathBuf;
use std::sync::Arc;

use super::{Session, SessionId, Workspace};
use crate::app::jobs::{PROJECT_ENDING, SaveRequest};

impl Workspace {
    pub(super) fn save(&mut self) {
        let document = self.session().and_then(|session| session.document.as_ref());
        match document.and_then(|document| document.file.clone()) {
            Some(file) => self.save_to(file),
            None => self.save_as(),
        }
    }

    pub(super) fn save_as(&mut self) {
        if let Some(session) = self.session()
            && let Some(beside) = beside(session)
        {
            let id = session.id;
            self.jobs.choose_save(id, &beside);
        }
    }

    pub(super) fn save_beside(&mut self) {
        if let Some(beside) = self.session().and_then(beside) {
            self.save_to(beside);
        }
    }

    /// Saves the recording that is shown.
    pub(super) fn save_to(&mut self, path: PathBuf) {
        if let Some(id) = self.active {
            self.save_session(id, path);
        }
    }

    /// Saves as soon as the notes of the present voicing are there, so that the file holds both.
    pub(super) fn save_session(&mut self, id: SessionId, path: PathBuf) {
        if let Some(open) = self.sessions.get_mut(&id) {
            open.session.save_to = Some(path);
            self.save_waiting();
        }
    }

    /// Saves sessions that waited for their notes and have them.
    pub(super) fn save_waiting(&mut self) {
        for open in self.sessions.values_mut() {
            if let Some(request) = save_request(&mut open.session) {
                self.jobs.save(request);
            }
        }
    }
}

/// The project file that lies beside a recording, once there is something to save.
fn beside(session: &Session) -> Option<PathBuf> {
    session.document.as_ref()?;
    Some(session.path.with_extension(PROJECT_ENDING))
}

/// What a session waits to save, if its notes are there.
fn save_request(session: &mut Session) -> Option<SaveRequest> {
    if session.pending_notes.is_pending() {
        return None;
    }
    let path = session.save_to.take()?;
    let document = session.document.as_ref()?;
    Some(SaveRequest {
        session: session.id,
        path,
        recording: session.path.clone(),
        audio: session.audio().clone(),
        annotation: Arc::new(document.annotation().clone()),
        networks: session.networks.clone(),
        pending: session.pending_saves.clone(),
    })
}
