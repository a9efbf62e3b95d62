//! Opening, saving and analyzing, as commands ask for it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use eframe::egui::ViewportCommand;

use super::jobs::{OpenedProject, PROJECT_ENDING, Plan, Recording};
use super::notice::Notice;
use super::session::Session;
use super::{App, incoming};
use crate::analysis::PictureKind;
use crate::annotation::{Annotation, AudioSearch, Document};

impl App {
    /// Opens a file, unless there are edits that this would lose: then it asks first.
    pub(super) fn ask_to_open(&mut self, path: PathBuf) {
        if self.is_modified() {
            self.dialogs.leaving = Some(Leaving::Open(path));
        } else {
            self.open(path);
        }
    }

    /// Whether there are edits that are not saved.
    pub fn is_modified(&self) -> bool {
        let document = self.session.as_ref().and_then(|s| s.document.as_ref());
        document.is_some_and(Document::is_modified)
    }

    fn open(&mut self, path: PathBuf) {
        if path
            .extension()
            .is_some_and(|ending| ending == PROJECT_ENDING)
        {
            self.jobs.open_project(path);
        } else {
            self.open_recording(path, None, true);
        }
    }

    /// Opens a recording in place of the one there is, and analyzes it or finds its analysis.
    pub(super) fn open_recording(
        &mut self,
        path: PathBuf,
        document: Option<Document>,
        reuse: bool,
    ) {
        let path = std::path::absolute(&path).unwrap_or(path);
        self.remember_view();
        self.to_save = None;
        self.ctx
            .send_viewport_cmd(ViewportCommand::Title(Self::title(Some(&path))));
        self.notices.clear();
        self.view = match self.settings.view(&path) {
            Some(view) => view.clone(),
            None => self.view.afresh(),
        };
        self.settings.remember(&path);
        self.player.open(&path);
        let picture = self.view.picture;
        let revision = self.jobs.analyze(Plan {
            path: path.clone(),
            networks: self.settings.networks(),
            cache: self.settings.cache(),
            reuse,
        });
        self.session = Some(Session::new(path, revision, document));
        self.melody_changed();
        self.show_picture(picture);
    }

    pub(super) fn take_project(&mut self, opened: OpenedProject) {
        let OpenedProject {
            path,
            project,
            audio,
        } = opened;
        let (recording, differs) = match audio {
            AudioSearch::Found(recording) => (recording, false),
            AudioSearch::Differs(recording) => (recording, true),
            AudioSearch::Missing => {
                let name = path.display();
                self.notices.push(Notice::error(format!(
                    "The recording of {name} is not where it was; put it beside the project and open it again."
                )));
                return;
            }
        };
        let document = Document::saved_as(project.annotation, path.clone());
        self.open_recording(recording.clone(), Some(document), true);
        self.settings.remember(&path);
        if differs {
            let name = recording.display();
            self.notices.push(Notice::warning(format!(
                "{name} is not the recording that was annotated: its content differs, so the labels may not fit."
            )));
        }
    }

    pub(super) fn open_demo(&mut self) {
        match incoming::demo_track() {
            Some(path) => self.ask_to_open(path),
            None => self.notices.push(Notice::error(
                "The demonstration track is not beside the program; open a recording of your own.",
            )),
        }
    }

    pub(super) fn save(&mut self) {
        let file = self
            .session
            .as_ref()
            .and_then(|s| s.document.as_ref()?.file.clone());
        match file {
            Some(file) => self.save_to(file),
            None => self.save_as(),
        }
    }

    pub(super) fn save_as(&mut self) {
        if let Some(beside) = self.beside() {
            self.jobs.choose_save(&beside);
        }
    }

    pub(super) fn save_beside(&mut self) {
        if let Some(beside) = self.beside() {
            self.save_to(beside);
        }
    }

    fn beside(&self) -> Option<PathBuf> {
        let session = self.session.as_ref()?;
        session.document.as_ref()?;
        Some(session.path.with_extension(PROJECT_ENDING))
    }

    /// Saves as soon as the notes of the present voicing are there, so that the file holds both.
    pub(super) fn save_to(&mut self, path: PathBuf) {
        self.to_save = Some(path);
        self.save_waiting();
    }

    pub(super) fn save_waiting(&mut self) {
        if !self.jobs.is_segmenting()
            && let Some(path) = self.to_save.take()
        {
            self.write(path);
        }
    }

    fn write(&mut self, path: PathBuf) {
        if let Some(session) = &self.session
            && let Some(document) = &session.document
        {
            let annotation = Arc::new(document.annotation().clone());
            let recording = Recording {
                path: session.path.clone(),
                audio: session.audio.clone(),
            };
            self.jobs
                .save(path, recording, annotation, self.settings.networks());
        }
    }

    /// The file holds what the document was then; it may have changed since.
    pub(super) fn take_saved(&mut self, path: &Path, saved: &Annotation) {
        if let Some(session) = &mut self.session
            && let Some(document) = &mut session.document
        {
            if document.annotation() == saved {
                document.mark_saved(path);
            } else {
                document.file = Some(path.to_owned());
            }
            self.settings.remember(path);
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            self.saved = Some(name);
        }
    }

    pub(super) fn analyze_again(&mut self) {
        if let Some(mut session) = self.session.take() {
            // what a person has edited or saved stays; the networks' own word is heard anew
            let kept = session
                .document
                .take()
                .filter(|d| d.file.is_some() || !d.follows_networks());
            self.open_recording(session.path, kept, false);
        }
    }

    pub(super) fn cancel(&mut self) {
        self.jobs.cancel();
        if let Some(session) = &mut self.session {
            session.stop();
        }
    }

    pub(super) fn set_threshold(&mut self, threshold: f32) {
        if let Some(session) = &mut self.session {
            session.set_threshold(threshold);
            let follows = session
                .document
                .as_ref()
                .is_some_and(Document::follows_networks);
            if let Some(analysis) = session.analysis.as_ref().filter(|_| follows) {
                self.jobs
                    .segment(session.f0().clone(), Arc::clone(analysis));
            }
        }
        self.melody_changed();
    }

    pub(super) fn show_picture(&mut self, kind: PictureKind) {
        self.view.picture = kind;
        if let Some(session) = &mut self.session
            && session.show_picture(kind)
        {
            self.jobs.draw(session.path.clone(), kind);
        }
    }

    /// Keeps how the open recording is looked at.
    pub(super) fn remember_view(&mut self) {
        if let Some(session) = &self.session {
            self.settings.remember_view(&session.path, &self.view);
        }
    }

    /// Goes on without saving.
    pub(super) fn discard(&mut self) {
        match self.dialogs.leaving.take() {
            Some(Leaving::Open(path)) => self.open(path),
            Some(Leaving::Close) => {
                self.dialogs.closing = true;
                self.ctx.send_viewport_cmd(ViewportCommand::Close);
            }
            None => {}
        }
    }
}

/// What would lose edits that are not saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leaving {
    /// Opening this file.
    Open(PathBuf),
    /// Closing the window.
    Close,
}
