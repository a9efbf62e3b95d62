//! Overlap-add, divided by the sum of the windows' squares.

/// Adds up frames; see [`super::InverseStream`].
pub(super) struct OverlapAdd {
    hop: usize,
    /// Squares of the window.
    squares: Vec<f32>,
    /// Sum of the frames from the next frame's first sample on, and of their windows' squares.
    sum: Vec<f32>,
    weight: Vec<f32>,
    /// Samples in front of the recording that are still to be dropped.
    dropped: usize,
}

impl OverlapAdd {
    pub fn new(n_fft: usize, hop: usize, window: &[f32]) -> Self {
        Self {
            hop,
            squares: window.iter().map(|tap| tap * tap).collect(),
            sum: vec![0.0; n_fft],
            weight: vec![0.0; n_fft],
            dropped: n_fft / 2,
        }
    }

    /// Adds the next frame; returns what is done.
    pub fn push(&mut self, frame: &[f32]) -> Vec<f32> {
        let values = frame.iter().zip(&self.squares);
        let sums = self.sum.iter_mut().zip(&mut self.weight);
        for ((sum, weight), (value, square)) in sums.zip(values) {
            *sum += value;
            *weight += square;
        }
        let done = self.take(self.hop);
        self.sum.resize(self.squares.len(), 0.0);
        self.weight.resize(self.squares.len(), 0.0);
        done
    }

    /// All that is left.
    pub fn finish(&mut self) -> Vec<f32> {
        self.take(self.sum.len())
    }

    fn take(&mut self, n: usize) -> Vec<f32> {
        let sums = self.sum.drain(..n).zip(self.weight.drain(..n));
        let done = sums.map(|(sum, weight)| normalized(sum, weight));
        let skipped = self.dropped.min(n);
        self.dropped -= skipped;
        done.skip(skipped).collect()
    }
}

/// A sum over the weight it came with; 0 where no window reached.
pub(super) fn normalized(sum: f32, weight: f32) -> f32 {
    if weight > 1e-11 { sum / weight } else { 0.0 }
}

/// Sums of the windows' squares at each sample of a recording that has `n_frames` frames.
pub(super) fn weights(window: &[f32], hop: usize, n_frames: usize, n_samples: usize) -> Vec<f32> {
    let half = window.len() / 2;
    let mut weights = vec![0.0; half + n_samples.max((n_frames + 1) * hop) + window.len()];
    for t in 0..n_frames {
        for (weight, tap) in weights[t * hop..].iter_mut().zip(window) {
            *weight += tap * tap;
        }
    }
    weights.drain(..half);
    weights.truncate(n_samples);
    weights
}
