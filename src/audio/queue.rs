//! Decoded sound on its way out: trimmed, with silence for what is lost, in blocks.

use std::ops::Range;

use super::trim::Trim;

/// Frames in a block at the most, and samples of all its channels.
const BLOCK_FRAMES: usize = 32_768;
const BLOCK_SAMPLES: usize = 8 * BLOCK_FRAMES;
/// Longest silence that stands in for damage, in samples of all channels.
const MAX_SILENCE_SAMPLES: u64 = 1 << 24;
/// So many samples of all channels are not held back for longer.
const MAX_HELD_SAMPLES: usize = 1 << 24;

/// Samples that wait for delivery.
#[derive(Debug, Default)]
pub struct Queue {
    /// One vector per channel; the first `n_taken` frames are out.
    channels: Vec<Vec<f32>>,
    n_taken: usize,
    trim: Trim,
    /// Decoded frames of the track so far, trimmed or not.
    decoded: u64,
    /// Frames that may go out, counted like the channels; all of them without it.
    held_from: Option<usize>,
}

/// A stretch of what comes out: silence, or a part of the frames that came in.
#[derive(Debug, PartialEq)]
enum OutputSpan {
    Silence(u64),
    Sound(Range<usize>),
}

impl Queue {
    /// Makes room for this many channels.
    pub fn set_channels(&mut self, n_channels: usize) {
        self.channels = vec![Vec::new(); n_channels];
    }

    /// What to drop and to keep of a track that begins now.
    pub fn set_trim(&mut self, trim: Trim) {
        self.trim = trim;
        self.decoded = 0;
    }

    /// Frames that wait.
    pub fn len(&self) -> usize {
        self.channels.first().map_or(0, Vec::len) - self.n_taken
    }

    /// Frames that may go out.
    pub fn ready(&self) -> usize {
        let held_from = self.held_from.map(|it| it.saturating_sub(self.n_taken));
        held_from.unwrap_or(usize::MAX).min(self.len())
    }

    /// Whether there is a whole block that cannot be padding any more.
    pub fn has_block(&self) -> bool {
        self.ready() >= self.block_frames() + self.tail()
    }

    /// Whether all that is kept has come.
    pub fn is_full(&self) -> bool {
        self.trim.pieces.is_empty()
    }

    /// Whether the next frames to go out lie before those that were decoded.
    pub fn needs_rewind(&self) -> bool {
        let next = self.trim.pieces.front();
        next.is_some_and(|piece| piece.start < self.decoded && !piece.is_begun)
    }

    /// Goes on to the next piece of a track that ends inside of this one; whether there is one.
    pub fn give_up_piece(&mut self) -> bool {
        let has_next = self.trim.pieces.len() > 1;
        if has_next {
            self.trim.pieces.pop_front();
        }
        has_next
    }

    /// The track is decoded from its start again.
    pub fn rewind(&mut self) {
        self.decoded = 0;
    }

    /// Holds back what comes from here on, until [`Queue::release`].
    pub fn hold_back(&mut self) {
        let end = self.n_taken + self.len();
        let held = self.held_from.get_or_insert(end);
        if (end - *held) * self.channels.len() > MAX_HELD_SAMPLES {
            *held = end;
        }
    }

    /// Lets all go out.
    pub fn release(&mut self) {
        self.held_from = None;
    }

    /// Adds decoded samples, one vector per channel, without what is trimmed.
    pub fn extend(&mut self, samples: &[Vec<f32>]) {
        let n_frames = samples.first().map_or(0, Vec::len) as u64;
        for stretch in self.pass(n_frames) {
            match stretch {
                OutputSpan::Silence(n_frames) => self.add_silence(n_frames),
                OutputSpan::Sound(range) => {
                    for (channel, samples) in self.channels.iter_mut().zip(samples) {
                        channel.extend_from_slice(&samples[range.clone()]);
                    }
                }
            }
        }
    }

    /// Adds silence in place of sound; an absurdly long one is shortened.
    pub fn extend_silence(&mut self, n_frames: u64) {
        for stretch in self.pass(n_frames) {
            match stretch {
                OutputSpan::Silence(n_frames) => self.add_silence(n_frames),
                OutputSpan::Sound(range) => self.add_silence(range.len() as u64),
            }
        }
    }

    /// Puts silence before the last `behind` frames.
    pub fn insert_silence(&mut self, behind: u64, n_frames: u64) {
        let n_frames = n_frames.min(self.longest_silence()) as usize;
        let at = self.n_taken + self.len().saturating_sub(behind as usize);
        for channel in &mut self.channels {
            channel.splice(at..at, std::iter::repeat_n(0.0, n_frames));
        }
    }

    /// Drops frames before the last `behind`, of those `n_frames` that begin there.
    pub fn drop_from(&mut self, behind: u64, n_frames: u64) {
        let end = self.n_taken + self.len();
        let at = end - self.len().min(behind as usize);
        let until = end.min(at + n_frames as usize);
        for channel in &mut self.channels {
            channel.drain(at..until);
        }
    }

    /// Drops the padding at the end of the file.
    pub fn drop_tail(&mut self) {
        self.drop_from(self.tail() as u64, self.tail() as u64);
    }

    /// Takes out a block, or what is left; `None` if nothing is.
    pub fn take_block(&mut self) -> Option<Vec<Vec<f32>>> {
        let n_frames = self.ready().min(self.block_frames());
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
        self.held_from = self.held_from.map(|it| it.saturating_sub(self.n_taken));
        self.n_taken = 0;
    }

    fn add_silence(&mut self, n_frames: u64) {
        let n_frames = n_frames.min(self.longest_silence()) as usize;
        for channel in &mut self.channels {
            channel.resize(channel.len() + n_frames, 0.0);
        }
    }

    /// What comes out of the next `n_frames` that come in.
    fn pass(&mut self, n_frames: u64) -> Vec<OutputSpan> {
        let (begin, end) = (self.decoded, self.decoded.saturating_add(n_frames));
        self.decoded = end;
        let mut stretches = Vec::new();
        while let Some(piece) = self.trim.pieces.front_mut() {
            if piece.start >= end && piece.keep > 0 {
                break;
            }
            if piece.silence > 0 {
                stretches.push(OutputSpan::Silence(std::mem::take(&mut piece.silence)));
            }
            let from = piece.start.max(begin);
            let until = piece.start.saturating_add(piece.keep).min(end);
            if piece.start < begin && !piece.is_begun && piece.keep > 0 {
                break;
            }
            if from < until {
                piece.is_begun = true;
                stretches.push(OutputSpan::Sound(
                    (from - begin) as usize..(until - begin) as usize,
                ));
            }
            if piece.keep == u64::MAX || piece.start.saturating_add(piece.keep) > end {
                break;
            }
            self.trim.pieces.pop_front();
        }
        stretches
    }

    fn longest_silence(&self) -> u64 {
        MAX_SILENCE_SAMPLES / self.channels.len().max(1) as u64
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
    use crate::audio::trim::TrackPiece;

    fn queue(pieces: &[(u64, u64, u64)], tail: u64) -> Queue {
        let piece = |&(silence, start, keep)| TrackPiece::new(silence, start, keep);
        let mut queue = Queue::default();
        queue.set_channels(1);
        queue.set_trim(Trim {
            pieces: pieces.iter().map(piece).collect(),
            tail,
        });
        queue
    }

    #[test]
    fn trims_the_start_the_end_and_the_tail() {
        let mut queue = queue(&[(0, 3, 6)], 1);
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

    #[test]
    fn pieces_are_put_together_and_may_lie_before_one_another() {
        let mut queue = queue(&[(2, 1, 2), (0, 5, 1), (1, 0, 2)], 0);
        for _ in 0..2 {
            assert!(!queue.is_full());
            queue.extend(&[vec![1.0, 2.0, 3.0]]);
            queue.extend(&[vec![4.0, 5.0, 6.0]]);
            assert_eq!(queue.needs_rewind(), !queue.is_full());
            queue.rewind();
        }
        let block = queue.take_block().unwrap();
        assert_eq!(block[0], [0.0, 0.0, 2.0, 3.0, 6.0, 0.0, 1.0, 2.0]);
    }

    #[test]
    fn a_piece_beyond_the_end_is_given_up_for_the_next() {
        let mut queue = queue(&[(0, 1, 9), (0, 0, 1)], 0);
        queue.extend(&[vec![1.0, 2.0]]);
        assert!(queue.give_up_piece() && queue.needs_rewind());
        queue.rewind();
        queue.extend(&[vec![1.0, 2.0]]);
        assert!(queue.is_full());
        assert_eq!(queue.take_block(), Some(vec![vec![2.0, 1.0]]));
    }

    #[test]
    fn what_is_held_back_can_be_mended() {
        let mut queue = queue(&[(0, 0, u64::MAX)], 0);
        queue.extend(&[vec![1.0]]);
        queue.hold_back();
        queue.extend(&[vec![2.0, 3.0]]);
        assert_eq!(queue.take_block(), Some(vec![vec![1.0]]));
        assert_eq!(queue.take_block(), None);
        queue.insert_silence(2, 1);
        queue.drop_from(1, 5);
        queue.release();
        assert_eq!(queue.take_block(), Some(vec![vec![0.0, 2.0]]));
    }
}
