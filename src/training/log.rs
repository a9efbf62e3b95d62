//! What a run writes down: a line of JSON at each validation.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::TrainingError;
use super::loss::Term;
use super::selection::SelectionSummary;
use super::validation::SetScores;

/// `log.jsonl` of a run, with means of the losses since its last line.
pub struct Log {
    path: PathBuf,
    steps: usize,
    loss: f64,
    parts: Vec<(&'static str, f64)>,
    selection: Option<SelectionSummary>,
}

impl Log {
    /// The log in a run's folder; what it holds already stays.
    pub fn open(out: &Path) -> Self {
        Self {
            path: out.join("log.jsonl"),
            steps: 0,
            loss: 0.0,
            parts: Vec::new(),
            selection: None,
        }
    }

    /// Takes in the loss of one step.
    pub fn add(&mut self, loss: f32, term: &Term) {
        self.steps += 1;
        self.loss += f64::from(loss);
        for &(name, value) in &term.parts {
            match self.parts.iter_mut().find(|(own, _)| *own == name) {
                Some((_, sum)) => *sum += f64::from(value),
                None => self.parts.push((name, value.into())),
            }
        }
    }

    /// Takes in what was selected of unlabeled songs; the last of several is told.
    pub fn selected(&mut self, summary: SelectionSummary) {
        self.selection = Some(summary);
    }

    /// Writes a line with the means since the last, and the scores of step `step`.
    ///
    /// # Errors
    /// [`TrainingError::Io`].
    pub fn write(
        &mut self,
        step: usize,
        scores: &SetScores,
        best: bool,
    ) -> Result<(), TrainingError> {
        let mean = |sum: f64| sum / self.steps.max(1) as f64;
        let parts = self.parts.iter();
        let parts: Map<String, Value> = parts
            .map(|&(name, sum)| (name.to_owned(), json!(mean(sum))))
            .collect();
        let mut line = json!({
            "step": step,
            "loss": mean(self.loss),
            "parts": parts,
            "scores": as_json(scores),
            "best": best,
        });
        if let Some(selection) = self.selection.take() {
            line["selection"] = json!(selection);
        }
        let append = || {
            let mut options = fs::OpenOptions::new();
            let mut file = options.create(true).append(true).open(&self.path)?;
            writeln!(file, "{line}")
        };
        append().map_err(TrainingError::io(&self.path))?;
        (self.steps, self.loss) = (0, 0.0);
        self.parts.clear();
        Ok(())
    }
}

/// Scores as an object of objects: set, short name of the measure, value.
pub fn as_json(scores: &SetScores) -> Value {
    let set = |(name, score): (&&str, &crate::evaluation::Scorecard)| {
        let values = score.0.iter();
        let values: Map<String, Value> = values
            .map(|(measure, value)| (measure.name().to_owned(), json!(value)))
            .collect();
        ((*name).to_owned(), Value::Object(values))
    };
    Value::Object(scores.iter().map(set).collect())
}
