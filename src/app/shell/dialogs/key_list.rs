//! Every key.

use eframe::egui::{Grid, RichText, Ui};

use crate::app::bindings::{BINDINGS, Group, keys_of};
use crate::app::theme::{UNIT, palette};

/// What the mouse does, which has no binding.
const MOUSE: [(&str, &str); 5] = [
    ("Scroll time, pitch", "Wheel, Shift+wheel"),
    ("Zoom time", "Ctrl+wheel"),
    ("Zoom pitch", "Ctrl+Shift+wheel, pinch"),
    ("Select a time", "Shift+drag"),
    ("Larger or smaller text", "Ctrl++, Ctrl+−"),
];

/// Draws the list.
pub fn key_list_ui(ui: &mut Ui) {
    for group in Group::ALL {
        let rows = BINDINGS.iter().filter(|binding| binding.group == group);
        let rows = rows.map(|binding| (binding.label, keys_of(ui.ctx(), &binding.command)));
        let rows: Vec<_> = rows.collect();
        table_ui(ui, group.label(), rows);
    }
    table_ui(ui, "Mouse", MOUSE.map(|(what, how)| (what, how.to_owned())));
}

fn table_ui(ui: &mut Ui, name: &str, rows: impl IntoIterator<Item = (&'static str, String)>) {
    let palette = palette(ui.ctx());
    ui.label(RichText::new(name).strong().color(palette.accent));
    let grid = Grid::new(name).num_columns(2).min_col_width(190.0);
    grid.striped(true).show(ui, |ui| {
        for (label, keys) in rows {
            ui.label(label);
            ui.label(RichText::new(keys).color(palette.weak));
            ui.end_row();
        }
    });
    ui.add_space(3.0 * UNIT);
}
