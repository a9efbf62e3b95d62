//! Sessions by id, and the active one.

use std::collections::BTreeMap;
use std::ops::Range;

use eframe::egui::Context;

use super::keeping::Keeping;
use super::opening::Opening;
use super::{AnalysisState, OpenSession, Session};
use crate::app::event::{OwnerEvent, PendingAction};
use crate::app::jobs::Jobs;
use crate::app::memory::Memory;
use crate::app::notice::Notice;
use crate::app::view_state::{ViewCommand, ViewState};

/// Seconds that are shown at least on either side of a span.
const AROUND_SECS: f64 = 1.5;

/// Number of a session, unlike that of all others, open or closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u64);

/// Owner of the recordings that are worked on; one at a time is active and shown.
pub struct Workspace {
    pub(super) jobs: Jobs,
    pub(super) memory: Memory,
    pub(super) sessions: BTreeMap<SessionId, OpenSession>,
    pub(super) active: Option<SessionId>,
    /// The project that is being read.
    pub(super) opening: Option<Opening>,
    /// What goes on once this session is saved.
    pub(super) after_save: Option<(SessionId, PendingAction)>,
    /// Where unsaved work is kept, if anywhere.
    pub(super) keeping: Option<Keeping>,
    /// Another window works on what is being opened.
    pub(super) is_open_elsewhere: bool,
    pub(super) events: Vec<OwnerEvent>,
    /// Where stems are while nothing is kept between two runs.
    pub(super) stem_folder: Option<tempfile::TempDir>,
    /// The view while nothing is open; the next one takes over its overlays, style and tool.
    idle_view: ViewState,
    last_id: u64,
}

impl Workspace {
    /// No recording yet; jobs will wake `ctx`.
    pub fn new(ctx: Context, memory: Memory) -> Self {
        Self {
            jobs: Jobs::new(ctx),
            memory,
            sessions: BTreeMap::new(),
            active: None,
            opening: None,
            after_save: None,
            keeping: None,
            is_open_elsewhere: false,
            events: Vec::new(),
            stem_folder: None,
            idle_view: ViewState::default(),
            last_id: 0,
        }
    }

    /// The recording that is shown.
    pub fn active(&self) -> Option<&OpenSession> {
        self.sessions.get(&self.active?)
    }

    /// The recording that is shown.
    pub fn active_mut(&mut self) -> Option<&mut OpenSession> {
        self.sessions.get_mut(&self.active?)
    }

    /// What is known of the recording that is shown.
    pub fn session(&self) -> Option<&Session> {
        self.active().map(|open| &open.session)
    }

    /// What is seen, or will be seen of the next recording.
    pub fn view(&self) -> &ViewState {
        self.active().map_or(&self.idle_view, |open| &open.view)
    }

    /// Files opened last, and how they were looked at.
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Whether there are edits that are not saved.
    pub fn is_modified(&self) -> bool {
        let mut sessions = self.sessions.values();
        sessions.any(|open| open.session.is_modified())
    }

    /// Events for the other owners, oldest first.
    pub fn take_events(&mut self) -> Vec<OwnerEvent> {
        std::mem::take(&mut self.events)
    }

    /// Applies a command to what is seen.
    pub fn apply_view(&mut self, command: ViewCommand) {
        match self.active_mut() {
            Some(open) => {
                let (bounds, selected) = (open.session.bounds(), open.selected_secs());
                let sung = Some(open.session.f0());
                open.view.apply(command, &bounds, selected, sung);
            }
            None => self
                .idle_view
                .apply(command, &Default::default(), None, None),
        }
    }

    /// Shows a time in seconds, unless it is seen already.
    pub fn show_time(&mut self, secs: f64) {
        if let Some(OpenSession { session, view }) = self.active_mut()
            && !view.secs().contains(&secs)
        {
            view.center_on(secs, &session.bounds());
        }
    }

    /// Shows a span of time in seconds with what is around it.
    pub fn frame(&mut self, secs: &Range<f64>) {
        if let Some(OpenSession { session, view }) = self.active_mut() {
            let around = (secs.end - secs.start).max(AROUND_SECS);
            view.show(secs.start - around..secs.end + around, &session.bounds());
        }
    }

    /// Shows the first phrase of a recording that was not looked at yet.
    pub fn begin_with_phrase(&mut self) {
        if let Some(OpenSession { session, view }) = self.active_mut()
            && session.has_picture()
        {
            // a document that was there before the recording was read is not shown at its end
            let is_whole = session.state == AnalysisState::Done;
            view.begin_with_phrase(session.f0(), is_whole, &session.bounds());
        }
    }

    /// Tells the analysis what is seen, so that it comes first.
    pub fn say_what_is_seen(&self) {
        if let Some(OpenSession { session, view }) = self.active() {
            session.attention.set(view.secs());
        }
    }

    /// Keeps how open recordings are looked at.
    pub fn remember_views(&mut self) {
        for OpenSession { session, view } in self.sessions.values() {
            self.memory.remember_view(&session.path, view);
        }
    }

    pub(super) fn new_id(&mut self) -> SessionId {
        self.last_id += 1;
        SessionId(self.last_id)
    }

    /// Shows a session in place of the one there is, as it was last looked at.
    pub(super) fn show(&mut self, mut session: Session) {
        if let Some(id) = self.active {
            self.close(id);
        }
        let mut view = match self.memory.view(&session.path) {
            Some(view) => view.clone(),
            None => self.idle_view.for_new_recording(),
        };
        // what a project says counts more than how the recording was looked at last
        session.track = session.track.or(view.track);
        view.track = session.track;
        self.memory.remember(&session.path);
        self.active = Some(session.id);
        self.sessions
            .insert(session.id, OpenSession { session, view });
    }

    /// Closes a recording; edits are lost.
    pub(super) fn close(&mut self, id: SessionId) {
        if let Some(OpenSession { session, view }) = self.sessions.remove(&id) {
            self.jobs.stop_analysis();
            self.jobs.stop_drawing();
            self.jobs.stop_separation();
            self.memory.remember_view(&session.path, &view);
            self.idle_view = view;
        }
        self.active = self.active.filter(|&active| active != id);
    }

    pub(super) fn show_notice(&mut self, notice: Notice) {
        self.events.push(OwnerEvent::Notice(notice));
    }
}
