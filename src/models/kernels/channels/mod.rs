//! Convolution with vectors across channels, for small planes and large strides.
//!
//! - [`frame`]: zero-padded inputs with their channels side by side.
//! - [`across`]: convolution, forward and turned around, task by task.
//! - [`window`]: what one of its tasks does.
//! - [`scatter`]: the same turned around onto few channels, with vectors across taps.
//! - [`weight`]: gradient by the weight.

pub mod across;
pub mod frame;
pub mod scatter;
pub mod weight;
pub mod window;
