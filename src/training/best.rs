//! The model folder of the best weights so far.

use std::fs;
use std::path::Path;

use super::validation::{Constants, SetScores};
use super::{Recipe, TrainingError, material};
use crate::files;
use crate::models::{AnyNetwork, ModelConfig, NetworkConfig, store};

/// Writes `out/best`: weights, and the settings that analysis reads.
///
/// # Errors
/// [`TrainingError::Checkpoint`] or [`TrainingError::Io`].
pub fn keep(
    out: &Path,
    net: &AnyNetwork,
    network: &NetworkConfig,
    recipe: &Recipe,
    from: Option<&str>,
    constants: Constants,
    scores: &SetScores,
) -> Result<(), TrainingError> {
    let folder = out.join("best");
    fs::create_dir_all(&folder).map_err(TrainingError::io(&folder))?;
    let weights = net.weights().map_err(|reason| TrainingError::Checkpoint {
        path: folder.clone(),
        reason,
    })?;
    let config = ModelConfig {
        network: network.clone(),
        threshold: constants.threshold,
        calibration: constants.calibration,
        heard_to_hz: None,
        weights_sha256: store::checksum(&weights),
        data: material::data_note(recipe, from),
        licence: material::licence_note(recipe),
        metrics: format!("while training: {}", in_words(scores)),
    };
    let config = serde_json::to_vec_pretty(&config).expect("settings are plain values");
    for (name, bytes) in [("weights.safetensors", weights), ("config.json", config)] {
        let path = folder.join(name);
        files::replace(&path, |file| file.write_all(&bytes)).map_err(TrainingError::io(&path))?;
    }
    Ok(())
}

/// Scores on one line, set after set.
pub fn in_words(scores: &SetScores) -> String {
    let sets = scores.iter();
    let sets: Vec<String> = sets
        .map(|(name, score)| format!("{name} {score}"))
        .collect();
    sets.join("; ")
}
