//! The sounds from one place on, at one speed.

use std::sync::Arc;

use super::sources::{N_SOUNDS, SoundFrames, Sources, silence};
use super::stretch::{PhaseVocoder, StretchTables};

/// Reads the sounds steadily; a jump is a change to another one.
pub struct Playback {
    /// Place of the first frame in frames of the recording.
    start: f64,
    speed: f64,
    n_out: u64,
    /// One for each sound, so that each keeps its own phases; `None` at the original speed.
    stretch: Option<[PhaseVocoder; N_SOUNDS]>,
    /// Number of the next window, whose center is so many hops after the first frame.
    window: i64,
    ready: SoundFrames,
}

impl Playback {
    /// Ready at a place in frames of the recording.
    pub fn new(start: f64, speed: f64, tables: &Arc<StretchTables>) -> Self {
        let stretched = speed != 1.0;
        let stretch = || std::array::from_fn(|_| PhaseVocoder::new(tables.clone()));
        Self {
            start,
            speed,
            n_out: 0,
            stretch: stretched.then(stretch),
            window: -1,
            ready: Default::default(),
        }
    }

    /// Frames of the recording in a frame of output.
    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// Place of the next frame.
    pub fn place(&self) -> f64 {
        self.start + self.n_out as f64 * self.speed
    }

    /// End of what the next frames are made of.
    pub fn reach(&self, n_frames: usize, tables: &StretchTables) -> i64 {
        let end = self.place() + n_frames as f64 * self.speed;
        let around = if self.stretch.is_some() {
            tables.window_len() * 4
        } else {
            0
        };
        end.ceil() as i64 + around as i64
    }

    /// Renders the next frames in place of those that are there.
    pub fn render(
        &mut self,
        sources: &Sources,
        tables: &StretchTables,
        n_frames: usize,
        sounds: &mut SoundFrames,
    ) {
        for side in sounds.as_flattened_mut() {
            side.resize(n_frames, 0.0);
        }
        match self.stretch.is_some() {
            false => sources.read(self.place().round() as i64, sounds),
            true => {
                while self.ready[0][0].len() < n_frames {
                    self.lay_window(sources, tables);
                }
                let ready = self.ready.as_flattened_mut();
                for (side, ready) in sounds.as_flattened_mut().iter_mut().zip(ready) {
                    side.copy_from_slice(&ready[..n_frames]);
                    ready.drain(..n_frames);
                }
            }
        }
        self.n_out += n_frames as u64;
    }

    /// Stretches one more window; what is complete before the first frame is dropped.
    fn lay_window(&mut self, sources: &Sources, tables: &StretchTables) {
        let Some(stretch) = &mut self.stretch else {
            return;
        };
        let (n, hop) = (tables.window_len(), tables.hop());
        let center = self.start + self.window as f64 * hop as f64 * self.speed;
        let first = center.round() as i64 - (n / 2 + hop) as i64;
        let mut sounds = silence(n + hop);
        sources.read(first, &mut sounds);
        for ((stretch, sound), ready) in stretch.iter_mut().zip(&sounds).zip(&mut self.ready) {
            let complete = stretch.step(sound);
            if self.window >= 2 {
                for (ready, complete) in ready.iter_mut().zip(complete) {
                    ready.extend(complete);
                }
            }
        }
        self.window += 1;
    }
}
