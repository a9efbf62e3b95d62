//! Layers → network input.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::Layers;
use super::elementwise::scaled_ln_1p;

/// Rows written together, so that one read of a cache line serves them all.
const ROWS_PER_JOB: usize = 16;

/// Range of `ln(1 + v)` over a recording, for each layer: spectrum, GCoS, GC.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeatureScale {
    /// Smallest values.
    pub min: [f32; 3],
    /// Largest values.
    pub max: [f32; 3],
}

impl FeatureScale {
    /// The range of nothing.
    pub fn empty() -> Self {
        Self {
            min: [f32::INFINITY; 3],
            max: [f32::NEG_INFINITY; 3],
        }
    }

    /// Widens the range to include `layers`.
    pub fn include(&mut self, layers: &Layers) {
        for (i, channel) in layers.channels().into_iter().enumerate() {
            if channel.is_empty() {
                continue;
            }
            let (min, max) = range(channel);
            self.min[i] = self.min[i].min(min.ln_1p());
            self.max[i] = self.max[i].max(max.ln_1p());
        }
    }

    /// Offset and factor that take a layer's range to 0..=1; `None` if there is no range.
    fn offset_and_factor(&self, channel: usize) -> Option<(f64, f64)> {
        let (min, max) = (f64::from(self.min[channel]), f64::from(self.max[channel]));
        (max > min).then(|| (min, 1.0 / (max - min)))
    }
}

/// Smallest and largest of some values.
fn range(values: &[f32]) -> (f32, f32) {
    let start = (f32::INFINITY, f32::NEG_INFINITY);
    values.iter().fold(start, |(min, max), &v| {
        (if v < min { v } else { min }, if v > max { v } else { max })
    })
}

/// What MSNet, FTANet and HKDSME are fed: `ln(1 + v)` of each layer, scaled to 0..=1.
///
/// Returns `[3, n_rows, n_frames]` (channel, row, frame). A layer without a range
/// (silence) becomes zeros. Values outside `scale` leave 0..=1: include the layers first.
pub fn normalized_stack(layers: &Layers, scale: &FeatureScale) -> Vec<f32> {
    let (n_rows, n_frames) = (layers.n_rows, layers.n_frames());
    let mut stack = vec![0.0; 3 * n_rows * n_frames];
    if stack.is_empty() {
        return stack;
    }
    for (i, out) in stack.chunks_exact_mut(n_rows * n_frames).enumerate() {
        let Some((offset, factor)) = scale.offset_and_factor(i) else {
            continue;
        };
        let channel = layers.channels()[i];
        out.par_chunks_mut(ROWS_PER_JOB * n_frames)
            .enumerate()
            .for_each(|(job, rows)| {
                transpose(channel, n_rows, job * ROWS_PER_JOB, n_frames, rows);
                scaled_ln_1p(rows, offset, factor);
            });
    }
    stack
}

/// Copies rows from `first_row` on, frame after frame in `channel`, to row after row in `rows`.
fn transpose(channel: &[f32], n_rows: usize, first_row: usize, n_frames: usize, rows: &mut [f32]) {
    let n_taken = rows.len() / n_frames;
    for (t, frame) in channel.chunks_exact(n_rows).enumerate() {
        for (i, &value) in frame[first_row..first_row + n_taken].iter().enumerate() {
            rows[i * n_frames + t] = value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 20 rows and 3 frames, so that the last job has fewer rows.
    fn layers() -> Layers {
        let ramp: Vec<f32> = (0..60_u8).map(|i| f32::from(i).exp_m1() / 9.0).collect();
        Layers {
            n_rows: 20,
            spectrum: ramp.clone(),
            gcos: ramp.iter().map(|v| v + 1.0).collect(),
            cepstrum: vec![0.0; 60],
            ..Layers::default()
        }
    }

    #[test]
    fn each_layer_fills_its_range_row_by_row() {
        let layers = layers();
        let mut scale = FeatureScale::empty();
        scale.include(&layers);
        let stack = normalized_stack(&layers, &scale);
        for (channel, values) in layers.channels().into_iter().enumerate().take(2) {
            let (min, max) = (values[0].ln_1p(), values[59].ln_1p());
            for row in 0..20 {
                for t in 0..3 {
                    let expected = (values[t * 20 + row].ln_1p() - min) / (max - min);
                    let found = stack[(channel * 20 + row) * 3 + t];
                    assert!((found - expected).abs() < 1e-6);
                }
            }
        }
        assert_eq!(stack[120..], [0.0; 60]);
    }

    #[test]
    fn silence_and_nothing_become_zeros() {
        let silence = Layers::zeros(4, 20);
        let mut scale = FeatureScale::empty();
        assert_eq!(normalized_stack(&silence, &scale), [0.0; 240]);
        scale.include(&Layers::default());
        assert_eq!(scale, FeatureScale::empty());
        scale.include(&silence);
        assert_eq!(normalized_stack(&silence, &scale), [0.0; 240]);
        assert!(normalized_stack(&Layers::default(), &scale).is_empty());
        assert!(normalized_stack(&Layers::zeros(0, 20), &scale).is_empty());
    }

    #[test]
    fn including_parts_includes_the_whole() {
        let layers = layers();
        let (mut whole, mut parts) = (FeatureScale::empty(), FeatureScale::empty());
        whole.include(&layers);
        for t in 0..3 {
            let frame = |layer: &[f32]| layer[t * 20..(t + 1) * 20].to_vec();
            parts.include(&Layers {
                n_rows: 20,
                spectrum: frame(&layers.spectrum),
                gcos: frame(&layers.gcos),
                cepstrum: frame(&layers.cepstrum),
                ..Layers::default()
            });
        }
        assert_eq!(parts, whole);
    }
}
