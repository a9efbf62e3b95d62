//! Batch statistics, and their gradient (Ioffe & Szegedy 2015).

use rayon::prelude::*;

use super::sum::sum_of;

/// Normalization of each channel: `(x - mean) * scale + shift`.
#[derive(Clone, Debug, PartialEq)]
pub struct Norm {
    /// Mean of the channel.
    pub mean: Vec<f32>,
    /// `gamma / sqrt(variance + epsilon)`.
    pub scale: Vec<f32>,
    /// `beta`.
    pub shift: Vec<f32>,
    /// `1 / sqrt(variance + epsilon)`.
    pub inverse_deviation: Vec<f32>,
}

impl Norm {
    /// From statistics and learned parameters.
    pub fn new(mean: &[f32], variance: &[f32], gamma: &[f32], beta: &[f32], epsilon: f32) -> Self {
        let inverse_deviation: Vec<f32> = variance
            .iter()
            .map(|v| (v + epsilon).sqrt().recip())
            .collect();
        Self {
            mean: mean.to_vec(),
            scale: gamma
                .iter()
                .zip(&inverse_deviation)
                .map(|(g, d)| g * d)
                .collect(),
            shift: beta.to_vec(),
            inverse_deviation,
        }
    }

    /// Takes the normalization of its input into a convolution: into `weight`, `[cout, channel, tap]`,
    /// and `bias`, `[cout]`. Returns what must surround each channel: what was normalized to zero.
    pub(super) fn fold(&self, weight: &mut [f32], bias: &mut [f32]) -> Vec<f32> {
        let channels = self.mean.len();
        let taps = weight.len() / (bias.len() * channels);
        let params = self.mean.iter().zip(&self.scale).zip(&self.shift);
        let affine: Vec<(f32, f32)> = params
            .map(|((&mean, &scale), &shift)| {
                // Without any scale nothing would be normalized to zero.
                let least = LEAST_SCALE * shift.abs();
                let scale = if scale.abs() < least { least } else { scale };
                let zero = if scale == 0.0 {
                    0.0
                } else {
                    mean - shift / scale
                };
                (scale, zero)
            })
            .collect();
        for (weight, bias) in weight.chunks_exact_mut(channels * taps).zip(bias) {
            let mut offset = 0.0;
            for (weight, &(scale, zero)) in weight.chunks_exact_mut(taps).zip(&affine) {
                for weight in weight {
                    *weight *= scale;
                    offset -= f64::from(*weight) * f64::from(zero);
                }
            }
            *bias = (f64::from(*bias) + offset) as f32;
        }
        affine.into_iter().map(|(_, zero)| zero).collect()
    }

    /// Writes the normalized `x` of `channel`.
    #[inline]
    pub fn apply(&self, channel: usize, x: &[f32], into: &mut [f32]) {
        let (mean, scale, shift) = (self.mean[channel], self.scale[channel], self.shift[channel]);
        for (into, x) in into.iter_mut().zip(x) {
            *into = (x - mean) * scale + shift;
        }
    }

    /// Normalizes values of `channel` where they are.
    pub(super) fn apply_in_place(&self, channel: usize, values: &mut [f32]) {
        let (mean, scale, shift) = (self.mean[channel], self.scale[channel], self.shift[channel]);
        for value in values {
            *value = (*value - mean) * scale + shift;
        }
    }

    /// Takes `dy`, the gradient by the normalized output, to the input and parameters.
    ///
    /// `x` and `dy` are `[batch, channels, plane]`; `dy` is overwritten in place.
    pub fn gradient(&self, x: &[f32], mut dy: Vec<f32>, plane: usize) -> NormGradient {
        let channels = self.mean.len();
        let count = (x.len() / channels) as f32;
        let (beta, gamma): (Vec<f32>, Vec<f32>) = (0..channels)
            .into_par_iter()
            .map(|channel| {
                let (mean, inverse) = (self.mean[channel], self.inverse_deviation[channel]);
                let planes = || {
                    let x = x.chunks_exact(plane).skip(channel).step_by(channels);
                    x.zip(dy.chunks_exact(plane).skip(channel).step_by(channels))
                };
                let beta: f64 = planes().map(|(x, dy)| sum_of(x, dy, |_, dy| dy)).sum();
                let product = |x: f32, dy: f32| (x - mean) * inverse * dy;
                let gamma: f64 = planes().map(|(x, dy)| sum_of(x, dy, product)).sum();
                (beta as f32, gamma as f32)
            })
            .unzip();
        dy.par_chunks_exact_mut(plane)
            .zip(x.par_chunks_exact(plane))
            .enumerate()
            .for_each(|(index, (dy, x))| {
                let channel = index % channels;
                let (mean, inverse) = (self.mean[channel], self.inverse_deviation[channel]);
                let offset = beta[channel] / count;
                let tilt = gamma[channel] / count * inverse;
                for (dy, x) in dy.iter_mut().zip(x) {
                    *dy = self.scale[channel] * (*dy - offset - (x - mean) * tilt);
                }
            });
        NormGradient { x: dy, gamma, beta }
    }
}

/// The smallest scale that is folded, for each unit of shift.
const LEAST_SCALE: f32 = 1e-8;

/// Mean and (biased) variance of each channel of `x`, `[batch, channels, plane]`.
pub fn statistics(x: &[f32], channels: usize, plane: usize) -> (Vec<f32>, Vec<f32>) {
    let count = (x.len() / channels) as f64;
    (0..channels)
        .into_par_iter()
        .map(|channel| {
            let planes = || x.chunks_exact(plane).skip(channel).step_by(channels);
            let mean = planes().map(|p| sum_of(p, p, |x, _| x)).sum::<f64>() / count;
            let centre = mean as f32;
            let square = |x: f32, _| (x - centre) * (x - centre);
            let variance = planes().map(|p| sum_of(p, p, square)).sum::<f64>() / count;
            (mean as f32, variance as f32)
        })
        .unzip()
}

/// Gradients of a normalization by batch statistics.
pub struct NormGradient {
    /// By the input, laid like it.
    pub x: Vec<f32>,
    /// By gamma.
    pub gamma: Vec<f32>,
    /// By beta.
    pub beta: Vec<f32>,
}
