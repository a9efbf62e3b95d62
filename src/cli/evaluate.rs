//! `melograph evaluate`: scores of files, or of networks on validation sets.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use serde::Serialize;

use super::console::{Console, ConsoleArgs};
use super::network::NetworkArgs;
use super::validation::{self, ValidationArgs};
use super::{Outcome, UsageError};
use crate::evaluation::report::ClipScores;
use crate::evaluation::transcription::Tolerances;
use crate::evaluation::{HzNote, MelodySeries, Scores, melody, transcription};
use crate::formats::{read_melody, read_notes};

/// Options of `melograph evaluate`.
#[derive(Args, Debug)]
#[command(after_help = "\
Scores are mir_eval's, in per cent: for melodies overall accuracy (OA), raw pitch (RPA) and raw
chroma accuracy (RCA), voicing recall (VR) and false alarm (VFA); for notes F1, precision, recall
and overlap with onset, pitch and offset right (COnPOff), without offset (COnP), onset only (COn).
Of two folders, files are paired by their names up to the first dot. A validation set is scored by
what is known of its clips: songs by their words alone have a recall and a false alarm but no pitch.

Examples:
  melograph evaluate --reference song.pv --estimate song.f0.csv
  melograph evaluate --reference labels/ --estimate melodies/ --json
  melograph evaluate --dataset mir1k --data DIR --split dev
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
}

/// Scores what the options name, clip by clip, then the mean.
///
/// # Errors
/// Files that cannot be paired, a network or validation set that cannot be loaded.
pub fn run(args: &EvaluateArgs) -> anyhow::Result<Outcome> {
    let console = Console::new(args.console);
    if !args.validation.dataset.is_empty() {
        return validation::run(&console, &args.validation, &args.network);
    }
    let (Some(reference), Some(estimate)) = (&args.reference, &args.estimate) else {
        return Err(UsageError("name --reference and --estimate, or --dataset".into()).into());
    };
    let pairs = pairs(reference, estimate)?;
    match args.task {
        EvaluationTask::Melody => score_all(&console, &pairs, score_melody),
        EvaluationTask::Notes => score_all(&console, &pairs, score_notes),
    }
}

/// One clip: its name, the reference's file and the estimate's.
struct Pair {
    name: String,
    reference: PathBuf,
    estimate: Option<PathBuf>,
}

fn pairs(reference: &Path, estimate: &Path) -> anyhow::Result<Vec<Pair>> {
    match (reference.is_dir(), estimate.is_dir()) {
        (false, false) => Ok(vec![Pair {
            name: clip_name(reference),
            reference: reference.to_path_buf(),
            estimate: Some(estimate.to_path_buf()),
        }]),
        (true, true) => {
            let mut estimates = files_by_clip(estimate)?;
            let references = files_by_clip(reference)?;
            let pair = |(name, reference)| Pair {
                estimate: estimates.remove(&name),
                name,
                reference,
            };
            Ok(references.into_iter().map(pair).collect())
        }
        _ => bail!(UsageError(
            "--reference and --estimate must be two files or two folders".into()
        )),
    }
}

/// The files of a folder by clip; two of one clip leave open which is meant.
fn files_by_clip(folder: &Path) -> anyhow::Result<BTreeMap<String, PathBuf>> {
    let mut files = BTreeMap::new();
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    for entry in entries {
        let path = entry?.path();
        if !path.is_file() {
            continue;
        }
        let name = clip_name(&path);
        if let Some(other) = files.insert(name, path.clone()) {
            bail!(UsageError(format!(
                "{} and {} are of the same clip; leave one file a clip in the folder",
                other.display(),
                path.display()
            )));
        }
    }
    Ok(files)
}

/// The file's name up to the first dot.
fn clip_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.split('.').next().unwrap_or_default().to_owned()
}

fn score_melody(reference: &Path, estimate: &Path) -> anyhow::Result<melody::MelodyScores> {
    let read = |path| -> anyhow::Result<MelodySeries> {
        let file = read_melody(path)?;
        let hz = file.signed_hz();
        Ok(MelodySeries::new(file.times, hz))
    };
    Ok(melody::evaluate(&read(reference)?, &read(estimate)?)?)
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
    pairs: &[Pair],
    score: impl Fn(&Path, &Path) -> anyhow::Result<S>,
) -> anyhow::Result<Outcome> {
    let mut clips = Vec::new();
    let mut outcome = Outcome::Done;
    for pair in pairs {
        let scored = match &pair.estimate {
            Some(estimate) => score(&pair.reference, estimate),
            None => Err(anyhow::anyhow!("no estimate")),
        };
        match scored {
            Ok(scores) => clips.push(ClipScores {
                name: pair.name.clone(),
                scores,
            }),
            Err(error) => {
                console.error(format_args!("error: {}: {error:#}", pair.name));
                outcome = Outcome::SomeFailed;
            }
        }
    }
    report(console, clips);
    Ok(outcome)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clips_are_named_up_to_the_first_dot() {
        assert_eq!(clip_name(Path::new("a/Ani_1_01.f0.csv")), "Ani_1_01");
        assert_eq!(clip_name(Path::new("Ani_1_01.pv")), "Ani_1_01");
    }
}
