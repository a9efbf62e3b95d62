//! What a killed run goes on from.
//!
//! `last/` holds the network with its parameter names, the average of its
//! weights, the optimizer's moments and where the run was. It is written beside and renamed,
//! so that a kill at any moment leaves a whole one.

use std::fs;
use std::path::Path;

use burn::module::Module;
use burn::optim::ModuleOptimizer;
use serde::{Deserialize, Serialize};

use super::TrainingError;
use super::average::AverageWeights;
use crate::models::AnyNetwork;

/// Where a run was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunState {
    /// Steps done.
    pub step: usize,
    /// Best figure so far.
    pub best: Option<f64>,
    /// How sure the teacher has been of unlabeled frames so far.
    #[serde(default)]
    pub certainty: Option<f32>,
    /// The network whose weights it began with.
    #[serde(default)]
    pub from: Option<String>,
    /// The recipe it follows, as text.
    pub recipe: String,
}

/// Saves a run to `out/last`.
///
/// # Errors
/// [`TrainingError::Checkpoint`] or [`TrainingError::Io`].
pub fn save(
    out: &Path,
    net: &AnyNetwork,
    average: &AverageWeights,
    optimizer: &ModuleOptimizer,
    state: &RunState,
) -> Result<(), TrainingError> {
    let (last, beside) = (out.join("last"), out.join("last.new"));
    let broken = |error: &dyn std::fmt::Display| TrainingError::Checkpoint {
        path: last.clone(),
        reason: error.to_string(),
    };
    fs::create_dir_all(&beside).map_err(TrainingError::io(&beside))?;
    let file = |name: &str| beside.join(name);
    for (net, name) in [(net, "network.bpk"), (average.net(), "average.bpk")] {
        net.clone().save_file(file(name)).map_err(|e| broken(&e))?;
    }
    optimizer
        .save(file("optimizer.bpk"))
        .map_err(|e| broken(&e))?;
    let text = serde_json::to_string_pretty(state).map_err(|e| broken(&e))?;
    fs::write(file("state.json"), text).map_err(TrainingError::io(&beside))?;
    let old = out.join("last.old");
    if last.exists() {
        fs::rename(&last, &old).map_err(TrainingError::io(&last))?;
    }
    fs::rename(&beside, &last).map_err(TrainingError::io(&last))?;
    if old.exists() {
        fs::remove_dir_all(&old).map_err(TrainingError::io(&old))?;
    }
    Ok(())
}

/// Restores a run from `out/last`.
///
/// # Errors
/// [`TrainingError::Checkpoint`] if there is none, it is damaged, or follows another recipe.
pub fn load(
    out: &Path,
    (net, average, optimizer): (AnyNetwork, AverageWeights, ModuleOptimizer),
    recipe: &str,
) -> Result<(AnyNetwork, AverageWeights, ModuleOptimizer, RunState), TrainingError> {
    // A kill between the two renames of `save` leaves the old one under its other name.
    let last = Some(out.join("last"))
        .filter(|last| last.exists())
        .unwrap_or(out.join("last.old"));
    let broken = |reason: String| TrainingError::Checkpoint {
        path: last.clone(),
        reason,
    };
    let text = fs::read_to_string(last.join("state.json"))
        .map_err(|_| broken("there is none to go on from".into()))?;
    let state: RunState = serde_json::from_str(&text).map_err(|e| broken(e.to_string()))?;
    if state.recipe != recipe {
        return Err(broken("it follows another recipe".into()));
    }
    let restore = |net: AnyNetwork, name: &str| {
        net.try_load_file(last.join(name))
            .map_err(|e| broken(e.to_string()))
    };
    let net = restore(net, "network.bpk")?;
    let averaged = restore(average.net().clone(), "average.bpk")?;
    let average = average.with_net(averaged);
    let optimizer = optimizer
        .load(last.join("optimizer.bpk"))
        .map_err(|e| broken(e.to_string()))?;
    Ok((net, average, optimizer, state))
}
