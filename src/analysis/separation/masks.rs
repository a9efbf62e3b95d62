//! Frames through a separation network, block by block.
//!
//! A network that looks so many frames around each is given them, and the result does not depend on
//! where the blocks are cut. One that looks at segments is run on segments that overlap by half, and
//! each fades into the next.

use super::super::blocks::Blocks;
use crate::dsp::Spectrum;
use crate::models::{Framing, LoadedNetwork, ModelError, OutputKind};

/// Frames decided at once by networks that take any number.
const BLOCK_FRAMES: usize = 512;

/// What a network tells of consecutive frames, `[n_maps, rows, n_frames]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Maps {
    /// One or four.
    pub n_maps: usize,
    /// Number of frames.
    pub n_frames: usize,
    /// The values.
    pub values: Vec<f32>,
}

impl Maps {
    /// Some of the frames.
    fn frames(&self, range: std::ops::Range<usize>) -> Self {
        let rows = self.values.chunks_exact(self.n_frames.max(1));
        Self {
            n_maps: self.n_maps,
            n_frames: range.len(),
            values: rows
                .flat_map(|row| row[range.clone()].iter().copied())
                .collect(),
        }
    }
}

/// Frames that wait for the network, and those it has decided.
pub struct MaskStream<'a> {
    network: &'a LoadedNetwork,
    n_rows: usize,
    /// Magnitudes frame after frame, from frame number `first` on.
    waiting: Vec<f32>,
    first: usize,
    order: Order,
}

/// In which order frames are decided.
enum Order {
    /// In blocks, each with what decides about it.
    Blocks(Blocks),
    /// In segments of so many frames that overlap by half.
    Segments {
        len: usize,
        /// The second half of the segment before.
        before: Option<Maps>,
    },
}

impl<'a> MaskStream<'a> {
    /// Before the first frame of a recording; the network reads so many rows.
    pub fn new(network: &'a LoadedNetwork, n_rows: usize) -> Self {
        let framing = network.info.framing;
        Self {
            network,
            n_rows,
            waiting: Vec::new(),
            first: 0,
            order: match framing {
                Framing::Context(_) => Order::Blocks(Blocks::new(BLOCK_FRAMES, framing)),
                Framing::Segments(len) | Framing::Windows(len) => {
                    Order::Segments { len, before: None }
                }
            },
        }
    }

    /// Takes the next frames; the network hears them `gain` times as loud.
    pub fn push(&mut self, spectrum: &Spectrum, gain: f32) {
        for frame in spectrum.frames() {
            let rows = frame.iter().take(self.n_rows);
            self.waiting.extend(rows.map(|value| gain * value.norm()));
        }
    }

    /// What is told of the next frames, if all that decide about them are there.
    ///
    /// # Errors
    /// [`ModelError::Run`] if the device fails.
    pub fn next(&mut self, ended: bool) -> Result<Option<Maps>, ModelError> {
        match self.order {
            Order::Blocks(_) => self.next_block(ended),
            Order::Segments { len, .. } => self.next_segment(len, ended),
        }
    }

    fn n_known(&self) -> usize {
        self.first + self.waiting.len() / self.n_rows
    }

    fn next_block(&mut self, ended: bool) -> Result<Option<Maps>, ModelError> {
        let n_known = self.n_known();
        let Order::Blocks(blocks) = &mut self.order else {
            return Ok(None);
        };
        let Some(block) = blocks.next(n_known, ended) else {
            return Ok(None);
        };
        let needed_from = blocks.needed_from();
        let (decided, seen) = (block.decided, block.seen);
        let maps = self.run(seen.clone(), seen.len())?;
        self.drop_before(needed_from);
        let inside = decided.start - seen.start;
        Ok(Some(maps.frames(inside..inside + decided.len())))
    }

    fn next_segment(&mut self, len: usize, ended: bool) -> Result<Option<Maps>, ModelError> {
        let (n_known, half) = (self.n_known(), len / 2);
        let start = self.first;
        if start == n_known || (start + len > n_known && !ended) {
            return Ok(None);
        }
        let is_last = ended && start + len >= n_known;
        let seen = start..n_known.min(start + len);
        let mut maps = self.run(seen.clone(), len)?;
        let Order::Segments { before, .. } = &mut self.order else {
            return Ok(None);
        };
        if let Some(before) = before.take() {
            fade(&before, &mut maps);
        }
        let done = match is_last {
            true => seen.len(),
            false => {
                *before = Some(maps.frames(half..len));
                half
            }
        };
        self.drop_before(start + done);
        Ok(Some(maps.frames(0..done)))
    }

    /// Runs the network on frames, filled up with silence to `len`.
    fn run(&self, seen: std::ops::Range<usize>, len: usize) -> Result<Maps, ModelError> {
        let mut input = vec![0.0; self.n_rows * len];
        let frames = self.waiting.chunks_exact(self.n_rows);
        let frames = frames.skip(seen.start - self.first).take(seen.len());
        for (t, frame) in frames.enumerate() {
            for (row, value) in frame.iter().enumerate() {
                input[row * len + t] = *value;
            }
        }
        let dims = [1, 1, self.n_rows, len];
        let found = self.network.run(OutputKind::VoiceMaps, input, dims)?;
        Ok(Maps {
            n_maps: found.dims[1],
            n_frames: len,
            values: found.values,
        })
    }

    fn drop_before(&mut self, frame: usize) {
        self.waiting.drain(..(frame - self.first) * self.n_rows);
        self.first = frame;
    }
}

/// Fades from `before` into the first frames of `maps`.
fn fade(before: &Maps, maps: &mut Maps) {
    let (n, len) = (before.n_frames, maps.n_frames);
    let rows = maps.values.chunks_exact_mut(len);
    for (row, before) in rows.zip(before.values.chunks_exact(n)) {
        for (t, (value, before)) in row.iter_mut().zip(before).enumerate() {
            let share = (t as f32 + 0.5) / n as f32;
            *value = share * *value + (1.0 - share) * before;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_fades_into_the_next() {
        let maps = |n_frames: usize, value: f32| Maps {
            n_maps: 1,
            n_frames,
            values: vec![value; 2 * n_frames],
        };
        let mut next = maps(4, 1.0);
        fade(&maps(2, 0.0), &mut next);
        assert_eq!(next.values, [0.25, 0.75, 1.0, 1.0, 0.25, 0.75, 1.0, 1.0]);
        assert_eq!(next.frames(1..3).values, [0.75, 1.0, 0.75, 1.0]);
    }
}
