//! The networks: one file each, loaded from and saved to a folder with weights and settings.
//!
//! - [`layers`]: what networks are made of.
//! - [`networks`]: the networks, one file each.
//! - [`registry`]: every network there is, and one chosen at run time.
//! - [`config`]: what a network was trained on; inference reads nothing else.
//! - [`store`]: folders of weights, embedded and on disk, with checksums.
//! - [`segments`]: frames in segments of one length, for networks that want them.
//! - [`windows`]: frames in windows that overlap.
//! - [`loaded`]: a network on a device, as a function of plain slices.
//! - [`device`]: what networks run on.
//! - [`allocator`]: memory that one pass leaves to the next.
//! - `error`: what can be wrong with a network.

pub mod allocator;
pub mod config;
pub mod device;
mod error;
pub mod layers;
pub mod loaded;
pub mod networks;
pub mod registry;
pub mod segments;
pub mod store;
pub mod windows;

pub use crate::dsp::{FeatureKind, Features};
pub use config::{ModelConfig, NetworkConfig};
pub use device::{DeviceChoice, DeviceInfo, list_devices};
pub use error::{ModelError, SettingsError};
pub use loaded::{LoadedNetwork, OutputValues};
pub use registry::{AnyNetwork, Framing, NETWORKS, NetworkInfo, OutputKind, Task};
pub use segments::{cut_segments, join_segments};
pub use store::{ModelCard, ModelFolder, list_models};
pub use windows::WindowLayout;
