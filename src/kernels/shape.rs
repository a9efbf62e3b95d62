//! The sizes of a convolution.
//!
//! A stride makes neighboring outputs read inputs that are `stride` apart. Kernels with vectors over
//! pixels lay such inputs side by side, in *phase planes*: phase `p` of an axis holds every
//! `stride`-th padded row (or column) from `p * dilation % stride` on, and tap `k` reads phase `k`
//! modulo the number of phases. Over phase planes the convolution has stride 1; stride 1 itself has
//! one phase.

/// Sizes of a convolution from `[batch, cin, height, width]` to
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
    /// Distance of the inputs that neighboring outputs read.
    pub stride: (usize, usize),
}

/// The sizes of a convolution along rows or columns, as in [`ConvShape`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Axis {
    /// Inputs.
    pub size: usize,
    /// Taps.
    pub kernel: usize,
    /// Zeros added on each side.
    pub padding: usize,
    /// Distance of taps.
    pub dilation: usize,
    /// Distance of the inputs that neighboring outputs read.
    pub stride: usize,
}

impl Axis {
    /// Outputs.
    pub fn outputs(&self) -> usize {
        let span = self.dilation * (self.kernel - 1) + 1;
        (self.size + 2 * self.padding - span) / self.stride + 1
    }

    /// Outputs of the transposed convolution that reads this many inputs, `added` at the end included.
    pub fn transposed_outputs(&self, added: usize) -> usize {
        let reach = self.stride * (self.size - 1) + self.dilation * (self.kernel - 1);
        reach + 1 + added - 2 * self.padding
    }

    /// Phases that some tap reads.
    pub fn phases(&self) -> usize {
        let period =
            (1..=self.stride).find(|tap| (tap * self.dilation).is_multiple_of(self.stride));
        self.kernel.min(period.expect("a stride is at least 1"))
    }

    /// Inputs of a phase that a kernel spans beyond its first tap.
    pub fn reach(&self) -> usize {
        self.dilation * (self.kernel - 1) / self.stride
    }
}

impl ConvShape {
    /// Rows and columns.
    pub(super) fn axes(&self) -> (Axis, Axis) {
        let rows = Axis {
            size: self.height,
            kernel: self.kernel.0,
            padding: self.padding.0,
            dilation: self.dilation.0,
            stride: self.stride.0,
        };
        let columns = Axis {
            size: self.width,
            kernel: self.kernel.1,
            padding: self.padding.1,
            dilation: self.dilation.1,
            stride: self.stride.1,
        };
        (rows, columns)
    }

    /// Output rows.
    pub fn out_height(&self) -> usize {
        self.axes().0.outputs()
    }

    /// Output columns.
    pub fn out_width(&self) -> usize {
        self.axes().1.outputs()
    }

    /// Phases of rows and of columns.
    pub(super) fn phases(&self) -> (usize, usize) {
        let (rows, columns) = self.axes();
        (rows.phases(), columns.phases())
    }

    /// Phase planes of a padded item.
    pub(super) fn planes(&self) -> usize {
        self.cin * self.phases().0 * self.phases().1
    }

    /// Rows and columns of a phase plane that a kernel spans beyond its first tap.
    pub(super) fn reach(&self) -> (usize, usize) {
        let (rows, columns) = self.axes();
        (rows.reach(), columns.reach())
    }

    /// Rows of a zero-padded phase plane.
    pub(super) fn padded_height(&self) -> usize {
        self.out_height() + self.reach().0
    }

    /// Columns of a zero-padded phase plane.
    pub(super) fn padded_width(&self) -> usize {
        self.out_width() + self.reach().1
    }

    /// The transposed convolution as a plain one, from outputs to inputs with the taps reversed: the gradient.
    ///
    /// None where that skips outputs: beyond a stride of 1, or where padding outweighs the kernel.
    pub(super) fn transposed(&self) -> Option<Self> {
        let reach = self.reach();
        let rows = reach.0.checked_sub(self.padding.0)?;
        let columns = reach.1.checked_sub(self.padding.1)?;
        (self.stride == (1, 1)).then_some(Self {
            cin: self.cout,
            cout: self.cin,
            height: self.out_height(),
            width: self.out_width(),
            padding: (rows, columns),
            ..*self
        })
    }

    /// Values in the output.
    pub fn out_len(&self) -> usize {
        self.batch * self.cout * self.out_height() * self.out_width()
    }

    /// Values in the weight.
    pub fn weight_len(&self) -> usize {
        self.cout * self.cin * self.kernel.0 * self.kernel.1
    }

    /// Where each tap of the first output lies in phase planes of `plane` values whose rows are
    /// `width` apart; tap order `[cin, kh, kw]`.
    pub(super) fn taps(&self, plane: usize, width: usize) -> Vec<usize> {
        let (row_phases, column_phases) = self.phases();
        let rows = (0..self.kernel.0).map(|tap| {
            let row = tap * self.dilation.0 / self.stride.0;
            tap % row_phases * column_phases * plane + row * width
        });
        let columns = (0..self.kernel.1).map(|tap| {
            let column = tap * self.dilation.1 / self.stride.1;
            tap % column_phases * plane + column
        });
        let (rows, columns): (Vec<_>, Vec<_>) = (rows.collect(), columns.collect());
        let mut taps = Vec::with_capacity(self.cin * rows.len() * columns.len());
        for channel in 0..self.cin {
            let start = channel * row_phases * column_phases * plane;
            for row in &rows {
                taps.extend(columns.iter().map(|column| start + row + column));
            }
        }
        taps
    }
}
