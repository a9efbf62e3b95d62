//! What runs there are in a folder, to be compared.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::recipe::Choice;
use super::{Recipe, TrainingError};

/// The recipe that a run's folder keeps.
pub const RECIPE: &str = "recipe.toml";

/// A run, as far as it went.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TrainingRun {
    /// Name of its folder.
    pub name: String,
    /// The network it trains.
    pub network: String,
    /// Step of its last validation.
    pub step: usize,
    /// Steps of its recipe.
    pub steps: usize,
    /// The best figure by which its recipe chooses, and its step.
    pub best: Option<BestFigure>,
    /// When it was last validated.
    #[serde(skip)]
    pub changed: SystemTime,
}

/// The best figure of a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BestFigure {
    /// What it is of: a set and a measure.
    pub of: String,
    /// Its value, 0 to 1 or in dB.
    pub value: f64,
    /// After which step.
    pub step: usize,
}

/// What of a line of the log is compared.
#[derive(Deserialize)]
struct LogLine {
    step: usize,
    best: bool,
    scores: Value,
}

/// The runs in a folder, sorted by name: folders with a recipe and a log.
///
/// # Errors
/// [`TrainingError::Io`] of the folder; [`TrainingError::Recipe`] or [`TrainingError::Checkpoint`] of a
/// run in it that cannot be read.
pub fn list(folder: &Path) -> Result<Vec<TrainingRun>, TrainingError> {
    let entries = fs::read_dir(folder).map_err(TrainingError::io(folder))?;
    let mut runs = Vec::new();
    for entry in entries {
        let path = entry.map_err(TrainingError::io(folder))?.path();
        if path.join(RECIPE).is_file() && path.join("log.jsonl").is_file() {
            runs.push(read(&path)?);
        }
    }
    runs.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(runs)
}

fn read(path: &Path) -> Result<TrainingRun, TrainingError> {
    let recipe = Recipe::read(&path.join(RECIPE))?;
    let log = path.join("log.jsonl");
    let text = fs::read_to_string(&log).map_err(TrainingError::io(&log))?;
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let lines = lines.map(serde_json::from_str::<LogLine>);
    let lines = lines.collect::<Result<Vec<_>, _>>();
    let lines = lines.map_err(|error| TrainingError::Checkpoint {
        path: log.clone(),
        reason: format!("a line of the log is none ({error})"),
    })?;
    let Choice { set, measure } = &recipe.validation.choose_by;
    let best = lines.iter().rfind(|line| line.best).and_then(|line| {
        Some(BestFigure {
            of: format!("{set} {}", measure.name()),
            value: line.scores[set][measure.name()].as_f64()?,
            step: line.step,
        })
    });
    let changed = log.metadata().and_then(|metadata| metadata.modified());
    Ok(TrainingRun {
        name: path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default(),
        network: recipe.network.name.clone(),
        step: lines.last().map_or(0, |line| line.step),
        steps: recipe.optimizer.steps,
        best,
        changed: changed.map_err(TrainingError::io(&log))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PITCH: &str = include_str!("../../recipes/msnet-hs-first.toml");

    #[test]
    fn the_best_figure_is_that_of_the_last_best_line() {
        let folder = tempfile::tempdir().unwrap();
        let run = folder.path().join("first");
        fs::create_dir(&run).unwrap();
        fs::create_dir(folder.path().join("other")).unwrap();
        fs::write(run.join(RECIPE), PITCH).unwrap();
        let line = |step: usize, figure: f64, best: bool| {
            format!(
                r#"{{"step":{step},"loss":1.0,"parts":{{}},"scores":{{"mir1k":{{"RPA":{figure}}}}},"best":{best}}}"#
            )
        };
        let lines = [
            line(1000, 0.8, true),
            line(2000, 0.9, true),
            line(3000, 0.85, false),
        ];
        fs::write(run.join("log.jsonl"), lines.join("\n")).unwrap();
        let runs = list(folder.path()).unwrap();
        assert_eq!(runs.len(), 1);
        assert_eq!(
            (&runs[0].name[..], &runs[0].network[..]),
            ("first", "msnet")
        );
        assert_eq!(runs[0].step, 3000);
        let best = runs[0].best.as_ref().unwrap();
        assert_eq!((best.value, best.step), (0.9, 2000));
        fs::write(run.join("log.jsonl"), "{").unwrap();
        let error = list(folder.path()).unwrap_err().to_string();
        assert!(error.contains("log.jsonl"), "{error}");
    }
}
