//! The command line: a thin file per subcommand.
//!
//! - [`analyze`]: recordings → contours, notes, classes, figures.
//! - [`separate`]: recordings → vocals and accompaniment.
//! - [`convert`]: from one annotation format to another.
//! - [`evaluate`]: scores of files, [`stem_scores`] of stems; [`validation`]: scores on validation sets.
//! - [`train`]: a recipe → a network.
//! - [`features`]: the network's input as an array.
//! - [`models`] and [`devices`]: what there is to run, and to run on.
//! - [`inputs`]: which recordings are meant; [`outputs`]: which files they become; [`record`]: what
//!   is said of each.
//! - [`network`], [`data`]: options that several have.
//! - [`pairs`]: which estimate belongs to which reference.
//! - [`interrupt`] is what Ctrl-C does.
//! - [`quiet`]: no messages of graphics drivers.
//! - [`console`]: what is printed where.

pub mod analyze;
pub mod console;
pub mod convert;
pub mod data;
pub mod devices;
pub mod evaluate;
pub mod features;
pub mod inputs;
pub mod interrupt;
pub mod models;
pub mod network;
pub mod outputs;
pub mod pairs;
pub mod quiet;
pub mod record;
pub mod separate;
pub mod stem_scores;
pub mod train;
pub mod validation;

use std::path::PathBuf;

use clap::{CommandFactory, Parser};

use crate::files;

/// Shows and exports the sung melody of any recording.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, args_conflicts_with_subcommands = true)]
#[command(after_help = "\
Examples:
  melograph song.mp3                          open the window on a song
  melograph analyze song.mp3 -o melodies      write melodies/song.f0.csv
  melograph analyze album/ -o melodies -f notes,midi,png

Exit status: 0 all done, 1 something failed (named on standard error, the rest is done),
2 wrong usage.")]
pub struct Cli {
    /// Recordings to open in the window.
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// What to do without a window.
    #[command(subcommand)]
    pub command: Option<Subcommand>,
}

/// The subcommands.
#[derive(Debug, clap::Subcommand)]
pub enum Subcommand {
    /// Find the melody in recordings and write it to files.
    Analyze(analyze::AnalyzeArgs),
    /// Separate recordings into vocals and accompaniment.
    Separate(separate::SeparateArgs),
    /// Convert a contour or notes from one format to another.
    Convert(convert::ConvertArgs),
    /// Score estimates against references, or networks on validation sets.
    Evaluate(evaluate::EvaluateArgs),
    /// Train a network by a recipe.
    Train(train::TrainArgs),
    /// Write the features a network sees as a NumPy array.
    Features(features::FeaturesArgs),
    /// List the installed networks: task, data, licence, metrics, checksum.
    Models(models::ModelsArgs),
    /// List the devices that networks can run on.
    Devices(devices::DevicesArgs),
}

/// How a command ended that ran to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everything that was asked for is there.
    Done,
    /// Some inputs failed; each was named, the rest is done.
    SomeFailed,
}

/// A command line that cannot be meant, found after parsing.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct UsageError(pub String);

/// Whether there is anything to open in the window: of several files the window itself names those
/// that are missing.
///
/// # Errors
/// [`UsageError`] if none of the files is there.
pub fn check_files(files: &[PathBuf]) -> anyhow::Result<()> {
    let [first, ..] = files else {
        return Ok(());
    };
    if files.iter().any(|file| file.symlink_metadata().is_ok()) {
        return Ok(());
    }
    let commands = Cli::command();
    let commands: Vec<&str> = commands.get_subcommands().map(|it| it.get_name()).collect();
    Err(UsageError(format!(
        "{} is neither a file nor a command; name a recording to open, or one of the commands {} \
         (melograph --help tells what they do)",
        files::shown(first),
        commands.join(", ")
    ))
    .into())
}

/// Runs a subcommand.
///
/// # Errors
/// Whatever stopped it as a whole; a [`UsageError`] among the causes means wrong usage.
pub fn run(command: &Subcommand) -> anyhow::Result<Outcome> {
    match command {
        Subcommand::Analyze(args) => analyze::run(args),
        Subcommand::Separate(args) => separate::run(args),
        Subcommand::Convert(args) => convert::run(args),
        Subcommand::Evaluate(args) => evaluate::run(args),
        Subcommand::Train(args) => train::run(args),
        Subcommand::Features(args) => features::run(args),
        Subcommand::Models(args) => models::run(args),
        Subcommand::Devices(args) => devices::run(args),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_word_that_is_no_file_is_answered_with_the_commands() {
        let error = check_files(&["bogus".into()]).unwrap_err().to_string();
        assert!(
            error.starts_with("bogus is neither a file nor a command;"),
            "{error}"
        );
        assert!(
            error.contains("analyze, separate, convert, evaluate, train, features,"),
            "{error}"
        );
        assert!(check_files(&[]).is_ok());
        assert!(check_files(&["bogus".into(), "Cargo.toml".into()]).is_ok());
    }

    #[test]
    fn files_open_the_window_and_subcommands_do_not() {
        let window = Cli::parse_from(["melograph", "a.mp3", "b.mp3"]);
        assert_eq!(window.files.len(), 2);
        assert!(window.command.is_none());
        let devices = Cli::parse_from(["melograph", "devices"]);
        assert!(matches!(devices.command, Some(Subcommand::Devices(_))));
    }
}
