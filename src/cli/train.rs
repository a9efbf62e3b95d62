//! `melograph train`: a recipe → a network.

use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::HumanDuration;
use serde_json::json;

use super::console::{Bar, Console, ConsoleArgs};
use super::data::DataArgs;
use super::{Outcome, UsageError};
use crate::files::shown;
use crate::models::DeviceChoice;
use crate::training::runs::{self, BestFigure, TrainingRun};
use crate::training::{self, Event, best, log};

/// Options of `melograph train`.
#[derive(Args, Debug)]
#[command(after_help = "\
The recipe names the network, the corpora, how they are remixed, the schedule and the validation
sets; those of the shipped networks are models/NAME/recipe.toml. It names no folders: --data says
where corpora lie. --from begins with the weights of a network that is there, such as a shipped one,
in place of random ones, so that few steps do. The best weights so far are in DIR/best, a network that --model or
--voicing-model takes; DIR/log.jsonl has losses and scores.

--list compares the runs in a folder: which network, how far, the best figure by which each chooses.

Examples:
  melograph train recipes/msnet-hs-first.toml --data data -o runs/first
  melograph train recipes/msnet-hs-first.toml --data data --data data.toml -o runs/first --resume
  melograph train models/msnet-hs/recipe.toml --data data --from msnet-hs -o runs/finer
  melograph train --list runs")]
pub struct TrainArgs {
    /// The recipe.
    #[arg(value_name = "CONFIG.toml", required_unless_present = "list")]
    config: Option<PathBuf>,
    /// Compare the runs in a folder instead.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["config", "out"])]
    list: Option<PathBuf>,
    #[command(flatten)]
    data: DataArgs,
    /// Folder for checkpoints, the log and the finished network.
    #[arg(short, long, value_name = "DIR", required_unless_present = "list")]
    out: Option<PathBuf>,
    /// Network whose weights to begin with, by name or folder; one of the recipe's kind.
    #[arg(long, value_name = "MODEL", conflicts_with = "resume")]
    from: Option<String>,
    /// Where the network runs: auto, cpu, gpu or gpu:N [default: the recipe's].
    #[arg(short, long)]
    device: Option<DeviceChoice>,
    /// Go on where an earlier run in this folder was stopped.
    #[arg(long)]
    resume: bool,
    #[command(flatten)]
    console: ConsoleArgs,
}

/// Trains, with a bar for the steps and a line after each validation.
///
/// # Errors
/// A recipe, corpus or earlier run that cannot be used.
pub fn run(args: &TrainArgs) -> anyhow::Result<Outcome> {
    let console = Console::new(args.console);
    if let Some(folder) = &args.list {
        return list(&console, folder);
    }
    let (Some(config), Some(out)) = (&args.config, &args.out) else {
        return Err(UsageError("name a recipe and --out, or --list".into()).into());
    };
    if args.data.data.is_empty() {
        return Err(UsageError("say where the corpora lie, with --data".into()).into());
    }
    let task = training::TrainingRequest {
        recipe: config.clone(),
        data: args.data.data.clone(),
        out: out.clone(),
        from: args.from.clone(),
        device: args.device,
        resume: args.resume,
    };
    let bar = console.bar("");
    let mut status = Status::default();
    training::run(&task, &bar.progress(), &mut |event| {
        status.tell(&console, &bar, event);
    })?;
    let best = out.join("best");
    console.message(format_args!("the network is in {}", shown(&best)));
    Ok(Outcome::Done)
}

/// Prints a table of the runs in a folder.
fn list(console: &Console, folder: &Path) -> anyhow::Result<Outcome> {
    let runs = runs::list(folder)?;
    if runs.is_empty() {
        console.message(format_args!("{} holds no runs", shown(folder)));
        return Ok(Outcome::Done);
    }
    let width = |name: fn(&TrainingRun) -> &str, title: &str| {
        let names = runs.iter().map(|run| name(run).chars().count());
        names.chain([title.len()]).max().unwrap_or(0)
    };
    let (names, networks) = (
        width(|run| &run.name, "run"),
        width(|run| &run.network, "network"),
    );
    for (i, run) in runs.iter().enumerate() {
        let steps = format!("{} of {}", run.step, run.steps);
        let best = run.best.as_ref().map_or("-".to_owned(), |best| {
            let BestFigure { of, value, step } = best;
            format!("{of} {value:.4} at step {step}")
        });
        let ago = run.changed.elapsed().unwrap_or_default();
        let line = format!(
            "{:names$}  {:networks$}  {steps:>16}  {best}  ({} ago)",
            run.name,
            run.network,
            HumanDuration(ago)
        );
        let title = format!(
            "{:names$}  {:networks$}  {:>16}  best",
            "run", "network", "steps"
        );
        match i {
            0 => console.result(run, format_args!("{title}\n{line}")),
            _ => console.result(run, line),
        }
    }
    Ok(Outcome::Done)
}

/// What the bar says besides the time left.
#[derive(Default)]
struct Status {
    /// Mean loss over about the last fifty steps.
    loss: Option<f32>,
    /// Scores of the last validation.
    scores: String,
}

impl Status {
    fn tell(&mut self, console: &Console, bar: &Bar, event: Event) {
        match event {
            Event::Warning(warning) => console.message(format_args!("warning: {warning}")),
            Event::Selected(summary) => {
                let accuracy = summary.accuracy.map_or(String::new(), |accuracy| {
                    format!(
                        ", {:.1} % of the labels that are known right",
                        100.0 * accuracy
                    )
                });
                let share = 100.0 * summary.share;
                console.message(format_args!(
                    "selected {share:.1} % of the stretches{accuracy}"
                ));
            }
            Event::Step(step) => {
                let loss = self
                    .loss
                    .map_or(step.loss, |mean| mean + 0.02 * (step.loss - mean));
                self.loss = Some(loss);
                let Self { scores, .. } = self;
                bar.rename(format_args!(
                    "step {} of {}, loss {loss:.4}  {scores}",
                    step.step, step.steps
                ));
            }
            Event::Validated {
                step,
                scores,
                best: is_best,
            } => {
                let record = json!({
                    "step": step,
                    "loss": self.loss,
                    "scores": log::as_json(&scores),
                    "best": is_best,
                });
                let mark = if is_best { "  best so far" } else { "" };
                self.scores = best::in_words(&scores);
                console.result(&record, format_args!("step {step}  {}{mark}", self.scores));
            }
        }
    }
}
