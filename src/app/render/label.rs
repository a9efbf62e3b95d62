//! Text that stays legible over the picture.

use eframe::egui::{Align2, FontId, Pos2, vec2};

use super::Plot;

/// Draws text with an edge that sets it off; `pos` is the text's corner or middle that `align` names.
pub fn halo_text(plot: &Plot, pos: Pos2, align: Align2, text: &str, font: FontId) {
    let draw = |pos, color| {
        plot.painter.text(pos, align, text, font.clone(), color);
    };
    for (x, y) in [(1.0, 1.0), (-1.0, 1.0), (1.0, -1.0), (-1.0, -1.0)] {
        draw(pos + vec2(x, y), plot.palette.halo);
    }
    draw(pos, plot.palette.text);
}
