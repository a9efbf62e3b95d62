//! The progressive network of Lu & Su (2018): what a column learned of scores helps another that hears.
//!
//! The first column is a [`Segmentation`] that was trained on symbolic music; it stays as it is. The
//! second hears. At ten places an adapter stretches what the first column computed, of a row a semitone,
//! to the second's rows and adds it there (Rusu et al. 2016).

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};

use super::segmentation::blocks::PreActivation;
use super::segmentation::{DROPOUT, Segmentation, SegmentationSettings, TAPS, check_hop};
use super::{Network, expect};
use crate::dsp::DspError;
use crate::models::Features;
use crate::models::layers::{ConvConfig, ConvTranspose};

/// Rows of the second column's input, four a semitone.
const ROWS: usize = 352;

/// Rows of a semitone.
const ROWS_A_KEY: usize = 4;

/// Weights of the rows about a semitone's.
const KEY_WEIGHTS: [f32; 5] = [0.1, 0.2, 0.4, 0.2, 0.1];

/// Channels and height of the adapters.
const ADAPTERS: [(usize, usize); TAPS] = [
    (32, 9),
    (32, 9),
    (64, 9),
    (128, 9),
    (256, 9),
    (512, 9),
    (128, 5),
    (64, 5),
    (32, 5),
    (32, 5),
];

/// Times as many rows as the first column has.
const STRETCH: usize = 3;

/// The network; see the module's documentation.
#[derive(Module, Debug)]
pub struct Progressive {
    /// Learned of scores; no step changes it.
    symbolic: Segmentation,
    audio: Segmentation,
    adapters: Vec<Adapter>,
}

impl Network for Progressive {
    type Settings = SegmentationSettings;

    fn check(settings: &SegmentationSettings, features: &Features) -> Result<(), DspError> {
        check_hop(settings.hop)?;
        expect("rows between fmin_hz and fmax_hz", ROWS, features.n_rows())
    }

    fn new(settings: &SegmentationSettings, device: &Device) -> Self {
        let dropout = |tap: usize| match tap {
            0..5 => DROPOUT[0],
            5 => DROPOUT[1],
            _ => DROPOUT[2],
        };
        let adapters = ADAPTERS.iter().enumerate();
        let adapters = adapters
            .map(|(tap, &(channels, height))| Adapter::new(channels, height, dropout(tap), device));
        Self {
            symbolic: Segmentation::new(settings, device),
            audio: Segmentation::new(settings, device),
            adapters: adapters.collect(),
        }
    }

    /// `[batch, 1, 352, frames]` → log-odds `[batch, 2, 352, frames]`: of no melody, of melody.
    fn forward(&self, x: Tensor<4>) -> Vec<Tensor<4>> {
        let mut taps = self.symbolic_taps(semitones(x.clone())).into_iter();
        let add = |tap: usize, x: Tensor<4>| {
            let symbolic = taps.next().expect("both columns have the same taps");
            x + self.adapters[tap].forward(symbolic)
        };
        vec![self.audio.run(x, add)]
    }
}

impl Progressive {
    /// What the first column computes at each tap; no gradient reaches it, and its normalizations keep
    /// their statistics.
    fn symbolic_taps(&self, keys: Tensor<4>) -> Vec<Tensor<4>> {
        let mut taps = Vec::with_capacity(TAPS);
        let keep = |_, x: Tensor<4>| {
            taps.push(x.clone());
            x
        };
        if !keys.device().is_autodiff() {
            self.symbolic.run(keys, keep);
            return taps;
        }
        self.symbolic.valid().run(keys.inner(), keep);
        taps.into_iter().map(Tensor::from_inner).collect()
    }
}

/// A row a semitone: `[batch, 1, 352, frames]` → `[batch, 1, 88, frames]`, the weighted sum of the rows
/// about it.
pub fn semitones(x: Tensor<4>) -> Tensor<4> {
    let [_, _, rows, _] = x.dims();
    let keys = rows / ROWS_A_KEY;
    let mut weights = vec![0.0; keys * rows];
    for key in 0..keys {
        for (i, &weight) in KEY_WEIGHTS.iter().enumerate() {
            let row = (key * ROWS_A_KEY + i).checked_sub(KEY_WEIGHTS.len() / 2);
            if let Some(row) = row.filter(|&row| row < rows) {
                weights[key * rows + row] = weight;
            }
        }
    }
    let weights = TensorData::new(weights, [1, 1, keys, rows]);
    Tensor::<4>::from_data(weights, &x.device()).matmul(x)
}

/// Takes what the first column computed to the rows of the second.
#[derive(Module, Debug)]
struct Adapter {
    ahead: PreActivation,
    up: ConvTranspose,
}

impl Adapter {
    fn new(channels: usize, height: usize, dropout: f64, device: &Device) -> Self {
        let up = ConvConfig::new([channels, channels], [height, 1])
            .stride([STRETCH, 1])
            .padding([(height - STRETCH) / 2, 0]);
        Self {
            ahead: PreActivation::new(channels, dropout, device),
            up: up.init_transposed([0, 0], device),
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        self.up.forward(self.ahead.forward(x))
    }
}

#[cfg(test)]
mod tests {
    use burn::optim::GradientsParams;
    use burn::tensor::Distribution;

    use super::*;

    #[test]
    fn the_first_column_learns_nothing_and_the_rest_does() {
        let device = Device::flex().autodiff();
        let net = Progressive::new(&SegmentationSettings::default(), &device);
        let x = Tensor::random([1, 1, ROWS, 16], Distribution::Default, &device);
        let learns = |module: usize| {
            let logits = net.forward(x.clone()).swap_remove(0);
            assert_eq!(logits.dims(), [1, 2, ROWS, 16]);
            let gradients = logits.sum().backward();
            match module {
                0 => GradientsParams::from_grads(gradients, &net.symbolic).len(),
                1 => GradientsParams::from_grads(gradients, &net.audio).len(),
                _ => GradientsParams::from_grads(gradients, &net.adapters).len(),
            }
        };
        let [symbolic, audio, adapters] = [0, 1, 2].map(learns);
        assert_eq!(symbolic, 0);
        assert!(audio > 100, "{audio}");
        // weight and bias of the convolution, gamma and beta of the normalization
        assert_eq!(adapters, 4 * TAPS);
    }
}
