//! Writing the melody in other programs' formats.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{JobReport, Jobs, SessionReport};
use crate::analysis::Analysis;
use crate::annotation::Annotation;
use crate::app::notice::Notice;
use crate::app::workspace::SessionId;
use crate::files::shown_name;
use crate::formats::format::FormatFile;
use crate::formats::{Export, Extract, Format, FormatError, save_file};

/// A melody to write.
pub struct ExportRequest {
    /// What is known of the recording.
    pub analysis: Arc<Analysis>,
    /// What was made of it.
    pub annotation: Annotation,
    /// What of it to write.
    pub extract: Extract,
}

impl ExportRequest {
    /// Has `write` write what is asked for in a format.
    pub fn write<T>(&self, format: &Format, write: impl FnOnce(&Export) -> T) -> T {
        let whole = Export::corrected(&self.analysis, &self.annotation);
        self.extract.write(format.content, &whole, write)
    }
}

impl Jobs {
    /// Asks for a file of a format, beside the recording unless another place is chosen.
    pub fn choose_export(
        &mut self,
        session: SessionId,
        recording: &Path,
        format: &'static Format,
        extract: Extract,
    ) {
        let stem = recording.file_stem().unwrap_or_default().to_string_lossy();
        let mut dialog = rfd::FileDialog::new()
            .set_title("Export the melody")
            .set_file_name(format!("{stem}{}", format.files[0].suffix));
        if let Some(folder) = recording.parent() {
            dialog = dialog.set_directory(folder);
        }
        let chosen = move |path| {
            JobReport::Session(session, SessionReport::ExportChosen(format, path, extract))
        };
        self.ask(move || dialog.save_file().map(chosen));
    }

    /// Writes a melody; says in a notice what came of it.
    pub fn export(&mut self, request: ExportRequest, format: &'static Format, path: PathBuf) {
        let reporter = self.reporter.clone();
        self.spawn("melograph-export", move || {
            let work =
                AssertUnwindSafe(|| request.write(format, |export| save_as(format, export, &path)));
            let notice = match catch_unwind(work) {
                Ok(Ok(paths)) => Notice::info(format!("Exported {}.", names(&paths))),
                Ok(Err(error)) => not_exported(Notice::from_error(&error)),
                Err(payload) => Notice::from_panic(payload.as_ref()),
            };
            reporter.send(JobReport::Notice(notice));
        });
    }
}

/// Writes the files of a format, the first of them at `path`.
fn save_as(format: &Format, export: &Export, path: &Path) -> Result<Vec<PathBuf>, FormatError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.strip_suffix(format.files[0].suffix);
    let folder = path.parent().unwrap_or(Path::new(""));
    let stem = stem.unwrap_or(&name);
    let file = |file: &FormatFile| {
        let path = folder.join(format!("{stem}{}", file.suffix));
        save_file(file, export, &path).map(|()| path)
    };
    format.files.iter().map(file).collect()
}

fn names(paths: &[PathBuf]) -> String {
    let names: Vec<_> = paths.iter().map(|path| shown_name(path)).collect();
    names.join(", ")
}

fn not_exported(mut notice: Notice) -> Notice {
    notice.text += " Export it to another place.";
    notice
}
