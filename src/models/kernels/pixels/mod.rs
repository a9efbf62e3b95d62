//! Convolution with vectors over neighboring pixels, for wide planes.
//!
//! - [`pad`]: zero-padded windows of the input, split by stride; the only copy made.
//! - [`forward`]: convolution, window by window.
//! - [`combs`]: a strided convolution turned around.
//! - [`winograd`]: the same for kernels of 3x3 and 5x5, by fewer products; [`sums`]: of what;
//!   [`filter`]: along one axis; [`layout`]: where all that lies.
//! - [`weight`]: gradient by the weight; [`winograd_weight`]: by fewer products.

pub mod combs;
pub mod filter;
pub mod forward;
pub mod layout;
pub mod pad;
pub mod sums;
pub mod weight;
pub mod winograd;
pub mod winograd_weight;
