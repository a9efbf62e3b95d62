//! Pictures of stems, as the recording's own is drawn.

use std::sync::Arc;

use crate::analysis::front_end::{FrontEnd, Transforms};
use crate::analysis::{FrameBlock, Picture, PictureKind};
use crate::audio::{AudioError, AudioInfo, ChannelMixer, TrackSelection};
use crate::dsp::Cfp;

/// Draws a stem as its samples come; keeps nothing of it.
pub struct StemDrawing {
    mixer: ChannelMixer,
    front_end: FrontEnd,
    cfp: Arc<Cfp>,
    kind: PictureKind,
    picture: Picture,
    n_columns: usize,
}

impl StemDrawing {
    /// A drawing of a stem of this recording, its channels mixed as the recording's are.
    ///
    /// # Errors
    /// [`AudioError`] if its rate is out of range.
    pub fn new(
        info: &AudioInfo,
        selection: &TrackSelection,
        kind: PictureKind,
        cfp: &Arc<Cfp>,
    ) -> Result<Self, AudioError> {
        let mixdown = selection.mixdown.clone().unwrap_or_default();
        let transforms = Transforms {
            cfp: Some(Arc::clone(cfp)),
            mel: None,
            kaldi_mel: None,
        };
        Ok(Self {
            mixer: ChannelMixer::new(&mixdown, info.rate_hz),
            front_end: FrontEnd::new(info.rate_hz, &transforms)?,
            cfp: Arc::clone(cfp),
            kind,
            picture: Picture::new(cfp.config().axis(), cfp.config().grid()),
            n_columns: 0,
        })
    }

    /// Takes the next samples, channel by channel; returns the first of the columns that they bring,
    /// and their cells.
    pub fn push(&mut self, channels: &[Vec<f32>]) -> (usize, Vec<u8>) {
        let mono = self.mixer.push(channels);
        let block = self.front_end.push(&mono);
        self.draw(&block)
    }

    /// Ends the stem; returns its last columns.
    pub fn finish(&mut self) -> (usize, Vec<u8>) {
        let rest = self.mixer.finish();
        let mut block = self.front_end.push(&rest);
        block.append(&self.front_end.finish());
        self.draw(&block)
    }

    fn draw(&mut self, block: &FrameBlock) -> (usize, Vec<u8>) {
        let first = self.n_columns;
        self.picture.extend(self.kind, &self.cfp, &block.layers);
        self.n_columns += self.picture.n_columns();
        (first, std::mem::take(&mut self.picture.cells))
    }
}
