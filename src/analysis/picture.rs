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

    /// Byte for one value of the layer (not yet in logarithm).
    pub fn quantise(layer: f32) -> u8 {
        (layer.ln_1p() * (255.0 / Self::FULL_SCALE)).round() as u8
    }
}
