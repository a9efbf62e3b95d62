//! The recording from one place on, at one speed.

use std::sync::Arc;

use super::pcm_file::PcmFile;
use super::stretch::{PhaseVocoder, StretchTables};

/// Reads the recording steadily; a jump is a change to another one.
pub struct Playback {
    /// Place of the first frame in frames of the recording.
    start: f64,
    speed: f64,
    n_out: u64,
    /// `None` at the original speed.
    stretch: Option<PhaseVocoder>,
    /// Number of the next window, whose center is so many hops after the first frame.
    window: i64,
    ready: [Vec<f32>; 2],
}

impl Playback {
    /// Ready at a place in frames of the recording.
    pub fn new(start: f64, speed: f64, tables: &Arc<StretchTables>) -> Self {
        let stretched = speed != 1.0;
        Self {
            start,
            speed,
            n_out: 0,
            stretch: stretched.then(|| PhaseVocoder::new(tables.clone())),
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

    /// Renders the next frames, left and right replaced by them.
    pub fn render(
        &mut self,
        pcm_file: &PcmFile,
        tables: &StretchTables,
        n_frames: usize,
        left: &mut Vec<f32>,
        right: &mut Vec<f32>,
    ) {
        left.resize(n_frames, 0.0);
        right.resize(n_frames, 0.0);
        match self.stretch.is_some() {
            false => pcm_file.read(self.place().round() as i64, left, right),
            true => {
                while self.ready[0].len() < n_frames {
                    self.lay_window(pcm_file, tables);
                }
                for (side, ready) in [left, right].into_iter().zip(&mut self.ready) {
                    side.copy_from_slice(&ready[..n_frames]);
                    ready.drain(..n_frames);
                }
            }
        }
        self.n_out += n_frames as u64;
    }

    /// Stretches one more window; what is complete before the first frame is dropped.
    fn lay_window(&mut self, pcm_file: &PcmFile, tables: &StretchTables) {
        let Some(stretch) = &mut self.stretch else {
            return;
        };
        let (n, hop) = (tables.window_len(), tables.hop());
        let center = self.start + self.window as f64 * hop as f64 * self.speed;
        let first = center.round() as i64 - (n / 2 + hop) as i64;
        let mut sound = [vec![0.0; n + hop], vec![0.0; n + hop]];
        let [left, right] = &mut sound;
        pcm_file.read(first, left, right);
        let complete = stretch.step(&sound);
        if self.window >= 2 {
            for (ready, complete) in self.ready.iter_mut().zip(complete) {
                ready.extend(complete);
            }
        }
        self.window += 1;
    }
}
