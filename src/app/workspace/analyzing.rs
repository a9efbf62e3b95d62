//! Analyzing a recording, and what can be had without analyzing it again.

use std::sync::Arc;

use super::{AnalysisState, OpenSession, SessionId, Workspace};
use crate::analysis::{PictureKind, Stem};
use crate::app::event::{OwnerEvent, PendingAction};
use crate::app::jobs::{AnalysisRequest, NotesRequest, PictureRequest};
use crate::app::shell::AppSettings;
use crate::audio::TrackSelection;

impl Workspace {
    pub(super) fn analyze_again(&mut self, settings: &AppSettings) {
        if let Some(open) = self.active_mut() {
            open.session.restart(settings.networks());
            self.analyze(false, settings);
        }
    }

    /// Analyzes another of the file's tracks of sound; asks first if there are edits that this
    /// would lose.
    pub(super) fn take_track(&mut self, track: usize, settings: &AppSettings) {
        if self.is_modified() {
            self.events
                .push(OwnerEvent::UnsavedEdits(PendingAction::TakeTrack(track)));
        } else {
            self.take_track_now(track, settings);
        }
    }

    /// Analyzes another of the file's tracks of sound; edits are lost.
    pub fn take_track_now(&mut self, track: usize, settings: &AppSettings) {
        if let Some(OpenSession { session, view }) = self.active_mut() {
            session.take_track(track);
            view.track = Some(track);
            self.analyze(true, settings);
            self.find_stems(settings);
        }
    }

    /// Goes on with an analysis that was stopped; what was found and corrected stays.
    pub(super) fn go_on(&mut self, settings: &AppSettings) {
        if let Some(open) = self.active_mut() {
            open.session.resume(settings.networks());
            self.analyze(false, settings);
        }
    }

    /// Analyzes the recording that is shown, or finds its analysis if an earlier one will do.
    pub(super) fn analyze(&mut self, reuse: bool, settings: &AppSettings) {
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
            known: session.known(),
            track: session.track,
            attention: session.attention.clone(),
        };
        let (picture, stem) = (open.view.picture, open.view.stem);
        self.events
            .push(OwnerEvent::Opened(request.path.clone(), request.track));
        self.events.push(OwnerEvent::MelodyChanged);
        self.jobs.analyze(request);
        self.show_picture(picture, stem);
    }

    pub(super) fn cancel_analysis(&mut self) {
        self.jobs.stop_analysis();
        if let Some(open) = self.active_mut() {
            // what is on its way is taken before it ends
            open.session.state = AnalysisState::Stopped;
        }
    }

    pub(super) fn set_threshold(&mut self, threshold: f32) {
        self.settle_threshold();
        self.drag_threshold(threshold);
        self.settle_threshold();
    }

    /// Moves the threshold while it is dragged: until it is settled, one step of the history.
    pub(super) fn drag_threshold(&mut self, threshold: f32) {
        self.change(|session| session.set_threshold(threshold));
    }

    pub(super) fn settle_threshold(&mut self) {
        if let Some(open) = self.active_mut() {
            open.session.is_dragging_threshold = false;
        }
    }

    /// Has notes follow a contour that changed.
    pub(super) fn find_notes(&mut self, id: SessionId) {
        let Some(OpenSession { session, .. }) = self.sessions.get(&id) else {
            return;
        };
        let Some(before) = session.contour_of_notes() else {
            return;
        };
        self.jobs.find_notes(NotesRequest {
            session: id,
            state: session.document_state(),
            before: before.clone(),
            f0: session.f0().clone(),
            analysis: Arc::clone(session.analysis()),
            pending: session.pending_notes.clone(),
        });
    }

    /// Shows a picture of the recording, or of a stem once that is there.
    pub(super) fn show_picture(&mut self, kind: PictureKind, stem: Option<Stem>) {
        let Some(OpenSession { session, view }) = self.active_mut() else {
            return;
        };
        (view.picture, view.stem) = (kind, stem);
        let stem = session.drawable(stem);
        let must_draw = session.show_picture(kind, stem.as_ref().map(|(_, stem)| *stem));
        let request = must_draw.then(|| PictureRequest {
            session: session.id,
            revision: session.picture_revision(),
            path: session.path.clone(),
            selection: TrackSelection {
                track: session.track,
                ..session.audio().selection.clone()
            },
            kind,
            stem,
            networks: session.networks.clone(),
        });
        if let Some(request) = request {
            self.jobs.draw(request);
        }
    }
}
