//! Polyphase branches: outputs of one axis that the same taps make.

use std::ops::Range;

use super::shape::Axis;

/// Outputs `step` apart and the taps that make them.
///
/// A convolution has one branch an axis. In the transposed convolution inputs one stride apart are
/// made by the same taps: a stride of 2 makes two branches.
#[derive(Clone, Debug)]
pub struct Branch {
    /// The first of the outputs.
    pub first: usize,
    /// Distance of the outputs.
    pub step: usize,
    /// How many there are.
    pub count: usize,
    /// Numbers of the taps in the kernel; if the stride is longer than the kernel, some branches have none.
    pub taps: Vec<usize>,
    /// The value that the first tap reads for output `first`; it may lie outside.
    pub origin: isize,
    /// Distance of the values that a tap reads for neighboring outputs of the branch.
    pub stride: usize,
    /// Distance of the values that neighboring taps read.
    pub dilation: usize,
}

impl Branch {
    /// From inputs to outputs.
    pub fn forward(axis: &Axis) -> Self {
        Self {
            first: 0,
            step: 1,
            count: axis.outputs(),
            taps: (0..axis.kernel).collect(),
            origin: -(axis.padding as isize),
            stride: axis.stride,
            dilation: axis.dilation,
        }
    }

    /// Of the transposed convolution, which reads outputs and makes inputs.
    pub fn transposed(axis: &Axis) -> Vec<Self> {
        let firsts = 0..axis.stride;
        firsts
            .map(|first| Self::transposed_from(axis, first))
            .collect()
    }

    /// Inputs from `first` on, and the taps that read them, the last first.
    fn transposed_from(axis: &Axis, first: usize) -> Self {
        let place = first + axis.padding;
        let meets = |tap: &usize| tap * axis.dilation % axis.stride == place % axis.stride;
        let taps: Vec<usize> = (0..axis.kernel).rev().filter(meets).collect();
        let output = |tap: usize| tap * axis.dilation / axis.stride;
        let last = taps.first().map_or(0, |&tap| output(tap));
        Self {
            first,
            step: axis.stride,
            count: axis.size.saturating_sub(first).div_ceil(axis.stride),
            origin: (place / axis.stride) as isize - last as isize,
            stride: 1,
            dilation: taps.get(1).map_or(1, |&tap| last - output(tap)),
            taps,
        }
    }

    /// The `index`th of the outputs.
    pub fn output(&self, index: usize) -> usize {
        self.first + index * self.step
    }

    /// What its first tap reads for the `index`th of the outputs.
    pub fn read(&self, index: usize) -> isize {
        self.origin + (index * self.stride) as isize
    }

    /// Which of its outputs lie in `range`.
    pub fn within(&self, range: &Range<usize>) -> Range<usize> {
        let before = |end: usize| end.saturating_sub(self.first).div_ceil(self.step);
        before(range.start).min(self.count)..before(range.end).min(self.count)
    }

    /// The values that all taps read for outputs `range`; empty without taps or outputs.
    pub fn reads(&self, range: &Range<usize>) -> Range<isize> {
        if self.taps.is_empty() || range.is_empty() {
            return 0..0;
        }
        let reach = self.dilation * (self.taps.len() - 1);
        self.read(range.start)..self.read(range.end - 1) + reach as isize + 1
    }

    /// The taps that read one of `size` values for the `index`th of the outputs; others read zeros.
    pub fn inside(&self, index: usize, size: usize) -> Range<usize> {
        let place = self.read(index);
        // Taps that read before `end`.
        let before = |end: usize| {
            let rest = usize::try_from(end as isize - place).unwrap_or(0);
            rest.div_ceil(self.dilation).min(self.taps.len())
        };
        before(0)..before(size)
    }
}

/// Branches of rows and of columns, each with each.
pub fn pairs<'a>(
    rows: &'a [Branch],
    columns: &'a [Branch],
) -> impl Iterator<Item = (&'a Branch, &'a Branch)> {
    let with = move |row| columns.iter().map(move |column| (row, column));
    rows.iter().flat_map(with)
}

/// The smallest range around all that are not empty, if there are any.
pub fn hull<T: Copy + Ord>(ranges: impl Iterator<Item = Range<T>>) -> Option<Range<T>> {
    let join = |a: Range<T>, b: Range<T>| a.start.min(b.start)..a.end.max(b.end);
    ranges.filter(|range| !range.is_empty()).reduce(join)
}
