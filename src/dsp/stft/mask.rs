//! The voice's part of a spectrum, as networks tell it.
//!
//! One map is a mask: the share of each bin's magnitude, the phase stays the mixture's. Four maps
//! (Kong et al. 2021) are the mask, a turn of the phase (real and imaginary part) and a magnitude
//! that is added to the masked one, so that the voice can be louder than the mixture.

use rustfft::num_complex::Complex32;

use super::Spectrum;

/// Below this a magnitude is taken for it, so that there is a direction and a slope everywhere.
const FLOOR: f32 = 1e-5;

/// Maps of one recording, `[maps, rows, frames]` with one map or four; bins above have no voice.
#[derive(Clone, Copy)]
pub struct VoiceMaps<'a> {
    values: &'a [f32],
    n_maps: usize,
    n_rows: usize,
    n_frames: usize,
}

impl<'a> VoiceMaps<'a> {
    /// Values laid as `[n_maps, rows, n_frames]`.
    pub fn new(values: &'a [f32], n_maps: usize, n_frames: usize) -> Self {
        let n_rows = values.len() / (n_maps * n_frames).max(1);
        Self {
            values,
            n_maps,
            n_rows,
            n_frames,
        }
    }

    fn at(&self, map: usize, row: usize, t: usize) -> f32 {
        self.values[(map * self.n_rows + row) * self.n_frames + t]
    }

    /// The maps of a bin; a mask alone leaves the phase and adds nothing.
    fn bin(&self, row: usize, t: usize) -> Bin {
        let mask = self.at(0, row, t);
        match self.n_maps {
            1 => Bin::Masked { mask },
            _ => Bin::Decoupled(Decoupled {
                mask,
                turn: Complex32::new(self.at(1, row, t), self.at(2, row, t)),
                added: self.at(3, row, t),
            }),
        }
    }

    /// The voice's spectrum in a mixture's. A mixture of other channels than the network heard, or
    /// as loud as `scale` times what it heard, has its voice found by the same maps.
    pub fn apply(&self, mixture: &Spectrum, scale: f32) -> Spectrum {
        let mut values = vec![Complex32::default(); mixture.values.len()];
        let frames = mixture
            .frames()
            .zip(values.chunks_exact_mut(mixture.n_bins));
        for (t, (mixture, voice)) in frames.take(self.n_frames).enumerate() {
            let bins = voice.iter_mut().zip(mixture).take(self.n_rows);
            for (row, (voice, &x)) in bins.enumerate() {
                *voice = self.bin(row, t).voice(x, scale);
            }
        }
        Spectrum {
            n_bins: mixture.n_bins,
            values,
        }
    }

    /// The gradient by the maps, for one by the voice's spectrum ([`super::Stft::inverse_gradient`]).
    pub fn gradient(&self, mixture: &Spectrum, by_voice: &Spectrum) -> Vec<f32> {
        let mut gradient = vec![0.0; self.values.len()];
        let map_len = self.n_rows * self.n_frames;
        for (t, (x, by)) in mixture.frames().zip(by_voice.frames()).enumerate() {
            for (row, (&x, &by)) in x.iter().zip(by).enumerate().take(self.n_rows) {
                let slopes = self.bin(row, t).slopes(x, by);
                for (map, slope) in slopes.into_iter().take(self.n_maps).enumerate() {
                    gradient[map * map_len + row * self.n_frames + t] = slope;
                }
            }
        }
        gradient
    }
}

enum Bin {
    Masked { mask: f32 },
    Decoupled(Decoupled),
}

struct Decoupled {
    mask: f32,
    turn: Complex32,
    added: f32,
}

impl Bin {
    fn voice(&self, x: Complex32, scale: f32) -> Complex32 {
        match self {
            Self::Masked { mask } => x * *mask,
            Self::Decoupled(maps) => {
                let size = (floored(x.norm()) * maps.mask + scale * maps.added).max(0.0);
                unit(x) * unit(maps.turn) * size
            }
        }
    }

    /// Slopes by mask, real and imaginary turn, and what is added.
    fn slopes(&self, x: Complex32, by: Complex32) -> [f32; 4] {
        let dot = |a: Complex32| a.re * by.re + a.im * by.im;
        match self {
            Self::Masked { .. } => [dot(x), 0.0, 0.0, 0.0],
            Self::Decoupled(maps) => {
                let (size_x, turn) = (floored(x.norm()), floored(maps.turn.norm()));
                let size = size_x * maps.mask + maps.added;
                if size <= 0.0 {
                    return [0.0; 4];
                }
                let direction = dot(unit(x) * unit(maps.turn));
                // Only the part across the turn turns the voice.
                let across = dot(unit(x) * unit(maps.turn) * Complex32::i()) * size / turn;
                let along = unit(maps.turn);
                [
                    direction * size_x,
                    -across * along.im,
                    across * along.re,
                    direction,
                ]
            }
        }
    }
}

fn floored(size: f32) -> f32 {
    size.max(FLOOR)
}

/// The direction of a value; of none, that of the real axis.
fn unit(value: Complex32) -> Complex32 {
    let size = value.norm();
    match size > 0.0 {
        true => value / size,
        false => Complex32::new(1.0, 0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::noise;
    use super::*;

    fn spectrum(values: &[f32]) -> Spectrum {
        let pairs = values.chunks_exact(2);
        Spectrum {
            n_bins: 4,
            values: pairs.map(|pair| Complex32::new(pair[0], pair[1])).collect(),
        }
    }

    #[test]
    fn a_mask_keeps_the_phase_and_the_last_bin_is_silent() {
        let mixture = spectrum(&noise(24));
        let maps: Vec<f32> = (0..9).map(|i| i as f32 / 8.0).collect();
        let voice = VoiceMaps::new(&maps, 1, 3).apply(&mixture, 1.0);
        assert_eq!(voice.values[0], Complex32::default());
        assert_eq!(voice.values[4], mixture.values[4] * (1.0 / 8.0));
        assert_eq!(voice.values[10], mixture.values[10]);
        assert!(voice.frames().all(|frame| frame[3] == Complex32::default()));
    }

    #[test]
    fn gradients_are_slopes() {
        for n_maps in [1, 4] {
            let mixture = spectrum(&noise(24));
            let by: Vec<f32> = (0..24).map(|i| (i as f32 * 1.3).cos()).collect();
            let by_voice = spectrum(&by);
            let mut maps: Vec<f32> = noise(9 * n_maps).iter().map(|x| 0.7 * x + 0.1).collect();
            let value = |maps: &[f32]| -> f64 {
                let voice = VoiceMaps::new(maps, n_maps, 3).apply(&mixture, 1.0);
                let products = voice.values.iter().zip(&by_voice.values);
                products
                    .map(|(a, b)| f64::from(a.re * b.re + a.im * b.im))
                    .sum()
            };
            let gradient = VoiceMaps::new(&maps, n_maps, 3).gradient(&mixture, &by_voice);
            for at in 0..maps.len() {
                let kept = maps[at];
                let mut moved = |step: f32| {
                    maps[at] = kept + step;
                    value(&maps)
                };
                let slope = (moved(1e-3) - moved(-1e-3)) / 2e-3;
                maps[at] = kept;
                let found = f64::from(gradient[at]);
                assert!(
                    (slope - found).abs() < 5e-3,
                    "{n_maps} {at}: {slope} {found}"
                );
            }
        }
    }
}
