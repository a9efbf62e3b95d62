//! Threads, and the reports they send.
//!
//! Every report names the session it is for; the workspace applies it to that session or drops
//! it. One thread analyzes, one request after the other; it alone holds the networks, which load
//! once. Another thread finds the notes anew when the voicing changes. What takes a moment now
//! and then has a thread each time.
//!
//! - [`report`]: what they report.
//! - [`analyses`]: analyzing a recording.
//! - [`notes`]: the notes of a contour whose voicing changed.
//! - [`pictures`]: pictures of another kind.
//! - [`files`]: dialogs of the system, and project files.
//! - [`exports`]: other programs' formats.
//! - [`separations`]: voice and accompaniment.
//! - [`journal`]: unsaved work, kept against a crash.

pub mod analyses;
pub mod exports;
pub mod files;
pub mod journal;
pub mod notes;
pub mod pictures;
pub mod report;
pub mod separations;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use eframe::egui::Context;

use super::notice::Notice;
use super::workspace::SessionId;
use crate::progress::Canceller;

pub use analyses::AnalysisRequest;
pub use exports::ExportRequest;
pub use files::{PROJECT_ENDING, SaveRequest};
pub use journal::{JournalKeeper, RecoveredWork, Recovery};
pub use notes::NotesRequest;
pub use pictures::PictureRequest;
pub use report::{
    AnalysisEvent, JobReport, OpenedProject, PictureColumns, RecordingInfo, SessionReport,
};

pub use separations::{SeparationEvent, SeparationRequest, StemExport};

/// Reports are shown at most this often, so that drawing leaves the processor to the analysis.
const REPORT_INTERVAL: Duration = Duration::from_millis(40);

/// So long a closed window waits for what its analysis found to be kept; then that is given up.
const MOST_KEEPING: Duration = Duration::from_secs(20);
/// How often it is looked whether it is.
const KEEPING_INTERVAL: Duration = Duration::from_millis(10);

/// Held by work on its way, from the request until the window has taken its result.
#[derive(Clone, Debug, Default)]
pub struct Pending(Arc<()>);

impl Pending {
    /// Whether a clone of this one is still held.
    pub fn is_pending(&self) -> bool {
        Arc::strong_count(&self.0) > 1
    }
}

/// Sends reports, and wakes the window for them.
#[derive(Clone)]
struct Reporter {
    sender: Sender<JobReport>,
    ctx: Context,
}

impl Reporter {
    fn send(&self, report: JobReport) {
        // the window may be closed by now
        let _ = self.sender.send(report);
        self.ctx.request_repaint_after(REPORT_INTERVAL);
    }

    fn send_for(&self, session: SessionId, report: SessionReport) {
        self.send(JobReport::Session(session, report));
    }
}

/// Owner of the window's threads.
pub struct Jobs {
    reporter: Reporter,
    reports: Receiver<JobReport>,
    analyses: Option<Sender<analyses::QueuedAnalysis>>,
    analysis_thread: Option<JoinHandle<()>>,
    notes: Option<Sender<NotesRequest>>,
    analyzing: Option<Canceller>,
    drawing: Option<Canceller>,
    separating: Option<Canceller>,
}

impl Jobs {
    /// No thread yet; reports will wake `ctx`.
    pub fn new(ctx: Context) -> Self {
        let (sender, reports) = channel();
        Self {
            reporter: Reporter { sender, ctx },
            reports,
            analyses: None,
            analysis_thread: None,
            notes: None,
            analyzing: None,
            drawing: None,
            separating: None,
        }
    }

    /// The next report, if one has come.
    pub fn next_report(&mut self) -> Option<JobReport> {
        self.reports.try_recv().ok()
    }

    /// Stops the analysis, if one runs.
    pub fn stop_analysis(&mut self) {
        if let Some(canceller) = self.analyzing.take() {
            canceller.cancel();
        }
    }

    /// Stops drawing a picture, if one is being drawn.
    pub fn stop_drawing(&mut self) {
        if let Some(canceller) = self.drawing.take() {
            canceller.cancel();
        }
    }

    /// Stops the separation, if one runs.
    pub fn stop_separation(&mut self) {
        if let Some(canceller) = self.separating.take() {
            canceller.cancel();
        }
    }

    /// Does work on a thread of its own; none where the system has no more.
    fn spawn(&self, name: &str, work: impl FnOnce() + Send + 'static) -> Option<JoinHandle<()>> {
        let thread = thread::Builder::new().name(name.into()).spawn(work);
        if thread.is_err() {
            self.reporter.send(JobReport::Notice(no_thread()));
        }
        thread.ok()
    }

    /// Waits until what a stopped analysis found is kept.
    fn keep_found(&mut self) {
        self.analyses = None; // the thread ends behind what it works on
        let began = Instant::now();
        let is_keeping = |thread: &JoinHandle<()>| !thread.is_finished();
        while self.analysis_thread.as_ref().is_some_and(is_keeping)
            && began.elapsed() < MOST_KEEPING
        {
            thread::sleep(KEEPING_INTERVAL);
        }
    }
}

impl Drop for Jobs {
    fn drop(&mut self) {
        self.stop_analysis();
        self.stop_drawing();
        self.stop_separation();
        self.keep_found();
    }
}

fn no_thread() -> Notice {
    Notice::error("The system is out of threads; close other programs and try again.")
}
