//! `melograph evaluate`: scores of files, or of networks on validation sets.

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::{Args, ValueEnum};
use serde::Serialize;

use super::console::{Console, ConsoleArgs, told};
use super::network::NetworkArgs;
use super::pairs::{Pair, pairs};
use super::stem_scores;
use super::validation::{self, ValidationArgs};
use super::{Outcome, UsageError};
use crate::evaluation::report::ClipScores;
use crate::evaluation::transcription::Tolerances;
use crate::evaluation::{HzNote, Scores, melody, sparse, transcription};
use crate::formats::{read_melody, read_notes};

/// Options of `melograph evaluate`.
#[derive(Args, Debug)]
#[command(after_help = "\
Scores are mir_eval's, in per cent: for melodies overall accuracy (OA), raw pitch (RPA) and raw
chroma accuracy (RCA), voicing recall (VR) and false alarm (VFA); for notes F1, precision, recall
and overlap with onset, pitch and offset right (COnPOff), without offset (COnP), onset only (COn).
Of two folders and all below them, files are paired by their names without what formats add:
song.pv, song.f0.csv and song.f0.svl are of one clip. What has no partner is named. A contour that
leaves its unvoiced frames out, as Sonic Visualiser does, is unvoiced there. A validation set is scored by
what is known of its clips: songs by their words alone have a recall and a false alarm but no pitch. Below sets
that papers report on, their figures are printed.

Stems are scored in dB: SDR as it is, its gain over the mixture (NSDR; GNSDR is its mean by length),
without regard to level (SI-SDR), and by BSS Eval: SDR, SIR and SAR of version 3 (one filter of 512
taps a source) and the median over seconds of version 4. The mixture is taken to be vocals and
accompaniment of the reference's folder; without both, NSDR and version 3 are left out.

Examples:
  melograph evaluate --reference song.pv --estimate song.f0.csv
  melograph evaluate --reference labels/ --estimate melodies/ --json
  melograph evaluate --task separation --reference stems/ --estimate separated/
  melograph evaluate --dataset mir1k --data DIR --split dev
  melograph evaluate --dataset mir1k --task separation --model runs/separator/best --data DIR
  melograph evaluate --dataset arrangements@0dB,arrangements@-6dB,instrumentals --data data.toml")]
pub struct EvaluateArgs {
    /// What is right: a file or a folder.
    #[arg(long, value_name = "PATH", requires = "estimate")]
    reference: Option<PathBuf>,
    /// What is to be scored: a file or a folder.
    #[arg(long, value_name = "PATH", requires = "reference")]
    estimate: Option<PathBuf>,
    /// What the files hold.
    #[arg(long, value_enum, default_value = "melody")]
    task: EvaluationTask,
    #[command(flatten)]
    validation: ValidationArgs,
    #[command(flatten)]
    network: NetworkArgs,
    #[command(flatten)]
    console: ConsoleArgs,
}

/// What is scored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EvaluationTask {
    /// f0 contours.
    Melody,
    /// Notes.
    Notes,
    /// Stems: recordings of vocals and accompaniment.
    Separation,
}

/// Scores what the options name, clip by clip, then the mean.
///
/// # Errors
/// Files that cannot be paired, a network or validation set that cannot be loaded.
pub fn run(args: &EvaluateArgs) -> anyhow::Result<Outcome> {
    let console = Console::new(args.console);
    if !args.validation.dataset.is_empty() {
        return validation::run(&console, &args.validation, args.task, &args.network);
    }
    let (Some(reference), Some(estimate)) = (&args.reference, &args.estimate) else {
        return Err(UsageError("name --reference and --estimate, or --dataset".into()).into());
    };
    let pairs = pairs(reference, estimate, args.task)?;
    match args.task {
        EvaluationTask::Melody => score_all(&console, pairs, score_melody),
        EvaluationTask::Notes => score_all(&console, pairs, score_notes),
        EvaluationTask::Separation => stem_scores::run(&console, pairs),
    }
}

fn score_melody(reference: &Path, estimate: &Path) -> anyhow::Result<melody::MelodyScores> {
    let files = [read_melody(reference)?, read_melody(estimate)?];
    let [reference, estimate] = sparse::series_of(&files[0], &files[1]);
    Ok(melody::evaluate(&reference, &estimate)?)
}

fn score_notes(reference: &Path, estimate: &Path) -> anyhow::Result<transcription::NoteScores> {
    let read = |path| -> anyhow::Result<Vec<HzNote>> {
        Ok(read_notes(path)?.iter().map(HzNote::from).collect())
    };
    let tolerances = Tolerances::default();
    Ok(transcription::evaluate(
        &read(reference)?,
        &read(estimate)?,
        &tolerances,
    )?)
}

fn score_all<S: Scores + Serialize>(
    console: &Console,
    pairs: Vec<Pair>,
    score: impl Fn(&Path, &Path) -> anyhow::Result<S>,
) -> anyhow::Result<Outcome> {
    let mut clips = Vec::new();
    let n_pairs = pairs.len();
    for Pair { name, files } in pairs {
        let files = files.map_err(anyhow::Error::from);
        match files.and_then(|(reference, estimate)| score(&reference, &estimate)) {
            Ok(scores) => clips.push(ClipScores { name, scores }),
            Err(error) => console.error(format_args!("error: {name}: {}", told(&error))),
        }
    }
    let n_left_out = n_pairs - clips.len();
    if clips.is_empty() {
        bail!(
            "nothing was scored: {n_pairs} clips found, none with a reference and an estimate that can be read"
        );
    }
    report(console, clips);
    if n_left_out == 0 {
        return Ok(Outcome::Done);
    }
    console.error(format_args!(
        "{n_left_out} of {n_pairs} clips were not scored and are not in the mean"
    ));
    Ok(Outcome::SomeFailed)
}

/// Prints scores clip by clip, and their mean where there are several.
fn report<S: Scores + Serialize>(console: &Console, clips: Vec<ClipScores<S>>) {
    let mean = S::mean(clips.iter().map(|clip| &clip.scores));
    let mean = mean.filter(|_| clips.len() > 1).map(|scores| ClipScores {
        name: "mean".into(),
        scores,
    });
    let rows: Vec<_> = clips.into_iter().chain(mean).collect();
    let width = rows
        .iter()
        .map(|row| row.name.chars().count())
        .max()
        .unwrap_or(0);
    let header: String = S::NAMES.iter().map(|name| format!(" {name:>7}")).collect();
    for (i, row) in rows.iter().enumerate() {
        let values = row.scores.values();
        let cells: String = values
            .iter()
            .map(|value| format!(" {:7.2}", 100.0 * value))
            .collect();
        let line = format!("{:width$}{cells}", row.name);
        match i {
            0 => console.result(row, format_args!("{:width$}{header}\n{line}", "")),
            _ => console.result(row, line),
        }
    }
}
