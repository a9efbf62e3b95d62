//! Convolution with vectors over neighboring pixels, for wide planes.
//!
//! - [`pad`]: zero-padded windows of the input, split by stride; the only copy made.
//! - [`pixel_conv`]: convolution, window by window.
//! - [`polyphase_conv`]: a transposed convolution with a stride.
//! - [`winograd`]: both for kernels of 3x3 and 5x5, by fewer products. [`filter`] has the
//!   transforms along one axis, [`winograd_2d`] along both, [`layout`] where their values lie, and
//!   [`strided`] splits kernels with a stride into some without.
//! - [`weight`]: gradient by the weight; [`winograd_weight`]: by fewer products.

pub mod filter;
pub mod layout;
pub mod pad;
pub mod pixel_conv;
pub mod polyphase_conv;
pub mod strided;
pub mod weight;
pub mod winograd;
pub mod winograd_2d;
pub mod winograd_weight;
