//! The spectrogram as it is drawn, eight bits a cell.

use crate::melody::{FrameGrid, PitchAxis};

/// Power-scaled log-frequency spectrogram (CFP layer 0), one byte a cell.
///
/// `cells[column * axis.n_rows + row]`, row 0 lowest. A byte is
/// `ln(1 + layer) / FULL_SCALE`, the same scale for every file, so that columns
/// can be drawn before the loudest is known. A minute takes 1.9 MB at 10 ms.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// What a row is in Hz.
    pub axis: PitchAxis,
    /// Times of the columns.
    pub grid: FrameGrid,
    /// Cells, column after column.
    pub cells: Vec<u8>,
}

impl Picture {
    /// Value of `ln(1 + layer)` that a byte of 255 stands for; louder cells are held there.
    pub const FULL_SCALE: f32 = 3.0;

    /// An empty picture.
    pub fn new(axis: PitchAxis, grid: FrameGrid) -> Self {
        Self {
            axis,
            grid,
            cells: Vec::new(),
        }
    }

    /// Number of columns so far.
    pub fn n_columns(&self) -> usize {
        self.cells.len() / self.axis.n_rows
    }

    /// Rows of one column, lowest first.
    pub fn column(&self, i: usize) -> &[u8] {
        &self.cells[i * self.axis.n_rows..][..self.axis.n_rows]
    }

    /// Adds frames of the layer, `[frame][row]`.
    ///
    /// Rows whose filter holds no bin of the spectrum are zero throughout; they show the row
    /// below them, so that the picture has no dark lines that the sound has not.
    pub fn extend(&mut self, layer: &[f32]) {
        for frame in layer.chunks_exact(self.axis.n_rows) {
            let lowest = frame.iter().copied().find(|&value| value > 0.0);
            let mut below = lowest.unwrap_or(0.0);
            self.cells.extend(frame.iter().map(|&value| {
                below = if value > 0.0 { value } else { below };
                quantize(below)
            }));
        }
    }
}

/// Byte for one value of the layer.
fn quantize(value: f32) -> u8 {
    (value.ln_1p() * (255.0 / Picture::FULL_SCALE)).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_rows_show_the_row_below_and_silence_stays_dark() {
        let axis = PitchAxis {
            n_rows: 4,
            ..PitchAxis::HKDSME
        };
        let mut picture = Picture::new(axis, FrameGrid::from_hop(0.01));
        picture.extend(&[0.0, 1.0, 0.0, 3.0, 0.0, 0.0, 0.0, 0.0]);
        let [low, high] = [quantize(1.0), quantize(3.0)];
        assert_eq!(picture.cells, [low, low, low, high, 0, 0, 0, 0]);
        assert!(high > low);
    }
}
