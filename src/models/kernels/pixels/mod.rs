//! Convolution with vectors over neighboring pixels, for wide planes.
//!
//! - [`pad`]: zero-padded windows of the input, split by stride; the only copy made.
//! - [`forward`]: convolution, window by window.
//! - [`weight`]: gradient by the weight.

pub mod forward;
pub mod pad;
pub mod weight;
