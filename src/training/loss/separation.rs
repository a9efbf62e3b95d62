//! Absolute error of a separated voice's samples (MAJL), through the inverse transform.

use std::sync::Arc;

use rayon::prelude::*;

use super::Loss;
use crate::dsp::Stft;
use crate::dsp::stft::mask::VoiceMaps;
use crate::training::batch::VoiceTarget;

/// The mean absolute error of the voices that maps tell, part `voice`.
///
/// `maps` are `[examples, n_maps, rows, frames]`. A frame's weight is that of the samples nearest to
/// its center; an example in which nothing counts adds nothing.
pub fn absolute_error(
    maps: &[f32],
    n_maps: usize,
    targets: &[VoiceTarget],
    weights: &[f32],
    stft: &Arc<Stft>,
) -> Loss {
    let n_examples = targets.len().max(1);
    let examples = maps.par_chunks(maps.len() / n_examples);
    let weights = weights.par_chunks(weights.len() / n_examples);
    let examples: Vec<(f64, Vec<f32>)> = examples
        .zip(targets)
        .zip(weights)
        .map(|((maps, target), weights)| {
            let maps = VoiceMaps::new(maps, n_maps, target.mixture.n_frames());
            example(maps, target, weights, stft, n_examples)
        })
        .collect();
    let value: f64 = examples.iter().map(|(value, _)| value).sum();
    Loss {
        parts: vec![("voice", value as f32)],
        gradient: examples.into_iter().flat_map(|(_, by)| by).collect(),
    }
}

/// An example's share of the loss, and the gradient by its maps.
fn example(
    maps: VoiceMaps,
    target: &VoiceTarget,
    weights: &[f32],
    stft: &Arc<Stft>,
    n_examples: usize,
) -> (f64, Vec<f32>) {
    let VoiceTarget { mixture, voice } = target;
    let estimate = stft.inverse(&maps.apply(mixture, 1.0), voice.len());
    let hop = stft.config().hop;
    let nearest = |i: usize| weights[((i + hop / 2) / hop).min(weights.len() - 1)];
    let total: f64 = (0..voice.len()).map(|i| f64::from(nearest(i))).sum();
    let share = 1.0 / (total.max(1.0) * n_examples as f64);
    let mut value = 0.0;
    let errors = estimate.iter().zip(voice).enumerate();
    let by_samples: Vec<f32> = errors
        .map(|(i, (estimate, voice))| {
            let (error, weight) = (estimate - voice, f64::from(nearest(i)) * share);
            value += f64::from(error.abs()) * weight;
            if error == 0.0 {
                0.0
            } else {
                error.signum() * weight as f32
            }
        })
        .collect();
    let by_voice = stft.inverse_gradient(&by_samples, mixture.n_frames());
    (value, maps.gradient(mixture, &by_voice))
}

#[cfg(test)]
mod tests {
    use super::super::tests::noise;
    use super::*;
    use crate::dsp::StftConfig;

    fn targets(stft: &Arc<Stft>, n: usize) -> Vec<VoiceTarget> {
        let example = |k: usize| {
            let voice: Vec<f32> = (0..n).map(|i| ((i + k) as f32 * 0.37).sin()).collect();
            let rest = noise(n + k);
            let mixture: Vec<f32> = voice.iter().zip(&rest[k..]).map(|(a, b)| a + b).collect();
            VoiceTarget {
                mixture: stft.forward(&mixture),
                voice,
            }
        };
        vec![example(0), example(5)]
    }

    #[test]
    fn it_has_the_gradient_of_its_value_and_follows_the_weights() {
        let stft = Arc::new(Stft::new(StftConfig {
            rate_hz: 8000,
            n_fft: 32,
            hop: 8,
        }));
        let targets = targets(&stft, 63);
        let frames = targets[0].mixture.n_frames();
        assert_eq!(frames, 8);
        for n_maps in [1, 4] {
            let maps: Vec<f32> = noise(2 * n_maps * 16 * frames)
                .iter()
                .map(|x| 0.5 + 0.2 * x)
                .collect();
            let mut weights = vec![1.0; 2 * frames];
            weights[3] = 0.25;
            weights[frames..].fill(0.0);
            let loss = |maps: &[f32]| absolute_error(maps, n_maps, &targets, &weights, &stft);
            let found = loss(&maps);
            assert_eq!(found.gradient.len(), maps.len());
            for at in (0..maps.len()).step_by(7) {
                let moved = |step: f32| {
                    let mut maps = maps.clone();
                    maps[at] += step;
                    f64::from(loss(&maps).value())
                };
                let slope = (moved(2e-3) - moved(-2e-3)) / 4e-3;
                let by = f64::from(found.gradient[at]);
                assert!((slope - by).abs() < 2e-4, "{n_maps} {at}: {slope} {by}");
            }
            let second = &found.gradient[maps.len() / 2..];
            assert!(second.iter().all(|by| *by == 0.0));
        }
    }

    #[test]
    fn the_voice_itself_has_no_error() {
        let stft = Arc::new(Stft::new(StftConfig {
            rate_hz: 8000,
            n_fft: 32,
            hop: 8,
        }));
        let mut targets = targets(&stft, 63);
        for target in &mut targets {
            target.mixture = stft.forward(&target.voice);
            // The last bin is not the network's: give the target what can be reached.
            let bins = target.mixture.n_bins;
            target
                .mixture
                .values
                .chunks_exact_mut(bins)
                .for_each(|frame| frame[bins - 1] *= 0.0);
            target.voice = stft.inverse(&target.mixture, 63);
        }
        let maps = vec![1.0; 2 * 16 * 8];
        let loss = absolute_error(&maps, 1, &targets, &[1.0; 16], &stft);
        assert!(loss.value() < 1e-6, "{}", loss.value());
    }
}
