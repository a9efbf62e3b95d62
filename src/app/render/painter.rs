//! The picture on whichever renderer there is.

use eframe::egui::Painter;
use eframe::egui_wgpu::RenderState;

use super::colormap::PictureStyle;
use super::gpu::GpuSpectrogram;
use super::spectrogram::Spectrogram;
use super::tiles::TileSpectrogram;
use crate::app::view_state::Projection;

/// What draws spectrograms: a shader where wgpu runs, textures elsewhere.
pub enum SpectrogramPainter {
    /// A shader on wgpu.
    Gpu(Box<GpuSpectrogram>),
    /// Textures of the painter.
    Tiles(TileSpectrogram),
}

impl SpectrogramPainter {
    /// The shader if `state` is there, otherwise textures.
    pub fn new(state: Option<&RenderState>) -> Self {
        match state {
            Some(state) => Self::Gpu(Box::new(GpuSpectrogram::new(state))),
            None => Self::Tiles(TileSpectrogram::default()),
        }
    }

    /// Draws what `projection` shows; `revision` tells one picture from another.
    pub fn paint(
        &mut self,
        painter: &Painter,
        projection: &Projection,
        (spectrogram, revision): (&Spectrogram, u64),
        style: PictureStyle,
    ) {
        if spectrogram.n_columns() == 0 || !projection.rect.is_positive() {
            return;
        }
        match self {
            Self::Gpu(gpu) => gpu.paint(painter, projection, spectrogram, revision, style),
            Self::Tiles(tiles) => tiles.paint(painter, projection, spectrogram, revision, style),
        }
    }
}
