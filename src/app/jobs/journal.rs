//! Writing the recovery journal, one request after the other, beside the drawing thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::{JobReport, Jobs, PROJECT_ENDING, Reporter};
use crate::annotation::journal::{RecoveredDocument, WrittenDocument};
use crate::annotation::{
    AnnotationError, AudioSearch, DocumentId, Journal, JournalRecord, LeftWork, Project,
};
use crate::app::notice::Notice;
use crate::app::workspace::{SessionId, WorkspaceCommand};
use crate::files::{self, FileStamp};
use crate::progress::Canceller;

/// How long an answer of the journal is waited for before a file is opened.
const PATIENCE: Duration = Duration::from_secs(2);

/// A pause of this length between changes is used to synchronize the disk, which takes some
/// milliseconds; without one it is done after the longer time.
const PAUSE: Duration = Duration::from_millis(40);
const LONGEST_UNSYNCED: Duration = Duration::from_secs(1);

/// What is asked of the journal's thread.
enum JournalRequest {
    /// To write these, and to forget those.
    Keep(Vec<JournalRecord>, Vec<DocumentId>),
    /// To note a recording's checksum.
    Checksum(DocumentId, String),
    /// To tell what was left.
    Left(Sender<Vec<LeftWork>>),
    /// To read what was left, and to go on with it if so asked.
    Read(
        Box<LeftWork>,
        bool,
        Sender<Result<Option<WrittenDocument>, AnnotationError>>,
    ),
}

/// Asks the journal's thread, and waits for it.
#[derive(Clone)]
pub struct JournalKeeper {
    requests: Sender<JournalRequest>,
    /// How many requests to keep something were sent, and how many are written.
    sent: u64,
    written: Arc<(Mutex<u64>, Condvar)>,
}

/// Unsaved work, made again.
pub struct RecoveredWork {
    /// What the journal says of it.
    pub left: LeftWork,
    /// The recording.
    pub recording: PathBuf,
    /// The document.
    pub recovered: RecoveredDocument,
}

/// What came of unsaved work.
pub enum Recovery {
    /// It is here again.
    Done(Box<RecoveredWork>),
    /// The recording is gone, or another one: the file that was asked for is opened without it.
    Unfit(Box<LeftWork>, AudioSearch),
    /// Another window goes on with it, or it is no longer there.
    Taken,
    /// It could not be read.
    Failed(Notice),
}

impl Jobs {
    /// Begins to keep unsaved work in a data folder.
    pub fn keep_journal(&self, folder: PathBuf) -> JournalKeeper {
        let (requests, receiver) = channel();
        let written = Arc::default();
        let keeper = JournalKeeper {
            requests,
            sent: 0,
            written: Arc::clone(&written),
        };
        let reporter = self.reporter.clone();
        self.spawn("melograph-journal", move || {
            let mut writer = Writer {
                folder,
                journal: None,
                unwritten: Vec::new(),
                forgotten: Vec::new(),
                unsynced_since: None,
                is_in_trouble: false,
                reporter,
            };
            writer.serve(&receiver, &written);
        });
        keeper
    }

    /// Makes unsaved work again for a session, if its recording is the one it was made on.
    pub fn recover(&self, session: SessionId, left: LeftWork, keeper: &JournalKeeper) {
        let (keeper, reporter) = (keeper.clone(), self.reporter.clone());
        self.spawn("melograph-recover", move || {
            let work = AssertUnwindSafe(|| keeper.recover(left));
            let recovery = match catch_unwind(work) {
                Ok(Ok(recovery)) => recovery,
                Ok(Err(error)) => Recovery::Failed(Notice::from_error(&error)),
                Err(payload) => Recovery::Failed(Notice::from_panic(payload.as_ref())),
            };
            reporter.send(JobReport::Recovery(session, recovery));
        });
    }

    /// Asks where to save unsaved work whose recording is gone or another one.
    pub fn choose_rescue(&mut self, left: LeftWork) {
        let recording = &left.origin.recording;
        let stem = recording.file_stem().unwrap_or_default().to_string_lossy();
        let mut dialog = rfd::FileDialog::new()
            .set_title("Save the annotation")
            .set_file_name(format!("{stem} (recovered).{PROJECT_ENDING}"))
            .add_filter("Melograph projects", &[PROJECT_ENDING]);
        if let Some(folder) = recording.parent() {
            dialog = dialog.set_directory(folder);
        }
        let chosen = move |path: PathBuf| {
            JobReport::RescueChosen(Box::new(left), path.with_extension(PROJECT_ENDING))
        };
        self.ask(move || dialog.save_file().map(chosen));
    }

    /// Writes unsaved work, whose recording is gone or another one, as a project.
    pub fn rescue(&self, left: LeftWork, path: PathBuf, keeper: &JournalKeeper) {
        let (mut keeper, reporter) = (keeper.clone(), self.reporter.clone());
        self.spawn("melograph-rescue", move || {
            let notice = match keeper.rescue(&left, &path) {
                Ok(()) => Notice::info(format!("Saved {}.", files::shown(&path))),
                Err(error) => Notice::from_error(&error),
            };
            reporter.send(JobReport::Notice(notice));
        });
    }
}

impl JournalKeeper {
    /// Has the thread write these, and forget those.
    pub fn keep(&mut self, records: Vec<JournalRecord>, forgotten: Vec<DocumentId>) {
        for record in records.iter().filter(|it| it.unwritten.beginning.is_some()) {
            self.find_checksum(record);
        }
        let keep = JournalRequest::Keep(records, forgotten);
        self.sent += u64::from(self.requests.send(keep).is_ok());
    }

    /// Waits until all that was sent is written, but not longer than this; returns whether it is.
    pub fn settle(&self, at_most: Duration) -> bool {
        let (written, signal) = &*self.written;
        let written = written.lock().unwrap_or_else(PoisonError::into_inner);
        let is_behind = |written: &mut u64| *written < self.sent;
        let waited = signal.wait_timeout_while(written, at_most, is_behind);
        waited.is_ok_and(|(_, timeout)| !timeout.timed_out())
    }

    /// Unsaved work, of this run too, the latest first; none if the journal does not answer.
    pub fn left(&self) -> Vec<LeftWork> {
        let (sender, answer) = channel();
        let _ = self.requests.send(JournalRequest::Left(sender));
        answer.recv_timeout(PATIENCE).unwrap_or_default()
    }

    /// Reads a recording for its checksum, unless it changed since it was opened.
    fn find_checksum(&self, record: &JournalRecord) {
        let (requests, id) = (self.requests.clone(), record.id);
        let (path, stamp) = (record.origin.recording.clone(), record.origin.stamp);
        let thread = std::thread::Builder::new().name("melograph-checksum".into());
        // without a checksum the file's length and time must do
        let _ = thread.spawn(move || {
            let sum = files::sha256(&path, || FileStamp::of(&path) == stamp);
            if let Ok(Some(sum)) = sum
                && FileStamp::of(&path) == stamp
            {
                let _ = requests.send(JournalRequest::Checksum(id, sum));
            }
        });
    }

    fn recover(&self, left: LeftWork) -> Result<Recovery, AnnotationError> {
        let recording = match find(&left) {
            AudioSearch::Found(recording) => recording,
            other => return Ok(Recovery::Unfit(Box::new(left), other)),
        };
        let Some(written) = self.read(&left, true)? else {
            return Ok(Recovery::Taken);
        };
        Ok(Recovery::Done(Box::new(RecoveredWork {
            recovered: written.replay()?,
            left,
            recording,
        })))
    }

    fn rescue(&mut self, left: &LeftWork, path: &Path) -> Result<(), AnnotationError> {
        let Some(written) = self.read(left, false)? else {
            return Ok(());
        };
        let document = written.replay()?.document;
        // a sum that is not known fits no file, and the person is asked for the recording
        let sha256 = left.sha256.clone().unwrap_or_else(|| "0".repeat(64));
        let project = Project {
            audio: left.origin.audio(sha256),
            models: document.models.clone(),
            annotation: document.annotation().clone(),
        };
        project.save(path)?;
        self.keep(Vec::new(), vec![left.id]);
        Ok(())
    }

    fn read(
        &self,
        left: &LeftWork,
        take_over: bool,
    ) -> Result<Option<WrittenDocument>, AnnotationError> {
        let (sender, answer) = channel();
        let read = JournalRequest::Read(Box::new(left.clone()), take_over, sender);
        let _ = self.requests.send(read);
        answer.recv().unwrap_or(Ok(None))
    }
}

/// Looks for the recording that unsaved work was made on.
fn find(left: &LeftWork) -> AudioSearch {
    let recording = &left.origin.recording;
    if left.origin.stamp.is_some() && FileStamp::of(recording) == left.origin.stamp {
        return AudioSearch::Found(recording.clone());
    }
    match (&left.sha256, recording.is_file()) {
        (Some(sum), _) => {
            let audio = left.origin.audio(sum.clone());
            let search = audio.find(recording, &Canceller::default());
            search.unwrap_or(AudioSearch::Missing)
        }
        (None, true) => AudioSearch::Differs(recording.clone()),
        (None, false) => AudioSearch::Missing,
    }
}

/// The journal's thread.
struct Writer {
    folder: PathBuf,
    journal: Option<Journal>,
    /// What could not be written yet.
    unwritten: Vec<JournalRecord>,
    forgotten: Vec<DocumentId>,
    /// Since when something waits that was written and that the disk may not hold.
    unsynced_since: Option<Instant>,
    /// The person was told that it cannot be written.
    is_in_trouble: bool,
    reporter: Reporter,
}

impl Writer {
    /// Serves requests; what waits is written at once.
    fn serve(&mut self, requests: &Receiver<JournalRequest>, written: &(Mutex<u64>, Condvar)) {
        self.open();
        while let Some(first) = self.next(requests) {
            let mut n_kept = 0;
            let mut others = Vec::new();
            for request in std::iter::once(first).chain(requests.try_iter()) {
                match request {
                    JournalRequest::Keep(records, forgotten) => {
                        self.unwritten.extend(records);
                        self.forgotten.extend(forgotten);
                        n_kept += 1;
                    }
                    other => others.push(other),
                }
            }
            self.write();
            *written.0.lock().unwrap_or_else(PoisonError::into_inner) += n_kept;
            written.1.notify_all();
            for request in others {
                self.answer(request);
            }
        }
    }

    /// The next request; in a pause between them, the disk takes what was written.
    fn next(&mut self, requests: &Receiver<JournalRequest>) -> Option<JournalRequest> {
        if let Some(since) = self.unsynced_since {
            let pause = PAUSE.min(LONGEST_UNSYNCED.saturating_sub(since.elapsed()));
            if let Ok(request) = requests.recv_timeout(pause) {
                return Some(request);
            }
            self.unsynced_since = None;
            if let Some(Err(error)) = self.journal.as_mut().map(Journal::sync) {
                self.say(&error);
            }
        }
        requests.recv().ok()
    }

    fn open(&mut self) {
        match Journal::open(&self.folder) {
            Ok(journal) => self.journal = Some(journal),
            Err(error) => self.say(&error),
        }
    }

    /// Writes what waits; on failure it waits on, to be written with what comes next.
    fn write(&mut self) {
        if self.unwritten.is_empty() && self.forgotten.is_empty() {
            return;
        }
        if self.journal.is_none() {
            self.open();
        }
        let Some(journal) = &mut self.journal else {
            return;
        };
        match journal.record(&self.unwritten, &self.forgotten) {
            Ok(()) => {
                self.unwritten.clear();
                self.forgotten.clear();
                self.is_in_trouble = false;
                self.unsynced_since.get_or_insert_with(Instant::now);
            }
            Err(error) => self.say(&error),
        }
    }

    fn answer(&mut self, request: JournalRequest) {
        let Some(journal) = &mut self.journal else {
            return;
        };
        match request {
            JournalRequest::Keep(..) => {}
            JournalRequest::Checksum(id, sum) => {
                if let Err(error) = journal.note_checksum(id, &sum) {
                    log::warn!("{error}");
                }
            }
            JournalRequest::Left(answer) => {
                let left = journal.left();
                let _ = answer.send(left.unwrap_or_else(|error| {
                    log::warn!("{error}");
                    Vec::new()
                }));
            }
            JournalRequest::Read(left, take_over, answer) => {
                let _ = answer.send(journal.read(&left, take_over));
            }
        }
    }

    /// Says once that unsaved work is not kept.
    fn say(&mut self, error: &AnnotationError) {
        if self.is_in_trouble {
            return;
        }
        self.is_in_trouble = true;
        let mut notice = Notice::from_error(error);
        notice.text += " A crash would lose what is not saved: save often.";
        let notice = notice.with_action("Save as…", WorkspaceCommand::SaveAs);
        self.reporter.send(JobReport::Notice(notice));
    }
}
