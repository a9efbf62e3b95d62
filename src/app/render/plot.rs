//! What the melody is drawn on: where, and in which colors.

use eframe::egui::Painter;

use crate::app::theme::Palette;
use crate::app::view_state::Projection;

/// The canvas for one layer.
#[derive(Clone)]
pub struct Plot<'a> {
    /// Clipped to the canvas.
    pub painter: Painter,
    /// Where time and pitch lie.
    pub projection: &'a Projection,
    /// Colors that suit the picture below.
    pub palette: &'static Palette,
}

impl Plot<'_> {
    /// The same for a layer of this opacity, 0 to 1.
    pub fn faded(&self, opacity: f32) -> Self {
        let mut plot = self.clone();
        plot.painter.multiply_opacity(opacity);
        plot
    }
}
