//! `melograph models`: what networks are installed.

use clap::Args;

use super::Outcome;
use super::console::{Console, ConsoleArgs};
use crate::models::{ModelCard, list_models};

/// Options of `melograph models`.
#[derive(Args, Debug)]
pub struct ModelsArgs {
    #[command(flatten)]
    console: ConsoleArgs,
}

/// Lists the networks, those inside the program first.
///
/// # Errors
/// None; a network that cannot be read is named and the rest is listed.
pub fn run(args: &ModelsArgs) -> anyhow::Result<Outcome> {
    let console = Console::new(args.console);
    let mut outcome = Outcome::Done;
    for card in list_models() {
        match card {
            Ok(card) => console.result(&card, block(&card)),
            Err(error) => {
                console.error(format_args!("error: {error}"));
                outcome = Outcome::SomeFailed;
            }
        }
    }
    Ok(outcome)
}

fn block(card: &ModelCard) -> String {
    let task = card.task.name();
    format!(
        "{}\n  task      {}\n  data      {}\n  licence   {}\n  metrics   {}\n  sha256    {}",
        card.name, task, card.data, card.licence, card.metrics, card.sha256
    )
}
