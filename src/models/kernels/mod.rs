//! The processor's own kernels: normalize, convolve, activate, in one pass over plain slices.
//!
//! A network here is a chain of `BatchNorm → convolution → activation`. The
//! general CPU backend unrolls each convolution into columns and makes a pass
//! over memory for every step; these kernels read the input where it lies:
//!
//! - [`shape`]: the sizes of a convolution.
//! - [`pad`]: zero-padded windows of the input, split by stride; the only copy made.
//! - [`pack`]: weights in the order the tile reads them.
//! - [`simd`]: the register tiles, and the only unsafe code.
//! - [`activation`]: what is applied to each output.
//! - [`forward`]: convolution, window by window.
//! - [`abreast`]: items of a batch side by side, where planes are small.
//! - [`input`]: gradient by the input.
//! - [`weight`]: gradient by the weight.
//! - [`transpose`]: transposed convolution, of the same three parts.
//! - [`passes`]: forward and both gradients, whichever way a convolution goes.
//! - [`norm`]: batch statistics and their gradient.
//! - [`pool`]: max-pooling over rows and its inverse.
//!
//! Height, width, kernel, stride, dilation, padding and channels are free.

pub mod abreast;
pub mod activation;
pub mod forward;
pub mod input;
pub mod norm;
pub mod pack;
pub mod pad;
pub mod passes;
pub mod pool;
pub mod shape;
pub mod simd;
pub mod transpose;
pub mod weight;

pub use activation::Activation;
pub use passes::Sizes;
pub use shape::ConvShape;
pub use transpose::TransposedShape;

#[cfg(test)]
mod tests;
