//! Chooses the command line or the window; prints the last error.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use melograph::cli::console::told;
use melograph::cli::{self, Cli, Outcome, UsageError};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command {
        Some(command) => {
            cli::quiet::start_over_without_display();
            cli::run(&command)
        }
        None => cli::check_files(&cli.files).and_then(|()| open_window(cli.files)),
    };
    match outcome {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::SomeFailed) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {}", told(&error));
            match error.is::<UsageError>() {
                true => ExitCode::from(2),
                false => ExitCode::FAILURE,
            }
        }
    }
}

#[cfg(feature = "gui")]
fn open_window(files: Vec<PathBuf>) -> anyhow::Result<Outcome> {
    melograph::app::run(files)?;
    Ok(Outcome::Done)
}

#[cfg(not(feature = "gui"))]
fn open_window(_files: Vec<PathBuf>) -> anyhow::Result<Outcome> {
    let message = "this build has no window; run `melograph analyze` (see --help), \
                   or build with the default features";
    Err(UsageError(message.into()).into())
}
