//! The sizes of a transposed convolution: a convolution with input and output exchanged.

use std::ops::Range;

use rayon::prelude::*;

use super::ConvShape;
use super::sum::sum;

/// Sizes of a transposed convolution from `[batch, cin, height, width]` to
/// `[batch, cout, out_height, out_width]` with weight `[cin, cout, kernel.0, kernel.1]`,
/// PyTorch's `ConvTranspose2d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransposedShape {
    /// From this one's output to its input.
    convolution: ConvShape,
}

impl TransposedShape {
    /// A transposed convolution that reads inputs and has a kernel of these `sizes`.
    ///
    /// Its padding cuts outputs off on each side, its stride is the distance of the outputs that
    /// neighboring inputs reach; `added` rows and columns, fewer than the stride, follow at the end.
    pub fn new(sizes: ConvShape, added: (usize, usize)) -> Self {
        debug_assert!(added.0 < sizes.stride.0 && added.1 < sizes.stride.1);
        let (rows, columns) = sizes.axes();
        let convolution = ConvShape {
            cin: sizes.cout,
            cout: sizes.cin,
            height: rows.transposed_outputs(added.0),
            width: columns.transposed_outputs(added.1),
            ..sizes
        };
        Self { convolution }
    }

    /// Items in the batch.
    pub fn batch(&self) -> usize {
        self.convolution.batch
    }

    /// Output channels.
    pub fn cout(&self) -> usize {
        let ConvShape { cin, .. } = self.convolution;
        cin
    }

    /// Output rows.
    pub fn out_height(&self) -> usize {
        self.convolution.height
    }

    /// Output columns.
    pub fn out_width(&self) -> usize {
        self.convolution.width
    }

    /// The convolution with the same weight, from this one's output to its input.
    pub(super) fn convolution(&self) -> ConvShape {
        self.convolution
    }

    /// Gradient by the bias, `[cout]`: the sums of `dy`.
    pub(super) fn bias_gradient(
        &self,
        dy: impl Fn(usize, usize, Range<usize>, &mut [f32]) + Sync,
    ) -> Vec<f32> {
        let (height, width) = (self.out_height(), self.out_width());
        let channels = (0..self.cout()).into_par_iter();
        let sums = channels.map_init(Vec::new, |line: &mut Vec<f32>, channel| {
            line.resize(width, 0.0);
            let mut row_sum = |item: usize, row: usize| {
                let start = (channel * height + row) * width;
                dy(item, channel, start..start + width, line);
                f64::from(sum(line))
            };
            let rows = (0..self.batch()).flat_map(|item| (0..height).map(move |row| (item, row)));
            rows.map(|(item, row)| row_sum(item, row)).sum::<f64>() as f32
        });
        sums.collect()
    }
}
