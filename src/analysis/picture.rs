//! The spectrogram as it is drawn, eight bits a cell.

use serde::{Deserialize, Serialize};

use crate::dsp::{Cfp, Layers};
use crate::melody::{FrameGrid, PitchAxis};

/// Which time-frequency representation a picture shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum PictureKind {
    /// Power-scaled spectrum (CFP layer 0): partials.
    #[default]
    Spectrum,
    /// Generalized cepstrum (CFP layer 2): pitches and their sub-harmonics.
    Cepstrum,
    /// Generalized cepstrum of spectrum (CFP layer 1): pitches and their harmonics.
    Gcos,
    /// Geometric mean of the three: pitches, where all of them agree.
    Product,
}

impl PictureKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Spectrum, Self::Cepstrum, Self::Gcos, Self::Product];

    /// Its name in the window.
    pub fn label(self) -> &'static str {
        match self {
            PictureKind::Spectrum => "Spectrum",
            PictureKind::Cepstrum => "Cepstrum",
            PictureKind::Gcos => "GCoS",
            PictureKind::Product => "Product",
        }
    }
}

/// A log-frequency picture of a recording, one byte a cell.
///
/// `cells[column * axis.n_rows + row]`, row 0 lowest. A byte is
/// `ln(1 + mean) / full scale`, the same scale for every file, so that columns
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
    /// Value of `ln(1 + mean)` that a byte of 255 stands for, of the spectrum, GCoS and cepstrum;
    /// louder cells are held there.
    pub const FULL_SCALES: [f32; 3] = [1.25, 0.6, 1.6];

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

    /// Adds frames of `cfp`.
    ///
    /// A row's filter sums over bins; drawn is their mean, so that rows with more bins are no
    /// brighter. Low rows whose filter holds no bin show the row below them.
    pub fn extend(&mut self, kind: PictureKind, cfp: &Cfp, layers: &Layers) {
        let weights = cfp.row_weights();
        let channels = [&layers.spectrum, &layers.gcos, &layers.cepstrum];
        let used: &[usize] = match kind {
            PictureKind::Spectrum => &[0],
            PictureKind::Gcos => &[1],
            PictureKind::Cepstrum => &[2],
            PictureKind::Product => &[0, 1, 2],
        };
        let n_rows = self.axis.n_rows;
        let mut sums = vec![0.0; n_rows];
        for frame in 0..layers.spectrum.len() / n_rows {
            sums.fill(1.0);
            for &channel in used {
                let values = &channels[channel][frame * n_rows..][..n_rows];
                let full_scale = Self::FULL_SCALES[channel];
                for (sum, mean) in sums.iter_mut().zip(means(values, &weights[channel])) {
                    *sum *= mean.ln_1p() / full_scale;
                }
            }
            let root = 1.0 / used.len() as f32;
            let cells = sums.iter().map(|sum| quantize(sum.powf(root)));
            self.cells.extend(cells);
        }
    }
}

/// Mean over each row's bins; that of the row below where there are none.
fn means<'a>(values: &'a [f32], weights: &'a [f32]) -> impl Iterator<Item = f32> + 'a {
    let held = weights.iter().position(|&weight| weight > 0.0).unwrap_or(0);
    let mean = |row: usize| values[row] / weights[row].max(f32::MIN_POSITIVE);
    let mut below = mean(held);
    (0..values.len()).map(move |row| {
        if weights[row] > 0.0 {
            below = mean(row);
        }
        below
    })
}

/// Byte for a share of the full scale.
fn quantize(share: f32) -> u8 {
    (255.0 * share).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_show_the_mean_of_their_bins_or_the_row_below() {
        let values = [0.0, 2.0, 0.0, 9.0];
        let weights = [0.0, 0.5, 0.0, 3.0];
        let shown: Vec<f32> = means(&values, &weights).collect();
        assert_eq!(shown, [4.0, 4.0, 4.0, 3.0]);
    }

    #[test]
    fn silence_is_dark_in_every_picture() {
        let cfp = Cfp::new(crate::dsp::CfpConfig::hkdsme());
        let layers = cfp.compute(&[0.0; 1600]);
        for kind in PictureKind::ALL {
            let mut picture = Picture::new(cfp.config().axis(), cfp.config().grid());
            picture.extend(kind, &cfp, &layers);
            assert!(picture.n_columns() > 10);
            assert!(picture.cells.iter().all(|&cell| cell == 0), "{kind:?}");
        }
    }
}
