//! Saving what was made of a recording.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Session, SessionId, Workspace};
use crate::annotation::{Annotation, SavedFile};
use crate::app::event::{OwnerEvent, PendingAction};
use crate::app::jobs::{PROJECT_ENDING, SaveRequest};
use crate::app::notice::Notice;

/// Where to save.
#[derive(Clone, Debug)]
pub struct SaveTarget {
    /// The project file.
    pub path: PathBuf,
    /// Whether a file there may be replaced that was not opened.
    pub replaces: bool,
}

impl SaveTarget {
    /// A file that must not replace another.
    pub fn new(path: PathBuf) -> Self {
        Self {
            path,
            replaces: false,
        }
    }
}

impl Workspace {
    /// Saves the recording that is shown, and then goes on.
    pub fn save_then(&mut self, action: PendingAction) {
        self.save();
        self.after_save = self.active.map(|id| (id, action));
    }

    pub(super) fn save(&mut self) {
        let document = self.session().and_then(|session| session.document.as_ref());
        match document.and_then(|document| document.file.clone()) {
            Some(file) => self.save_to(SaveTarget::new(file.path)),
            None => self.save_as(),
        }
    }

    pub(super) fn save_as(&mut self) {
        self.after_save = None;
        if let Some((id, beside)) = self.beside() {
            self.jobs.choose_save(id, &beside);
        }
    }

    pub(super) fn save_beside(&mut self) {
        if let Some((_, beside)) = self.beside() {
            self.save_to(SaveTarget::new(beside));
        }
    }

    /// Saves the recording that is shown.
    pub(super) fn save_to(&mut self, target: SaveTarget) {
        self.after_save = None;
        if let Some(id) = self.active {
            self.save_session(id, target);
        }
    }

    /// Saves over a file that was asked about; what waits for it goes on waiting.
    pub(super) fn replace(&mut self, path: PathBuf) {
        if let Some(id) = self.active {
            let replaces = true;
            self.save_session(id, SaveTarget { path, replaces });
        }
    }

    /// Saves as soon as the notes of the present voicing are there, so that the file holds both.
    pub(super) fn save_session(&mut self, id: SessionId, target: SaveTarget) {
        if let Some(open) = self.sessions.get_mut(&id) {
            open.session.save_to = Some(target);
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

    /// A file holds a session's annotation as it was; what waited for that goes on.
    pub(super) fn take_saved(&mut self, id: SessionId, file: SavedFile, annotation: &Annotation) {
        let Some(open) = self.sessions.get_mut(&id) else {
            return;
        };
        self.memory.remember(&file.path);
        open.session.take_saved(file, annotation);
        let is_saved = !open.session.is_modified();
        let waiting = self.after_save.take_if(|(of, _)| *of == id && is_saved);
        self.events
            .extend(waiting.map(|(_, action)| OwnerEvent::Proceed(action)));
    }

    /// The project file that lies beside the recording; says why there is nothing to save yet.
    fn beside(&mut self) -> Option<(SessionId, PathBuf)> {
        let session = self.session()?;
        if session.document.is_none() {
            self.show_notice(Notice::info(
                "The melody can be saved once the analysis is done; Cancel keeps what was found \
                 so far, which can be saved at once.",
            ));
            return None;
        }
        Some((session.id, beside(&session.path)))
    }
}

/// The project file that lies beside a recording.
pub(super) fn beside(recording: &Path) -> PathBuf {
    recording.with_extension(PROJECT_ENDING)
}

/// What a session waits to save, if its notes are there.
fn save_request(session: &mut Session) -> Option<SaveRequest> {
    if session.pending_notes.is_pending() {
        return None;
    }
    let SaveTarget { path, replaces } = session.save_to.take()?;
    let document = session.document.as_mut()?;
    // until the save is done, nobody knows which of the two its file holds
    if document.file.as_ref().is_none_or(|file| file.path == path) {
        document.file_differs();
    }
    let document = session.document.as_ref()?;
    Some(SaveRequest {
        session: session.id,
        path,
        replaces,
        opened: document.file.clone(),
        recording: session.path.clone(),
        audio: session.audio().clone(),
        annotation: Arc::new(document.annotation().clone()),
        models: document.models.clone(),
        pending: session.pending_saves.clone(),
    })
}
