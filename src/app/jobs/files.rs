//! Dialogs of the system, and project files: a thread each time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{JobReport, Jobs, OpenedProject, Pending, SessionReport};
use crate::annotation::{
    Annotation, AnnotationError, AudioReference, ModelReference, Project, Provenance, SavedFile,
};
use crate::app::event::Replacement;
use crate::app::notice::Notice;
use crate::app::workspace::{SessionId, WorkspaceCommand};
use crate::audio::{self, AudioInfo};
use crate::files;
use crate::progress::Canceller;

/// Ending of project files.
pub const PROJECT_ENDING: &str = "melograph";

/// No person answers a dialog faster; a dialog that did not open does.
const FASTEST_ANSWER: Duration = Duration::from_millis(300);

/// What to save, and where.
pub struct SaveRequest {
    /// The session it is for.
    pub session: SessionId,
    /// The project file.
    pub path: PathBuf,
    /// Whether it may replace any file that is there.
    pub replaces: bool,
    /// The file that was opened or saved before, which it may replace if it still is what it was.
    pub opened: Option<SavedFile>,
    /// The recording.
    pub recording: PathBuf,
    /// Its rate, duration and track.
    pub audio: AudioInfo,
    /// What was made of it.
    pub annotation: Arc<Annotation>,
    /// The networks that began it.
    pub models: Vec<ModelReference>,
    /// Held until the window knows that it is saved.
    pub pending: Pending,
}

impl Jobs {
    /// Asks for a file to open in a dialog of the system.
    pub fn choose_file(&mut self) {
        let mut openable = audio::EXTENSIONS.to_vec();
        openable.push(PROJECT_ENDING);
        let dialog = rfd::FileDialog::new()
            .set_title("Open a recording")
            .add_filter("Recordings and projects", &openable)
            .add_filter("All files", &["*"]);
        self.ask(move || dialog.pick_file().map(JobReport::FileChosen));
    }

    /// Asks for a file to save in, beside `suggested` unless another is chosen.
    pub fn choose_save(&mut self, session: SessionId, suggested: &Path) {
        let name = suggested.file_name().unwrap_or_default().to_string_lossy();
        let mut dialog = rfd::FileDialog::new()
            .set_title("Save the annotation")
            .set_file_name(name)
            .add_filter("Melograph projects", &[PROJECT_ENDING]);
        if let Some(folder) = suggested.parent() {
            dialog = dialog.set_directory(folder);
        }
        let chosen = move |path: PathBuf| {
            let path = path.with_extension(PROJECT_ENDING);
            JobReport::Session(session, SessionReport::SaveChosen(path))
        };
        self.ask(move || dialog.save_file().map(chosen));
    }

    /// Asks where the recording of a project is.
    pub fn locate(&mut self, project: PathBuf) {
        let dialog = rfd::FileDialog::new()
            .set_title("Where is the recording?")
            .add_filter("Recordings", &audio::EXTENSIONS)
            .add_filter("All files", &["*"]);
        let chosen = |recording| JobReport::Located(project, recording);
        self.ask(move || dialog.pick_file().map(chosen));
    }

    pub(super) fn ask(&mut self, dialog: impl FnOnce() -> Option<JobReport> + Send + 'static) {
        let reporter = self.reporter.clone();
        self.spawn("melograph-dialog", move || {
            let opened = Instant::now();
            match dialog() {
                Some(report) => reporter.send(report),
                None if opened.elapsed() < FASTEST_ANSWER => reporter.send(no_dialog()),
                None => {}
            }
        });
    }

    /// Reads a project file and looks for its recording, or takes the one that a person named;
    /// `session` will show it.
    pub fn open_project(&mut self, session: SessionId, path: PathBuf, named: Option<PathBuf>) {
        let reporter = self.reporter.clone();
        self.spawn("melograph-open", move || {
            let result = attempt(|| read_project(path, named));
            reporter.send(JobReport::Project(session, result.map(Box::new)));
        });
    }

    /// Writes a project file, unless it would replace one that was not opened.
    pub fn save(&mut self, request: SaveRequest) {
        let reporter = self.reporter.clone();
        self.spawn("melograph-save", move || {
            match attempt(|| save_project(&request)) {
                Ok(Some(file)) => {
                    let report = SessionReport::WouldReplace(file);
                    reporter.send_for(request.session, report);
                }
                Ok(None) => {
                    let SaveRequest {
                        session,
                        path,
                        annotation,
                        pending,
                        ..
                    } = request;
                    let file = SavedFile::now(path);
                    reporter.send_for(session, SessionReport::Saved(file, annotation, pending));
                }
                // shown even if another recording is open by now: nothing was saved
                Err(notice) => reporter.send(JobReport::Notice(not_saved(notice))),
            }
        });
    }
}

/// What came of the work, or why nothing did.
fn attempt<T>(work: impl FnOnce() -> Result<T, AnnotationError>) -> Result<T, Notice> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result.map_err(|error| Notice::from_error(&error)),
        Err(payload) => Err(Notice::from_panic(payload.as_ref())),
    }
}

fn read_project(path: PathBuf, named: Option<PathBuf>) -> Result<OpenedProject, AnnotationError> {
    // before it is read: what comes later is seen when it is saved
    let file = SavedFile::now(path.clone());
    let project = Project::open(&path)?;
    let canceller = Canceller::default();
    let audio = match named {
        Some(recording) => project.audio.compare(recording, &canceller)?,
        None => project.audio.find(&path, &canceller)?,
    };
    Ok(OpenedProject {
        file,
        project,
        audio,
    })
}

/// Writes a project that names the recording, its checksum, and the networks; returns the file
/// that it would have replaced, if it may not.
fn save_project(request: &SaveRequest) -> Result<Option<Replacement>, AnnotationError> {
    let path = &request.path;
    let is_opened = |opened: &&SavedFile| is_same_file(&opened.path, path);
    let opened = request.opened.as_ref().filter(is_opened);
    let is_as_it_was = opened.is_some_and(|opened| !opened.is_changed());
    if path.exists() && !request.replaces && !is_as_it_was {
        return Ok(Some(Replacement {
            path: path.clone(),
            was_opened: opened.is_some(),
            content: content(path),
        }));
    }
    let AudioInfo {
        rate_hz,
        duration_secs,
        ref tracks,
        track,
        ..
    } = request.audio;
    let canceller = Canceller::default();
    let audio = AudioReference::new(&request.recording, rate_hz, duration_secs, &canceller)?;
    let project = Project {
        audio: AudioReference {
            track: (tracks.len() > 1).then_some(track),
            ..audio
        },
        models: request.models.clone(),
        annotation: Annotation::clone(&request.annotation),
    };
    files::sweep(files::folder_of(path));
    project.save(path)?;
    Ok(None)
}

fn is_same_file(a: &Path, b: &Path) -> bool {
    let true_path = |path: &Path| path.canonicalize().ok();
    a == b || true_path(a).is_some_and(|a| Some(a) == true_path(b))
}

/// What is in a file, in a sentence.
fn content(path: &Path) -> String {
    let Ok(project) = Project::open(path) else {
        return "It is no project that this program can read.".to_owned();
    };
    let provenance = project.annotation.provenance();
    let by_hand = provenance.iter().filter(|it| **it != Provenance::Model);
    let share = 100.0 * by_hand.count() as f64 / provenance.len().max(1) as f64;
    let n_notes = project.annotation.notes().len();
    format!("It is a project with {n_notes} notes; {share:.1} % of the melody was decided by hand.")
}

/// Says what to do when a file could not be written.
fn not_saved(mut notice: Notice) -> Notice {
    notice.text += " Nothing is lost: save it in another place.";
    notice.with_action("Save as…", WorkspaceCommand::SaveAs)
}

fn no_dialog() -> JobReport {
    JobReport::Notice(Notice::warning(
        "No file dialog is installed; drop a file here, or name it on the command line.",
    ))
}
