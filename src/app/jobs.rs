//! Threads, and the reports they send.
//!
//! One thread analyzes, one request after the other; it alone holds the
//! networks, which load once. A new request stops the one before, whose late
//! reports are dropped by their older revision. Another thread finds the notes
//! anew when the voicing changes, always for the latest voicing. What takes a
//! moment now and then (`files`: dialogs, project files; pictures) has a thread each time.

mod files;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use eframe::egui::Context;

use super::notice::Notice;
use crate::analysis::{
    Analysis, AnalysisError, Cache, ModelChoice, Models, Options, Part, PictureKind, analyze, draw,
};
use crate::annotation::{Annotation, AudioSearch, Project};
use crate::audio::{AudioInfo, AudioReader};
use crate::dsp::{Cfp, CfpConfig};
use crate::melody::note_hmm::{NoteParams, segment};
use crate::melody::{F0Track, FrameGrid, Note, PitchAxis};
use crate::progress::{Canceller, Progress, Stage};

/// Reports are shown at most this often, so that drawing leaves the processor to the analysis.
const REPORT_INTERVAL: Duration = Duration::from_millis(40);

/// Ending of project files.
pub const PROJECT_ENDING: &str = "melograph";

/// What a job tells the window.
pub enum Report {
    /// A file was chosen to open.
    Chosen(PathBuf),
    /// A file was chosen to save in.
    SaveChosen(PathBuf),
    /// A project was read, and its recording looked for.
    Project(Box<OpenedProject>),
    /// The annotation is in this file as it was then.
    Saved(PathBuf, Arc<Annotation>),
    /// Columns of a picture that was asked for: its kind, the first, and their cells.
    Columns(PictureKind, usize, Vec<u8>),
    /// Something else went wrong.
    Trouble(Notice),
    /// The analysis of the current recording went on.
    Analysis(News),
    /// The notes of its contour by the present threshold.
    Notes(Vec<Note>, Awaited),
}

/// Held by notes on their way, from the request until the window has taken them.
#[derive(Clone, Debug, Default)]
pub struct Awaited(Arc<()>);

/// How an analysis went on.
pub enum News {
    /// The recording is readable; what its picture and contour will look like.
    Opened(Outline),
    /// How much of a stage is done.
    Progress(Stage, f32),
    /// A part of the result.
    Part(Part),
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

/// A project file, and where its recording is now.
pub struct OpenedProject {
    /// The file.
    pub path: PathBuf,
    /// What it holds.
    pub project: Project,
    /// Its recording.
    pub audio: AudioSearch,
}

/// The recording that a project is of.
pub struct Recording {
    /// Where it is.
    pub path: PathBuf,
    /// Its rate and duration.
    pub audio: AudioInfo,
}

/// What to analyze, and by what.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The recording.
    pub path: PathBuf,
    /// The networks.
    pub networks: ModelChoice,
    /// Where earlier results are, and this one will be.
    pub cache: Option<Cache>,
    /// Whether an earlier result will do.
    pub reuse: bool,
}

struct Request {
    plan: Plan,
    progress: Progress,
    reporter: Reporter,
}

/// A contour whose notes are wanted, and the analysis it comes from.
struct Voicing {
    f0: F0Track,
    analysis: Arc<Analysis>,
    reporter: Reporter,
    awaited: Awaited,
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
    awaited: Awaited,
    running: Option<Canceller>,
    drawing: Option<Canceller>,
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
            awaited: Awaited::default(),
            running: None,
            drawing: None,
            revision: 0,
        }
    }

    /// The next report that still matters.
    pub fn next_report(&mut self) -> Option<Report> {
        loop {
            match self.reports.try_recv().ok()? {
                (
                    revision,
                    Report::Analysis(_)
                    | Report::Notes(..)
                    | Report::Columns(..)
                    | Report::Saved(..),
                ) if revision != self.revision => {}
                (_, report) => return Some(report),
            }
        }
    }

    /// Stops what runs and analyzes a recording; returns the revision of its reports.
    pub fn analyze(&mut self, plan: Plan) -> u64 {
        self.cancel();
        self.revision += 1;
        let reporter = self.reporter();
        let for_progress = reporter.clone();
        let progress =
            Progress::new(move |stage, done| for_progress.news(News::Progress(stage, done)));
        self.running = Some(progress.canceller());
        let request = Request {
            plan,
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
            awaited: self.awaited.clone(),
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

    /// Whether notes of a changed voicing are still on their way.
    pub fn is_segmenting(&self) -> bool {
        Arc::strong_count(&self.awaited.0) > 1
    }

    /// Draws a picture of another kind, in place of one that is being drawn.
    pub fn draw(&mut self, path: PathBuf, kind: PictureKind) {
        if let Some(canceller) = self.drawing.take() {
            canceller.cancel();
        }
        let progress = Progress::silent();
        self.drawing = Some(progress.canceller());
        let reporter = self.reporter();
        spawn(&self.reporter(), "melograph-picture", move || {
            let cfp = Arc::new(Cfp::new(CfpConfig::hkdsme()));
            let mut columns = |first: usize, cells: &[u8]| {
                reporter.send(Report::Columns(kind, first, cells.to_vec()));
            };
            match draw(&path, kind, &cfp, &progress, &mut columns) {
                Ok(()) | Err(AnalysisError::Cancelled(_)) => {}
                Err(error) => reporter.send(Report::Trouble(Notice::from_error(&error))),
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
        if let Some(canceller) = &self.drawing {
            canceller.cancel();
        }
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

/// The notes thread: a slider moves faster than notes are found, so only the latest counts.
fn segment_latest(voicings: &Receiver<Voicing>) {
    while let Ok(voicing) = voicings.recv() {
        let Voicing {
            f0,
            analysis,
            reporter,
            awaited,
        } = voicings.try_iter().last().unwrap_or(voicing);
        let params = NoteParams::for_hop(f0.grid.hop_secs);
        let work = AssertUnwindSafe(|| segment(&f0, Some(&analysis.level), &params));
        let report = match catch_unwind(work) {
            Ok(notes) => Report::Notes(notes, awaited),
            Err(payload) => {
                drop(awaited);
                Report::Trouble(Notice::from_panic(payload.as_ref()))
            }
        };
        reporter.send(report);
    }
}

/// Networks on a device, and what was asked for.
type Loaded = Option<(ModelChoice, Models)>;

/// The analysis thread: one request after the other, the networks loaded once.
fn serve(requests: &Receiver<Request>) {
    let mut loaded = None;
    for request in requests {
        let work = AssertUnwindSafe(|| fulfil(&request, &mut loaded));
        let news = catch_unwind(work).unwrap_or_else(|payload| {
            loaded = None;
            News::Failed(Notice::from_panic(payload.as_ref()))
        });
        request.reporter.news(news);
    }
}

fn fulfil(request: &Request, loaded: &mut Loaded) -> News {
    match try_fulfil(request, loaded) {
        Ok(analysis) => News::Done(Arc::new(analysis)),
        Err(AnalysisError::Cancelled(_)) => News::Stopped,
        Err(error) => News::Failed(Notice::from_error(&error)),
    }
}

fn try_fulfil(request: &Request, loaded: &mut Loaded) -> Result<Analysis, AnalysisError> {
    let Request {
        plan,
        progress,
        reporter,
    } = request;
    progress.report(Stage::Features, 0.0)?;
    let identity = plan.networks.identities()?;
    let threshold = plan.networks.threshold()?;
    let (axis, grid) = plan.networks.axis_and_grid()?;
    let mut known = Analysis::new(&plan.path, axis, grid);
    if let Some(cache) = plan.cache.as_ref().filter(|_| plan.reuse) {
        cache.load(&mut known, &identity);
    }
    let mut outline = Outline {
        audio: known.audio.clone(),
        axis,
        grid,
        threshold,
    };
    if known.is_complete() {
        known.models = plan.networks.names();
        reporter.news(News::Opened(outline));
        return Ok(known);
    }
    outline.audio = AudioReader::open(&plan.path)?.info().clone();
    let models = load_once(&plan.networks, loaded)?;
    reporter.news(News::Opened(outline));
    for &product in &known.complete {
        reporter.news(News::Part(known.whole(product)));
    }
    let mut on_part = |part: &Part| reporter.news(News::Part(part.clone()));
    let analysis = analyze(known, models, &Options::default(), progress, &mut on_part)?;
    if let Some(cache) = &plan.cache
        && let Err(error) = cache.store(&analysis, &identity)
    {
        log::warn!(
            "the analysis is not kept in {}: {error}",
            cache.folder.display()
        );
    }
    Ok(analysis)
}

fn load_once<'a>(
    choice: &ModelChoice,
    loaded: &'a mut Loaded,
) -> Result<&'a Models, AnalysisError> {
    if loaded.as_ref().is_none_or(|(known, _)| known != choice) {
        let models = choice.load()?;
        log::info!("networks run on {}", models.device_name());
        *loaded = Some((choice.clone(), models));
    }
    let (_, models) = loaded.as_ref().expect("just loaded");
    Ok(models)
}
