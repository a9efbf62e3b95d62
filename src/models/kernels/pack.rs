//! Weights in the order that a register tile reads them.

use super::ConvShape;

/// Weights as `[block][tap][lane]`: `lanes` output channels side by side, zeros where there are none.
pub struct Packed {
    /// The values.
    pub values: Vec<f32>,
    /// Output channels in a block.
    pub lanes: usize,
    /// Taps: input channels times kernel size.
    pub taps: usize,
}

impl Packed {
    /// Packs `weight(output channel, tap)`.
    fn from_fn(
        cout: usize,
        taps: usize,
        lanes: usize,
        weight: impl Fn(usize, usize) -> f32,
    ) -> Self {
        let blocks = cout.div_ceil(lanes);
        let mut values = vec![0.0; blocks * taps * lanes];
        for channel in 0..cout {
            let block = channel / lanes * taps * lanes;
            for tap in 0..taps {
                values[block + tap * lanes + channel % lanes] = weight(channel, tap);
            }
        }
        Self {
            values,
            lanes,
            taps,
        }
    }

    /// For the forward pass of `weight` (`[cout, cin, kh, kw]`).
    pub fn forward(shape: &ConvShape, weight: &[f32], lanes: usize) -> Self {
        let taps = shape.cin * shape.kernel.0 * shape.kernel.1;
        Self::from_fn(shape.cout, taps, lanes, |channel, tap| {
            weight[channel * taps + tap]
        })
    }

    /// For the gradient by the input: channels exchanged, kernel turned by 180 degrees.
    pub fn transposed(shape: &ConvShape, weight: &[f32], lanes: usize) -> Self {
        let size = shape.kernel.0 * shape.kernel.1;
        Self::from_fn(shape.cin, shape.cout * size, lanes, |channel, tap| {
            let (out, position) = (tap / size, tap % size);
            weight[(out * shape.cin + channel) * size + (size - 1 - position)]
        })
    }

    /// Weights of one block, `[tap][lane]`.
    pub fn block(&self, block: usize) -> &[f32] {
        &self.values[block * self.taps * self.lanes..][..self.taps * self.lanes]
    }
}
