//! `melograph separate`: recordings → vocals and accompaniment.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, ValueEnum};

use super::Outcome;
use super::analyze::guarded;
use super::console::{Console, ConsoleArgs};
use super::inputs::{self, InputFile};
use super::interrupt;
use super::record::Record;
use crate::analysis::{AnalysisError, VoiceSeparator, separate};
use crate::audio::{AudioReader, Rereadable, SoundFormat};
use crate::files::{shown, shown_name};
use crate::formats::StemPaths;
use crate::models::{DeviceChoice, allocator, store};
use crate::progress::{Canceller, Progress};

/// Options of `melograph separate`.
#[derive(Args, Debug)]
#[command(after_help = "\
Each recording becomes a folder of its name: song.mp3 becomes DIR/song/vocals.flac and
DIR/song/accompaniment.flac, at the recording's rate and with its channels. Both add up to it.
Recordings in subfolders of a folder go to the same subfolders of DIR. A file that Melograph did not
write is never replaced. Sound that FLAC cannot hold (more than 8 channels or 96 kHz) is written as
WAV.

Examples:
  melograph separate song.mp3 -o stems
  melograph separate album/ -o stems --format wav")]
pub struct SeparateArgs {
    /// Recordings, and folders to search for recordings.
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<PathBuf>,
    /// Folder to write to; it is made if it is missing.
    #[arg(short, long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    /// Kind of file: FLAC of 24 bits, or WAV of 32-bit floating point.
    #[arg(short, long, value_enum, value_name = "FMT", default_value = "flac")]
    format: StemFormat,
    /// Network that separates, by name or folder, in place of the one that comes with the program.
    #[arg(short, long, value_name = "NAME")]
    model: Option<String>,
    /// Where it runs: auto, cpu, gpu or gpu:N (see `melograph devices`).
    #[arg(short, long, default_value = "auto")]
    device: DeviceChoice,
    /// Which of a file's tracks of sound to separate, from 1 on, in place of its default track.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    track: Option<u16>,
    /// Replace stems that Melograph wrote before; without it they are kept and skipped.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    console: ConsoleArgs,
}

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StemFormat {
    /// Lossless, 24 bits.
    Flac,
    /// 32-bit floating point.
    Wav,
}

impl From<StemFormat> for SoundFormat {
    fn from(format: StemFormat) -> Self {
        match format {
            StemFormat::Flac => Self::Flac,
            StemFormat::Wav => Self::Wav,
        }
    }
}

/// Separates every input.
///
/// # Errors
/// A network that cannot be loaded.
pub fn run(args: &SeparateArgs) -> anyhow::Result<Outcome> {
    let console = Console::new(args.console);
    let found = inputs::collect(&args.inputs);
    for error in &found.errors {
        console.error(format_args!("error: {error}"));
    }
    for sentence in &found.left_out {
        console.message(sentence);
    }
    let request = StemRequest {
        out: &args.out,
        format: args.format.into(),
        model: args.model.as_deref(),
        device: args.device,
        track: args.track.map(usize::from),
        force: args.force,
    };
    let all_well = request.run(&console, &found.inputs)? && found.errors.is_empty();
    Ok(match all_well {
        true => Outcome::Done,
        false => Outcome::SomeFailed,
    })
}

/// What is to become of recordings.
pub struct StemRequest<'a> {
    /// Folder to write to.
    pub out: &'a Path,
    /// Kind of file.
    pub format: SoundFormat,
    /// Name or folder of the network; none for the one that comes with the program.
    pub model: Option<&'a str>,
    /// What it runs on.
    pub device: DeviceChoice,
    /// Which of a file's tracks of sound, from 1 on.
    pub track: Option<usize>,
    /// Replace stems of before.
    pub force: bool,
}

impl StemRequest<'_> {
    /// Separates recordings one by one; whether all went well.
    ///
    /// # Errors
    /// A network that cannot be loaded.
    pub fn run(&self, console: &Console, inputs: &[InputFile]) -> anyhow::Result<bool> {
        if inputs.is_empty() {
            return Ok(true);
        }
        let canceller = interrupt::canceller().context("no signals can be heard")?;
        allocator::keep_freed_memory();
        let model = match self.model {
            Some(model) => model,
            None => store::default_separator()?,
        };
        let separator = VoiceSeparator::load(model, self.device)?;
        console.message(format_args!("running on {}", separator.device_name()));
        let mut all_well = true;
        for input in inputs {
            all_well &= run_one(self, &separator, console, &canceller, input);
            if canceller.is_cancelled() {
                return Ok(false);
            }
        }
        Ok(all_well)
    }
}

/// Separates one recording and says what became of it.
fn run_one(
    request: &StemRequest,
    separator: &VoiceSeparator,
    console: &Console,
    canceller: &Canceller,
    input: &InputFile,
) -> bool {
    let path = shown(&input.path);
    let bar = console.bar(&shown_name(&input.path));
    let progress = bar.progress().cancelled_by(canceller);
    let mut record = Record::new(&input.path, &[]);
    let outcome = guarded(|| write_stems(request, separator, &progress, input, &mut record));
    drop(bar);
    record.status = match (&outcome, record.outputs.is_empty()) {
        (Err(_), _) => "failed",
        (Ok(()), true) => "skipped",
        (Ok(()), false) => "done",
    };
    if record.status == "skipped" {
        console.message(format_args!(
            "{path}: stems exist, kept (--force replaces them)"
        ));
    }
    record.tell(console, &outcome);
    outcome.is_ok()
}

/// Writes the stems of a recording, both or none.
fn write_stems(
    request: &StemRequest,
    separator: &VoiceSeparator,
    progress: &Progress,
    input: &InputFile,
    record: &mut Record,
) -> anyhow::Result<()> {
    let recording = Rereadable::new(&input.path)?;
    let track = request.track;
    let opened = AudioReader::open_track(recording.path(), track);
    let info = opened
        .map_err(|error| error.renamed(&input.path))?
        .info()
        .clone();
    let paths = StemPaths::new(request.out.join(&input.stem), &info, request.format);
    let names = || paths.files.each_ref().map(|path| shown(path).into_owned());
    if paths.exist() && !request.force {
        record.kept = names().into();
        return Ok(());
    }
    let warnings = &mut record.warnings;
    let written = paths.write(&info, |files| {
        let (_, told) = separate(
            recording.path(),
            track,
            separator,
            progress,
            &mut |_, block| files.push(&block).map_err(anyhow::Error::from),
        )?;
        warnings.extend(told);
        anyhow::Ok(())
    });
    let remark = written.map_err(|error| match error.downcast::<AnalysisError>() {
        Ok(AnalysisError::Audio(error)) => error.renamed(&input.path).into(),
        Ok(other) => other.into(),
        Err(error) => error.context(format!(
            "cannot write the stems in {}",
            shown(&paths.folder)
        )),
    })?;
    record.warnings.extend(remark);
    record.outputs = names().into();
    Ok(())
}
