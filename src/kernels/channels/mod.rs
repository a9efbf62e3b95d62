//! Convolution with vectors across channels, for small planes and large strides.
//!
//! - [`padded_item`]: zero-padded inputs with their channels side by side.
//! - [`channel_conv`]: convolution, forward and transposed, task by task.
//! - [`window`]: what one of its tasks does.
//! - [`scatter`]: transposed convolution onto few channels, with vectors across taps.
//! - [`weight`]: gradient by the weight.

pub mod channel_conv;
pub mod padded_item;
pub mod scatter;
pub mod weight;
pub mod window;
