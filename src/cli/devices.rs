//! `melograph devices`: what networks can run on.

use clap::Args;
use serde_json::json;

use super::Outcome;
use super::console::{Console, ConsoleArgs};
use crate::models::list_devices;

/// Options of `melograph devices`.
#[derive(Args, Debug)]
#[command(after_help = "\
`--device auto` takes the first GPU, else the processor; never a software adapter, which is far
slower than the processor itself.")]
pub struct DevicesArgs {
    #[command(flatten)]
    console: ConsoleArgs,
}

/// Lists the devices, by the names that `--device` takes.
///
/// # Errors
/// None so far; the type is that of every subcommand.
pub fn run(args: &DevicesArgs) -> anyhow::Result<Outcome> {
    let console = Console::new(args.console);
    for device in list_devices() {
        let record = json!({ "id": device.id, "name": device.name, "kind": device.kind });
        let line = format!("{:<6}  {:<9}  {}", device.id, device.kind, device.name);
        console.result(&record, line);
    }
    Ok(Outcome::Done)
}
