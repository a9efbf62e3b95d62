//! What a convolution reads: values as they lie, or maxima at the places they were taken from.

use std::ops::Range;

/// A batch of inputs, `[batch, cin, height, width]`.
#[derive(Clone, Copy, Debug)]
pub enum ConvInput<'a> {
    /// Values as they lie.
    Plain(&'a [f32]),
    /// One value for each `size` rows, at the place of a maximum; zeros elsewhere.
    Unpooled {
        /// `[batch, cin, height / size, width]`.
        values: &'a [f32],
        /// Which of the rows, laid like the values.
        places: &'a [u32],
        /// Rows for each value.
        size: usize,
    },
}

/// An input with its sizes.
#[derive(Clone, Copy)]
pub struct SizedInput<'a> {
    /// The values.
    pub input: ConvInput<'a>,
    /// Channels.
    pub channels: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

impl SizedInput<'_> {
    /// Writes the values `range`, part of a row, of the item's `[channels, height, width]`.
    pub fn read(&self, item: usize, channel: usize, range: Range<usize>, into: &mut [f32]) {
        let plane = self.height * self.width;
        match self.input {
            ConvInput::Plain(values) => {
                let start = item * self.channels * plane + range.start;
                into.copy_from_slice(&values[start..start + into.len()]);
            }
            ConvInput::Unpooled {
                values,
                places,
                size,
            } => {
                let within = range.start - channel * plane;
                let (row, column) = (within / self.width, within % self.width);
                let (number, pooled_height) = ((row % size) as u32, self.height / size);
                if row / size >= pooled_height {
                    return into.fill(0.0);
                }
                let row = (item * self.channels + channel) * pooled_height + row / size;
                let pooled = row * self.width + column..row * self.width + column + into.len();
                let sources = values[pooled.clone()].iter().zip(&places[pooled]);
                for (into, (&value, &place)) in into.iter_mut().zip(sources) {
                    *into = if place == number { value } else { 0.0 };
                }
            }
        }
    }
}
