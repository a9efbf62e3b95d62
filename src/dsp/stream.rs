//! The same features, block by block.

use std::ops::Range;
use std::sync::Arc;

use super::framing::{SampleSpan, n_frames};
use super::{Cfp, Layers};

/// Keeps the samples that frames to come still need.
pub(super) struct Feed {
    hop: usize,
    before: usize,
    after: usize,
    samples: Vec<f32>,
    start: usize,
    next_frame: usize,
}

impl Feed {
    /// For frames `hop` apart that depend on samples `before` and `after` their center.
    pub fn new(hop: usize, (before, after): (usize, usize)) -> Self {
        Self {
            hop,
            before,
            after,
            samples: Vec::new(),
            start: 0,
            next_frame: 0,
        }
    }

    /// Takes samples; returns the frames that became whole.
    pub fn push(&mut self, samples: &[f32]) -> Range<usize> {
        self.samples.extend_from_slice(samples);
        let n_whole = self.excerpt().end().saturating_sub(self.after) / self.hop;
        self.next_frame..n_whole.max(self.next_frame)
    }

    /// The frames left at the end of the recording, cut by it.
    pub fn rest(&self) -> Range<usize> {
        self.next_frame..n_frames(self.excerpt().end(), self.hop).max(self.next_frame)
    }

    /// The samples at hand.
    pub fn excerpt(&self) -> SampleSpan<'_> {
        SampleSpan {
            samples: &self.samples,
            start: self.start,
        }
    }

    /// Forgets what only the frames before `next_frame` needed.
    pub fn advance(&mut self, next_frame: usize) {
        self.next_frame = next_frame;
        let needed = (self.hop * (next_frame + 1)).saturating_sub(self.before);
        let n_old = needed.saturating_sub(self.start).min(self.samples.len());
        self.samples.drain(..n_old);
        self.start += n_old;
    }
}

/// A [`Cfp`] fed block by block, keeping little more than a window of samples.
///
/// The frames, put together, are those of [`Cfp::compute`] bit for bit, however
/// the recording is cut.
pub struct CfpStream {
    cfp: Arc<Cfp>,
    feed: Feed,
}

impl CfpStream {
    /// A stream at the start of a recording.
    pub fn new(cfp: Arc<Cfp>) -> Self {
        let feed = Feed::new(cfp.config().hop, cfp.needs());
        Self { cfp, feed }
    }

    /// Takes the next samples; returns the frames that became computable, possibly none.
    pub fn push(&mut self, samples: &[f32]) -> Layers {
        let frames = self.feed.push(samples);
        let layers = self.cfp.compute_frames(self.feed.excerpt(), frames.clone());
        self.feed.advance(frames.end);
        layers
    }

    /// Returns the last frames; the stream is then at the start of another recording.
    pub fn finish(&mut self) -> Layers {
        let frames = self.feed.rest();
        let layers = self.cfp.compute_frames(self.feed.excerpt(), frames);
        *self = Self::new(Arc::clone(&self.cfp));
        layers
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::dsp::CfpConfig;

    fn noise(n: usize) -> Vec<f32> {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state as f32 / u32::MAX as f32) - 0.5
        };
        (0..n).map(|_| next()).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn any_cut_gives_the_whole_bit_for_bit(
            n in 0_usize..6000,
            cuts in prop::collection::vec(0_usize..6000, 0..12),
            set in 0_usize..3,
        ) {
            let config = match set {
                0 => CfpConfig::hkdsme(),
                1 => CfpConfig::hkdsme().paper(),
                _ => CfpConfig::lu_su(),
            };
            let cfp = Arc::new(Cfp::new(config));
            let samples = noise(n);
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(n)).collect();
            cuts.extend([0, n]);
            cuts.sort();
            let mut stream = CfpStream::new(Arc::clone(&cfp));
            let mut parts = cfp.compute(&[]);
            for pair in cuts.windows(2) {
                parts.append(&stream.push(&samples[pair[0]..pair[1]]));
            }
            parts.append(&stream.finish());
            prop_assert_eq!(parts, cfp.compute(&samples));
        }
    }

    #[test]
    fn memory_stays_bounded_and_a_finished_stream_starts_anew() {
        let cfp = Arc::new(Cfp::new(CfpConfig::hkdsme()));
        let mut stream = CfpStream::new(Arc::clone(&cfp));
        let samples = noise(8000);
        for _ in 0..2 {
            let mut n_frames = 0;
            for block in samples.chunks(100) {
                n_frames += stream.push(block).n_frames();
                assert!(stream.feed.samples.len() < 768 + 80 + 100);
            }
            n_frames += stream.finish().n_frames();
            assert_eq!(n_frames, 99);
        }
    }
}
