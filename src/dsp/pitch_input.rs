//! What pitch networks of clean voices read: frames of samples (CREPE), or log-frequency spectra
//! (HarmoF0).

use std::sync::Arc;

use realfft::{RealFftPlanner, RealToComplex};
use serde::{Deserialize, Serialize};

use super::DspError;
use super::error::require;
use crate::melody::{FrameGrid, PitchAxis};

/// Samples of a frame, centered on every `hop`-th sample.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaveFrames {
    /// Sampling rate in Hz.
    pub rate_hz: u32,
    /// Samples of a frame.
    pub frame: usize,
    /// Samples from one frame to the next.
    pub hop: usize,
}

impl WaveFrames {
    /// CREPE's frames at MAJL's hop of 20 ms.
    pub fn crepe() -> Self {
        Self {
            rate_hz: 16_000,
            frame: 1024,
            hop: 320,
        }
    }

    /// Times of the frames.
    pub fn grid(&self) -> FrameGrid {
        FrameGrid {
            first_secs: 0.0,
            hop_secs: self.hop as f64 / f64::from(self.rate_hz),
        }
    }

    /// Whether there can be such frames.
    ///
    /// # Errors
    /// [`DspError::Setting`] names the setting that is out of range.
    pub fn check(&self) -> Result<(), DspError> {
        require(self.rate_hz > 0, "rate_hz", "at least 1", self.rate_hz)?;
        require(self.hop > 0, "hop", "at least 1", self.hop)?;
        let possible = (2..=1 << 16).contains(&self.frame) && self.frame.is_multiple_of(2);
        require(possible, "frame", "even, 2 to 65536", self.frame)
    }

    /// Samples around the center of frame `t`, silent beyond the ends of the recording.
    pub fn samples(&self, recording: &[f32], t: usize) -> Vec<f32> {
        let first = (t * self.hop) as isize - (self.frame / 2) as isize;
        let at = |i: isize| usize::try_from(i).ok().and_then(|i| recording.get(i));
        let range = first..first + self.frame as isize;
        range.map(|i| at(i).copied().unwrap_or(0.0)).collect()
    }

    /// A frame less its mean and over its deviation, as CREPE hears it.
    pub fn normalized(mut samples: Vec<f32>) -> Vec<f32> {
        let n = samples.len().max(1) as f64;
        let mean = samples.iter().map(|&x| f64::from(x)).sum::<f64>() / n;
        let variance = samples.iter().map(|&x| (f64::from(x) - mean).powi(2));
        let deviation = (variance.sum::<f64>() / n).sqrt().max(1e-8);
        for sample in &mut samples {
            *sample = ((f64::from(*sample) - mean) / deviation) as f32;
        }
        samples
    }
}

/// Settings of a log-frequency spectrum: power of frames, drawn out over the rows of an axis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogSpectrumConfig {
    /// What is transformed, by a periodic Hann window.
    pub frames: WaveFrames,
    /// Frequency of row 0 in Hz.
    pub fmin_hz: f64,
    /// Rows in an octave.
    pub bins_per_octave: f64,
    /// Number of rows.
    pub n_rows: usize,
    /// Whether neighboring bins are weighted the wrong way around, as in HarmoF0's own program: its
    /// published weights were trained so.
    #[serde(default)]
    pub swapped: bool,
}

impl LogSpectrumConfig {
    /// HarmoF0's rows at MAJL's hop, interpolated the right way.
    pub fn harmof0() -> Self {
        Self {
            frames: WaveFrames::crepe(),
            fmin_hz: 27.5,
            bins_per_octave: 48.0,
            n_rows: 352,
            swapped: false,
        }
    }

    /// What the rows are in Hz.
    pub fn axis(&self) -> PitchAxis {
        PitchAxis {
            fmin_hz: self.fmin_hz,
            bins_per_octave: self.bins_per_octave,
            n_rows: self.n_rows,
        }
    }

    /// Whether it can be computed.
    ///
    /// # Errors
    /// [`DspError::Setting`] names the setting that is out of range.
    pub fn check(&self) -> Result<(), DspError> {
        self.frames.check()?;
        let half = f64::from(self.frames.rate_hz) / 2.0;
        let low = self.fmin_hz > 0.0 && self.fmin_hz < half;
        require(
            low,
            "fmin_hz",
            format!("above 0, below {half}"),
            self.fmin_hz,
        )?;
        let octaves = self.n_rows as f64 / self.bins_per_octave;
        let fits = self.n_rows > 0 && self.fmin_hz * octaves.exp2() <= half;
        require(fits, "n_rows", format!("rows below {half} Hz"), self.n_rows)
    }
}

/// Makes log-frequency spectra.
pub struct LogSpectrum {
    config: LogSpectrumConfig,
    window: Vec<f32>,
    fft: Arc<dyn RealToComplex<f32>>,
    /// The bin below each row, and how far the row is above it, 0 to 1.
    places: Vec<(usize, f32)>,
}

/// Power below this is not told apart.
const FLOOR: f32 = 1e-10;

/// Decibels below the loudest value that are told apart.
const RANGE_DB: f32 = 80.0;

impl LogSpectrum {
    /// For settings that were checked.
    pub fn new(config: LogSpectrumConfig) -> Self {
        let n = config.frames.frame;
        let bin_hz = f64::from(config.frames.rate_hz) / n as f64;
        let step = std::f64::consts::TAU / n as f64;
        let place = |row: usize| {
            let octaves = row as f64 / config.bins_per_octave;
            let bin = config.fmin_hz * octaves.exp2() / bin_hz;
            (bin as usize, bin.fract() as f32)
        };
        Self {
            window: (0..n)
                .map(|k| (0.5 - 0.5 * (step * k as f64).cos()) as f32)
                .collect(),
            fft: RealFftPlanner::new().plan_fft_forward(n),
            places: (0..config.n_rows).map(place).collect(),
            config,
        }
    }

    /// Power of the rows in a frame of samples.
    pub fn power(&self, samples: &[f32]) -> Vec<f32> {
        let windowed = samples.iter().zip(&self.window);
        let mut frame: Vec<f32> = windowed.map(|(x, tap)| x * tap).collect();
        let mut bins = self.fft.make_output_vec();
        let done = self.fft.process(&mut frame, &mut bins);
        debug_assert!(done.is_ok(), "{done:?}");
        let power = |bin: usize| bins.get(bin).map_or(0.0, |value| value.norm_sqr());
        let row = |&(below, above): &(usize, f32)| match self.config.swapped {
            false => (1.0 - above) * power(below) + above * power(below + 1),
            true if above == 0.0 => 0.0,
            true => above * power(below) + (1.0 - above) * power(below + 1),
        };
        self.places.iter().map(row).collect()
    }
}

/// Powers as decibels, at most 80 below the loudest.
pub fn decibels(powers: &mut [f32]) {
    let mut loudest = f32::NEG_INFINITY;
    for value in powers.iter_mut() {
        *value = 10.0 * value.max(FLOOR).log10();
        loudest = loudest.max(*value);
    }
    for value in powers.iter_mut() {
        *value = value.max(loudest - RANGE_DB);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_centered_and_silent_beyond_the_ends() {
        let frames = WaveFrames {
            rate_hz: 16_000,
            frame: 4,
            hop: 3,
        };
        let recording = [1.0, 2.0, 3.0, 4.0, 5.0];
        assert_eq!(frames.samples(&recording, 0), [0.0, 0.0, 1.0, 2.0]);
        assert_eq!(frames.samples(&recording, 1), [2.0, 3.0, 4.0, 5.0]);
        let normal = WaveFrames::normalized(vec![1.0, 3.0]);
        assert_eq!(normal, [-1.0, 1.0]);
        assert_eq!(WaveFrames::normalized(vec![0.5; 3]), [0.0; 3]);
    }

    #[test]
    fn what_is_far_below_the_loudest_is_level() {
        let mut powers = [1.0, 1e-4, 0.0];
        decibels(&mut powers);
        assert_eq!(powers, [0.0, -40.0, -80.0]);
    }
}
