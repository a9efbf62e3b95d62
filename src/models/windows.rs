//! Frames in windows that overlap, as networks with [`Framing::Windows`](super::Framing) want them.
//!
//! What all windows say of a frame, as probabilities, is averaged (Lu & Su 2018: "sliding
//! superposition"). Before the first frame and behind the last lie zeros.

use std::ops::Range;

use super::NetworkConfig;

/// Windows of `len` frames, the next `hop` frames behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowLayout {
    /// Frames of a window.
    pub len: usize,
    /// Frames from one to the next, a divisor of `len`.
    pub hop: usize,
}

impl WindowLayout {
    /// Those of a network's setting `hop`, or side by side if it has none.
    pub fn of(config: &NetworkConfig, len: usize) -> Self {
        let hop = config.settings.get("hop").and_then(|hop| hop.as_u64());
        let hop = hop.map_or(len, |hop| hop as usize);
        Self { len, hop }
    }

    /// Mean probabilities of the frames `within`, `[rows, frames]`, of an input of `[rows, frames]`
    /// whose first frame begins a window.
    ///
    /// `run` takes a window and gives log-odds of it, of any number of rows.
    ///
    /// # Errors
    /// Those of `run`.
    pub fn superpose<E>(
        self,
        input: &[f32],
        frames: usize,
        within: Range<usize>,
        mut run: impl FnMut(Vec<f32>) -> Result<Vec<f32>, E>,
    ) -> Result<Vec<f32>, E> {
        let mut sums = Vec::new();
        for start in self.starts(&within) {
            let logits = run(self.window(input, frames, start))?;
            let n = within.len();
            sums.resize(logits.len() / self.len * n, 0.0f32);
            for (sum, row) in sums.chunks_exact_mut(n).zip(logits.chunks_exact(self.len)) {
                for (t, sum) in sum.iter_mut().enumerate() {
                    let at = (within.start + t) as i64 - start;
                    if (0..self.len as i64).contains(&at) {
                        *sum += 1.0 / (1.0 + (-row[at as usize]).exp());
                    }
                }
            }
        }
        let covering = (self.len / self.hop) as f32;
        sums.iter_mut().for_each(|sum| *sum /= covering);
        Ok(sums)
    }

    /// First frames of the windows that hold one of some frames; the first may lie before frame 0.
    fn starts(self, within: &Range<usize>) -> impl Iterator<Item = i64> + use<> {
        let (len, hop) = (self.len as i64, self.hop as i64);
        let (first, end) = (within.start as i64 - len, within.end as i64);
        let first = (first.div_euclid(hop) + 1) * hop;
        let is_empty = within.is_empty();
        (first..end)
            .step_by(self.hop)
            .take_while(move |_| !is_empty)
    }

    fn window(self, input: &[f32], frames: usize, start: i64) -> Vec<f32> {
        let rows = input.len() / frames.max(1);
        let mut window = vec![0.0; rows * self.len];
        let from = start.clamp(0, frames as i64) as usize;
        let to = (start + self.len as i64).clamp(0, frames as i64) as usize;
        let offset = (from as i64 - start) as usize;
        for (row, into) in input
            .chunks_exact(frames.max(1))
            .zip(window.chunks_exact_mut(self.len))
        {
            into[offset..][..to - from].copy_from_slice(&row[from..to]);
        }
        window
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    /// Log-odds that are what a window holds.
    fn same(window: Vec<f32>) -> Result<Vec<f32>, Infallible> {
        Ok(window)
    }

    fn probability(logit: f32) -> f32 {
        1.0 / (1.0 + (-logit).exp())
    }

    #[test]
    fn each_frame_is_the_mean_of_the_windows_that_hold_it() {
        // Two rows of ten frames; a window says of each frame where it lies in the window.
        let input: Vec<f32> = (0..20).map(|i| i as f32).collect();
        let layout = WindowLayout { len: 4, hop: 2 };
        let mut count = 0;
        let place = |window: Vec<f32>| {
            count += 1;
            assert_eq!(window.len(), 8);
            Ok::<_, Infallible>(vec![0.0, 1.0, 2.0, 3.0])
        };
        let found = layout.superpose(&input, 10, 0..10, place).unwrap();
        assert_eq!(count, 6, "from -2 to 8");
        for (t, found) in found.iter().enumerate() {
            let places = [t % 2, t % 2 + 2].map(|place| probability(place as f32));
            assert!((found - places.iter().sum::<f32>() / 2.0).abs() < 1e-6);
        }
    }

    #[test]
    fn a_part_is_as_of_the_whole_and_zeros_lie_around() {
        let input: Vec<f32> = (0..40).map(|i| (i * 7 % 11) as f32 - 5.0).collect();
        for hop in [1, 2, 8] {
            let layout = WindowLayout { len: 8, hop };
            let whole = layout.superpose(&input, 20, 0..20, same).unwrap();
            for (t, &value) in whole.iter().enumerate() {
                assert!((value - probability(input[t])).abs() < 1e-6);
            }
            let part = layout.superpose(&input, 20, 5..9, same).unwrap();
            assert_eq!(part[..4], whole[5..9]);
            assert_eq!(part[4..], whole[25..29]);
        }
        let layout = WindowLayout { len: 8, hop: 8 };
        assert!(layout.superpose(&[], 0, 0..0, same).unwrap().is_empty());
    }
}
