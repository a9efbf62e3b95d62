//! The networks: one file each, loaded from and saved to a folder with weights and settings.
//!
//! - [`msnet`]: MSNet with the four-map head, the default pitch network.
//! - [`voicing`]: the wide-band voicing network; [`voice_input`]: what it reads.
//! - [`layer`]: normalize, convolve, activate; pooling over rows.
//! - [`fused`]: how a layer reaches the processor's own kernels.
//! - `inference`: networks on the processor without tensors.
//! - [`config`]: what a network was trained on; inference reads nothing else.
//! - [`run`]: networks as functions of plain slices.
//! - [`store`]: folders of weights, embedded and on disk, with checksums.
//! - [`device`]: what networks run on.

pub mod config;
pub mod device;
pub mod fused;
mod inference;
pub mod layer;
pub mod msnet;
pub mod run;
pub mod store;
pub mod voice_input;
pub mod voicing;

pub use config::{ModelConfig, Network};
pub use device::{DeviceChoice, DeviceInfo, list_devices};
pub use inference::{CpuMsnet, CpuVoicingNet};
pub use msnet::Msnet;
pub use run::{PitchModel, VoicingModel};
pub use store::{ModelCard, ModelError, list_models};
pub use voice_input::{Contour, VoiceInput};
pub use voicing::VoicingNet;
