//! Finds the pitch.

use super::super::blocks::{Block, Blocks};
use super::super::front_end::Scale;
use super::run;
use crate::dsp::Layers;
use crate::melody::decode::decode;
use crate::melody::{Decoded, PitchAxis};
use crate::models::{LoadedNetwork, ModelError, OutputKind};

/// Frames that wait for the pitch network.
pub struct PitchStage<'a> {
    network: &'a LoadedNetwork,
    axis: PitchAxis,
    blocks: Blocks,
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
    pub fn begin_at(&mut self, frame: usize) {
        self.blocks.begin_at(frame);
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

    /// The melody of the next block, if all frames that decide about it are there.
    ///
    /// # Errors
    /// [`ModelError::Run`] if the device fails.
    pub fn next(&mut self, scale: &Scale, ended: bool) -> Result<Option<Decoded>, ModelError> {
        let available = self.first + self.layers.n_frames();
        let Some(Block { decided, seen }) = self.blocks.next(available, ended) else {
            return Ok(None);
        };
        let layers = self
            .layers
            .frames(seen.start - self.first..seen.end - self.first);
        let dims = [3, self.axis.n_rows, layers.n_frames()];
        let scores = run(
            self.network,
            OutputKind::PitchScores,
            scale.stack(&layers),
            dims,
        )?;
        let mut decoded = decode(&scores.values, scores.n_maps, &self.axis);
        decoded.take_front(decided.start - seen.start);
        let decoded = decoded.take_front(decided.len());
        self.forget();
        Ok(Some(decoded))
    }
}
