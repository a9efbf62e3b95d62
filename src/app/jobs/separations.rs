//! Separating voice and accompaniment, and writing both.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;

use super::{JobReport, Jobs, Reporter, SessionReport};
use crate::analysis::{
    AnalysisError, KeptStems, ModelChoice, PictureKind, StemBlock, StemCache, StemDrawing,
    VoiceSeparator,
};
use crate::app::notice::Notice;
use crate::app::workspace::SessionId;
use crate::audio::play::{PcmFile, PcmWriter};
use crate::audio::{AudioInfo, AudioReader, SoundFormat, TrackSelection};
use crate::dsp::Cfp;
use crate::formats::StemPaths;
use crate::melody::{FrameGrid, PitchAxis};
use crate::models::{DeviceChoice, store};
use crate::progress::Progress;

/// What to separate, and by what.
#[derive(Clone, Debug)]
pub struct SeparationRequest {
    /// The session it is for.
    pub session: SessionId,
    /// Number of this separation among those of the session.
    pub revision: u64,
    /// The recording.
    pub path: PathBuf,
    /// What of it is analyzed.
    pub selection: TrackSelection,
    /// The network; none for the one that comes with the program.
    pub separator: Option<String>,
    /// What it runs on.
    pub device: DeviceChoice,
    /// Where vocals are kept.
    pub cache: StemCache,
    /// The networks whose features are drawn, so that the picture fits their contour.
    pub networks: ModelChoice,
    /// Whether only stems that are kept will do.
    pub only_kept: bool,
}

/// How a separation goes on.
pub enum SeparationEvent {
    /// The voice begins to come; how it sounds, and what its picture will look like.
    Begun(Arc<PcmFile>, PitchAxis, FrameGrid),
    /// How much is done.
    Progress(f32),
    /// The first of some columns of the voice's picture, and their cells.
    Columns(usize, Vec<u8>),
    /// All of it is separated.
    Done(KeptStems),
    /// There is nothing: none is kept, or it was stopped.
    Nothing,
    /// There will be no stems.
    Failed(Notice),
}

/// Stems to write.
pub struct StemExport {
    /// The recording.
    pub path: PathBuf,
    /// Which of its tracks of sound.
    pub track: Option<usize>,
    /// Its vocals.
    pub stems: KeptStems,
}

impl Jobs {
    /// Separates a recording, or finds its stems; stops another separation.
    pub fn separate(&mut self, request: SeparationRequest) {
        self.stop_separation();
        let events = SeparationSender {
            session: request.session,
            revision: request.revision,
            reporter: self.reporter.clone(),
        };
        let for_progress = events.clone();
        let progress = Progress::new(move |_, done| {
            for_progress.send(SeparationEvent::Progress(done));
        });
        self.separating = Some(progress.canceller());
        self.spawn("melograph-separation", move || {
            let work = AssertUnwindSafe(|| run(&request, &progress, &events));
            let event = match catch_unwind(work) {
                Ok(Ok(())) => return,
                // what was not asked for by a person says nothing of what went wrong
                Ok(Err(_)) if request.only_kept => SeparationEvent::Nothing,
                Ok(Err(AnalysisError::Cancelled(_))) => SeparationEvent::Nothing,
                Ok(Err(error)) => SeparationEvent::Failed(Notice::from_error(&error)),
                Err(payload) => SeparationEvent::Failed(Notice::from_panic(payload.as_ref())),
            };
            events.send(event);
        });
    }

    /// Asks for a folder to write stems in.
    pub fn choose_stem_folder(&mut self, session: SessionId, recording: &std::path::Path) {
        let mut dialog = rfd::FileDialog::new().set_title("Export voice and accompaniment in");
        if let Some(folder) = recording.parent() {
            dialog = dialog.set_directory(folder);
        }
        let chosen = move |path| JobReport::Session(session, SessionReport::StemFolderChosen(path));
        self.ask(move || dialog.pick_folder().map(chosen));
    }

    /// Writes both stems in a folder of the recording's name; says in a notice what came of it.
    pub fn export_stems(&mut self, export: StemExport, folder: PathBuf) {
        let reporter = self.reporter.clone();
        self.spawn("melograph-export", move || {
            let work = AssertUnwindSafe(|| write_stems(&export, folder));
            let notice = match catch_unwind(work) {
                Ok(Ok(notice)) => notice,
                Ok(Err(error)) => Notice::from_error(&error),
                Err(payload) => Notice::from_panic(payload.as_ref()),
            };
            reporter.send(JobReport::Notice(notice));
        });
    }
}

/// Sends the events of one separation.
#[derive(Clone)]
struct SeparationSender {
    session: SessionId,
    revision: u64,
    reporter: Reporter,
}

impl SeparationSender {
    fn send(&self, event: SeparationEvent) {
        let report = SessionReport::Separation(self.revision, event);
        self.reporter.send_for(self.session, report);
    }
}

fn run(
    request: &SeparationRequest,
    progress: &Progress,
    events: &SeparationSender,
) -> Result<(), AnalysisError> {
    let SeparationRequest {
        path,
        selection,
        cache,
        ..
    } = request;
    let network = match &request.separator {
        Some(network) => network,
        None => store::default_separator()?,
    };
    let cfp = Arc::new(Cfp::new(request.networks.cfp()?));
    if let Some(stems) = cache.find(path, selection.track, network)? {
        return show_kept(stems, selection, &cfp, progress, events);
    }
    if request.only_kept {
        events.send(SeparationEvent::Nothing);
        return Ok(());
    }
    let separator = VoiceSeparator::load(network, request.device)?;
    let mut shown = None;
    let mut on_block = |info: &AudioInfo, block: &StemBlock| {
        let voice = match &mut shown {
            Some(voice) => voice,
            none => none.insert(ShownVoice::new(info, selection, &cfp, events)?),
        };
        voice.take(block, events)
    };
    let stems = cache.make(path, selection.track, &separator, progress, &mut on_block)?;
    if let Some(mut voice) = shown {
        let (first, cells) = voice.drawing.finish();
        events.send(SeparationEvent::Columns(first, cells));
    }
    events.send(SeparationEvent::Done(stems));
    Ok(())
}

/// A voice that is heard and drawn as it comes.
struct ShownVoice {
    sound: PcmWriter,
    drawing: StemDrawing,
}

impl ShownVoice {
    fn new(
        info: &AudioInfo,
        selection: &TrackSelection,
        cfp: &Arc<Cfp>,
        events: &SeparationSender,
    ) -> Result<Self, AnalysisError> {
        let (sound, writer) = PcmFile::to_be_written(info.rate_hz, info.n_channels)?;
        let config = cfp.config();
        let begun = SeparationEvent::Begun(Arc::new(sound), config.axis(), config.grid());
        events.send(begun);
        Ok(Self {
            sound: writer,
            drawing: StemDrawing::new(info, selection, PictureKind::Spectrum, cfp)?,
        })
    }

    fn take(&mut self, block: &StemBlock, events: &SeparationSender) -> Result<(), AnalysisError> {
        let (first, cells) = self.drawing.push(&block.vocals);
        events.send(SeparationEvent::Columns(first, cells));
        Ok(self.sound.push(block.vocals.clone())?)
    }
}

/// Lets vocals that are kept be heard, and draws them.
fn show_kept(
    stems: KeptStems,
    selection: &TrackSelection,
    cfp: &Arc<Cfp>,
    progress: &Progress,
    events: &SeparationSender,
) -> Result<(), AnalysisError> {
    let mut reader = AudioReader::open(&stems.vocals)?;
    let sound = Arc::new(PcmFile::open(&stems.vocals, None));
    let (axis, grid) = (cfp.config().axis(), cfp.config().grid());
    events.send(SeparationEvent::Begun(sound, axis, grid));
    let info = reader.info().clone();
    events.send(SeparationEvent::Done(stems));
    let mut drawing = StemDrawing::new(&info, selection, PictureKind::Spectrum, cfp)?;
    while let Some(block) = reader.next_block()? {
        let (first, cells) = drawing.push(&block);
        events.send(SeparationEvent::Columns(first, cells));
        if progress.canceller().is_cancelled() {
            return Ok(());
        }
    }
    let (first, cells) = drawing.finish();
    events.send(SeparationEvent::Columns(first, cells));
    Ok(())
}

fn write_stems(export: &StemExport, folder: PathBuf) -> Result<Notice, AnalysisError> {
    let StemExport { path, track, stems } = export;
    let info = AudioReader::open_track(path, *track)?.info().clone();
    let name = path.file_stem().unwrap_or_default();
    let paths = StemPaths::new(folder.join(name), &info, SoundFormat::Flac);
    let remark = paths.write(&info, |files| {
        stems.read(path, *track, &mut |_, block| {
            files.push(&block).map_err(AnalysisError::from)
        })
    })?;
    let names = paths.files.each_ref().map(|file| {
        let name = file.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    });
    let folder = name.to_string_lossy();
    let text = format!("Exported {} in the folder {folder}.", names.join(" and "));
    Ok(match remark {
        None => Notice::info(text),
        Some(remark) => Notice::warning(format!("{text} {remark}.")),
    })
}
