//! Dialogs of the system, and project files: a thread each time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{JobReport, Jobs, OpenedProject, Pending, SessionReport};
use crate::analysis::ModelChoice;
use crate::annotation::{Annotation, AnnotationError, AudioReference, ModelReference, Project};
use crate::app::notice::Notice;
use crate::app::workspace::SessionId;
use crate::audio::{self, AudioInfo};
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
    /// The recording.
    pub recording: PathBuf,
    /// Its rate and duration.
    pub audio: AudioInfo,
    /// What was made of it.
    pub annotation: Arc<Annotation>,
    /// The networks that began it.
    pub networks: ModelChoice,
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

    fn ask(&mut self, dialog: impl FnOnce() -> Option<JobReport> + Send + 'static) {
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

    /// Reads a project file and looks for its recording; `session` will show it.
    pub fn open_project(&mut self, session: SessionId, path: PathBuf) {
        let reporter = self.reporter.clone();
        self.spawn("melograph-open", move || {
            let result = attempt(|| read_project(path));
            reporter.send(JobReport::Project(session, result.map(Box::new)));
        });
    }

    /// Writes a project file.
    pub fn save(&mut self, request: SaveRequest) {
        let reporter = self.reporter.clone();
        self.spawn("melograph-save", move || {
            match attempt(|| save_project(&request)) {
                Ok(()) => {
                    let SaveRequest {
                        session,
                        path,
                        annotation,
                        pending,
                        ..
                    } = request;
                    reporter.send_for(session, SessionReport::Saved(path, annotation, pending));
                }
                // shown even if another recording is open by now: nothing was saved
                Err(notice) => reporter.send(JobReport::Notice(notice)),
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

fn read_project(path: PathBuf) -> Result<OpenedProject, AnnotationError> {
    let project = Project::open(&path)?;
    let audio = project.audio.find(&path, &Canceller::default())?;
    Ok(OpenedProject {
        path,
        project,
        audio,
    })
}

/// Writes a project that names the recording, its checksum, and the networks.
fn save_project(request: &SaveRequest) -> Result<(), AnnotationError> {
    let AudioInfo {
        rate_hz,
        duration_secs,
        ..
    } = request.audio;
    let canceller = Canceller::default();
    let models = request.networks.checksums().unwrap_or_default();
    let reference = |(name, sha256)| ModelReference { name, sha256 };
    let project = Project {
        audio: AudioReference::new(&request.recording, rate_hz, duration_secs, &canceller)?,
        models: models.into_iter().map(reference).collect(),
        annotation: Annotation::clone(&request.annotation),
    };
    project.save(&request.path)
}

fn no_dialog() -> JobReport {
    JobReport::Notice(Notice::warning(
        "No file dialog is installed; drop a file here, or name it on the command line.",
    ))
}
