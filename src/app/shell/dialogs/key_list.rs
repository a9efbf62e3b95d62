//! Every key.

use eframe::egui::{Grid, Id, Label, RichText, TextEdit, Ui};

use crate::app::bindings::{BINDINGS, Group, keys_of};
use crate::app::theme::{UNIT, palette};
use crate::app::views::readout;

/// What the mouse does, which has no binding.
const MOUSE: [(&str, &str); 7] = [
    ("Scroll time, pitch", "Wheel, Shift+wheel"),
    ("Zoom time", "Ctrl+wheel"),
    ("Zoom pitch", "Ctrl+Shift+wheel, pinch"),
    ("Select a time", "Shift+drag"),
    ("Extend the selection", "Shift+click, drag an edge"),
    ("Corrections", "Right click"),
    ("Larger or smaller text", "Ctrl++, Ctrl+−"),
];

/// Draws the list, or what is looked for in it.
pub fn key_list_ui(ui: &mut Ui) {
    let id = Id::unique("looked for in the key list");
    let mut wanted: String = ui.data(|data| data.get_temp(id)).unwrap_or_default();
    let field = TextEdit::singleline(&mut wanted).hint_text("Search by name or key");
    let field = ui.add(field.desired_width(f32::INFINITY));
    readout::name(&field, "Search the list of keys");
    ui.data_mut(|data| data.insert_temp(id, wanted.clone()));
    ui.add_space(2.0 * UNIT);
    let wanted = wanted.to_lowercase();
    let suits = |label: &str, keys: &str| {
        [label, keys]
            .iter()
            .any(|text| text.to_lowercase().contains(&wanted))
    };
    for group in Group::ALL {
        let rows = BINDINGS.iter().filter(|binding| binding.group == group);
        let rows = rows.map(|binding| (binding.label, keys_of(ui.ctx(), &binding.command)));
        let rows: Vec<_> = rows
            .filter(|(label, keys)| !keys.is_empty() && suits(label, keys))
            .collect();
        table_ui(ui, group.label(), rows);
    }
    let mouse = MOUSE.iter().map(|(what, how)| (*what, (*how).to_owned()));
    let mouse = mouse.filter(|(what, how)| suits(what, how));
    table_ui(ui, "Mouse", mouse.collect());
}

fn table_ui(ui: &mut Ui, name: &str, rows: Vec<(&'static str, String)>) {
    if rows.is_empty() {
        return;
    }
    let palette = palette(ui.ctx());
    ui.label(RichText::new(name).strong().color(palette.accent));
    // both columns together as wide as the list, whatever the size of text
    let column = (ui.available_width() - ui.spacing().item_spacing.x) / 2.0;
    let grid = Grid::new(name).num_columns(2).min_col_width(column);
    grid.max_col_width(column).striped(true).show(ui, |ui| {
        for (label, keys) in rows {
            ui.add(Label::new(label).wrap());
            ui.add(Label::new(RichText::new(keys).color(palette.weak)).wrap());
            ui.end_row();
        }
    });
    ui.add_space(3.0 * UNIT);
}
