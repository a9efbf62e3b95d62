//! Log-mel bands along a melody: what the voicing network reads.

use rayon::prelude::*;

use super::{LogMelConfig, MelFrames, Timbre};

/// Frames that a thread takes at a time.
const FRAMES_PER_JOB: usize = 64;

/// A3: octaves are counted from there.
const MIDDLE_HZ: f32 = 220.0;

/// The fastest glide that counts, in octaves a frame: leaps are no faster.
const FASTEST: f32 = 1.0 / 6.0;

/// Makes the voicing network's input of log-mel frames and their melody.
///
/// A frame has [`Self::n_rows`] values: its log-mel bands; the power along the harmonics of its
/// pitch, and between them, at the same bands ([`Timbre`]), all less the recording's mean; then its
/// pitch in octaves from A3, and how far that has moved. How sure the pitch network is of a melody
/// is left out: of the voices it was trained on it is much surer than of any other.
pub struct MelodyBands {
    timbre: Timbre,
    n_bands: usize,
}

/// A melody, frame by frame.
#[derive(Clone, Copy)]
pub struct Contour<'a> {
    /// f0 in Hz, also where nobody sings.
    pub f0_hz: &'a [f32],
    /// f0 of the frame before the first, if there is one.
    pub before_hz: Option<f32>,
}

impl MelodyBands {
    /// Values of each band: of the mixture, along the melody's harmonics, between them.
    pub const PLANES: usize = 3;

    /// Values of a frame that say how the melody goes.
    pub const CONTOUR: usize = 2;

    /// Values of a frame with these settings.
    pub fn n_rows(config: &LogMelConfig) -> usize {
        Self::PLANES * config.n_bands + Self::CONTOUR
    }

    /// For log-mel frames of these settings.
    pub fn new(config: &LogMelConfig) -> Self {
        Self {
            timbre: Timbre::new(config),
            n_bands: config.n_bands,
        }
    }

    /// The input, frame after frame; `mean` is that of the recording's log-mel bands.
    ///
    /// Covers as many frames as the contour; `frames` may have more.
    pub fn rows(&self, frames: &MelFrames, mean: f32, contour: Contour) -> Vec<f32> {
        let n_bands = self.n_bands;
        let n_rows = Self::PLANES * n_bands + Self::CONTOUR;
        let mut rows = vec![0.0; contour.f0_hz.len() * n_rows];
        rows.par_chunks_exact_mut(n_rows)
            .zip(frames.bands.par_chunks_exact(n_bands))
            .zip(frames.power.par_chunks_exact(frames.n_bins.max(1)))
            .enumerate()
            .with_min_len(FRAMES_PER_JOB)
            .for_each_init(Default::default, |scratch, (t, ((row, bands), power))| {
                let (planes, melody) = row.split_at_mut(Self::PLANES * n_bands);
                let (mixture, traced) = planes.split_at_mut(n_bands);
                let (peaks, gaps) = traced.split_at_mut(n_bands);
                mixture.copy_from_slice(bands);
                let f0_hz = contour.f0_hz[t];
                self.timbre.trace(power, f0_hz.into(), scratch, peaks, gaps);
                planes.iter_mut().for_each(|value| *value -= mean);
                melody.copy_from_slice(&contour.at(t));
            });
        rows
    }
}

impl Contour<'_> {
    fn at(&self, t: usize) -> [f32; MelodyBands::CONTOUR] {
        let f0_hz = self.f0_hz[t];
        let before_hz = match t {
            0 => self.before_hz.unwrap_or(f0_hz),
            _ => self.f0_hz[t - 1],
        };
        let moved = (f0_hz / before_hz).log2().clamp(-FASTEST, FASTEST);
        [(f0_hz / MIDDLE_HZ).log2(), moved / FASTEST]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::LogMel;

    const PLANES: usize = MelodyBands::PLANES;
    const BANDS: usize = 80;
    const ROWS: usize = PLANES * BANDS + MelodyBands::CONTOUR;

    #[test]
    fn any_cut_gives_the_whole_and_the_level_does_not_count() {
        let config = LogMelConfig::voicing();
        let samples: Vec<f32> = (0..8000).map(|i| (i as f32 * 0.1).sin()).collect();
        let frames = LogMel::new(config.clone()).compute(&samples);
        let n = frames.n_frames();
        let f0_hz: Vec<f32> = (0..n).map(|t| 200.0 + 3.0 * t as f32).collect();
        let input = MelodyBands::new(&config);
        let part = |first: usize, end: usize, mean: f32| {
            let mut frames = frames.clone();
            frames.drop_front(first);
            let contour = Contour {
                f0_hz: &f0_hz[first..end],
                before_hz: first.checked_sub(1).map(|before| f0_hz[before]),
            };
            input.rows(&frames, mean, contour)
        };
        let whole = part(0, n, 1.0);
        assert_eq!([part(0, 17, 1.0), part(17, n, 1.0)].concat(), whole);
        let louder = part(0, n, 0.0);
        for (row, louder) in whole.chunks(ROWS).zip(louder.chunks(ROWS)) {
            let (planes, melody) = row.split_at(PLANES * BANDS);
            let pairs = planes.iter().zip(louder);
            assert!(pairs.into_iter().all(|(a, b)| (a + 1.0 - b).abs() < 1e-5));
            assert_eq!(melody, &louder[PLANES * BANDS..]);
        }
        // not far below A3, and a glide of 3 Hz a frame
        assert_eq!(
            &whole[PLANES * BANDS..ROWS],
            &[(200f32 / 220.0).log2(), 0.0]
        );
        let moved = (203f32 / 200.0).log2() / FASTEST;
        assert!((whole[2 * ROWS - 1] - moved).abs() < 1e-6);
    }
}
