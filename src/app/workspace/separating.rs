//! Separating voice and accompaniment, and writing both.

use std::path::PathBuf;

use super::{OpenSession, SeparationState, SessionId, Workspace, WorkspaceCommand};
use crate::analysis::StemCache;
use crate::app::event::OwnerEvent;
use crate::app::jobs::{SeparationEvent, SeparationRequest, StemExport};
use crate::app::notice::Notice;
use crate::app::shell::AppSettings;
use crate::audio::TrackSelection;

/// Most bytes of vocals that are kept while nothing is kept between two runs.
const MOST_FOR_NOW: u64 = 8 << 30;

impl Workspace {
    /// Separates the recording that is shown, unless that is done or under way.
    pub(super) fn separate(&mut self, settings: &AppSettings) {
        let state = self.session().map(|session| session.stems.state);
        if state == Some(SeparationState::Absent) {
            self.begin_separation(false, settings);
        }
    }

    /// Looks for stems of the recording that were made before.
    pub(super) fn find_stems(&mut self, settings: &AppSettings) {
        self.begin_separation(true, settings);
    }

    fn begin_separation(&mut self, only_kept: bool, settings: &AppSettings) {
        let Some(cache) = self.stem_cache(settings) else {
            return;
        };
        let Some(OpenSession { session, .. }) = self.active_mut() else {
            return;
        };
        let request = SeparationRequest {
            session: session.id,
            revision: session.begin_separation(only_kept),
            path: session.path.clone(),
            selection: TrackSelection {
                track: session.track,
                ..session.audio().selection.clone()
            },
            separator: settings.separation_network.clone(),
            device: session.networks.device,
            cache,
            networks: session.networks.clone(),
            only_kept,
        };
        self.jobs.separate(request);
        self.events.push(OwnerEvent::VoiceChanged);
    }

    /// Where stems are kept: for other runs, or, without a cache, until the window is closed.
    fn stem_cache(&mut self, settings: &AppSettings) -> Option<StemCache> {
        if let Some(cache) = settings.stem_cache() {
            return Some(cache);
        }
        if self.stem_folder.is_none() {
            self.stem_folder = tempfile::tempdir().ok();
        }
        let folder = self.stem_folder.as_ref()?;
        Some(StemCache {
            folder: folder.path().to_owned(),
            limit: MOST_FOR_NOW,
        })
    }

    pub(super) fn cancel_separation(&mut self) {
        self.jobs.stop_separation();
        if let Some(open) = self.active_mut() {
            open.session.stems.forget();
            self.events.push(OwnerEvent::VoiceChanged);
        }
    }

    /// Takes how a separation went on, unless another was begun since.
    pub(super) fn take_separation(&mut self, id: SessionId, revision: u64, event: SeparationEvent) {
        let open = self.sessions.get_mut(&id);
        let open = open.filter(|open| open.session.stems.revision() == revision);
        let Some(OpenSession { session, view }) = open else {
            return;
        };
        let changes_voice = !matches!(
            event,
            SeparationEvent::Progress(_) | SeparationEvent::Columns(..)
        );
        let is_done = matches!(event, SeparationEvent::Done(_));
        let (picture, stem) = (view.picture, view.stem);
        let notice = session.take_separation(event);
        self.events.extend(notice.map(OwnerEvent::Notice));
        if changes_voice {
            self.events.push(OwnerEvent::VoiceChanged);
        }
        if is_done && stem.is_some() {
            self.show_picture(picture, stem);
        }
    }

    /// Asks for a folder for both stems.
    pub(super) fn choose_stem_folder(&mut self) {
        if let (Some(export), Some(id)) = (self.stem_export(), self.active) {
            self.jobs.choose_stem_folder(id, &export.path);
        }
    }

    /// Writes both stems in a folder of the recording's name.
    pub(super) fn export_stems(&mut self, folder: PathBuf) {
        if let Some(export) = self.stem_export() {
            self.jobs.export_stems(export, folder);
        }
    }

    /// What there is to write; says why there is nothing yet.
    fn stem_export(&mut self) -> Option<StemExport> {
        let session = self.session()?;
        let Some(stems) = session.kept_stems().cloned() else {
            let text = "Voice and accompaniment can be exported once they are separated.";
            let notice = match session.stems.state {
                SeparationState::Running(_) => Notice::info(text),
                _ => Notice::info(text).with_action("Separate", WorkspaceCommand::Separate),
            };
            self.show_notice(notice);
            return None;
        };
        Some(StemExport {
            path: session.path.clone(),
            track: session.track,
            stems,
        })
    }
}
