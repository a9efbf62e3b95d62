//! What is printed where: results to standard output, messages and bars to standard error.

use std::fmt::Display;
use std::io::Write;

use clap::Args;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use crate::progress::Progress;

/// Steps of a bar.
const BAR_STEPS: u64 = 1000;

/// How much a command says, and in which form.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct ConsoleArgs {
    /// Print results as JSON, one object a line.
    #[arg(long)]
    pub json: bool,
    /// Print errors only (and JSON, if asked for).
    #[arg(short, long)]
    pub quiet: bool,
}

/// The terminal, or the pipes in its place. Shared by all threads of a command.
pub struct Console {
    args: ConsoleArgs,
    bars: MultiProgress,
}

impl Console {
    /// Bars appear on a terminal only, and not when quiet.
    pub fn new(args: ConsoleArgs) -> Self {
        let target = match args.quiet {
            true => ProgressDrawTarget::hidden(),
            false => ProgressDrawTarget::stderr(),
        };
        Self {
            args,
            bars: MultiProgress::with_draw_target(target),
        }
    }

    /// Prints a result: `record` as one line of JSON, or `text` for people.
    pub fn result(&self, record: &impl Serialize, text: impl Display) {
        let line = match (self.args.json, self.args.quiet) {
            (true, _) => serde_json::to_string(record).unwrap_or_else(|error| {
                serde_json::json!({ "error": error.to_string() }).to_string()
            }),
            (false, false) => text.to_string(),
            (false, true) => return,
        };
        if !line.is_empty() {
            // A reader that closed the pipe has seen enough.
            self.bars
                .suspend(|| drop(writeln!(std::io::stdout(), "{line}")));
        }
    }

    /// Prints a message, unless quiet.
    pub fn message(&self, text: impl Display) {
        if !self.args.quiet {
            self.error(text);
        }
    }

    /// Prints an error, always.
    pub fn error(&self, text: impl Display) {
        self.bars
            .suspend(|| drop(writeln!(std::io::stderr(), "{text}")));
    }

    /// A bar for one piece of work; it disappears when dropped.
    pub fn bar(&self, title: &str) -> Bar {
        let style =
            ProgressStyle::with_template("{prefix} {msg:14} [{bar:30}] {percent:>3} %  {eta} left");
        let bar = self.bars.add(ProgressBar::new(BAR_STEPS));
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_prefix(title.to_owned());
        Bar(bar)
    }
}

/// An error and its causes in one line. A cause that the message before it names already is not said
/// again.
pub fn told(error: &anyhow::Error) -> String {
    let mut line = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        if line.is_empty() {
            line = cause;
        } else if !line.contains(&cause) {
            line = format!("{line}: {cause}");
        }
    }
    line
}

/// Where one piece of work stands.
pub struct Bar(ProgressBar);

impl Bar {
    /// A [`Progress`] that moves this bar.
    pub fn progress(&self) -> Progress {
        let bar = self.0.clone();
        Progress::new(move |stage, fraction| {
            bar.set_message(stage.label());
            bar.set_position((fraction * BAR_STEPS as f32) as u64);
        })
    }

    /// Changes what the bar is called.
    pub fn rename(&self, title: impl Display) {
        self.0.set_prefix(title.to_string());
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn a_cause_is_said_once() {
        let cause = anyhow!("permission denied");
        let error = cause.context("a.csv could not be written (permission denied)");
        let expected = "saving: a.csv could not be written (permission denied)";
        assert_eq!(told(&error.context("saving")), expected);
    }
}
