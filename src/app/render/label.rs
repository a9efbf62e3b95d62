//! Text that stays legible over the picture.

use eframe::egui::{Align2, Color32, FontId, Painter, Pos2, vec2};

use crate::app::theme::DARK;

/// Draws text with a dark edge; `pos` is the text's corner or middle that `align` names.
pub fn halo_text(
    painter: &Painter,
    pos: Pos2,
    align: Align2,
    text: &str,
    font: FontId,
    color: Color32,
) {
    for offset in [
        vec2(1.0, 1.0),
        vec2(-1.0, 1.0),
        vec2(1.0, -1.0),
        vec2(-1.0, -1.0),
    ] {
        painter.text(pos + offset, align, text, font.clone(), DARK.halo);
    }
    painter.text(pos, align, text, font, color);
}
