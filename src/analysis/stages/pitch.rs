//! Finds the pitch.

use std::collections::VecDeque;
use std::ops::Range;

use super::super::blocks::{Block, Blocks};
use super::super::front_end::Scale;
use super::{run, superposed};
use crate::dsp::Layers;
use crate::melody::{Decoded, MelodyDecoder, PitchAxis, PitchFrame, column_maxima};
use crate::models::{Framing, LoadedNetwork, ModelError, OutputKind};

/// Frames after which it makes no difference where a path began: two seconds.
const PATH_MEMORY: usize = 200;

/// Frames that wait for the pitch network.
pub struct PitchStage<'a> {
    network: &'a LoadedNetwork,
    axis: PitchAxis,
    blocks: Blocks,
    decoder: MelodyDecoder,
    /// Frames that were decided earlier and are decided once more.
    n_known: usize,
    /// Tones above the rows, of the frames that are not decided.
    whistle_hz: VecDeque<f32>,
    /// Number of the first frame that waits.
    first: usize,
    layers: Layers,
}

impl<'a> PitchStage<'a> {
    /// Before the first frame, in blocks of about `block_frames`.
    pub fn new(network: &'a LoadedNetwork, axis: PitchAxis, block_frames: usize) -> Self {
        Self {
            network,
            axis,
            blocks: Blocks::new(block_frames, network.info.framing),
            decoder: MelodyDecoder::new(axis),
            n_known: 0,
            whistle_hz: VecDeque::new(),
            first: 0,
            layers: Layers {
                n_rows: axis.n_rows,
                ..Layers::default()
            },
        }
    }

    /// Frames decided at once.
    pub fn block_len(&self) -> usize {
        self.blocks.block_len()
    }

    /// Begins at a frame, whose number is a multiple of the block's length.
    ///
    /// Some blocks before it are looked at again, so that the path comes from where it came from.
    pub fn begin_at(&mut self, frame: usize) {
        let before = PATH_MEMORY.next_multiple_of(self.block_len()).min(frame);
        self.blocks.begin_at(frame - before);
        self.n_known = before;
    }

    /// Takes the next frames.
    pub fn push(&mut self, layers: &Layers) {
        self.layers.append(layers);
        self.forget();
    }

    /// Forgets the frames that are no longer needed.
    fn forget(&mut self) {
        let passed = self.blocks.needed_from() - self.first;
        let passed = passed.min(self.layers.n_frames());
        self.layers.drop_front(passed);
        self.first += passed;
    }

    /// The melody that the next block decides, if all frames that decide about it are there; none of
    /// it may be.
    ///
    /// # Errors
    /// [`ModelError::Run`] if the device fails.
    pub fn next(&mut self, scale: &Scale, ended: bool) -> Result<Option<Decoded>, ModelError> {
        let available = self.first + self.layers.n_frames();
        let Some(Block { decided, seen }) = self.blocks.next(available, ended) else {
            let rest = if ended {
                self.decoder.finish()
            } else {
                Decoded::default()
            };
            let rest = self.found(rest);
            return Ok((rest.n_frames() > 0).then_some(rest));
        };
        let layers = self
            .layers
            .frames(seen.start - self.first..seen.end - self.first);
        let within = decided.start - seen.start..decided.end - seen.start;
        self.whistle_hz.extend(&layers.whistle_hz[within.clone()]);
        let decoded = self.decode(scale, &layers, within)?;
        self.forget();
        Ok(Some(self.found(decoded)))
    }

    /// What the network makes of the frames `within` of a block.
    fn decode(
        &mut self,
        scale: &Scale,
        layers: &Layers,
        within: Range<usize>,
    ) -> Result<Decoded, ModelError> {
        let (n_rows, n_frames) = (self.axis.n_rows, layers.n_frames());
        if let Framing::Windows(len) = self.network.info.framing {
            let (input, dims) = (layers.salience_rows(), [n_rows, n_frames]);
            let map = superposed(self.network, &input, dims, within.clone(), len)?;
            return Ok(column_maxima::decode(&map, within.len(), &self.axis));
        }
        let (input, dims) = (scale.stack(layers), [3, n_rows, n_frames]);
        let scores = run(self.network, OutputKind::PitchScores, input, dims)?;
        Ok(self.decoder.push(&scores.values, scores.n_maps, within))
    }

    /// What of the frames decided was not known.
    fn found(&mut self, decoded: Decoded) -> Decoded {
        let mut decoded = self.with_whistles(decoded);
        let known = decoded.take_front(self.n_known.min(decoded.n_frames()));
        self.n_known -= known.n_frames();
        decoded
    }

    /// Where a tone lies above the rows, its pitch in place of one that was folded onto them.
    fn with_whistles(&mut self, mut decoded: Decoded) -> Decoded {
        let whistles = self.whistle_hz.drain(..decoded.n_frames());
        for (frame, f0_hz) in decoded.pitch.iter_mut().zip(whistles) {
            if f0_hz > 0.0 {
                *frame = PitchFrame {
                    f0_hz,
                    own_hz: f0_hz,
                    confidence: 0.0,
                };
            }
        }
        decoded
    }
}
