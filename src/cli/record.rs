//! What became of a recording, as `melograph analyze --json` prints it.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::console::{Console, told};
use crate::analysis::Analysis;
use crate::files::shown;

/// One recording's line.
#[derive(Default, Serialize)]
pub struct Record {
    /// The recording.
    pub input: String,
    /// `done`, `skipped` or `failed`.
    pub status: &'static str,
    /// Files written.
    pub outputs: Vec<String>,
    /// Files that were there already.
    pub kept: Vec<String>,
    /// What was found, if it was analyzed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<Summary>,
    /// What went less than well.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Record {
    /// A recording of which nothing is known but the files that are kept. Paths are told as text, as
    /// JSON holds nothing else.
    pub fn new(input: &Path, kept: &[PathBuf]) -> Self {
        Self {
            input: shown(input).into_owned(),
            kept: kept.iter().map(|path| shown(path).into_owned()).collect(),
            ..Self::default()
        }
    }

    /// Prints it, after its warnings and why it failed.
    pub fn tell(mut self, console: &Console, outcome: &anyhow::Result<()>) {
        let path = &self.input;
        for warning in &self.warnings {
            console.message(format_args!("{path}: warning: {warning}"));
        }
        if let Err(error) = outcome {
            let text = told(error);
            // Most errors name their file themselves.
            match text.contains(path.as_str()) {
                true => console.error(format_args!("error: {text}")),
                false => console.error(format_args!("error: {path}: {text}")),
            }
            self.error = Some(text);
        }
        let lines = self.outputs.join("\n");
        console.result(&self, lines);
    }
}

/// The analysis in a few numbers.
#[derive(Serialize)]
pub struct Summary {
    duration_secs: f64,
    voiced_secs: f64,
    n_notes: usize,
    models: Vec<String>,
    elapsed_secs: f64,
}

impl Summary {
    /// The numbers of an analysis that took so long.
    pub fn of(analysis: &Analysis, elapsed_secs: f64) -> Self {
        let f0 = &analysis.f0;
        let n_voiced = f0.frames.iter().filter(|frame| frame.voiced).count();
        let stated = analysis.audio.duration_secs;
        Self {
            duration_secs: stated.unwrap_or_else(|| f0.grid.time(f0.frames.len())),
            voiced_secs: n_voiced as f64 * f0.grid.hop_secs,
            n_notes: analysis.notes.len(),
            models: analysis.models.clone(),
            elapsed_secs,
        }
    }
}
