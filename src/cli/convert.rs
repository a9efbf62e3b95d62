//! `melograph convert`: from one annotation format to another.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use serde::Serialize;

use super::Outcome;
use super::console::{Console, ConsoleArgs};
use super::outputs::{format_parser, tempo};
use crate::files::shown;
use crate::formats::convert::{Conversion, Output};
use crate::formats::{Format, read_any, save_file};

/// Options of `melograph convert`.
#[derive(Args, Debug)]
#[command(after_help = "\
The input's format is told by its content, else by its name; the output's by its ending: that of
analyze's formats (song.mirex.txt, song.TextGrid), or a plain one (song.csv, song.svl). What the
output cannot hold is said in a sentence. docs/formats.md tells what each format holds.

Examples:
  melograph convert song.pv song.f0.csv
  melograph convert song.TextGrid song.mid --tempo 96
  melograph convert labels.txt song.svl --from-format labels")]
pub struct ConvertArgs {
    /// Contour or notes of any format.
    #[arg(value_name = "INPUT")]
    input: PathBuf,
    /// File to write.
    #[arg(value_name = "OUTPUT")]
    output: PathBuf,
    /// The input's format, where its content and name do not tell.
    #[arg(long, value_name = "FMT", value_parser = format_parser())]
    from_format: Option<&'static Format>,
    /// The output's format, where its name does not tell.
    #[arg(long, value_name = "FMT", value_parser = format_parser())]
    to_format: Option<&'static Format>,
    /// Tempo of formats that count in beats, in quarter notes a minute; MIDI's times do not depend on it.
    #[arg(long, value_name = "BPM", default_value_t = 120.0, value_parser = tempo)]
    tempo: f64,
    /// Replace the output if it is there.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    console: ConsoleArgs,
}

/// What was converted, as `--json` prints it.
#[derive(Serialize)]
struct ConvertRecord {
    input: String,
    output: String,
    from: &'static str,
    to: &'static str,
    frames: usize,
    notes: usize,
    lost: Option<String>,
    remarks: Vec<String>,
}

/// Reads the input, and writes it anew.
///
/// # Errors
/// An input that cannot be read, an output that is there already, cannot hold it or cannot be written.
pub fn run(args: &ConvertArgs) -> anyhow::Result<Outcome> {
    let console = Console::new(args.console);
    let (input, output) = (&args.input, &args.output);
    if !args.force && output.symlink_metadata().is_ok() {
        bail!("{} is there already; --force replaces it", shown(output));
    }
    let found = read_any(input, args.from_format)?;
    let target = Output::of(output, args.to_format, &found.contents)?;
    let conversion = Conversion::of(input, &found.contents);
    let export = conversion.export(args.tempo);
    save_file(target.file, &export, output)?;
    let lost = target.loses(&found);
    let remarks = found.contents.remarks.clone();
    for sentence in remarks.iter().chain(&lost) {
        console.message(format_args!("{}: {sentence}", shown(input)));
    }
    let record = ConvertRecord {
        input: shown(input).into_owned(),
        output: shown(output).into_owned(),
        from: found.kind(),
        to: target.format.name,
        frames: export.f0.frames.len(),
        notes: export.notes.len(),
        lost,
        remarks,
    };
    console.result(&record, shown(output));
    Ok(Outcome::Done)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Subcommand};

    fn convert(folder: &Path, words: &[&str]) -> Result<(), String> {
        let path = |word: &&str| match word.starts_with("--") {
            true => PathBuf::from(word),
            false => folder.join(word),
        };
        let words = words.iter().map(path).map(PathBuf::into_os_string);
        let start = ["melograph", "convert", "--quiet"].map(Into::into);
        let cli = Cli::parse_from(start.into_iter().chain(words));
        let Some(Subcommand::Convert(args)) = cli.command else {
            panic!("no convert");
        };
        run(&args).map(drop).map_err(|error| error.to_string())
    }

    #[test]
    fn a_file_is_replaced_only_by_force_and_what_is_wrong_is_placed() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("a.txt"), "0.5\t0.9\tA3 la\n").unwrap();
        fs::write(at("a.mid"), "mine").unwrap();
        let kept = convert(folder.path(), &["a.txt", "a.mid"]).unwrap_err();
        assert!(kept.ends_with("--force replaces it"), "{kept}");
        assert_eq!(fs::read(at("a.mid")).unwrap(), b"mine");
        convert(folder.path(), &["a.txt", "a.mid", "--force"]).unwrap();
        assert!(fs::read(at("a.mid")).unwrap().starts_with(b"MThd"));
        fs::write(at("b.csv"), "0.01,220\n0.02,x\n").unwrap();
        let error = convert(folder.path(), &["b.csv", "b.pv"]).unwrap_err();
        assert!(
            error.contains("b.csv, line 2, column 6: expected"),
            "{error}"
        );
        assert!(!at("b.pv").exists());
    }
}
