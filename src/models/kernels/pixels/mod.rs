//! Convolution with vectors over neighboring pixels, for wide planes.
//!
//! - [`pad`]: zero-padded windows of the input, split by stride; the only copy made.
//! - [`forward`]: convolution, window by window.
//! - [`combs`]: a strided convolution turned around.
//! - [`winograd`]: both for kernels of 3x3 and 5x5, by fewer products; [`sums`]: of what;
//!   [`filter`]: along one axis; [`layout`]: where all that lies; [`strided`]: with a stride.
//! - [`weight`]: gradient by the weight; [`winograd_weight`]: by fewer products.

pub mod combs;
pub mod filter;
pub mod forward;
pub mod layout;
pub mod pad;
pub mod strided;
pub mod sums;
pub mod weight;
pub mod winograd;
pub mod winograd_weight;
