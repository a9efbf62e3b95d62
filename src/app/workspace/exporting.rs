//! Writing the melody for other programs.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use super::{SessionId, Workspace};
use crate::app::event::OwnerEvent;
use crate::app::jobs::ExportRequest;
use crate::app::notice::Notice;
use crate::formats::{FORMATS, Format};

impl Workspace {
    /// Asks for a file to write; `selected` for what is selected alone.
    pub(super) fn export(&mut self, format: &'static Format, selected: bool) {
        if let Some(open) = self.active() {
            let (id, path) = (open.session.id, open.session.path.clone());
            let secs = open.selected_secs().filter(|_| selected);
            self.jobs.choose_export(id, &path, format, secs);
        }
    }

    /// Writes a file of the recording that is shown.
    pub(super) fn export_to(&mut self, format: &'static Format, path: PathBuf, selected: bool) {
        if let Some(open) = self.active() {
            let id = open.session.id;
            let secs = open.selected_secs().filter(|_| selected);
            self.write_export(id, format, path, secs);
        }
    }

    pub(super) fn write_export(
        &mut self,
        id: SessionId,
        format: &'static Format,
        path: PathBuf,
        secs: Option<Range<f64>>,
    ) {
        if let Some(request) = self.export_request(id, secs) {
            self.jobs.export(request, format, path);
        }
    }

    /// Copies what is selected, or the whole, as a table that other programs paste.
    pub(super) fn copy_table(&mut self) {
        let selected = self.active().and_then(|open| open.selected_secs());
        let id = self.active;
        let Some(request) = id.and_then(|id| self.export_request(id, selected)) else {
            return;
        };
        let mut table = Vec::new();
        let written = request.write(|export| (FORMATS[0].files[0].write)(export, &mut table));
        // nothing fails that is written to memory
        if written.is_ok() {
            let table = String::from_utf8_lossy(&table).replace(',', "\t");
            let n_rows = table.lines().count().saturating_sub(1);
            self.events.push(OwnerEvent::CopyText(table));
            self.show_notice(Notice::info(format!("Copied {n_rows} rows.")));
        }
    }

    /// The melody as corrected; says why there is none yet.
    fn export_request(&mut self, id: SessionId, secs: Option<Range<f64>>) -> Option<ExportRequest> {
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
            secs,
        })
    }
}
