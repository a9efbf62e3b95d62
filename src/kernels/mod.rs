//! Convolutional layers on the processor: normalize, convolve, activate and pool over plain slices.
//!
//! The face of the room:
//!
//! - [`Convolution`]: a plain or transposed convolution of known sizes ([`ConvShape`],
//!   [`TransposedShape`]), forward and both gradients.
//! - [`PackedConv`]: a convolution for inference, its weight packed once with the normalization in
//!   front folded in, for inputs of any size; what it reads is an [`ConvInput`].
//! - [`Activation`]: what is applied to each output.
//! - [`Norm`], [`statistics`], [`NormGradient`]: batch normalization and its gradient.
//! - [`Pooled`], [`max_pool`], [`unpool`], [`gather`]: max-pooling over rows and its inverse.
//! - [`instruction_set`], [`peak_gflops`]: what the processor offers; [`FRAME_ALIGNMENT`]: where a
//!   signal may be cut so that both parts are rounded alike.
//!
//! Height, width, kernel, stride, dilation, padding and channels are free. Inside, `dispatch`
//! chooses the kernel that suits the sizes: vectors over neighboring pixels (`pixels`) or across
//! channels (`channels`). The register tiles of `simd` are compiled for several instruction sets
//! and chosen at run time. Unsafe code is in `simd` and `shared_windows` alone.

mod activation;
mod channels;
mod convolution;
mod dispatch;
mod input;
mod norm;
mod pack;
mod packed_conv;
mod pixels;
mod polyphase;
mod pool;
mod rows_to_columns;
mod scratch_pool;
mod shape;
mod shared_windows;
mod simd;
mod sum;
mod tasks;
mod transposed_shape;

pub use activation::Activation;
pub use convolution::Convolution;
pub use input::ConvInput;
pub use norm::{Norm, NormGradient, statistics};
pub use packed_conv::PackedConv;
pub use pool::{Pooled, gather, max_pool, unpool};
pub use shape::ConvShape;
pub use simd::peak_gflops;
pub use transposed_shape::TransposedShape;

/// Columns that kernels compute together, counted from the first.
///
/// A signal cut at a multiple of it is rounded as the whole is, if the pieces are wide enough (32
/// columns for most layers) that the same kernels run them.
pub const FRAME_ALIGNMENT: usize = pixels::filter::PIECE;

/// The instruction set that the kernels use on this processor, as people write it.
pub fn instruction_set() -> &'static str {
    simd::best().name()
}

#[cfg(test)]
mod tests;
