//! `melograph analyze`: recordings → contours, notes, classes, figures.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use anyhow::anyhow;
use clap::Args;

use super::console::{Console, ConsoleArgs};
use super::inputs::{self, InputFile};
use super::network::NetworkArgs;
use super::outputs::{self, OutputNames, OutputPlan};
use super::record::{Record, Summary};
use super::separate::StemRequest;
use super::{Outcome, UsageError};
use crate::analysis::{AnalysisError, AnalysisOptions, Models, analyze};
use crate::audio::{Rereadable, SoundFormat};
use crate::files::{folder_of, shown, shown_name, writable};
use crate::formats::{Extract, FORMATS, Format, notes};

/// Options of `melograph analyze`.
#[derive(Args, Debug)]
#[command(after_help = "\
Each output is named after its recording: song.mp3 becomes DIR/song.f0.csv, DIR/song.mid and so
on; recordings in subfolders of a folder go to the same subfolders of DIR. Recordings of one name
keep their ending (a.mp3 and a.wav become a.mp3.f0.csv and a.wav.f0.csv), those of one name and
ending are numbered (a.mp3 (2).f0.csv). A file that Melograph did not write is never replaced: if
song.png is the cover, the figure is song.f0.png.

Examples:
  melograph analyze song.mp3 -o melodies
  melograph analyze album/ -o melodies -f csv,notes,midi,png
  melograph analyze *.flac -o melodies --voicing 0.7 --json > log.jsonl")]
pub struct AnalyzeArgs {
    /// Recordings, and folders to search for recordings.
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<PathBuf>,
    /// Folder to write to; it is made if it is missing.
    #[arg(short, long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    /// What to write; may be repeated, or several with commas.
    #[arg(short, long = "format", value_name = "FMT", value_delimiter = ',')]
    #[arg(default_value = FORMATS[0].name, value_parser = outputs::format_parser())]
    formats: Vec<&'static Format>,
    /// Write the notes too; short for `--format notes` beside the others.
    #[arg(long)]
    notes: bool,
    /// Write vocals and accompaniment too, as `melograph separate` does, by the network that comes with
    /// the program or by another.
    #[arg(long, value_name = "NAME", num_args = 0..=1, require_equals = true)]
    stems: Option<Option<String>>,
    /// Tempo of formats that count in beats, in quarter notes a minute; MIDI's times do not depend on it.
    #[arg(long, value_name = "BPM", default_value_t = 120.0, value_parser = outputs::tempo)]
    tempo: f64,
    /// Which of a file's tracks of sound to analyze, from 1 on, in place of its default track.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    track: Option<u16>,
    /// Write only what lies behind this time of the recording, in seconds; all of it is analyzed.
    #[arg(long, value_name = "SECS", value_parser = outputs::secs)]
    from: Option<f64>,
    /// Write only what lies before this time, in seconds; notes count that lie wholly between.
    #[arg(long, value_name = "SECS", value_parser = outputs::secs)]
    to: Option<f64>,
    #[command(flatten)]
    network: NetworkArgs,
    /// Replace outputs that Melograph wrote before; without it they are kept and skipped.
    #[arg(long)]
    force: bool,
    /// Recordings analyzed at the same time.
    #[arg(short, long, value_name = "N", default_value_t = 1)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: u16,
    #[command(flatten)]
    console: ConsoleArgs,
}

impl AnalyzeArgs {
    /// The formats asked for, each once.
    fn formats(&self) -> Vec<&'static Format> {
        let asked = |format: &&Format| {
            self.formats.contains(format) || (self.notes && **format == notes::FORMAT)
        };
        FORMATS.iter().filter(asked).collect()
    }

    /// What of each recording is written.
    fn extract(&self) -> Result<Extract, UsageError> {
        let (from, to) = (self.from.unwrap_or(0.0), self.to.unwrap_or(f64::INFINITY));
        if from >= to {
            let text = format!("nothing lies from {from} to {to} s; let --to be later than --from");
            return Err(UsageError(text));
        }
        let is_part = self.from.is_some() || self.to.is_some();
        Ok(Extract {
            secs: is_part.then_some(from..to),
            midi: None,
        })
    }
}

/// A recording with the outputs it still lacks, and those it keeps.
struct Job {
    input: InputFile,
    outputs: OutputPlan,
}

/// Analyzes every input, as many at a time as asked for.
///
/// # Errors
/// A network that cannot be loaded.
pub fn run(args: &AnalyzeArgs) -> anyhow::Result<Outcome> {
    let console = Console::new(args.console);
    args.extract()?;
    let found = inputs::collect(&args.inputs);
    for error in &found.errors {
        console.error(format_args!("error: {error}"));
    }
    for sentence in &found.left_out {
        console.message(sentence);
    }
    let inputs = found.inputs.clone();
    let jobs = plan(args, found.inputs);
    report_foreign(&console, &jobs);
    let (jobs, done): (Vec<Job>, Vec<Job>) = jobs
        .into_iter()
        .partition(|job| !job.outputs.todo.is_empty());
    for job in done {
        report_kept(&console, job);
    }
    let n_todo = jobs.len();
    let jobs = with_writable_folders(&console, jobs);
    let mut all_well = found.errors.is_empty() && jobs.len() == n_todo;
    if !jobs.is_empty() {
        let models = args.network.load()?;
        console.message(format_args!("running on {}", models.device_name()));
        all_well &= run_all(args, &models, &console, &jobs);
    }
    if let Some(model) = &args.stems {
        all_well &= stem_request(args, model.as_deref()).run(&console, &inputs)?;
    }
    Ok(match all_well {
        true => Outcome::Done,
        false => Outcome::SomeFailed,
    })
}

fn stem_request<'a>(args: &'a AnalyzeArgs, model: Option<&'a str>) -> StemRequest<'a> {
    StemRequest {
        out: &args.out,
        format: SoundFormat::Flac,
        model,
        device: args.network.device,
        track: args.track.map(usize::from),
        force: args.force,
    }
}

/// Decides what to write for each input, before anything is written.
fn plan(args: &AnalyzeArgs, inputs: Vec<InputFile>) -> Vec<Job> {
    let formats = args.formats();
    let mut names = OutputNames::default();
    let job = |input: InputFile| Job {
        outputs: names.plan(&formats, &args.out.join(&input.stem), args.force),
        input,
    };
    inputs.into_iter().map(job).collect()
}

fn report_foreign(console: &Console, jobs: &[Job]) {
    for (theirs, ours) in jobs.iter().flat_map(|job| &job.outputs.foreign) {
        console.message(format_args!(
            "{} is another file and left as it is; what would be written there is {}",
            shown(theirs),
            shown(ours)
        ));
    }
}

fn report_kept(console: &Console, job: Job) {
    let path = shown(&job.input.path);
    console.message(format_args!(
        "{path}: outputs exist, kept (--force replaces them)"
    ));
    let record = Record {
        status: "skipped",
        ..Record::new(&job.input.path, &job.outputs.kept)
    };
    console.result(&record, "");
}

/// Leaves out the recordings whose outputs could not be written, and names each folder once.
fn with_writable_folders(console: &Console, mut jobs: Vec<Job>) -> Vec<Job> {
    let mut refused: BTreeMap<PathBuf, Option<String>> = BTreeMap::new();
    jobs.retain(|job| {
        let Some(output) = job.outputs.todo.first() else {
            return true;
        };
        let folder = folder_of(&output.path);
        let check = || {
            writable(folder)
                .err()
                .map(|error| refusal(console, folder, &error))
        };
        let Some(error) = refused.entry(folder.into()).or_insert_with(check) else {
            return true;
        };
        let record = Record {
            status: "failed",
            error: Some(error.clone()),
            ..Record::new(&job.input.path, &job.outputs.kept)
        };
        console.result(&record, "");
        false
    });
    jobs
}

fn refusal(console: &Console, folder: &Path, error: &std::io::Error) -> String {
    let error = format!(
        "cannot write to the folder {}: {error}; choose another with --out",
        shown(folder)
    );
    console.error(format_args!("error: {error}"));
    error
}

/// Works through the jobs; whether all went well.
fn run_all(args: &AnalyzeArgs, models: &Models, console: &Console, jobs: &[Job]) -> bool {
    let next = AtomicUsize::new(0);
    let all_well = AtomicBool::new(true);
    let work = || {
        while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            if !run_one(args, models, console, job) {
                all_well.store(false, Ordering::Relaxed);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..usize::from(args.jobs).min(jobs.len()) {
            scope.spawn(work);
        }
        work();
    });
    all_well.into_inner()
}

/// Analyzes one recording, writes its outputs and says what became of it.
fn run_one(args: &AnalyzeArgs, models: &Models, console: &Console, job: &Job) -> bool {
    let mut record = Record::new(&job.input.path, &job.outputs.kept);
    let outcome = guarded(|| analyze_and_write(args, models, console, job, &mut record));
    record.status = if outcome.is_ok() { "done" } else { "failed" };
    record.tell(console, &outcome);
    outcome.is_ok()
}

fn analyze_and_write(
    args: &AnalyzeArgs,
    models: &Models,
    console: &Console,
    job: &Job,
    record: &mut Record,
) -> anyhow::Result<()> {
    let started = Instant::now();
    let path = &job.input.path;
    let name = shown_name(path);
    let bar = console.bar(&name);
    let options = AnalysisOptions {
        track: args.track.map(usize::from),
        ..args.network.options()
    };
    let recording = Rereadable::new(path)?;
    let known = models.begin(recording.path());
    let analysis = analyze(known, models, &options, &bar.progress(), &mut |_| {});
    let mut analysis = analysis.map_err(|error| match error {
        AnalysisError::Audio(error) => error.renamed(path).into(),
        other => other,
    })?;
    analysis.path.clone_from(path);
    record.warnings = analysis.remarks();
    for output in &job.outputs.todo {
        output.write(&analysis, &args.extract()?, args.tempo)?;
        record.outputs.push(shown(&output.path).into_owned());
    }
    record.summary = Some(Summary::of(&analysis, started.elapsed().as_secs_f64()));
    Ok(())
}

/// Turns a panic into an error of this input alone: a bug, but the rest can be done.
pub(super) fn guarded<T>(work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        Err(anyhow!(
            "internal error, please report it: {}",
            panic_text(panic.as_ref())
        ))
    })
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no details")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_the_error_of_one_input() {
        let result: anyhow::Result<()> = guarded(|| panic!("index {} out of range", 7));
        let text = result.unwrap_err().to_string();
        assert!(text.contains("index 7 out of range"), "{text}");
        assert!(guarded(|| Ok(1)).is_ok());
    }
}
