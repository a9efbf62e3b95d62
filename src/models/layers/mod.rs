//! What networks are made of.
//!
//! - [`config`]: what a convolution is besides its weights.
//! - [`conv`]: convolution or transposed convolution with normalization and activation.
//! - [`pool`]: maxima over rows or columns, and SegNet's unpooling.
//! - [`scan`]: the selective scan of state-space layers.
//! - `infer`, `train`, `pool_train`: how both reach the processor's own kernels;
//!   `operation`: how burn learns of gradients that they compute.
//!
//! On a processor these run on [`crate::kernels`]: without gradients with weights that are packed
//! once and normalization folded into them, with gradients as one operation of each layer. On a
//! graphics card, and for groups and learned activations, they are composed of burn's operations.
//! Dense, recurrent and attention layers are burn's own (`burn::nn::{Linear, Gru, Lstm}`).

pub mod config;
pub mod conv;
mod infer;
mod operation;
pub mod pool;
mod pool_train;
pub mod scan;
mod train;

pub use crate::kernels::Activation;
pub use config::{ConvConfig, NormPlace};
pub use conv::{Conv, ConvTranspose};
pub use pool::{PooledRows, max_pool};
pub use scan::SelectiveScan;

use burn::backend::DispatchDevice;
use burn::tensor::Device;

/// Whether tensors on `device` lie where this project's kernels can read them.
pub(super) fn on_cpu(device: &Device) -> bool {
    matches!(
        device.clone().without_autodiff().as_dispatch(),
        DispatchDevice::Flex(_)
    )
}
