//! The sizes of a convolution.

/// Sizes of a stride-1 convolution from `[batch, cin, height, width]` to
/// `[batch, cout, out_height, out_width]` with weight `[cout, cin, kernel.0, kernel.1]`.
///
/// Pairs are (height, width); padding is the same on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvShape {
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
    /// Zeros added on each side.
    pub padding: (usize, usize),
    /// Distance of taps.
    pub dilation: (usize, usize),
}

impl ConvShape {
    /// Rows and columns that a kernel spans beyond its first tap.
    pub fn reach(&self) -> (usize, usize) {
        (
            self.dilation.0 * (self.kernel.0 - 1),
            self.dilation.1 * (self.kernel.1 - 1),
        )
    }

    /// Output rows.
    pub fn out_height(&self) -> usize {
        self.height + 2 * self.padding.0 - self.reach().0
    }

    /// Output columns.
    pub fn out_width(&self) -> usize {
        self.width + 2 * self.padding.1 - self.reach().1
    }

    /// Columns of a zero-padded input row.
    pub fn padded_width(&self) -> usize {
        self.width + 2 * self.padding.1
    }

    /// Values in the output.
    pub fn out_len(&self) -> usize {
        self.batch * self.cout * self.out_height() * self.out_width()
    }

    /// Values in the weight.
    pub fn weight_len(&self) -> usize {
        self.cout * self.cin * self.kernel.0 * self.kernel.1
    }

    /// The convolution that takes the output's gradient to the input's.
    pub fn transposed(&self) -> Self {
        let reach = self.reach();
        Self {
            cin: self.cout,
            cout: self.cin,
            height: self.out_height(),
            width: self.out_width(),
            padding: (reach.0 - self.padding.0, reach.1 - self.padding.1),
            ..*self
        }
    }

    /// Distance of each tap from the first, in planes of `rows` rows that are `stride` apart;
    /// tap order `[cin, kh, kw]`.
    pub fn taps(&self, rows: usize, stride: usize) -> Vec<usize> {
        let mut taps = Vec::with_capacity(self.cin * self.kernel.0 * self.kernel.1);
        for channel in 0..self.cin {
            for row in 0..self.kernel.0 {
                for column in 0..self.kernel.1 {
                    let row = channel * rows + row * self.dilation.0;
                    taps.push(row * stride + column * self.dilation.1);
                }
            }
        }
        taps
    }
}
