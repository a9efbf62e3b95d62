//! A melody as a file gives it.

use crate::melody::pitch::midi_to_hz;
use crate::melody::{F0Frame, F0Track, FrameGrid};

/// Distance of frames that a file of fewer than two does not tell.
const DEFAULT_HOP_SECS: f64 = 0.01;
/// Frames are not closer than this.
const SHORTEST_HOP_SECS: f64 = 1e-3;
/// Nor farther from each other than this, where they are more than a few: such times are milliseconds
/// or samples.
const LONGEST_HOP_SECS: f64 = 1.0;
const FEW: usize = 10;
/// No recording is longer: a day.
pub const MAX_SECS: f64 = 86_400.0;
/// Nor are frames so many, those that a file leaves out included: 46 hours of 10 ms.
pub const MAX_FRAMES: usize = 1 << 24;
/// Nor is a pitch higher, in Hz, whatever is sung.
const MAX_HZ: f64 = 1e5;

/// Unit of the pitches in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PitchUnit {
    /// Frequency.
    Hertz,
    /// Semitones, A4 = 69.
    Midi,
}

impl PitchUnit {
    /// A pitch in Hz; 0 stays 0 and a sign is kept.
    pub fn to_hz(self, value: f64) -> f64 {
        match self {
            Self::Hertz => value,
            Self::Midi if value == 0.0 => 0.0,
            Self::Midi => midi_to_hz(value.abs()).copysign(value),
        }
    }
}

/// A melody as a file gives it, in order of time.
#[derive(Clone, Debug, PartialEq)]
pub struct MelodyFile {
    /// Times in seconds.
    pub times: Vec<f64>,
    /// Frequencies in Hz, at least 0; 0 where the file gives none.
    pub f0_hz: Vec<f64>,
    /// Whether the melody sounds, by the file's own convention.
    pub voiced: Vec<bool>,
    /// Confidence, 0 to 1, if the file gives it.
    pub confidence: Option<Vec<f64>>,
    /// The pitches as written.
    pub values: Vec<f64>,
    /// Their unit.
    pub unit: PitchUnit,
    /// Distance of frames in seconds, if the file states it.
    pub hop_secs: Option<f64>,
}

impl MelodyFile {
    /// A melody whose unvoiced frames are written 0, or negative with a guess.
    pub fn from_values(times: Vec<f64>, values: Vec<f64>, unit: PitchUnit) -> Self {
        Self {
            times,
            f0_hz: values
                .iter()
                .map(|&value| unit.to_hz(value).abs())
                .collect(),
            voiced: values.iter().map(|&value| value > 0.0).collect(),
            confidence: None,
            values,
            unit,
            hop_secs: None,
        }
    }

    /// Why it can be the melody of no recording, if it cannot; what reads it may then count on few
    /// frames.
    pub(super) fn fault(&self) -> Option<String> {
        let longest = self.times.iter().map(|it| it.abs()).fold(0.0, f64::max);
        let hop_secs = self.usual_hop_secs();
        let n_frames = (longest / hop_secs).round();
        if self.times.len() > FEW && hop_secs > LONGEST_HOP_SECS {
            Some(format!("frames {hop_secs} s apart"))
        } else if longest > MAX_SECS {
            Some(format!("a time of {longest} s"))
        } else if n_frames > MAX_FRAMES as f64 {
            Some(format!("{n_frames} frames up to {longest} s"))
        } else {
            let mut pitches = self.f0_hz.iter();
            let absurd = pitches.find(|hz| !(0.0..MAX_HZ).contains(*hz));
            absurd.map(|hz| format!("a pitch of {hz} Hz"))
        }
    }

    /// Frequencies in Hz, negative where unvoiced, as metrics take them.
    pub fn signed_hz(&self) -> Vec<f64> {
        let signed = |(&hz, &voiced): (&f64, &bool)| if voiced { hz } else { -hz };
        self.f0_hz.iter().zip(&self.voiced).map(signed).collect()
    }

    /// The median distance of frames, and how far the others are from it, in seconds.
    ///
    /// `None` of fewer than two frames.
    pub fn step_secs(&self) -> Option<(f64, f64)> {
        let mut steps: Vec<f64> = self.times.windows(2).map(|w| w[1] - w[0]).collect();
        steps.sort_by(f64::total_cmp);
        let median = *steps.get(steps.len() / 2)?;
        let spread = (median - steps[0]).max(steps[steps.len() - 1] - median);
        Some((median, spread))
    }

    /// The melody on a uniform grid at its median step, unvoiced where the file leaves frames out.
    pub fn to_track(&self) -> F0Track {
        let grid = self.grid();
        let last = self.times.last().and_then(|&last| grid.nearest(last));
        let mut frames = vec![F0Frame::default(); last.map_or(0, |last| last + 1)];
        for (i, &time) in self.times.iter().enumerate() {
            let nearest = grid.nearest(time);
            if let Some(frame) = nearest.and_then(|nearest| frames.get_mut(nearest)) {
                *frame = self.frame(i);
            }
        }
        F0Track { grid, frames }
    }

    /// The distance of frames in seconds: the mean of steps about as long as the file states, or as
    /// most are. What is stated may be rounded to whole samples, which adds up.
    pub fn usual_hop_secs(&self) -> f64 {
        let step = || self.step_secs().map(|(step, _)| step);
        let about = self.hop_secs.or_else(step).unwrap_or(DEFAULT_HOP_SECS);
        let steps = self.times.windows(2).map(|w| w[1] - w[0]);
        let usual = steps.filter(|step| (0.5 * about..1.5 * about).contains(step));
        let (n, sum) = usual.fold((0, 0.0), |(n, sum), step| (n + 1, sum + step));
        let hop_secs = if n > 0 { sum / f64::from(n) } else { about };
        hop_secs.max(SHORTEST_HOP_SECS)
    }

    /// Whether the file holds voiced frames only, and leaves the others out.
    pub fn leaves_out_unvoiced(&self) -> bool {
        let longest = 1.5 * self.usual_hop_secs();
        let starts_late = self.times.first().is_some_and(|&first| first > longest);
        let has_gaps = || self.times.windows(2).any(|w| w[1] - w[0] > longest);
        let all_voiced = self.voiced.iter().all(|&voiced| voiced);
        all_voiced && (self.hop_secs.is_some() || starts_late || has_gaps())
    }

    fn grid(&self) -> FrameGrid {
        let hop_secs = self.usual_hop_secs();
        FrameGrid {
            first_secs: self.times.first().copied().unwrap_or(hop_secs),
            hop_secs,
        }
    }

    fn frame(&self, i: usize) -> F0Frame {
        let voiced = self.voiced[i];
        let confidence = self.confidence.as_ref().map(|confidence| confidence[i]);
        F0Frame {
            f0_hz: self.f0_hz[i] as f32,
            confidence: confidence.unwrap_or(f64::from(voiced)) as f32,
            voiced,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_recording_lasts_is_a_fault() {
        let fault = |times: &[f64]| {
            let values = vec![220.0; times.len()];
            MelodyFile::from_values(times.to_vec(), values, PitchUnit::Hertz).fault()
        };
        assert_eq!(fault(&[]), None);
        assert_eq!(fault(&[0.0, 0.01, 80_000.0]), None);
        let late = fault(&[0.0, 10.0, 3_600_000.0]);
        assert_eq!(late.as_deref(), Some("a time of 3600000 s"));
        let milliseconds: Vec<f64> = (0..20).map(|i| 10.0 * f64::from(i)).collect();
        assert_eq!(fault(&milliseconds).as_deref(), Some("frames 10 s apart"));
        let many: Vec<f64> = (0..9).map(|i| 0.001 * f64::from(i)).collect();
        let found = fault(&[many, vec![80_000.0]].concat()).unwrap();
        assert!(found.contains("80000000 frames"), "{found}");
    }
}
