//! Buttons with an icon, and a name for those who do not see it.

use eframe::egui::{Button, Response, RichText, Role, Ui, Vec2, WidgetInfo};
pub use lucide_icons::Icon;

use super::theme::{self, UNIT, palette};

/// Size of icons in points.
const SIZE: f32 = 17.0;

/// An icon as text.
pub fn text(icon: Icon) -> RichText {
    RichText::new(char::from(icon)).size(SIZE)
}

/// A square button; `name` is read by screen readers, `tip` shown under the mouse.
pub fn button_ui(ui: &mut Ui, icon: Icon, name: &str, tip: &str) -> Response {
    switch_ui(ui, icon, name, tip, false)
}

/// A square button that is on or off.
pub fn switch_ui(ui: &mut Ui, icon: Icon, name: &str, tip: &str, on: bool) -> Response {
    let palette = palette(ui.ctx());
    let color = if on { palette.on_accent } else { palette.text };
    let mut button = Button::new(text(icon).color(color)).min_size(Vec2::splat(8.0 * UNIT));
    if on {
        button = button.fill(palette.accent);
    }
    let padding = std::mem::replace(&mut ui.spacing_mut().button_padding, Vec2::splat(UNIT));
    let response = ui.add(button);
    ui.spacing_mut().button_padding = padding;
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::selected(Role::Button, enabled, on, name));
    if on {
        theme::focus_ring(&response);
    }
    response.on_hover_text(tip)
}
