//! Dialogs of the system, and project files: a thread each time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Jobs, OpenedProject, PROJECT_ENDING, Recording, Report, spawn};
use crate::analysis::ModelChoice;
use crate::annotation::{Annotation, AnnotationError, AudioReference, ModelReference, Project};
use crate::app::notice::Notice;
use crate::audio;
use crate::progress::Canceller;

/// No person answers a dialog faster; a dialog that did not open does.
const FASTEST_ANSWER: Duration = Duration::from_millis(300);

impl Jobs {
    /// Asks for a file to open in a dialog of the system.
    pub fn choose_file(&mut self) {
        let mut openable = audio::EXTENSIONS.to_vec();
        openable.push(PROJECT_ENDING);
        let dialog = rfd::FileDialog::new()
            .set_title("Open a recording")
            .add_filter("Recordings and projects", &openable)
            .add_filter("All files", &["*"]);
        self.ask(move || dialog.pick_file().map(Report::Chosen));
    }

    /// Asks for a file to save in, beside `suggested` unless another is chosen.
    pub fn choose_save(&mut self, suggested: &Path) {
        let name = suggested.file_name().unwrap_or_default().to_string_lossy();
        let mut dialog = rfd::FileDialog::new()
            .set_title("Save the annotation")
            .set_file_name(name)
            .add_filter("Melograph projects", &[PROJECT_ENDING]);
        if let Some(folder) = suggested.parent() {
            dialog = dialog.set_directory(folder);
        }
        let chosen = |path: PathBuf| Report::SaveChosen(path.with_extension(PROJECT_ENDING));
        self.ask(move || dialog.save_file().map(chosen));
    }

    fn ask(&mut self, dialog: impl FnOnce() -> Option<Report> + Send + 'static) {
        let reporter = self.reporter();
        spawn(&self.reporter(), "melograph-dialog", move || {
            let opened = Instant::now();
            match dialog() {
                Some(report) => reporter.send(report),
                None if opened.elapsed() < FASTEST_ANSWER => reporter.send(no_dialog()),
                None => {}
            }
        });
    }

    /// Reads a project file and looks for its recording.
    pub fn open_project(&mut self, path: PathBuf) {
        self.attempt("melograph-open", move || {
            let project = Project::open(&path)?;
            let audio = project.audio.find(&path, &Canceller::default())?;
            Ok(Report::Project(Box::new(OpenedProject {
                path,
                project,
                audio,
            })))
        });
    }

    /// Writes a project file of this recording and annotation.
    pub fn save(
        &mut self,
        path: PathBuf,
        recording: Recording,
        annotation: Arc<Annotation>,
        networks: ModelChoice,
    ) {
        self.attempt("melograph-save", move || {
            save_project(&path, &recording, &annotation, &networks)?;
            Ok(Report::Saved(path, annotation))
        });
    }

    fn attempt(
        &mut self,
        name: &str,
        work: impl FnOnce() -> Result<Report, AnnotationError> + Send + 'static,
    ) {
        let reporter = self.reporter();
        spawn(&self.reporter(), name, move || {
            let result = catch_unwind(AssertUnwindSafe(work));
            reporter.send(match result {
                Ok(Ok(report)) => report,
                Ok(Err(error)) => Report::Trouble(Notice::from_error(&error)),
                Err(payload) => Report::Trouble(Notice::from_panic(payload.as_ref())),
            });
        });
    }
}

/// Writes a project that names the recording, its checksum, and the networks.
fn save_project(
    path: &Path,
    recording: &Recording,
    annotation: &Annotation,
    networks: &ModelChoice,
) -> Result<(), AnnotationError> {
    let Recording {
        path: audio_path,
        audio,
    } = recording;
    let canceller = Canceller::default();
    let models = networks.checksums().unwrap_or_default();
    let reference = |(name, sha256)| ModelReference { name, sha256 };
    let project = Project {
        audio: AudioReference::new(audio_path, audio.rate_hz, audio.duration_secs, &canceller)?,
        models: models.into_iter().map(reference).collect(),
        annotation: annotation.clone(),
    };
    project.save(path)
}

fn no_dialog() -> Report {
    Report::Trouble(Notice::warning(
        "No file dialog is installed; drop a file here, or name it on the command line.",
    ))
}
