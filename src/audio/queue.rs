//! Decoded sound on its way out: trimmed, with silence for what is lost, in blocks.

use super::trim::Trim;

/// Frames in a block at the most, and samples of all its channels.
const BLOCK_FRAMES: usize = 32_768;
const BLOCK_SAMPLES: usize = 8 * BLOCK_FRAMES;
/// Longest silence that stands in for damage, in samples of all channels.
const MAX_SILENCE_SAMPLES: u64 = 1 << 24;

/// Samples that wait for delivery.
#[derive(Debug, Default)]
pub struct Queue {
    /// One vector per channel; the first `n_taken` frames are out.
    channels: Vec<Vec<f32>>,
    n_taken: usize,
    trim: Trim,
}

impl Queue {
    /// Makes room for this many channels.
    pub fn set_channels(&mut self, n_channels: usize) {
        self.channels = vec![Vec::new(); n_channels];
    }

    /// What to drop and to keep of the sound from here on.
    pub fn set_trim(&mut self, trim: Trim) {
        self.trim = trim;
    }

    /// Frames that wait.
    pub fn len(&self) -> usize {
        self.channels.first().map_or(0, Vec::len) - self.n_taken
    }

    /// Whether there is a whole block that cannot be padding any more.
    pub fn has_block(&self) -> bool {
        self.len() >= self.block_frames() + self.tail()
    }

    /// Whether all that is kept has come.
    pub fn is_full(&self) -> bool {
        self.trim.keep == 0
    }

    /// Adds decoded samples, one vector per channel, without what is trimmed.
    pub fn extend(&mut self, samples: &[Vec<f32>]) {
        let n_frames = samples.first().map_or(0, Vec::len) as u64;
        let (skipped, kept) = self.pass(n_frames);
        let range = skipped as usize..(skipped + kept) as usize;
        for (channel, samples) in self.channels.iter_mut().zip(samples) {
            channel.extend_from_slice(&samples[range.clone()]);
        }
    }

    /// Adds silence; an absurdly long one is shortened.
    pub fn extend_silence(&mut self, n_frames: u64) {
        let longest = MAX_SILENCE_SAMPLES / self.channels.len().max(1) as u64;
        let (_, kept) = self.pass(n_frames.min(longest));
        for channel in &mut self.channels {
            channel.resize(channel.len() + kept as usize, 0.0);
        }
    }

    /// Drops the padding at the end of the file.
    pub fn drop_tail(&mut self) {
        let kept = self.n_taken + self.len().saturating_sub(self.tail());
        for channel in &mut self.channels {
            channel.truncate(kept);
        }
    }

    /// Takes out a block, or what is left; `None` if nothing is.
    pub fn take_block(&mut self) -> Option<Vec<Vec<f32>>> {
        let n_frames = self.len().min(self.block_frames());
        if n_frames == 0 {
            return None;
        }
        let range = self.n_taken..self.n_taken + n_frames;
        let take = |channel: &Vec<f32>| channel[range.clone()].to_vec();
        let block = self.channels.iter().map(take).collect();
        self.n_taken += n_frames;
        if self.n_taken >= self.len() {
            self.forget_taken();
        }
        Some(block)
    }

    /// Makes room, once as much is out as is left, so that long queues stay cheap.
    fn forget_taken(&mut self) {
        for channel in &mut self.channels {
            channel.drain(..self.n_taken);
        }
        self.n_taken = 0;
    }

    /// How many of the next `n_frames` are skipped, and how many kept after them.
    fn pass(&mut self, n_frames: u64) -> (u64, u64) {
        let skipped = self.trim.skip.min(n_frames);
        let kept = (n_frames - skipped).min(self.trim.keep);
        self.trim.skip -= skipped;
        if self.trim.keep != u64::MAX {
            self.trim.keep -= kept;
        }
        (skipped, kept)
    }

    fn block_frames(&self) -> usize {
        let n_channels = self.channels.len().max(1);
        (BLOCK_SAMPLES / n_channels).clamp(1, BLOCK_FRAMES)
    }

    fn tail(&self) -> usize {
        self.trim.tail.min(BLOCK_FRAMES as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trims_the_start_the_end_and_the_tail() {
        let mut queue = Queue::default();
        queue.set_channels(1);
        queue.set_trim(Trim {
            skip: 3,
            keep: 6,
            tail: 1,
        });
        queue.extend(&[vec![1.0, 2.0]]);
        queue.extend_silence(2);
        assert_eq!(queue.len(), 1);
        queue.extend(&[vec![5.0, 6.0, 7.0, 8.0, 9.0, 10.0]]);
        assert!(queue.is_full());
        queue.drop_tail();
        assert_eq!(
            queue.take_block(),
            Some(vec![vec![0.0, 5.0, 6.0, 7.0, 8.0]])
        );
        assert_eq!(queue.take_block(), None);
    }
}
