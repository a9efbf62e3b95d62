//! How loud each frame is.

/// Root mean square of the hop around each frame's center.
pub struct Level {
    hop: usize,
    skipped: usize,
    sum: f64,
    count: usize,
}

impl Level {
    /// For frames `hop` samples apart.
    pub fn new(hop: usize) -> Self {
        Self {
            hop,
            skipped: hop / 2, // frame 0 is centered one hop in
            sum: 0.0,
            count: 0,
        }
    }

    /// Takes the next samples; returns the levels of the frames whose hop is over.
    pub fn push(&mut self, samples: &[f32]) -> Vec<f32> {
        let mut levels = Vec::new();
        let skip = self.skipped.min(samples.len());
        self.skipped -= skip;
        for &sample in &samples[skip..] {
            self.sum += f64::from(sample) * f64::from(sample);
            self.count += 1;
            if self.count == self.hop {
                levels.extend(self.finish());
            }
        }
        levels
    }

    /// The level of the samples that fill no hop.
    pub fn finish(&mut self) -> Option<f32> {
        let level = (self.count > 0).then(|| (self.sum / self.count as f64).sqrt() as f32);
        (self.sum, self.count) = (0.0, 0);
        level
    }
}

/// Below it a hop is silent: -140 dB, half a step of 24 bits.
const SILENCE: f32 = 1e-7;

/// Whether nothing sounds within `reach` frames of frame `frame`: such a frame has no pitch.
pub fn is_silent(level: &[f32], frame: usize, reach: usize) -> bool {
    let around = frame.saturating_sub(reach)..level.len().min(frame + reach + 1);
    level
        .get(around)
        .is_none_or(|around| around.iter().all(|&level| level < SILENCE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_those_of_the_hops_around_centers() {
        let mut level = Level::new(4);
        // two samples before the first hop, then hops of 1, of 3, and two samples of 5
        let samples = [
            9.0, 9.0, 1.0, -1.0, 1.0, -1.0, 3.0, 3.0, -3.0, 3.0, 5.0, -5.0,
        ];
        let mut found = level.push(&samples[..5]);
        found.extend(level.push(&samples[5..]));
        found.extend(level.finish());
        assert_eq!(found, [1.0, 3.0, 5.0]);
        assert_eq!(level.finish(), None);
    }

    #[test]
    fn a_frame_is_silent_if_all_it_reads_is() {
        let level = [0.0, 0.0, 0.0, 0.1, 0.0, 0.0];
        let silent = |frame| is_silent(&level, frame, 1);
        assert_eq!(
            [0, 1, 2, 3, 4, 5].map(silent),
            [true, true, false, false, false, true]
        );
        assert!(is_silent(&[], 0, 1));
    }
}
