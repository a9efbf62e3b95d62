//! What a CFP gives.

use std::ops::Range;

/// Three pitch-time layers, frame after frame: value `row` of `frame` is at
/// `frame * n_rows + row`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layers {
    /// Rows of a frame.
    pub n_rows: usize,
    /// Power-scaled spectrum: the pitch and its harmonics.
    pub spectrum: Vec<f32>,
    /// Generalized cepstrum of spectrum (GCoS): the pitch and its harmonics, less of the rest.
    pub gcos: Vec<f32>,
    /// Generalized cepstrum (GC): the pitch and its subharmonics.
    pub cepstrum: Vec<f32>,
    /// Tone above all rows with nothing below it, in Hz; 0 where there is none. A value a frame.
    pub whistle_hz: Vec<f32>,
}

impl Layers {
    /// `n_frames` frames of zeros.
    pub fn zeros(n_frames: usize, n_rows: usize) -> Self {
        let layer = vec![0.0; n_frames * n_rows];
        Self {
            n_rows,
            spectrum: layer.clone(),
            gcos: layer.clone(),
            cepstrum: layer,
            whistle_hz: vec![0.0; n_frames],
        }
    }

    /// Number of frames.
    pub fn n_frames(&self) -> usize {
        self.spectrum.len().checked_div(self.n_rows).unwrap_or(0)
    }

    /// Adds the frames of `later` at the end.
    pub fn append(&mut self, later: &Layers) {
        if later.n_frames() == 0 {
            return;
        }
        self.n_rows = later.n_rows;
        self.spectrum.extend_from_slice(&later.spectrum);
        self.gcos.extend_from_slice(&later.gcos);
        self.cepstrum.extend_from_slice(&later.cepstrum);
        self.whistle_hz.extend_from_slice(&later.whistle_hz);
    }

    /// Copies the frames of a range.
    pub fn frames(&self, range: Range<usize>) -> Layers {
        let values = range.start * self.n_rows..range.end * self.n_rows;
        Layers {
            n_rows: self.n_rows,
            spectrum: self.spectrum[values.clone()].to_vec(),
            gcos: self.gcos[values.clone()].to_vec(),
            cepstrum: self.cepstrum[values].to_vec(),
            whistle_hz: self.whistle_hz[range].to_vec(),
        }
    }

    /// Forgets the first `n_frames` frames.
    pub fn drop_front(&mut self, n_frames: usize) {
        for layer in [&mut self.spectrum, &mut self.gcos, &mut self.cepstrum] {
            layer.drain(..n_frames * self.n_rows);
        }
        self.whistle_hz.drain(..n_frames);
    }

    /// The layers in the order networks take them: spectrum, GCoS, GC.
    pub fn channels(&self) -> [&[f32]; 3] {
        [&self.spectrum, &self.gcos, &self.cepstrum]
    }

    /// The CFP itself, GCoS times GC: only the pitch peaks in both. Frame after frame.
    pub fn salience(&self) -> Vec<f32> {
        let pairs = self.gcos.iter().zip(&self.cepstrum);
        pairs.map(|(gcos, gc)| gcos * gc).collect()
    }

    /// The same row after row, `[rows, frames]`, as networks read it.
    pub fn salience_rows(&self) -> Vec<f32> {
        let (n_rows, n_frames) = (self.n_rows, self.n_frames());
        let mut rows = vec![0.0; n_rows * n_frames];
        for (at, value) in self.salience().into_iter().enumerate() {
            rows[at % n_rows * n_frames + at / n_rows] = value;
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn appending_counts_frames() {
        let mut all = Layers::default();
        assert_eq!(all.n_frames(), 0);
        all.append(&Layers::default());
        all.append(&Layers::zeros(2, 5));
        all.append(&Layers::zeros(1, 5));
        assert_eq!((all.n_frames(), all.n_rows), (3, 5));
        assert_eq!(all.salience(), [0.0; 15]);
    }
}
