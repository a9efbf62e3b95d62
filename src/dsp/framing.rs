//! Which samples a frame sees, through which window taps.

use std::ops::Range;

use super::CfpConfig;

/// Number of frames of `n_samples`: one every `hop`, the first at one hop, the
/// last before the end.
pub(super) fn n_frames(n_samples: usize, hop: usize) -> usize {
    n_samples.div_ceil(hop).saturating_sub(1)
}

/// A stretch of a recording.
#[derive(Clone, Copy)]
pub(super) struct SampleSpan<'a> {
    /// The samples at hand.
    pub samples: &'a [f32],
    /// Index of `samples[0]` in the recording.
    pub start: usize,
}

impl SampleSpan<'_> {
    /// Number of samples of the recording up to the end of this stretch.
    pub fn end(&self) -> usize {
        self.start + self.samples.len()
    }

    /// Samples of the recording by index.
    fn at(&self, range: Range<usize>) -> &[f32] {
        &self.samples[range.start - self.start..range.end - self.start]
    }
}

/// The window of a CFP as it meets the samples.
///
/// The reference programs carry MATLAB's 1-based indices: relative to a frame
/// centered on sample `t`, tap `k - 1` meets sample `t - reach + k - 1`, and the
/// first sample meets the last tap. A frame at an edge is cut, not padded, and
/// each frame is divided by the norm of the taps it uses.
pub(super) struct FrameWindow {
    /// Samples on either side of a center.
    reach: usize,
    /// Taps in the order of the samples they meet.
    taps: Vec<f64>,
    /// `taps` over their norm, for all frames but those at the edges.
    unit_taps: Vec<f64>,
}

impl FrameWindow {
    pub fn new(config: &CfpConfig) -> Self {
        let window = config.window.taps(config.window_len);
        let reach = (config.window_len - 1) / 2;
        let mut taps = vec![window[config.window_len - 1]];
        taps.extend(&window[..2 * reach - 1]);
        let unit_taps = unit(&taps);
        Self {
            reach,
            taps,
            unit_taps,
        }
    }

    /// How many samples before and after its center an uncut frame depends on.
    pub fn needs(&self) -> (usize, usize) {
        (self.reach + 1, self.reach)
    }

    /// Writes the windowed samples around `center` to the front of `frame`, zeros after them.
    ///
    /// The place within the frame turns only phases, which CFP ignores.
    pub fn fill(&self, excerpt: SampleSpan, center: usize, frame: &mut [f64]) {
        let before = self.reach.min(center - 1);
        let after = self.reach.min(excerpt.end() - center);
        let samples = excerpt.at(center - before - 1..center + after - 1);
        let used = self.reach - before..self.reach + after;
        if used.len() == self.taps.len() {
            multiply(samples, &self.unit_taps, frame);
        } else {
            multiply(samples, &unit(&self.taps[used]), frame);
        }
        frame[samples.len()..].fill(0.0);
    }
}

fn multiply(samples: &[f32], taps: &[f64], frame: &mut [f64]) {
    for ((out, &sample), tap) in frame.iter_mut().zip(samples).zip(taps) {
        *out = f64::from(sample) * tap;
    }
}

/// Taps divided by their Euclidean norm; zeros stay zeros.
fn unit(taps: &[f64]) -> Vec<f64> {
    let norm = taps.iter().map(|tap| tap * tap).sum::<f64>().sqrt();
    let scale = if norm > 0.0 { 1.0 / norm } else { 0.0 };
    taps.iter().map(|tap| tap * scale).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_start_at_one_hop_and_end_before_the_end() {
        let counts = [0, 1, 79, 80, 81, 160, 161].map(|n| n_frames(n, 80));
        assert_eq!(counts, [0, 0, 0, 0, 1, 1, 2]);
    }

    #[test]
    fn the_first_sample_of_a_whole_frame_meets_the_last_tap() {
        let config = CfpConfig::hkdsme();
        let window = config.window.taps(768);
        let framing = FrameWindow::new(&config);
        let samples = [1.0_f32; 2000];
        let mut frame = vec![9.0; 4000];
        let excerpt = SampleSpan {
            samples: &samples,
            start: 0,
        };
        framing.fill(excerpt, 800, &mut frame);
        assert_eq!(frame[766..], [0.0; 4000 - 766]);
        assert_eq!(frame[0] / frame[1], window[767] / window[0]);
        assert!((frame.iter().map(|v| v * v).sum::<f64>() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn edges_are_cut_and_keep_unit_norm() {
        let framing = FrameWindow::new(&CfpConfig::hkdsme());
        let samples = [1.0_f32; 900];
        let mut frame = vec![0.0; 4000];
        let excerpt = SampleSpan {
            samples: &samples,
            start: 0,
        };
        for (center, n_used) in [(80, 79 + 383), (880, 383 + 20), (899, 383 + 1)] {
            framing.fill(excerpt, center, &mut frame);
            assert_eq!(frame.iter().filter(|v| **v != 0.0).count(), n_used);
            assert!((frame.iter().map(|v| v * v).sum::<f64>() - 1.0).abs() < 1e-12);
        }
    }
}
