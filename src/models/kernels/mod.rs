//! The processor's own kernels: normalize, convolve, activate, in one pass over plain slices.
//!
//! A network here is a chain of `BatchNorm → convolution → activation`. The
//! general CPU backend unrolls each convolution into columns and makes a pass
//! over memory for every step; these kernels read the input where it lies:
//!
//! - [`shape`]: the sizes of a convolution.
//! - [`comb`]: outputs of an axis that the same taps make.
//! - [`simd`]: the register tiles, and the only unsafe code.
//! - [`pack`]: weights in the order that a tile reads them.
//! - [`activation`]: what is applied to each output.
//! - [`passes`]: forward and both gradients, by the kernel that suits the sizes.
//! - [`transpose`]: transposed convolution, of the same passes turned around.
//! - [`norm`]: batch statistics and their gradient.
//! - [`pool`]: max-pooling over rows and its inverse.
//! - [`pixels`]: vectors over neighboring pixels, for wide planes.
//! - [`channels`]: vectors across channels, for small planes and large strides.
//! - [`turn`]: rows to columns.
//! - [`total`]: sums of slices.
//! - [`spare`]: buffers that outlive a call.
//!
//! Height, width, kernel, stride, dilation, padding and channels are free.

pub mod activation;
pub mod channels;
pub mod comb;
pub mod norm;
pub mod pack;
pub mod passes;
pub mod pixels;
pub mod pool;
pub mod shape;
pub mod simd;
pub mod spare;
pub mod total;
pub mod transpose;
pub mod turn;

pub use activation::Activation;
pub use passes::Sizes;
pub use shape::ConvShape;
pub use transpose::TransposedShape;

#[cfg(test)]
mod tests;
