//! Which frames can be decided, and what they need around them.

use std::ops::Range;

use crate::kernels::FRAME_ALIGNMENT;
use crate::models::Framing;

/// Walks over frames in blocks whose result does not depend on where they are cut:
/// each is given all frames that decide about its own.
#[derive(Clone, Debug)]
pub struct Blocks {
    len: usize,
    context: usize,
    alignment: usize,
    next: usize,
}

/// A block to decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Frames to decide.
    pub decided: Range<usize>,
    /// Frames to look at, `decided` and at least its context.
    pub seen: Range<usize>,
}

impl Blocks {
    /// Blocks of about `len` frames for a network of this framing.
    pub fn new(len: usize, framing: Framing) -> Self {
        let (context, alignment, multiple) = match framing {
            // kernels take as many frames together, and round alike only if the same ones are
            Framing::Context(frames) => (frames, FRAME_ALIGNMENT, 1),
            Framing::Segments(frames) => (0, frames, frames),
            // a window begins where it does of the whole recording
            Framing::Windows(frames) => (frames - 1, frames, 1),
        };
        Self {
            len: len.max(1).next_multiple_of(multiple),
            context,
            alignment,
            next: 0,
        }
    }

    /// Frames of a block.
    pub fn block_len(&self) -> usize {
        self.len
    }

    /// Begins at a frame, all before it being decided; a multiple of [`Blocks::block_len`].
    pub fn begin_at(&mut self, frame: usize) {
        debug_assert!(frame.is_multiple_of(self.len));
        self.next = frame;
    }

    /// The next block once `available` frames are known; `ended` if there will be no more.
    pub fn next(&mut self, available: usize, ended: bool) -> Option<Block> {
        let end = self.next + self.len;
        let decided = if end + self.context <= available {
            self.next..end
        } else if ended && self.next < available {
            self.next..end.min(available)
        } else {
            return None;
        };
        let seen = self.needed_from()..available.min(decided.end + self.context);
        self.next = decided.end;
        Some(Block { decided, seen })
    }

    /// The first frame that is still needed.
    pub fn needed_from(&self) -> usize {
        let first = self.next.saturating_sub(self.context);
        first - first % self.alignment
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Walks over `total` frames that become known `step` at a time.
    fn walk(total: usize, step: usize, mut blocks: Blocks) -> Vec<Block> {
        let (mut known, mut found) = (0, Vec::new());
        loop {
            let ended = known == total;
            while let Some(block) = blocks.next(known, ended) {
                assert!(block.seen.end <= known);
                found.push(block);
            }
            assert!(blocks.needed_from() <= known);
            if ended {
                return found;
            }
            known = total.min(known + step);
        }
    }

    proptest! {
        #[test]
        fn every_frame_is_decided_once_with_its_whole_context(
            total in 0..300usize, len in 1..50usize, context in 0..40usize, step in 1..60usize,
        ) {
            let mut expected = 0;
            for block in walk(total, step, Blocks::new(len, Framing::Context(context))) {
                prop_assert_eq!(block.decided.start, expected);
                prop_assert!(block.seen.start.is_multiple_of(FRAME_ALIGNMENT));
                let spare = expected.saturating_sub(context) - block.seen.start;
                prop_assert!(spare < FRAME_ALIGNMENT);
                expected = block.decided.end;
                prop_assert_eq!(block.seen.end, total.min(expected + context));
            }
            prop_assert_eq!(expected, total);
        }

        #[test]
        fn segments_are_seen_whole(
            total in 0..300usize, len in 1..50usize, segment in 1..40usize, step in 1..60usize,
        ) {
            let mut expected = 0;
            for block in walk(total, step, Blocks::new(len, Framing::Segments(segment))) {
                prop_assert_eq!(block.decided.start, expected);
                prop_assert!(expected.is_multiple_of(segment));
                prop_assert_eq!(&block.seen, &block.decided);
                expected = block.decided.end;
                prop_assert!(expected == total || expected.is_multiple_of(segment));
            }
            prop_assert_eq!(expected, total);
        }
    }
}
