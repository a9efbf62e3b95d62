//! Which frames can be decided, and what they need around them.

use std::ops::Range;

use crate::kernels::FRAME_ALIGNMENT;

/// Walks over frames in blocks whose result does not depend on where they are cut:
/// each is given as many frames on both sides as its networks can see.
#[derive(Clone, Debug)]
pub struct Blocks {
    len: usize,
    context: usize,
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
    /// Blocks of `len` frames that see `context` frames on each side.
    pub fn new(len: usize, context: usize) -> Self {
        Self {
            len: len.max(1),
            context,
            next: 0,
        }
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

    /// The first frame that is still needed, where kernels begin anew: they take some frames together,
    /// and round alike only if the same ones are.
    pub fn needed_from(&self) -> usize {
        let first = self.next.saturating_sub(self.context);
        first - first % FRAME_ALIGNMENT
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_frame_is_decided_once_with_its_whole_context(
            total in 0..300usize, len in 1..50usize, context in 0..40usize, step in 1..60usize,
        ) {
            let mut blocks = Blocks::new(len, context);
            let (mut known, mut expected) = (0, 0);
            loop {
                let ended = known == total;
                while let Some(block) = blocks.next(known, ended) {
                    prop_assert_eq!(block.decided.start, expected);
                    prop_assert!(block.seen.start.is_multiple_of(FRAME_ALIGNMENT));
                    let spare = expected.saturating_sub(context) - block.seen.start;
                    prop_assert!(spare < FRAME_ALIGNMENT);
                    expected = block.decided.end;
                    prop_assert_eq!(block.seen.end, total.min(expected + context).min(known));
                    prop_assert!(block.seen.end == total || block.seen.end == expected + context);
                }
                prop_assert!(blocks.needed_from() <= known);
                if ended {
                    break;
                }
                known = total.min(known + step);
            }
            prop_assert_eq!(expected, total);
        }
    }
}
