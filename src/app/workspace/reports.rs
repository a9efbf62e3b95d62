//! Reports of the jobs, each applied to the session it is for.

use super::saving::SaveTarget;
use super::{SessionId, Workspace, WorkspaceCommand};
use crate::app::event::OwnerEvent;
use crate::app::jobs::{AnalysisEvent, JobReport, SessionReport};
use crate::app::notice::Notice;
use crate::app::shell::AppSettings;
use crate::melody::Note;

impl Workspace {
    /// Takes the reports that came since the last frame.
    pub fn take_reports(&mut self, settings: &AppSettings) {
        while let Some(report) = self.jobs.next_report() {
            self.take_report(report, settings);
        }
        self.save_waiting();
    }

    fn take_report(&mut self, report: JobReport, settings: &AppSettings) {
        match report {
            JobReport::FileChosen(path) => self.apply(WorkspaceCommand::Open(path), settings),
            JobReport::Located(project, recording) => self.open_on(project, recording),
            JobReport::Recovery(id, it) => self.take_recovery_for(id, it, settings),
            JobReport::RescueChosen(left, path) => self.rescue(*left, path),
            JobReport::Project(id, result) => self.take_project(id, result, settings),
            JobReport::Session(id, report) => self.take_session_report(id, report),
            JobReport::Notice(notice) => self.show_notice(notice),
        }
    }

    /// Applies a report to its session, or drops it if that is closed.
    fn take_session_report(&mut self, id: SessionId, report: SessionReport) {
        let Some(open) = self.sessions.get_mut(&id) else {
            return;
        };
        match report {
            SessionReport::Analysis(revision, event) => self.take_event(id, revision, event),
            SessionReport::Separation(revision, event) => {
                self.take_separation(id, revision, event);
            }
            SessionReport::StemFolderChosen(folder) => self.export_stems(folder),
            SessionReport::Notes(state, notes, _) => self.take_notes(id, state, &notes),
            SessionReport::Columns(columns) => open.session.take_columns(&columns),
            SessionReport::NoPicture(notice) => self.show_notice(notice),
            SessionReport::SaveChosen(path) => self.save_session(id, SaveTarget::new(path)),
            SessionReport::ExportChosen(format, path, extract) => {
                self.write_export(id, format, path, extract);
            }
            SessionReport::WouldReplace(file) => self.events.push(OwnerEvent::WouldReplace(file)),
            SessionReport::Saved(file, annotation, _) => self.take_saved(id, file, &annotation),
        }
    }

    /// Takes how an analysis went on, unless another was begun since.
    fn take_event(&mut self, id: SessionId, revision: u64, event: AnalysisEvent) {
        let open = self.sessions.get_mut(&id);
        let Some(open) = open.filter(|open| open.session.revision() == revision) else {
            return;
        };
        if let AnalysisEvent::Failed(notice) = event {
            return self.fail(id, notice);
        }
        let is_end = matches!(event, AnalysisEvent::Done(_) | AnalysisEvent::Stopped);
        let notices = open.session.take(event);
        if is_end {
            self.find_notes(id);
            self.events.push(OwnerEvent::MelodyChanged);
        }
        self.events
            .extend(notices.into_iter().map(OwnerEvent::Notice));
    }

    /// Takes the notes of a changed contour, unless the document changed since.
    fn take_notes(&mut self, id: SessionId, state: u64, [before, after]: &[Vec<Note>; 2]) {
        let open = self.sessions.get_mut(&id);
        if let Some(open) = open.filter(|it| it.session.document_state() == state) {
            open.session.follow(before, after);
            self.events.push(OwnerEvent::MelodyChanged);
        }
    }

    /// Shows why there is no analysis; a recording of which nothing is known closes again.
    fn fail(&mut self, id: SessionId, notice: Notice) {
        self.show_notice(notice);
        let Some(open) = self.sessions.get_mut(&id) else {
            return;
        };
        if open.session.has_picture() || open.session.is_modified() {
            open.session.take(AnalysisEvent::Stopped);
            return self.find_notes(id);
        }
        self.memory.forget(&open.session.path);
        self.close(id);
        self.events.push(OwnerEvent::Closed);
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use eframe::egui::Context;

    use super::*;
    use crate::analysis::ModelChoice;
    use crate::app::memory::Memory;
    use crate::app::workspace::{AnalysisState, Session};
    use crate::progress::Stage;

    /// A workspace in which two recordings were opened, and what they are.
    fn workspace() -> (Workspace, [SessionId; 2]) {
        let mut workspace = Workspace::new(Context::default(), Memory::default());
        let ids = [workspace.new_id(), workspace.new_id()];
        for id in ids {
            let path = format!("/{}.wav", id.0).into();
            workspace.show(Session::new(id, path, ModelChoice::default(), None));
        }
        (workspace, ids)
    }

    #[test]
    fn a_report_for_a_closed_session_is_dropped() {
        let (mut workspace, [closed, open]) = workspace();
        let trouble = || SessionReport::NoPicture(Notice::error("No picture."));
        workspace.take_session_report(closed, trouble());
        assert!(workspace.take_events().is_empty());
        workspace.take_session_report(open, trouble());
        assert_eq!(workspace.take_events().len(), 1);
    }

    #[test]
    fn an_analysis_given_up_says_nothing_more() {
        let (mut workspace, [_, open]) = workspace();
        let progress = |done| AnalysisEvent::Progress(Stage::Network, done);
        workspace.take_session_report(open, SessionReport::Analysis(0, progress(0.5)));
        let session = &mut workspace.active_mut().unwrap().session;
        assert_eq!(session.state, AnalysisState::Running(Stage::Network, 0.5));
        session.restart(ModelChoice::default());
        let begun = session.state;
        workspace.take_session_report(open, SessionReport::Analysis(0, progress(0.9)));
        assert_eq!(workspace.session().unwrap().state, begun);
    }

    #[test]
    fn a_recording_that_cannot_be_read_closes_and_is_forgotten() {
        let (mut workspace, [_, open]) = workspace();
        let failed = AnalysisEvent::Failed(Notice::error("Unreadable."));
        workspace.take_session_report(open, SessionReport::Analysis(0, failed));
        assert!(workspace.session().is_none());
        assert_eq!(workspace.memory().recent(), [Path::new("/1.wav")]);
    }
}
