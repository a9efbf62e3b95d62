//! Unsaved work, kept against a crash and brought back.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::saving::beside;
use super::{OpenSession, Session, SessionId, Workspace, WorkspaceCommand};
use crate::annotation::journal::DocumentOrigin;
use crate::annotation::{AudioSearch, DocumentId, JournalRecord, LeftWork};
use crate::app::event::OwnerEvent;
use crate::app::jobs::{JournalKeeper, RecoveredWork, Recovery};
use crate::app::notice::Notice;
use crate::app::shell::AppSettings;
use crate::files::shown_name;

/// The journal, and what it holds of this run.
pub struct Keeping {
    keeper: JournalKeeper,
    kept: BTreeSet<DocumentId>,
}

impl Workspace {
    /// Keeps unsaved work in a data folder from now on.
    pub fn keep_in(&mut self, folder: PathBuf) {
        self.keeping = Some(Keeping {
            keeper: self.jobs.keep_journal(folder),
            kept: BTreeSet::new(),
        });
    }

    /// Sends the journal what was done since this was last called, and has it forget documents that
    /// are closed: to be called once a frame, behind all that can change a document.
    pub fn keep(&mut self) {
        let sessions = self.sessions.values_mut().map(|open| &mut open.session);
        let records: Vec<_> = sessions.filter_map(record).collect();
        let Some(Keeping { keeper, kept }) = &mut self.keeping else {
            return;
        };
        let sessions = self.sessions.values().map(|open| &open.session);
        let live: BTreeSet<_> = sessions.filter_map(document_id).collect();
        let gone: Vec<_> = kept.difference(&live).copied().collect();
        kept.retain(|id| live.contains(id));
        kept.extend(records.iter().map(|record| record.id));
        if !records.is_empty() || !gone.is_empty() {
            keeper.keep(records, gone);
        }
    }

    /// Waits until what was sent is in the journal, but not longer than this; returns whether it is.
    pub fn settle(&self, at_most: Duration) -> bool {
        let keeping = self.keeping.as_ref();
        keeping.is_none_or(|it| it.keeper.settle(at_most))
    }

    /// Forgets all unsaved work of this window, as a person asked.
    pub fn discard_work(&mut self) {
        self.keep();
        if let Some(Keeping { keeper, kept }) = &mut self.keeping {
            keeper.keep(Vec::new(), std::mem::take(kept).into_iter().collect());
            keeper.settle(Duration::from_secs(1));
        }
    }

    /// Says which unsaved work earlier runs left, of files other than these.
    pub fn tell_what_was_left(&mut self, but_of: &[PathBuf]) {
        let left = self.left_work().into_iter();
        let left = left.filter(|it| !it.is_open_elsewhere);
        let left: Vec<_> = left
            .filter(|it| !but_of.iter().any(|path| is_of(it, path)))
            .collect();
        for left in left {
            self.show_notice(was_left(&left));
        }
    }

    /// Unsaved work on a file that an earlier run left; tells it if another window is at it now.
    pub(super) fn left_of(&mut self, path: &Path) -> Option<LeftWork> {
        let mut left = self.left_work();
        left.retain(|it| is_of(it, path));
        if left.iter().any(|it| it.is_open_elsewhere) {
            self.is_open_elsewhere = true;
        }
        left.into_iter().find(|it| !it.is_open_elsewhere)
    }

    fn left_work(&self) -> Vec<LeftWork> {
        let Some(Keeping { keeper, kept }) = &self.keeping else {
            return Vec::new();
        };
        let mut left = keeper.left();
        left.retain(|it| !kept.contains(&it.id));
        left
    }

    /// Makes unsaved work again for a session that will show it.
    pub(super) fn recover(&mut self, session: SessionId, left: LeftWork) {
        if let Some(keeping) = &self.keeping {
            self.jobs.recover(session, left, &keeping.keeper);
        }
    }

    /// Shows unsaved work that was made again; `path`: the file that was asked for.
    pub(super) fn take_recovery(
        &mut self,
        path: PathBuf,
        recovery: Recovery,
        settings: &AppSettings,
    ) {
        match recovery {
            Recovery::Done(work) => self.open_recovered(*work, settings),
            Recovery::Taken => self.open_plainly(path, settings),
            Recovery::Unfit(left, audio) => {
                if path.is_file() {
                    self.open_plainly(path, settings);
                }
                self.show_notice(does_not_fit(left, &audio));
            }
            Recovery::Failed(notice) => {
                self.open_plainly(path, settings);
                self.show_notice(notice);
            }
        }
    }

    fn open_recovered(&mut self, work: RecoveredWork, settings: &AppSettings) {
        let RecoveredWork {
            left,
            recording,
            mut recovered,
        } = work;
        let is_overtaken = match &left.origin.file {
            Some(file) => file.is_changed(),
            None => beside(&recording).is_file(),
        };
        if is_overtaken {
            recovered.document.file_differs();
        }
        if let Some(keeping) = &mut self.keeping {
            keeping.kept.insert(left.id);
        }
        let notice = came_back(&left);
        let mut session = self.new_session(&recording, Some(recovered.document), settings);
        session.take_recovered(recovered.contour_of_notes);
        session.track = left.origin.track;
        self.open_session(session, settings);
        self.show_notice(notice);
    }

    /// Takes back all that is not saved; redo makes it again.
    pub(super) fn revert(&mut self) {
        if let Some(OpenSession { session, .. }) = self.active_mut() {
            session.revert();
            self.events.push(OwnerEvent::MelodyChanged);
        }
    }

    /// Saves work whose recording is gone as a project.
    pub(super) fn rescue(&mut self, left: LeftWork, path: PathBuf) {
        if let Some(keeping) = &self.keeping {
            self.jobs.rescue(left, path, &keeping.keeper);
        }
    }
}

fn document_id(session: &Session) -> Option<DocumentId> {
    session.document.as_ref().map(|document| document.id())
}

/// What was done to a session's document since this was last asked.
fn record(session: &mut Session) -> Option<JournalRecord> {
    let unwritten = session.document.as_mut()?.take_unwritten()?;
    let document = session.document.as_ref()?;
    let audio = session.audio();
    Some(JournalRecord {
        id: document.id(),
        origin: DocumentOrigin {
            recording: session.path.clone(),
            stamp: session.stamp,
            rate_hz: audio.rate_hz,
            duration_secs: audio.duration_secs,
            track: session.track,
            models: document.models.clone(),
            file: document.file.clone(),
            began_with_networks: document.began_with_networks(),
        },
        is_modified: document.is_modified(),
        unwritten,
    })
}

/// Whether work belongs to a file: the recording, or the project.
fn is_of(left: &LeftWork, path: &Path) -> bool {
    let full = |path: &Path| {
        let absolute = || std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        path.canonicalize().unwrap_or_else(|_| absolute())
    };
    let recording = &left.origin.recording;
    // a save may have been finished that the journal was not told of
    let project = match &left.origin.file {
        Some(file) => file.path.clone(),
        None => beside(recording),
    };
    [full(recording), full(&project)].contains(&full(path))
}

fn name(left: &LeftWork) -> String {
    shown_name(&left.origin.recording).into_owned()
}

fn came_back(left: &LeftWork) -> Notice {
    let (name, ago) = (name(left), ago(left.changed));
    let text = format!(
        "The program ended {ago} before your corrections of {name} were saved; here they are again."
    );
    let changed = left.origin.file.as_ref().filter(|file| file.is_changed());
    let text = match changed {
        Some(file) => {
            let project = shown_name(&file.path);
            format!("{text} {project} was changed since by another program; saving asks first.")
        }
        None => text,
    };
    Notice::warning(text).with_action("Take them back", WorkspaceCommand::Revert)
}

fn was_left(left: &LeftWork) -> Notice {
    let (name, ago) = (name(left), ago(left.changed));
    let text = format!("Corrections of {name} were not saved when the program ended {ago}.");
    let open = WorkspaceCommand::Open(left.origin.recording.clone());
    Notice::warning(text).with_action("Open it", open)
}

fn does_not_fit(left: Box<LeftWork>, audio: &AudioSearch) -> Notice {
    let (name, ago) = (name(&left), ago(left.changed));
    let why = match audio {
        AudioSearch::Missing => "the recording is not there any more",
        _ => "the recording was changed since",
    };
    let text = format!(
        "Corrections of {name} that were not saved {ago} are kept, but {why}; save them as a project."
    );
    Notice::warning(text).with_action("Save them…", WorkspaceCommand::ChooseRescue(left))
}

/// How long ago a time is, roughly.
fn ago(time: SystemTime) -> String {
    let secs = time.elapsed().map_or(0, |it| it.as_secs());
    let (n, unit) = match secs {
        0..60 => return "just now".to_owned(),
        60..3_600 => (secs / 60, "minute"),
        3_600..86_400 => (secs / 3_600, "hour"),
        _ => (secs / 86_400, "day"),
    };
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {unit}{plural} ago")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_as_people_do() {
        let ago = |secs| ago(SystemTime::now() - Duration::from_secs(secs));
        let told = [10, 61, 7_300, 90_000].map(ago);
        assert_eq!(
            told,
            ["just now", "1 minute ago", "2 hours ago", "1 day ago"]
        );
    }
}
