//! Tells how loud the melody's harmonics are, by which its notes are told apart.

use std::ops::Range;

use rayon::prelude::*;

use crate::dsp::{LogMelConfig, MelFrames, Timbre};
use crate::melody::PitchFrame;

/// Harmonics within these count: a voice's formants, and no rumble.
const HEARD_HZ: Range<f64> = 200.0..4000.0;
/// Frames that a thread takes at a time.
const FRAMES_PER_JOB: usize = 64;

/// Frames that wait for their pitch.
pub struct VoiceLevelStage {
    timbre: Timbre,
    /// The bands of [`HEARD_HZ`], and of how many in all.
    heard: Range<usize>,
    n_bands: usize,
    frames: MelFrames,
}

impl VoiceLevelStage {
    /// Before the first frame.
    pub fn new(config: &LogMelConfig) -> Self {
        let centers = config.centers_hz();
        let below = |hz: f64| centers.partition_point(|&center| center < hz);
        Self {
            timbre: Timbre::new(config),
            heard: below(HEARD_HZ.start)..below(HEARD_HZ.end),
            n_bands: centers.len(),
            frames: MelFrames::default(),
        }
    }

    /// Takes the next frames.
    pub fn push(&mut self, frames: &MelFrames) {
        self.frames.append(frames);
    }

    /// Frames whose pitch is not known yet.
    pub fn n_without_pitch(&self) -> usize {
        self.frames.n_frames()
    }

    /// The mean level in dB along the harmonics of the pitch of the next frames.
    ///
    /// As many as were pushed, if there is a pitch of more.
    pub fn follow(&mut self, pitch: &[PitchFrame]) -> Vec<f32> {
        let n = pitch.len().min(self.n_without_pitch());
        let power = self
            .frames
            .power
            .par_chunks_exact(self.frames.n_bins.max(1));
        let frames = pitch[..n]
            .par_iter()
            .zip(power)
            .with_min_len(FRAMES_PER_JOB);
        let buffers = || (Default::default(), vec![0.0; 2 * self.n_bands]);
        let levels = frames
            .map_init(buffers, |(scratch, bands), (frame, power)| {
                let (peaks, gaps) = bands.split_at_mut(self.n_bands);
                self.timbre
                    .trace(power, frame.f0_hz.into(), scratch, peaks, gaps);
                mean_db(&peaks[self.heard.clone()])
            })
            .collect();
        self.frames.drop_front(n);
        levels
    }
}

/// The mean of powers' natural logarithms, in dB.
fn mean_db(logs: &[f32]) -> f32 {
    10.0 / std::f32::consts::LN_10 * logs.iter().sum::<f32>() / logs.len().max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::LogMel;

    /// The levels of a tone of 220 Hz with harmonics, softer by 20 dB in its second half.
    fn levels(f0_hz: f32, cuts: &[usize]) -> Vec<f32> {
        let config = LogMelConfig::voicing();
        let sample = |i: usize| {
            let loud = if i < 8000 { 0.1 } else { 0.01 };
            let wave = |k: f32| (std::f32::consts::TAU * 220.0 * k * i as f32 / 16_000.0).sin();
            loud * (1..=20).map(|k| wave(k as f32)).sum::<f32>()
        };
        let samples: Vec<f32> = (0..16_000).map(sample).collect();
        let frames = LogMel::new(config.clone()).compute(&samples);
        let mut stage = VoiceLevelStage::new(&config);
        stage.push(&frames);
        let frame = PitchFrame {
            f0_hz,
            own_hz: f0_hz,
            confidence: 1.0,
        };
        let parts = cuts.iter().flat_map(|&n| stage.follow(&vec![frame; n]));
        parts.collect()
    }

    #[test]
    fn the_level_is_that_of_the_harmonics() {
        let level = levels(220.0, &[99]);
        assert!((level[20] - level[80] - 20.0).abs() < 0.5, "{level:?}");
        let beside = levels(220.0 * 1.4, &[99]);
        assert!(
            level[20] - beside[20] > 10.0,
            "{} {}",
            level[20],
            beside[20]
        );
    }

    #[test]
    fn any_cut_gives_the_whole_and_pitch_may_be_ahead() {
        let whole = levels(220.0, &[99]);
        assert_eq!(levels(220.0, &[0, 17, 40, 100]), whole);
        assert_eq!(whole.len(), 99);
    }
}
