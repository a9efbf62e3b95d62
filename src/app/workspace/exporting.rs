//! Writing the melody for other programs.

use std::path::PathBuf;
use std::sync::Arc;

use super::{OpenSession, SessionId, Workspace};
use crate::app::event::OwnerEvent;
use crate::app::jobs::ExportRequest;
use crate::app::notice::Notice;
use crate::formats::{Extract, FORMATS, Format};

/// How much of a recording is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    Whole,
    /// What is selected.
    Selection,
    /// The time and pitch that are seen; for figures.
    View,
}

impl Extent {
    /// What it is now of an open recording.
    fn extract(self, open: &OpenSession) -> Extract {
        match self {
            Extent::Whole => Extract::default(),
            Extent::Selection => Extract {
                secs: open.selected_secs(),
                midi: None,
            },
            Extent::View => Extract {
                secs: Some(open.view.secs()),
                midi: Some(open.view.midi()),
            },
        }
    }
}

impl Workspace {
    /// Asks for a file to write.
    pub(super) fn export(&mut self, format: &'static Format, extent: Extent) {
        if let Some(open) = self.active() {
            let (id, path) = (open.session.id, open.session.path.clone());
            let extract = extent.extract(open);
            self.jobs.choose_export(id, &path, format, extract);
        }
    }

    /// Writes a file of the recording that is shown.
    pub(super) fn export_to(&mut self, format: &'static Format, path: PathBuf, extent: Extent) {
        if let Some(open) = self.active() {
            let (id, extract) = (open.session.id, extent.extract(open));
            self.write_export(id, format, path, extract);
        }
    }

    pub(super) fn write_export(
        &mut self,
        id: SessionId,
        format: &'static Format,
        path: PathBuf,
        extract: Extract,
    ) {
        if let Some(request) = self.export_request(id, extract) {
            self.jobs.export(request, format, path);
        }
    }

    /// Copies what is selected, or the whole, as a table that other programs paste.
    pub(super) fn copy_table(&mut self) {
        let Some(open) = self.active() else {
            return;
        };
        let (id, selected) = (open.session.id, Extent::Selection.extract(open));
        let Some(request) = self.export_request(id, selected) else {
            return;
        };
        let format = &FORMATS[0];
        let mut table = Vec::new();
        let written = request.write(format, |export| (format.files[0].write)(export, &mut table));
        // nothing fails that is written to memory
        if written.is_ok() {
            let table = String::from_utf8_lossy(&table).replace(',', "\t");
            let n_rows = table.lines().count().saturating_sub(1);
            self.events.push(OwnerEvent::CopyText(table));
            self.show_notice(Notice::info(format!("Copied {n_rows} rows.")));
        }
    }

    /// The melody as corrected; says why there is none yet.
    fn export_request(&mut self, id: SessionId, extract: Extract) -> Option<ExportRequest> {
        let session = &self.sessions.get(&id)?.session;
        let Some(document) = &session.document else {
            self.show_notice(Notice::info(
                "The melody can be exported once the analysis is done.",
            ));
            return None;
        };
        Some(ExportRequest {
            analysis: Arc::clone(session.analysis()),
            annotation: document.annotation().clone(),
            extract,
        })
    }
}
