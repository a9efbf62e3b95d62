//! `melograph train`: a recipe → a network.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::Outcome;
use super::console::{Bar, Console, ConsoleArgs};
use crate::training::{self, Event};

/// Options of `melograph train`.
#[derive(Args, Debug)]
#[command(after_help = "\
The recipe names the network, its features, the data sets, the augmentation, the loss and the
schedule; those of the shipped networks are models/NAME/recipe.toml. The best weights so far are
in DIR/best, a network that --model or --voicing-model takes.

Examples:
  melograph train models/msnet-hs/recipe.toml --data data -o runs/first
  melograph train models/msnet-hs/recipe.toml --data data -o runs/first --resume")]
pub struct TrainArgs {
    /// The recipe.
    #[arg(value_name = "CONFIG.toml")]
    config: PathBuf,
    /// Folder that holds the data sets' folders.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Folder for checkpoints, the log and the finished network.
    #[arg(short, long, value_name = "DIR")]
    out: PathBuf,
    /// Go on where an earlier run in this folder was stopped.
    #[arg(long)]
    resume: bool,
    #[command(flatten)]
    console: ConsoleArgs,
}

/// Trains, with a bar for the steps and a line after each validation.
///
/// # Errors
/// A recipe, data set or earlier run that cannot be used.
pub fn run(args: &TrainArgs) -> anyhow::Result<Outcome> {
    let console = Console::new(args.console);
    let task = training::TrainArgs {
        recipe: args.config.clone(),
        data: args.data.clone(),
        out: args.out.clone(),
        resume: args.resume,
    };
    let bar = console.bar("");
    let mut status = Status::default();
    training::run(&task, &bar.progress(), &mut |event| {
        status.tell(&console, &bar, event);
    })?;
    let best = args.out.join("best");
    console.message(format_args!("the network is in {}", best.display()));
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
            Event::Validated { step, scores, best } => {
                let record = json!({
                    "step": step,
                    "loss": self.loss,
                    "scores": scores,
                    "best": best,
                });
                let mark = if best { "  best so far" } else { "" };
                console.result(&record, format_args!("step {step}  {scores}{mark}"));
                self.scores = scores;
            }
        }
    }
}
