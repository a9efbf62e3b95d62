//! Opening recordings and projects.

use std::path::{Path, PathBuf};

use super::saving::beside;
use super::{Session, SessionId, Workspace, WorkspaceCommand};
use crate::annotation::{AudioSearch, Document};
use crate::app::event::{OwnerEvent, PendingAction};
use crate::app::incoming;
use crate::app::jobs::{OpenedProject, PROJECT_ENDING, Recovery};
use crate::app::notice::Notice;
use crate::app::shell::AppSettings;
use crate::files::{shown, shown_name};

/// A project that is being read.
pub struct Opening {
    /// The session that will show it.
    id: SessionId,
    /// What was edited when it was asked for, and may thus be lost.
    edits: Edits,
    /// The file that was asked for.
    path: PathBuf,
}

/// A session, and how often its melody had changed.
type Edits = Option<(SessionId, u64)>;

impl Workspace {
    /// Opens a file; asks first if there are edits that this would lose.
    pub fn open(&mut self, path: PathBuf, settings: &AppSettings) {
        // a project that is still being read gives way to the newer request
        self.opening = None;
        if self.is_modified() {
            self.ask(PendingAction::Open(path));
        } else {
            self.open_now(path, settings);
        }
    }

    /// Opens a file, with the unsaved work on it that a crash left; edits are lost.
    pub fn open_now(&mut self, path: PathBuf, settings: &AppSettings) {
        match self.left_of(&path) {
            Some(left) => {
                let id = self.begin_opening(path);
                self.recover(id, left);
            }
            None => self.open_plainly(path, settings),
        }
    }

    /// Opens a file as it is; edits are lost.
    pub(super) fn open_plainly(&mut self, path: PathBuf, settings: &AppSettings) {
        if path.extension().is_some_and(|it| it == PROJECT_ENDING) {
            self.read_project(path);
        } else {
            let session = self.new_session(&path, None, settings);
            let project = beside(&session.path);
            self.open_session(session, settings);
            if project.is_file() {
                self.show_notice(lies_beside(project));
            }
        }
    }

    /// Takes a project that was read, unless something else was asked for meanwhile.
    ///
    /// Asks again if there are edits made since: the file was read on a thread of its own.
    pub fn take_project(
        &mut self,
        id: SessionId,
        result: Result<Box<OpenedProject>, Notice>,
        settings: &AppSettings,
    ) {
        let Some(opening) = self.opening.take_if(|opening| opening.id == id) else {
            return;
        };
        match result {
            Err(notice) => self.show_notice(notice),
            Ok(project) if self.is_modified() && self.edits() != opening.edits => {
                self.ask(PendingAction::OpenProject(project));
            }
            Ok(project) => self.open_project(*project, settings),
        }
    }

    /// Takes unsaved work that was made again, unless something else was asked for meanwhile.
    pub(super) fn take_recovery_for(
        &mut self,
        id: SessionId,
        recovery: Recovery,
        settings: &AppSettings,
    ) {
        let Some(opening) = self.opening.take_if(|opening| opening.id == id) else {
            return;
        };
        match self.is_modified() && self.edits() != opening.edits {
            true => self.ask(PendingAction::Open(opening.path)),
            false => self.take_recovery(opening.path, recovery, settings),
        }
    }

    /// Shows a project that was read; edits are lost.
    pub fn open_project(&mut self, opened: OpenedProject, settings: &AppSettings) {
        let OpenedProject {
            file,
            project,
            audio,
        } = opened;
        let path = file.path.clone();
        let (recording, differs) = match audio {
            AudioSearch::Found(recording) => (recording, false),
            AudioSearch::Differs(recording) => (recording, true),
            AudioSearch::Missing => return self.show_notice(missing(path)),
        };
        let track = project.audio.track;
        let document = Document::saved_as(project, file);
        let mut session = self.new_session(&recording, Some(document), settings);
        session.track = track;
        self.open_session(session, settings);
        self.memory.remember(&path);
        if differs {
            self.show_notice(differing(&recording));
        }
    }

    pub(super) fn open_demo(&mut self, settings: &AppSettings) {
        match incoming::demo_track() {
            Some(path) => self.open(path, settings),
            None => self.show_notice(Notice::error(
                "The demonstration track is not beside the program; open a recording of your own.",
            )),
        }
    }

    /// Opens a project on the recording that a person says is its own.
    pub(super) fn open_on(&mut self, project: PathBuf, recording: PathBuf) {
        let id = self.begin_opening(project.clone());
        self.jobs.open_project(id, project, Some(recording));
    }

    fn read_project(&mut self, path: PathBuf) {
        let id = self.begin_opening(path.clone());
        self.jobs.open_project(id, path, None);
    }

    fn begin_opening(&mut self, path: PathBuf) -> SessionId {
        let id = self.new_id();
        let edits = self.edits();
        self.opening = Some(Opening { id, edits, path });
        id
    }

    /// A recording of which nothing is known yet but, perhaps, a document saved earlier.
    pub(super) fn new_session(
        &mut self,
        path: &Path,
        document: Option<Document>,
        settings: &AppSettings,
    ) -> Session {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        Session::new(self.new_id(), path, settings.networks(), document)
    }

    /// Shows a recording in place of the one there is, and analyzes it or finds its analysis.
    pub(super) fn open_session(&mut self, session: Session, settings: &AppSettings) {
        self.opening = None;
        self.show(session);
        self.analyze(true, settings);
        self.find_stems(settings);
        if std::mem::take(&mut self.is_open_elsewhere) {
            self.show_notice(is_open_elsewhere());
        }
    }

    fn ask(&mut self, action: PendingAction) {
        self.events.push(OwnerEvent::UnsavedEdits(action));
    }

    fn edits(&self) -> Edits {
        let session = self.session()?;
        Some((session.id, session.n_changes()))
    }
}

fn missing(project: PathBuf) -> Notice {
    let name = shown(&project);
    let text = format!(
        "The recording of {name} is not where it was, nor in the project's folder; say where it is."
    );
    Notice::error(text).with_action("Locate…", WorkspaceCommand::Locate(project))
}

fn is_open_elsewhere() -> Notice {
    Notice::warning(
        "Another window corrects this recording too. Each keeps its own work, and asks before it \
         saves over the other's.",
    )
}

fn lies_beside(project: PathBuf) -> Notice {
    let name = shown_name(&project);
    let text = format!("{name} lies beside this recording: a project with its corrections.");
    Notice::info(text).with_action("Open the project", WorkspaceCommand::Open(project))
}

fn differing(recording: &Path) -> Notice {
    let name = shown(recording);
    Notice::warning(format!(
        "{name} is not the recording that was annotated: its content differs, so the labels may not fit."
    ))
}
