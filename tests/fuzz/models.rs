//! Networks and their settings as targets.

use std::fs;
use std::path::Path;
use std::time::Duration;

use melograph::dsp::CfpConfig;
use melograph::models::store::checksum;
use melograph::models::{AnyNetwork, DeviceChoice, Features, ModelConfig, ModelFolder};
use melograph::models::{NetworkConfig, device};

use crate::targets::{FuzzedReader, Target};

/// `config.json`: of the networks in the program, and of a small one.
pub fn configs() -> Target {
    let small = Small::new();
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    let mut files = vec![small.config(&small.weights)];
    for name in ["msnet-hs", "voicing-wide"] {
        let config = fs::read(models.join(name).join("config.json")).unwrap();
        let mut config: ModelConfig = serde_json::from_slice(&config).unwrap();
        config.weights_sha256 = checksum(&small.weights);
        files.push(serde_json::to_vec_pretty(&config).unwrap());
    }
    let read = move |input: &[u8]| small.read(input, &small.weights);
    target("config", files, Box::new(read))
}

/// `weights.safetensors`, with a checksum that fits.
pub fn weights() -> Target {
    let small = Small::new();
    let files = vec![small.weights.clone()];
    let read = move |input: &[u8]| small.read(&small.config(input), input);
    target("weights", files, Box::new(read))
}

fn target(name: &'static str, files: Vec<Vec<u8>>, read: FuzzedReader) -> Target {
    Target {
        name,
        files,
        read,
        max_time: Duration::from_secs(5),
        max_bytes: 512 << 20,
    }
}

/// A network of few weights, in a folder.
struct Small {
    folder: tempfile::TempDir,
    config: ModelConfig,
    weights: Vec<u8>,
}

impl Small {
    fn new() -> Self {
        let settings = serde_json::json!({ "depth": 1, "width": 8, "states": 2 });
        let features = Features::Cfp(CfpConfig::hkdsme());
        let network = NetworkConfig::new("spectmamba", settings, features);
        let cpu = device::choose(DeviceChoice::Cpu).unwrap().device();
        let net = AnyNetwork::new(&network, &cpu).unwrap();
        Self {
            folder: tempfile::tempdir().unwrap(),
            config: ModelConfig {
                network,
                threshold: 0.5,
                calibration: None,
                weights_sha256: String::new(),
                data: "none".into(),
                licence: "none".into(),
                metrics: "none".into(),
            },
            weights: net.weights().unwrap(),
        }
    }

    /// Settings of these weights.
    fn config(&self, weights: &[u8]) -> Vec<u8> {
        let config = ModelConfig {
            weights_sha256: checksum(weights),
            ..self.config.clone()
        };
        serde_json::to_vec_pretty(&config).unwrap()
    }

    /// Reads a folder with these files as the program does.
    fn read(&self, config: &[u8], weights: &[u8]) {
        let folder = self.folder.path();
        fs::write(folder.join("config.json"), config).unwrap();
        fs::write(folder.join("weights.safetensors"), weights).unwrap();
        if let Ok(found) = ModelFolder::find(&folder.to_string_lossy()) {
            let cpu = device::choose(DeviceChoice::Cpu).unwrap();
            let _ = found.network(&cpu.device());
        }
    }
}
