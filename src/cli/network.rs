//! The options that choose networks and a device.

use clap::Args;

use crate::analysis::{AnalysisOptions, ModelChoice, Models};
use crate::models::store::{DEFAULT_PITCH, DEFAULT_VOICING};
use crate::models::{DeviceChoice, ModelError, allocator};

/// Which networks, and where they run.
#[derive(Args, Clone, Debug)]
pub struct NetworkArgs {
    /// Network that finds the pitch (see `melograph models`).
    #[arg(short, long, value_name = "NAME", default_value = DEFAULT_PITCH)]
    pub model: String,
    /// Network that decides where a voice sounds; `none` leaves it to the pitch network.
    #[arg(long, value_name = "NAME|none", default_value = DEFAULT_VOICING)]
    pub voicing_model: String,
    /// Confidence from which a frame is voiced, 0 to 1 [default: the network's own].
    #[arg(long, value_name = "T", value_parser = threshold)]
    pub voicing: Option<f32>,
    /// Where networks run: auto, cpu, gpu or gpu:N (see `melograph devices`).
    #[arg(short, long, default_value = "auto")]
    pub device: DeviceChoice,
}

impl NetworkArgs {
    /// Loads the networks, whose memory this process then keeps until it ends.
    ///
    /// # Errors
    /// [`ModelError`] if one is missing or damaged, or the device is not there.
    pub fn load(&self) -> Result<Models, ModelError> {
        let voicing = (self.voicing_model != "none").then(|| self.voicing_model.clone());
        let choice = ModelChoice {
            pitch: self.model.clone(),
            voicing,
            device: self.device,
        };
        allocator::keep_freed_memory();
        choice.load()
    }

    /// How recordings are analyzed.
    pub fn options(&self) -> AnalysisOptions {
        AnalysisOptions {
            threshold: self.voicing,
            ..AnalysisOptions::default()
        }
    }
}

fn threshold(text: &str) -> Result<f32, String> {
    match text.parse() {
        Ok(value) if (0.0..=1.0).contains(&value) => Ok(value),
        _ => Err("expected a number from 0 to 1".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_probabilities() {
        assert_eq!(threshold("0.5"), Ok(0.5));
        assert!(threshold("1.5").is_err());
        assert!(threshold("NaN").is_err());
        assert!(threshold("half").is_err());
    }
}
