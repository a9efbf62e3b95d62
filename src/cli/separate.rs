//! `melograph separate`: recordings → vocals and accompaniment.

use std::fs::{self, File};
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
use crate::audio::{AudioReader, AudioWriter, Rereadable, SoundFormat};
use crate::files::{replace_file, shown, shown_name};
use crate::formats::mark;
use crate::models::{DeviceChoice, allocator};
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
  melograph separate song.mp3 -o stems --model runs/separator/best
  melograph separate album/ -o stems --model runs/separator/best --format wav")]
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
    /// Network that separates: a folder of weights. None comes with the program yet; a recipe trains
    /// one.
    #[arg(short, long, value_name = "NAME")]
    model: String,
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
        model: &args.model,
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
    /// Name or folder of the network.
    pub model: &'a str,
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
        let separator = VoiceSeparator::load(self.model, self.device)?;
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
    let format = request.format.for_sound(info.rate_hz, info.n_channels);
    let folder = request.out.join(&input.stem);
    let [vocals, accompaniment] =
        ["vocals", "accompaniment"].map(|name| free_name(&folder, name, format));
    if vocals.is_file() && accompaniment.is_file() && !request.force {
        record.kept = [vocals, accompaniment]
            .map(|path| shown(&path).into_owned())
            .into();
        return Ok(());
    }
    let is_new = !folder.exists();
    fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make the folder {}", shown(&folder)))?;
    let written = replace_file(&vocals, |vocals| {
        replace_file(&accompaniment, |accompaniment| {
            let shape = (format, info.rate_hz, info.n_channels);
            let mut stems = Stems::new([vocals, accompaniment], shape)?;
            let (path, warnings) = (recording.path(), &mut record.warnings);
            let (_, told) = separate(path, track, separator, progress, &mut |_, block| {
                stems.vocals.write(&block.vocals)?;
                stems.accompaniment.write(&block.accompaniment())?;
                anyhow::Ok(())
            })?;
            warnings.extend(told);
            warnings.extend(stems.finish()?);
            anyhow::Ok(())
        })
    });
    if written.is_err() && is_new {
        // Only an empty folder can be removed so.
        let _ = fs::remove_dir(&folder);
    }
    written.map_err(|error| match error.downcast::<AnalysisError>() {
        Ok(AnalysisError::Audio(error)) => error.renamed(&input.path).into(),
        Ok(other) => other.into(),
        Err(error) => error,
    })?;
    record.outputs = [vocals, accompaniment]
        .map(|path| shown(&path).into_owned())
        .into();
    Ok(())
}

/// Both files under way.
struct Stems {
    vocals: AudioWriter,
    accompaniment: AudioWriter,
}

impl Stems {
    fn new(
        [vocals, accompaniment]: [&mut File; 2],
        (format, rate_hz, n_channels): (SoundFormat, u32, usize),
    ) -> anyhow::Result<Self> {
        let writer =
            |file: &mut File| AudioWriter::new(file.try_clone()?, format, rate_hz, n_channels);
        Ok(Self {
            vocals: writer(vocals)?,
            accompaniment: writer(accompaniment)?,
        })
    }

    /// Ends both; returns what the user is to know.
    fn finish(self) -> anyhow::Result<Option<String>> {
        let n_clipped = self.vocals.finish()? + self.accompaniment.finish()?;
        Ok((n_clipped > 0).then(|| {
            format!(
                "{n_clipped} samples lie beyond full scale and are cut there; --format wav keeps them"
            )
        }))
    }
}

/// The first name of a stem that nobody else's file has.
fn free_name(folder: &Path, stem: &str, format: SoundFormat) -> PathBuf {
    let infixes = [String::new(), ".melograph".to_owned()].into_iter();
    let numbered = (2..).map(|number| format!(".melograph-{number}"));
    let names = infixes.chain(numbered);
    let mut paths = names.map(|infix| folder.join(format!("{stem}{infix}.{}", format.ending())));
    let is_free = |path: &PathBuf| {
        path.symlink_metadata().is_err() || mark::wrote(path, mark::is_marked).unwrap_or(false)
    };
    paths.find(is_free).unwrap_or_else(|| folder.join(stem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_somebody_else_is_left_and_ours_gets_another_name() {
        let folder = tempfile::tempdir().unwrap();
        let name = || free_name(folder.path(), "vocals", SoundFormat::Flac);
        assert_eq!(name(), folder.path().join("vocals.flac"));
        fs::write(name(), "theirs").unwrap();
        assert_eq!(name(), folder.path().join("vocals.melograph.flac"));
        fs::write(name(), mark::MARK).unwrap();
        assert_eq!(name(), folder.path().join("vocals.melograph.flac"));
    }
}
