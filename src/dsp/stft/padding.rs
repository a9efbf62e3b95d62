//! A recording with its start and its end mirrored.

/// Mirrors half a frame at either end of a stream.
pub(super) struct Padding {
    half: usize,
    /// Samples until the start can be mirrored, later the last ones, which may be the end.
    kept: Vec<f32>,
    started: bool,
}

impl Padding {
    pub fn new(half: usize) -> Self {
        Self {
            half,
            kept: Vec::new(),
            started: false,
        }
    }

    /// The next samples of the padded recording.
    pub fn push(&mut self, samples: &[f32]) -> Vec<f32> {
        if self.started {
            self.keep(samples);
            return samples.to_vec();
        }
        self.kept.extend_from_slice(samples);
        match self.kept.len() > self.half {
            true => self.start(),
            false => Vec::new(),
        }
    }

    /// The last samples of the padded recording.
    pub fn finish(&mut self) -> Vec<f32> {
        let mut rest = match self.started || self.kept.is_empty() {
            true => Vec::new(),
            false => self.start(),
        };
        let n = self.kept.len();
        if n > 0 {
            rest.extend((n..n + self.half).map(|i| self.kept[mirrored(i as isize, n)]));
        }
        rest
    }

    fn start(&mut self) -> Vec<f32> {
        self.started = true;
        let samples = std::mem::take(&mut self.kept);
        let before = (1..=self.half).rev();
        let before = before.map(|i| samples[mirrored(-(i as isize), samples.len())]);
        let padded = before.chain(samples.iter().copied()).collect();
        self.keep(&samples);
        padded
    }

    /// Keeps the last samples, as many as the end needs.
    fn keep(&mut self, samples: &[f32]) {
        self.kept.extend_from_slice(samples);
        let surplus = self.kept.len().saturating_sub(self.half + 1);
        self.kept.drain(..surplus);
    }
}

/// The sample of `n` that stands at `i` if both ends are mirrors.
fn mirrored(i: isize, n: usize) -> usize {
    let last = n as isize - 1;
    if last == 0 {
        return 0;
    }
    let place = i.rem_euclid(2 * last);
    place.min(2 * last - place) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn padded(samples: &[f32], half: usize, cut: usize) -> Vec<f32> {
        let mut padding = Padding::new(half);
        let mut all: Vec<f32> = samples
            .chunks(cut)
            .flat_map(|block| padding.push(block))
            .collect();
        all.extend(padding.finish());
        all
    }

    #[test]
    fn both_ends_are_mirrored_wherever_the_stream_is_cut() {
        let samples = [1.0, 2.0, 3.0, 4.0, 5.0];
        let expected = [3.0, 2.0, 1.0, 2.0, 3.0, 4.0, 5.0, 4.0, 3.0];
        for cut in 1..=5 {
            assert_eq!(padded(&samples, 2, cut), expected);
        }
    }

    #[test]
    fn a_short_recording_is_mirrored_again_and_again() {
        let expected = [1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0];
        assert_eq!(padded(&[1.0, 2.0], 3, 1)[1..], expected[..7]);
        assert_eq!(padded(&[7.0], 2, 1), [7.0; 5]);
        assert!(padded(&[], 2, 1).is_empty());
    }
}
