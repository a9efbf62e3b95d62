//! Threads, and the reports they send.
//!
//! One thread analyzes, one request after the other; it alone holds the
//! networks, which load once. A new request stops the one before, whose late
//! reports are dropped by their older revision. Another thread finds the notes
//! anew when the voicing changes, always for the latest voicing.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use eframe::egui::Context;

use super::notice::Notice;
use crate::analysis::{Analysis, AnalysisError, Models, Partial, analyze};
use crate::audio::{self, AudioInfo, AudioReader};
use crate::melody::note_hmm::{NoteParams, segment};
use crate::melody::{F0Track, FrameGrid, Note, PitchAxis};
use crate::models::DeviceChoice;
use crate::models::store::{DEFAULT_PITCH, DEFAULT_VOICING};
use crate::progress::{Canceller, Progress, Stage};

/// Reports are shown at most this often, so that drawing leaves the processor to the analysis.
const REPORT_INTERVAL: Duration = Duration::from_millis(40);

/// No person answers a dialog faster; a dialog that did not open does.
const FASTEST_ANSWER: Duration = Duration::from_millis(300);

/// What a job tells the window.
pub enum Report {
    /// A file was chosen.
    Chosen(PathBuf),
    /// Something else went wrong.
    Trouble(Notice),
    /// The analysis of the current recording went on.
    Analysis(News),
    /// The notes of its contour by the present threshold.
    Notes(Vec<Note>),
}

/// How an analysis went on.
pub enum News {
    /// The recording is readable; what its picture and contour will look like.
    Opened(Outline),
    /// How much of a stage is done.
    Progress(Stage, f32),
    /// A part of the result.
    Partial(Partial),
    /// The result.
    Done(Arc<Analysis>),
    /// It was stopped.
    Stopped,
    /// There will be no result.
    Failed(Notice),
}

/// What is known of an analysis before it begins.
#[derive(Clone, Debug)]
pub struct Outline {
    /// The recording, as its header has it.
    pub audio: AudioInfo,
    /// Rows of the picture, and what a class is in Hz.
    pub axis: PitchAxis,
    /// Times of columns and frames.
    pub grid: FrameGrid,
    /// Voicing threshold the networks come with.
    pub threshold: f32,
}

struct Request {
    path: PathBuf,
    progress: Progress,
    reporter: Reporter,
}

/// A contour whose notes are wanted, and the analysis it comes from.
struct Voicing {
    f0: F0Track,
    analysis: Arc<Analysis>,
    reporter: Reporter,
}

/// Sends the reports of one revision, and wakes the window for them.
#[derive(Clone)]
struct Reporter {
    revision: u64,
    sender: Sender<(u64, Report)>,
    ctx: Context,
}

impl Reporter {
    fn send(&self, report: Report) {
        // the window may be gone, and nobody is left to tell
        let _ = self.sender.send((self.revision, report));
        self.ctx.request_repaint_after(REPORT_INTERVAL);
    }

    fn news(&self, news: News) {
        self.send(Report::Analysis(news));
    }
}

/// Owner of the window's threads.
pub struct Jobs {
    ctx: Context,
    sender: Sender<(u64, Report)>,
    reports: Receiver<(u64, Report)>,
    requests: Option<Sender<Request>>,
    voicings: Option<Sender<Voicing>>,
    running: Option<Canceller>,
    revision: u64,
}

impl Jobs {
    /// No thread yet; reports will wake `ctx`.
    pub fn new(ctx: Context) -> Self {
        let (sender, reports) = channel();
        Self {
            ctx,
            sender,
            reports,
            requests: None,
            voicings: None,
            running: None,
            revision: 0,
        }
    }

    /// The next report that still matters.
    pub fn next_report(&mut self) -> Option<Report> {
        loop {
            match self.reports.try_recv().ok()? {
                (revision, Report::Analysis(_) | Report::Notes(_)) if revision != self.revision => {
                }
                (_, report) => return Some(report),
            }
        }
    }

    /// Stops what runs and analyzes `path`; returns the revision of its reports.
    pub fn analyze(&mut self, path: PathBuf) -> u64 {
        self.cancel();
        self.revision += 1;
        let reporter = self.reporter();
        let for_progress = reporter.clone();
        let progress =
            Progress::new(move |stage, done| for_progress.news(News::Progress(stage, done)));
        self.running = Some(progress.canceller());
        let request = Request {
            path,
            progress,
            reporter,
        };
        self.request(request);
        self.revision
    }

    /// Stops the analysis, if one runs.
    pub fn cancel(&mut self) {
        if let Some(canceller) = self.running.take() {
            canceller.cancel();
        }
    }

    /// Finds the notes of a contour whose voicing changed.
    pub fn segment(&mut self, f0: F0Track, analysis: Arc<Analysis>) {
        let reporter = self.reporter();
        let voicing = Voicing {
            f0,
            analysis,
            reporter: reporter.clone(),
        };
        let voicings = self.voicings.get_or_insert_with(|| {
            let (sender, receiver) = channel();
            spawn(&reporter, "melograph-notes", move || {
                segment_latest(&receiver)
            });
            sender
        });
        if voicings.send(voicing).is_err() {
            self.voicings = None;
        }
    }

    /// Asks for a file in a dialog of the system.
    pub fn choose_file(&mut self) {
        let reporter = self.reporter();
        spawn(&self.reporter(), "melograph-dialog", move || {
            let opened = Instant::now();
            let dialog = rfd::FileDialog::new()
                .set_title("Open a recording")
                .add_filter("Recordings", &audio::EXTENSIONS)
                .add_filter("All files", &["*"]);
            match dialog.pick_file() {
                Some(path) => reporter.send(Report::Chosen(path)),
                None if opened.elapsed() < FASTEST_ANSWER => reporter.send(no_dialog()),
                None => {}
            }
        });
    }

    fn request(&mut self, request: Request) {
        let reporter = request.reporter.clone();
        let requests = self.requests.get_or_insert_with(|| {
            let (sender, receiver) = channel();
            spawn(&reporter, "melograph-analysis", move || serve(&receiver));
            sender
        });
        if requests.send(request).is_err() {
            self.requests = None;
            reporter.news(News::Failed(no_thread()));
        }
    }

    fn reporter(&self) -> Reporter {
        Reporter {
            revision: self.revision,
            sender: self.sender.clone(),
            ctx: self.ctx.clone(),
        }
    }
}

impl Drop for Jobs {
    fn drop(&mut self) {
        self.cancel();
    }
}

fn spawn(reporter: &Reporter, name: &str, work: impl FnOnce() + Send + 'static) {
    if thread::Builder::new()
        .name(name.into())
        .spawn(work)
        .is_err()
    {
        reporter.send(Report::Trouble(no_thread()));
    }
}

fn no_thread() -> Notice {
    Notice::error("The system is out of threads; close other programs and try again.")
}

fn no_dialog() -> Report {
    Report::Trouble(Notice::warning(
        "No file dialog is installed; drop a file here, or name it on the command line.",
    ))
}

/// The notes thread: a slider moves faster than notes are found, so only the latest counts.
fn segment_latest(voicings: &Receiver<Voicing>) {
    while let Ok(voicing) = voicings.recv() {
        let Voicing {
            f0,
            analysis,
            reporter,
        } = voicings.try_iter().last().unwrap_or(voicing);
        let params = NoteParams::for_hop(f0.grid.hop_secs);
        let work = AssertUnwindSafe(|| segment(&f0, Some(&analysis.level), &params));
        reporter.send(match catch_unwind(work) {
            Ok(notes) => Report::Notes(notes),
            Err(payload) => Report::Trouble(Notice::from_panic(payload.as_ref())),
        });
    }
}

/// The analysis thread: one request after the other, the networks loaded once.
fn serve(requests: &Receiver<Request>) {
    let mut models = None;
    for request in requests {
        let work = AssertUnwindSafe(|| fulfil(&request, &mut models));
        let news = catch_unwind(work).unwrap_or_else(|payload| {
            models = None;
            News::Failed(Notice::from_panic(payload.as_ref()))
        });
        request.reporter.news(news);
    }
}

fn fulfil(request: &Request, models: &mut Option<Models>) -> News {
    match try_fulfil(request, models) {
        Ok(analysis) => News::Done(Arc::new(analysis)),
        Err(AnalysisError::Cancelled(_)) => News::Stopped,
        Err(error) => News::Failed(Notice::from_error(&error)),
    }
}

fn try_fulfil(request: &Request, models: &mut Option<Models>) -> Result<Analysis, AnalysisError> {
    let Request {
        path,
        progress,
        reporter,
    } = request;
    progress.report(Stage::Features, 0.0)?;
    let audio = AudioReader::open(path)?.info().clone();
    let models = load_once(models)?;
    reporter.news(News::Opened(outline(audio, models)));
    let mut on_partial = |partial| reporter.news(News::Partial(partial));
    analyze(path, models, None, progress, &mut on_partial)
}

fn load_once(models: &mut Option<Models>) -> Result<&Models, AnalysisError> {
    if models.is_none() {
        let loaded = Models::load(DEFAULT_PITCH, Some(DEFAULT_VOICING), DeviceChoice::Auto)?;
        log::info!("networks run on {}", loaded.device_name());
        *models = Some(loaded);
    }
    Ok(models.as_ref().expect("just loaded"))
}

fn outline(audio: AudioInfo, models: &Models) -> Outline {
    Outline {
        audio,
        axis: models.axis(),
        grid: models.grid(),
        threshold: models.threshold(),
    }
}
