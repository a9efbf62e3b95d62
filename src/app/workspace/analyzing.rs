//! Analyzing a recording, and what can be had without analyzing it again.

use std::sync::Arc;

use super::{AnalysisState, OpenSession, Workspace};
use crate::analysis::PictureKind;
use crate::annotation::Document;
use crate::app::event::OwnerEvent;
use crate::app::jobs::{AnalysisRequest, NotesRequest, PictureRequest};
use crate::app::shell::Settings;

impl Workspace {
    pub(super) fn analyze_again(&mut self, settings: &Settings) {
        if let Some(open) = self.active_mut() {
            open.session.restart(settings.networks());
            self.analyze(false, settings);
        }
    }

    /// Analyzes the recording that is shown, or finds its analysis if an earlier one will do.
    pub(super) fn analyze(&mut self, reuse: bool, settings: &Settings) {
        self.jobs.stop_drawing();
        let Some(open) = self.active() else {
            return;
        };
        let session = &open.session;
        let request = AnalysisRequest {
            session: session.id,
            revision: session.revision(),
            path: session.path.clone(),
            networks: session.networks.clone(),
            cache: settings.cache(),
            reuse,
        };
        let picture = open.view.picture;
        self.events.push(OwnerEvent::Opened(request.path.clone()));
        self.events.push(OwnerEvent::MelodyChanged);
        self.jobs.analyze(request);
        self.show_picture(picture);
    }

    pub(super) fn cancel_analysis(&mut self) {
        self.jobs.stop_analysis();
        if let Some(open) = self.active_mut() {
            open.session.stop();
        }
    }

    pub(super) fn set_threshold(&mut self, threshold: f32) {
        let Some(open) = self.active_mut() else {
            return;
        };
        let session = &mut open.session;
        session.set_threshold(threshold);
        let document = session.document.as_ref();
        let follows = document.is_some_and(Document::follows_networks);
        let is_done = session.state == AnalysisState::Done;
        let request = (follows && is_done).then(|| NotesRequest {
            session: session.id,
            revision: session.document_revision(),
            f0: session.f0().clone(),
            analysis: Arc::clone(session.analysis()),
            pending: session.pending_notes.clone(),
        });
        if let Some(request) = request {
            self.jobs.find_notes(request);
        }
        self.events.push(OwnerEvent::MelodyChanged);
    }

    pub(super) fn show_picture(&mut self, kind: PictureKind) {
        let Some(OpenSession { session, view }) = self.active_mut() else {
            return;
        };
        view.picture = kind;
        let must_draw = session.show_picture(kind);
        let request = must_draw.then(|| PictureRequest {
            session: session.id,
            revision: session.picture_revision(),
            path: session.path.clone(),
            selection: session.audio().selection.clone(),
            kind,
            networks: session.networks.clone(),
        });
        if let Some(request) = request {
            self.jobs.draw(request);
        }
    }
}
