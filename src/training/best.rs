//! The model folder of the best weights so far.

use std::fs;
use std::path::Path;

use burn::tensor::Device;

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
    let broken = |reason| TrainingError::Checkpoint {
        path: folder.clone(),
        reason,
    };
    let network = network.kept();
    let weights = kept_weights(net, &network).map_err(broken)?;
    let config = ModelConfig {
        network,
        threshold: constants.threshold,
        calibration: constants.calibration,
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

/// The weights of a network without what concerns training alone.
fn kept_weights(net: &AnyNetwork, network: &NetworkConfig) -> Result<Vec<u8>, String> {
    let mut kept = AnyNetwork::new(network, &Device::flex()).map_err(|error| error.to_string())?;
    kept.load(net.weights()?)?;
    kept.weights()
}

/// Scores on one line, set after set.
pub fn in_words(scores: &SetScores) -> String {
    let sets = scores.iter();
    let sets: Vec<String> = sets
        .map(|(name, score)| format!("{name} {score}"))
        .collect();
    sets.join("; ")
}
