//! The melody as tones.

use std::f64::consts::TAU;
use std::sync::Arc;

use crate::melody::pitch::midi_to_hz;
use crate::melody::{F0Frame, F0Track, FrameGrid, Note};

/// Frames between looks at the contour.
const STEP: usize = 32;
/// Fade where a tone begins or ends, in seconds of what is heard.
const EDGE_SECS: f64 = 0.01;
/// Silence before a note's end, so that repeated notes are heard as two, in
/// seconds of the recording.
const GAP_SECS: f64 = 0.015;
/// Levels of the partials, from the fundamental up.
const F0_PARTIALS: [f32; 4] = [0.6, 0.25, 0.1, 0.05];
const NOTE_PARTIALS: [f32; 5] = [0.75, 0.0, 0.18, 0.0, 0.07];

/// What the tones follow: a snapshot, replaced as a whole at an edit.
#[derive(Clone, Debug)]
pub struct Melody {
    /// The contour.
    pub f0: Arc<F0Track>,
    /// The notes, by onset.
    pub notes: Arc<[Note]>,
}

impl Default for Melody {
    /// Silence.
    fn default() -> Self {
        let f0 = F0Track {
            grid: FrameGrid::from_hop(0.01),
            frames: Vec::new(),
        };
        Self {
            f0: Arc::new(f0),
            notes: Arc::new([]),
        }
    }
}

impl Melody {
    /// Pitch of the contour in Hz; `None` where it is unvoiced.
    pub fn f0_at(&self, secs: f64) -> Option<f64> {
        let nearest = self.f0.grid.nearest(secs)?;
        let here = voiced(self.f0.frames.get(nearest)?)?;
        let place = (secs - self.f0.grid.time(nearest)) / self.f0.grid.hop_secs;
        let other = match place < 0.0 {
            true => nearest.checked_sub(1)?,
            false => nearest + 1,
        };
        let there = self.f0.frames.get(other).and_then(voiced).unwrap_or(here);
        // Straight in cents between frames, but not across a leap.
        match (here / there).log2().abs() < 0.5 {
            true => Some(here * (there / here).powf(place.abs())),
            false => Some(here),
        }
    }

    /// Pitch of the note in Hz; `None` between notes.
    pub fn note_at(&self, secs: f64) -> Option<f64> {
        let n_begun = self.notes.partition_point(|note| note.onset_secs <= secs);
        let note = self.notes.get(n_begun.checked_sub(1)?)?;
        let gap = GAP_SECS.min((note.offset_secs - note.onset_secs) / 4.0);
        let hz = midi_to_hz(f64::from(note.midi));
        (secs < note.offset_secs - gap && hz.is_finite()).then_some(hz)
    }
}

fn voiced(frame: &F0Frame) -> Option<f64> {
    let hz = f64::from(frame.f0_hz);
    (frame.voiced && hz > 0.0 && hz.is_finite()).then_some(hz)
}

/// A tone whose phase goes on however its pitch moves.
pub struct Tone {
    partials: &'static [f32],
    rate_hz: f64,
    phase: f64,
    /// Pitch at the last frame; kept while the tone fades out.
    hz: f64,
    level: f32,
}

impl Tone {
    /// The contour's tone, soft with all partials.
    pub fn of_f0(rate_hz: u32) -> Self {
        Self::new(&F0_PARTIALS, rate_hz)
    }

    /// The notes' tone, hollow with odd partials only.
    pub fn of_notes(rate_hz: u32) -> Self {
        Self::new(&NOTE_PARTIALS, rate_hz)
    }

    fn new(partials: &'static [f32], rate_hz: u32) -> Self {
        Self {
            partials,
            rate_hz: f64::from(rate_hz),
            phase: 0.0,
            hz: 0.0,
            level: 0.0,
        }
    }

    /// Whether it has faded out.
    pub fn is_silent(&self) -> bool {
        self.level == 0.0
    }

    /// Renders a run of frames; the first sounds at `song_secs` of the recording,
    /// which passes at `speed`. The pitch is `pitch`'s at every speed.
    pub fn render(
        &mut self,
        pitch: impl Fn(f64) -> Option<f64>,
        song_secs: f64,
        speed: f64,
        out: &mut [f32],
    ) {
        for (k, part) in out.chunks_mut(STEP).enumerate() {
            let end = (k * STEP + part.len()) as f64 / self.rate_hz;
            let aim = pitch(song_secs + end * speed).filter(|hz| *hz < self.rate_hz / 2.0);
            self.render_step(aim, part);
        }
    }

    /// Glides to the aimed pitch, or fades out without one.
    fn render_step(&mut self, aim: Option<f64>, out: &mut [f32]) {
        let edge = (1.0 / (EDGE_SECS * self.rate_hz)) as f32;
        let change = if aim.is_some() { edge } else { -edge };
        if self.level == 0.0 {
            self.hz = aim.unwrap_or(self.hz);
        }
        let glide = (aim.unwrap_or(self.hz) - self.hz) / out.len() as f64;
        for sample in out {
            self.level = (self.level + change).clamp(0.0, 1.0);
            self.hz += glide;
            self.phase = (self.phase + self.hz / self.rate_hz).fract();
            *sample = if self.level > 0.0 {
                self.level * self.wave()
            } else {
                0.0
            };
        }
    }

    /// The sum of the partials below half the rate.
    fn wave(&self) -> f32 {
        let audible = |number: &usize| (number + 1) as f64 * self.hz < self.rate_hz / 2.0;
        let partial = |number: usize| {
            self.partials[number] * (TAU * self.phase * (number + 1) as f64).sin() as f32
        };
        (0..self.partials.len()).filter(audible).map(partial).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contour(hz: &[f32]) -> Melody {
        let frames = hz.iter().map(|&f0_hz| F0Frame {
            f0_hz,
            confidence: 1.0,
            voiced: f0_hz > 0.0,
        });
        let f0 = F0Track {
            grid: FrameGrid::from_hop(0.01),
            frames: frames.collect(),
        };
        Melody {
            f0: Arc::new(f0),
            ..Melody::default()
        }
    }

    #[test]
    fn pitch_is_straight_in_cents_between_frames_and_silent_where_unvoiced() {
        let melody = contour(&[200.0, 220.0, 0.0]);
        let middle = melody.f0_at(0.015).unwrap();
        assert!((middle - 200f64 * 1.1f64.sqrt()).abs() < 1e-3, "{middle}");
        assert_eq!(melody.f0_at(0.0301), None);
        assert_eq!(melody.f0_at(-1.0), None);
        assert_eq!(melody.f0_at(9.0), None);
        assert_eq!(contour(&[100.0, 200.0]).f0_at(0.014), Some(100.0));
    }

    #[test]
    fn a_tone_comes_and_goes_without_a_step() {
        let melody = contour(&[vec![0.0; 10], vec![300.0; 10], vec![0.0; 10]].concat());
        let mut tone = Tone::of_f0(48_000);
        let mut out = vec![0.0; 48_000 * 3 / 10];
        tone.render(|secs| melody.f0_at(secs), 0.0, 1.0, &mut out);
        assert!(out.iter().any(|sample| *sample > 0.4));
        assert!(out[13_500..].iter().all(|sample| *sample == 0.0));
        // The steepest a sum of these partials gets at 300 Hz.
        let steepest: f32 = (F0_PARTIALS.iter().zip(1..))
            .map(|(a, n)| a * n as f32)
            .sum();
        let most = steepest * (TAU * 300.0 / 48_000.0) as f32 + 0.01;
        assert!(out.windows(2).all(|pair| (pair[1] - pair[0]).abs() < most));
    }

    #[test]
    fn a_note_sounds_from_onset_almost_to_offset() {
        let note = Note {
            onset_secs: 1.0,
            offset_secs: 2.0,
            midi: 69.0,
            confidence: 1.0,
        };
        let melody = Melody {
            notes: Arc::new([note]),
            ..Melody::default()
        };
        assert_eq!(melody.note_at(0.99), None);
        assert_eq!(melody.note_at(1.0), Some(440.0));
        assert_eq!(melody.note_at(1.99), None);
    }
}
