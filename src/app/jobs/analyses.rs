//! Analyzing a recording: one request after the other, the networks loaded once.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use super::{AnalysisEvent, Jobs, RecordingInfo, Reporter, SessionReport, no_thread};
use crate::analysis::{
    Analysis, AnalysisError, AnalysisOptions, Cache, LookedAt, ModelChoice, Models, Part, Product,
    go_on,
};
use crate::app::notice::Notice;
use crate::app::workspace::SessionId;
use crate::audio::AudioReader;
use crate::files::shown;
use crate::progress::{Progress, Stage};

/// What to analyze, and by what.
#[derive(Clone, Debug)]
pub struct AnalysisRequest {
    /// The session it is for.
    pub session: SessionId,
    /// Number of this analysis among those of the session.
    pub revision: u64,
    /// The recording.
    pub path: PathBuf,
    /// The networks.
    pub networks: ModelChoice,
    /// Where earlier results are, and this one will be.
    pub cache: Option<Cache>,
    /// Whether an earlier result will do.
    pub reuse: bool,
    /// What is known of it, if an analysis was stopped.
    pub known: Option<Arc<Analysis>>,
    /// Which of its tracks of sound; none for the default one.
    pub track: Option<usize>,
    /// What is looked at meanwhile.
    pub attention: LookedAt,
}

/// A request on its way to the thread.
pub(super) struct QueuedAnalysis {
    request: AnalysisRequest,
    progress: Progress,
    events: EventSender,
}

/// Sends the events of one analysis.
#[derive(Clone)]
struct EventSender {
    session: SessionId,
    revision: u64,
    reporter: Reporter,
}

impl EventSender {
    fn send(&self, event: AnalysisEvent) {
        let report = SessionReport::Analysis(self.revision, event);
        self.reporter.send_for(self.session, report);
    }
}

impl Jobs {
    /// Stops the analysis that runs and begins this one.
    pub fn analyze(&mut self, request: AnalysisRequest) {
        self.stop_analysis();
        let events = EventSender {
            session: request.session,
            revision: request.revision,
            reporter: self.reporter.clone(),
        };
        let for_progress = events.clone();
        let progress = Progress::new(move |stage, done| {
            for_progress.send(AnalysisEvent::Progress(stage, done));
        });
        self.analyzing = Some(progress.canceller());
        let queued = QueuedAnalysis {
            request,
            progress,
            events: events.clone(),
        };
        if self.analyses.is_none() {
            let (sender, receiver) = channel();
            self.analysis_thread = self.spawn("melograph-analysis", move || serve(&receiver));
            self.analyses = Some(sender);
        }
        if self
            .analyses
            .as_ref()
            .is_some_and(|it| it.send(queued).is_err())
        {
            self.analyses = None;
            events.send(AnalysisEvent::Failed(no_thread()));
        }
    }
}

/// Networks on a device, and what was asked for.
type LoadedModels = Option<(ModelChoice, Models)>;

/// The analysis thread.
fn serve(queue: &Receiver<QueuedAnalysis>) {
    let mut loaded = None;
    for queued in queue {
        let work = AssertUnwindSafe(|| run(&queued, &mut loaded));
        let event = catch_unwind(work).unwrap_or_else(|payload| {
            loaded = None;
            AnalysisEvent::Failed(Notice::from_panic(payload.as_ref()))
        });
        queued.events.send(event);
    }
}

fn run(queued: &QueuedAnalysis, loaded: &mut LoadedModels) -> AnalysisEvent {
    match try_run(queued, loaded) {
        Ok(analysis) => AnalysisEvent::Done(Arc::new(analysis)),
        Err(AnalysisError::Cancelled(_)) => AnalysisEvent::Stopped,
        Err(error) => AnalysisEvent::Failed(Notice::from_error(&error)),
    }
}

fn try_run(queued: &QueuedAnalysis, loaded: &mut LoadedModels) -> Result<Analysis, AnalysisError> {
    let QueuedAnalysis {
        request,
        progress,
        events,
    } = queued;
    progress.report(Stage::Features, 0.0)?;
    let by_networks = request.networks.identities()?;
    let track = request.track.filter(|&it| !is_default(&request.path, it));
    let identities = |product: Product| match track {
        Some(track) => format!("{} track {track}", by_networks(product)),
        None => by_networks(product),
    };
    let threshold = request.networks.threshold()?;
    let (axis, grid) = request.networks.axis_and_grid()?;
    let stopped = request.known.as_deref().cloned();
    let mut known = stopped.unwrap_or_else(|| Analysis::new(&request.path, axis, grid));
    if let Some(cache) = request.cache.as_ref().filter(|_| request.reuse) {
        cache.load(&mut known, &identities);
    }
    let mut info = RecordingInfo {
        audio: known.audio.clone(),
        axis,
        grid,
        threshold,
    };
    if known.is_complete() {
        known.models = request.networks.names();
        events.send(AnalysisEvent::Opened(info));
        return Ok(known);
    }
    info.audio = AudioReader::open_track(&request.path, request.track)?
        .info()
        .clone();
    info.audio.selection.track = request.track;
    let models = load_once(&request.networks, loaded)?;
    events.send(AnalysisEvent::Opened(info));
    for product in Product::ALL {
        if known.has(product) || Product::MELODY.contains(&product) {
            events.send(AnalysisEvent::Part(known.whole(product)));
        }
    }
    let mut on_part = |part: &Part| events.send(AnalysisEvent::Part(part.clone()));
    let options = AnalysisOptions {
        track: request.track,
        attention: request.attention.clone(),
        ..AnalysisOptions::default()
    };
    let result = go_on(&mut known, models, &options, progress, &mut on_part);
    keep(request.cache.as_ref(), &known, &identities);
    result.map(|()| known)
}

/// Whether a track is the one that is read unless another is asked for.
fn is_default(path: &Path, track: usize) -> bool {
    AudioReader::open(path).is_ok_and(|reader| reader.info().track == track)
}

/// Keeps what was found, even of an analysis that was stopped.
fn keep(cache: Option<&Cache>, found: &Analysis, identity: &dyn Fn(Product) -> String) {
    if let Some(cache) = cache
        && let Err(error) = cache.store(found, identity)
    {
        let folder = shown(&cache.folder);
        log::warn!("the analysis is not kept in {folder}: {error}");
    }
}

fn load_once<'a>(
    choice: &ModelChoice,
    loaded: &'a mut LoadedModels,
) -> Result<&'a Models, AnalysisError> {
    if loaded.as_ref().is_none_or(|(known, _)| known != choice) {
        let models = choice.load()?;
        log::info!("networks run on {}", models.device_name());
        *loaded = Some((choice.clone(), models));
    }
    let (_, models) = loaded.as_ref().expect("just loaded");
    Ok(models)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use eframe::egui::Context;

    use super::*;
    use crate::app::jobs::JobReport;

    /// Many seconds of two partials.
    fn tone(path: &Path) {
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: 16_000,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut writer = hound::WavWriter::create(path, spec).unwrap();
        for i in 0..40 * 16_000 {
            let phase = std::f64::consts::TAU * 220.0 * f64::from(i) / 16_000.0;
            let sample = phase.sin() + (2.0 * phase).sin() / 2.0;
            writer.write_sample((sample * 9_000.0) as i16).unwrap();
        }
        writer.finalize().unwrap();
    }

    #[test]
    fn what_was_found_is_kept_when_the_window_closes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tone.wav");
        tone(&path);
        let cache = Cache {
            folder: folder.path().join("cache"),
            limit: 1 << 30,
        };
        let networks = ModelChoice::default();
        let mut jobs = Jobs::new(Context::default());
        jobs.analyze(AnalysisRequest {
            session: SessionId(1),
            revision: 0,
            path: path.clone(),
            networks: networks.clone(),
            cache: Some(cache.clone()),
            reuse: true,
            known: None,
            track: None,
            attention: LookedAt::default(),
        });
        let began = Instant::now();
        let n_shown = loop {
            assert!(began.elapsed() < Duration::from_secs(180), "nothing came");
            let Some(JobReport::Session(_, SessionReport::Analysis(_, event))) = jobs.next_report()
            else {
                std::thread::sleep(Duration::from_millis(2));
                continue;
            };
            match event {
                AnalysisEvent::Part(Part::Contour { frames, .. }) if !frames.is_empty() => {
                    break frames.len();
                }
                AnalysisEvent::Failed(notice) => panic!("{}", notice.text),
                AnalysisEvent::Done(_) => panic!("it was done at once"),
                _ => {}
            }
        };
        drop(jobs);
        let (axis, grid) = networks.axis_and_grid().unwrap();
        let mut kept = Analysis::new(&path, axis, grid);
        cache.load(&mut kept, &networks.identities().unwrap());
        assert!(kept.n_found() >= n_shown, "{} frames", kept.n_found());
        assert!(kept.has(Product::Picture) && !kept.is_complete());
    }
}
