//! Menus that are higher than the window.

use eframe::egui::{ScrollArea, TextWrapMode, Ui};

use crate::app::theme::UNIT;

/// Height that the menu bar takes, and the edges of a menu, in points.
const MARGIN: f32 = 62.0;

/// A menu that scrolls where it is higher than the window.
pub fn scrolled_menu_ui(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    let most = ui.ctx().content_rect().height() - MARGIN;
    // the bar stands beside the keys, not over them
    ui.spacing_mut().scroll.floating_allocated_width = 2.5 * UNIT;
    ui.style_mut().wrap_mode = Some(TextWrapMode::Extend);
    // a menu that was opened small grows with what comes into it
    ScrollArea::vertical()
        .max_height(most)
        .min_scrolled_height(most)
        .show(ui, content);
}
