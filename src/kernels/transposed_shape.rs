//! The sizes of a transposed convolution: a convolution with input and output exchanged.

use std::ops::Range;

use rayon::prelude::*;

use super::ConvShape;
use super::sum::sum;

/// Sizes of a transposed convolution from `[batch, cin, height, width]` to
/// `[batch, cout, out_height, out_width]` with weight `[cin, cout, kernel.0, kernel.1]`,
/// PyTorch's `ConvTranspose2d`.
///
/// Pairs are (height, width).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransposedShape {
    /// Items in the batch.
    pub batch: usize,
    /// Input channels.
    pub cin: usize,
    /// Output channels.
    pub cout: usize,
    /// Input rows.
    pub height: usize,
    /// Input columns.
    pub width: usize,
    /// Kernel size.
    pub kernel: (usize, usize),
    /// Outputs cut off on each side.
    pub padding: (usize, usize),
    /// Outputs added at the end, fewer than the stride.
    pub output_padding: (usize, usize),
    /// Distance of taps.
    pub dilation: (usize, usize),
    /// Distance of the outputs that neighboring inputs reach.
    pub stride: (usize, usize),
}

impl TransposedShape {
    /// Output rows.
    pub fn out_height(&self) -> usize {
        let reach = self.stride.0 * (self.height - 1) + self.dilation.0 * (self.kernel.0 - 1);
        reach + 1 + self.output_padding.0 - 2 * self.padding.0
    }

    /// Output columns.
    pub fn out_width(&self) -> usize {
        let reach = self.stride.1 * (self.width - 1) + self.dilation.1 * (self.kernel.1 - 1);
        reach + 1 + self.output_padding.1 - 2 * self.padding.1
    }

    /// Values in the output.
    pub fn out_len(&self) -> usize {
        self.batch * self.cout * self.out_height() * self.out_width()
    }

    /// The convolution with the same weight, from this one's output to its input.
    pub(super) fn convolution(&self) -> ConvShape {
        debug_assert!(self.output_padding.0 < self.stride.0);
        debug_assert!(self.output_padding.1 < self.stride.1);
        ConvShape {
            batch: self.batch,
            cin: self.cout,
            cout: self.cin,
            height: self.out_height(),
            width: self.out_width(),
            kernel: self.kernel,
            padding: self.padding,
            dilation: self.dilation,
            stride: self.stride,
        }
    }

    /// Gradient by the bias, `[cout]`: the sums of `dy`.
    pub(super) fn bias_gradient(
        &self,
        dy: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
    ) -> Vec<f32> {
        let (height, width) = (self.out_height(), self.out_width());
        let channels = (0..self.cout).into_par_iter();
        let sums = channels.map_init(Vec::new, |line: &mut Vec<f32>, channel| {
            line.resize(width, 0.0);
            let mut row_sum = |item: usize, row: usize| {
                let start = (channel * height + row) * width;
                dy(item, channel, start..start + width, line);
                f64::from(sum(line))
            };
            let rows = (0..self.batch).flat_map(|item| (0..height).map(move |row| (item, row)));
            rows.map(|(item, row)| row_sum(item, row)).sum::<f64>() as f32
        });
        sums.collect()
    }
}
