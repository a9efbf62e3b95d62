//! `melograph analyze`: recordings → contours, notes, classes, figures.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use anyhow::anyhow;
use clap::Args;

use super::console::{Console, ConsoleArgs};
use super::inputs::{self, Input};
use super::network::NetworkArgs;
use super::outputs::{self, OutputFiles};
use super::record::{Record, Summary};
use super::{Outcome, UsageError};
use crate::analysis::{AnalysisError, Models, Options, analyze};
use crate::audio::Rereadable;
use crate::formats::{FORMATS, Format, notes};

/// Options of `melograph analyze`.
#[derive(Args, Debug)]
#[command(after_help = "\
Each output is named after its recording: song.mp3 becomes DIR/song.f0.csv, DIR/song.mid and so
on; recordings in subfolders of a folder go to the same subfolders of DIR.

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
    /// Tempo of the MIDI file in quarter notes a minute; the notes' times do not depend on it.
    #[arg(long, value_name = "BPM", default_value_t = 120.0, value_parser = tempo)]
    tempo: f64,
    /// Which of a file's tracks of sound to analyze, from 1 on, in place of its default track.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    track: Option<u16>,
    #[command(flatten)]
    network: NetworkArgs,
    /// Replace outputs that exist; without it they are kept and skipped.
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
}

fn tempo(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(bpm) if (4.0..=1000.0).contains(&bpm) => Ok(bpm),
        _ => Err("expected a number from 4 to 1000".into()),
    }
}

/// A recording with the outputs it still lacks, and those it keeps.
struct Job {
    input: Input,
    todo: Vec<OutputFiles>,
    kept: Vec<PathBuf>,
}

/// Analyzes every input, as many at a time as asked for.
///
/// # Errors
/// [`UsageError`] if two recordings would give the same output; a network that
/// cannot be loaded.
pub fn run(args: &AnalyzeArgs) -> anyhow::Result<Outcome> {
    let console = Console::new(args.console);
    let (inputs, errors) = inputs::collect(&args.inputs);
    let jobs = plan(args, inputs)?;
    for error in &errors {
        console.error(error);
    }
    let (jobs, done): (Vec<Job>, Vec<Job>) = jobs.into_iter().partition(|job| !job.todo.is_empty());
    for job in done {
        report_kept(&console, job);
    }
    let mut outcome = match errors.is_empty() {
        true => Outcome::Done,
        false => Outcome::SomeFailed,
    };
    if jobs.is_empty() {
        return Ok(outcome);
    }
    let models = args.network.load()?;
    console.message(format_args!("running on {}", models.device_name()));
    if !run_all(args, &models, &console, &jobs) {
        outcome = Outcome::SomeFailed;
    }
    Ok(outcome)
}

/// Decides what to write for each input, before anything is written.
fn plan(args: &AnalyzeArgs, inputs: Vec<Input>) -> Result<Vec<Job>, UsageError> {
    let formats = args.formats();
    let planned: Vec<(Input, Vec<OutputFiles>)> = inputs
        .into_iter()
        .map(|input| {
            let stem = args.out.join(&input.stem);
            let outputs = formats.iter().map(|format| OutputFiles::new(format, &stem));
            (input.clone(), outputs.collect())
        })
        .collect();
    outputs::check_collisions(&planned)?;
    let jobs = planned.into_iter().map(|(input, outputs)| {
        let (kept, todo): (Vec<OutputFiles>, Vec<OutputFiles>) = outputs
            .into_iter()
            .partition(|output| !args.force && output.exists());
        let kept = kept.into_iter().flat_map(|output| output.paths).collect();
        Job { input, todo, kept }
    });
    Ok(jobs.collect())
}

fn report_kept(console: &Console, job: Job) {
    let path = job.input.path.display();
    console.message(format_args!(
        "{path}: outputs exist, kept (--force replaces them)"
    ));
    let record = Record {
        input: job.input.path,
        status: "skipped",
        kept: job.kept,
        ..Record::default()
    };
    console.result(&record, "");
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
    let mut record = Record {
        input: job.input.path.clone(),
        kept: job.kept.clone(),
        ..Record::default()
    };
    let path = job.input.path.display();
    let outcome = guarded(|| analyze_and_write(args, models, console, job, &mut record));
    record.status = if outcome.is_ok() { "done" } else { "failed" };
    for warning in &record.warnings {
        console.message(format_args!("{path}: warning: {warning}"));
    }
    if let Err(error) = &outcome {
        let text = format!("{error:#}");
        // Most errors name their file themselves.
        match text.contains(&path.to_string()) {
            true => console.error(format_args!("error: {text}")),
            false => console.error(format_args!("error: {path}: {text}")),
        }
        record.error = Some(text);
    }
    let lines: Vec<String> = record
        .outputs
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    console.result(&record, lines.join("\n"));
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
    let name = job.input.path.file_name().unwrap_or_default();
    let bar = console.bar(&name.to_string_lossy());
    let path = &job.input.path;
    let options = Options {
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
    record.warnings = analysis.warnings.clone();
    for output in &job.todo {
        output.write(&analysis, args.tempo)?;
        record.outputs.extend(output.paths.iter().cloned());
    }
    record.summary = Some(Summary::of(&analysis, started.elapsed().as_secs_f64()));
    Ok(())
}

/// Turns a panic into an error of this input alone: a bug, but the rest can be done.
fn guarded<T>(work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
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
