//! The processor's own kernels: normalize, convolve, activate, in one pass over plain slices.
//!
//! A network here is a chain of `BatchNorm → convolution → activation`. The
//! general CPU backend unrolls each convolution into columns and makes a pass
//! over memory for every step; these kernels read the input where it lies:
//!
//! - [`activation`]: what is applied to each output.
//! - [`shape`]: the sizes of a convolution.
//! - [`pad`]: normalized, zero-padded rows, the only copy made.
//! - [`pack`]: weights in the order the tile reads them.
//! - [`simd`]: the register tiles, and the only unsafe code.
//! - [`forward`]: convolution and its gradient by the input.
//! - [`weight`]: gradient by the weight.
//! - [`norm`]: batch statistics and their gradient.
//! - [`pool`]: max-pooling over rows and its inverse.
//!
//! Stride is 1; height, width, kernel, dilation, padding and channels are free.

pub mod activation;
pub mod forward;
pub mod norm;
pub mod pack;
pub mod pad;
pub mod pool;
pub mod shape;
pub mod simd;
pub mod weight;

pub use activation::Activation;
pub use shape::ConvShape;

#[cfg(test)]
mod tests;
