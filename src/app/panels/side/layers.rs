//! What is drawn, and how.

use eframe::egui::{
    Align, ComboBox, FontId, Layout, Response, RichText, Role, Sense, Slider, StrokeKind, Ui,
    WidgetInfo, vec2,
};

use crate::analysis::{PictureKind, Stem};
use crate::app::Command;
use crate::app::render::{ColorMap, PictureStyle, classes};
use crate::app::theme::{SMALL, UNIT, palette};
use crate::app::view_state::{Overlay, ViewCommand, ViewState};
use crate::app::views::readout;
use crate::app::workspace::{Session, WorkspaceCommand};

/// Width of the names in points.
const NAME_WIDTH: f32 = 84.0;
/// Room that a slider leaves for its value in points.
const VALUE_WIDTH: f32 = 80.0;

/// Draws the picture's settings, and a row for each overlay.
pub fn layers_ui(ui: &mut Ui, session: &Session, view: &ViewState, commands: &mut Vec<Command>) {
    row_ui(ui, "Picture", |ui| picture_ui(ui, view, commands));
    ui.add_enabled_ui(session.kept_stems().is_some(), |ui| {
        row_ui(ui, "Of", |ui| stem_ui(ui, view, commands));
    });
    row_ui(ui, "Colors", |ui| colors_ui(ui, view, commands));
    let style = view.style;
    let mut gain_db = style.gain_db;
    slider_row_ui(ui, "Brightness", &mut gain_db, -12.0..=12.0, " dB");
    let mut percent = 100.0 * style.opacity;
    slider_row_ui(ui, "Strength", &mut percent, 0.0..=100.0, " %");
    let changed = PictureStyle {
        gain_db,
        opacity: percent / 100.0,
        ..style
    };
    if changed != style {
        commands.push(ViewCommand::SetStyle(changed).into());
    }
    ui.add_space(UNIT);
    for overlay in Overlay::ALL {
        let is_there = overlay != Overlay::Voice || session.stems.are_there();
        ui.add_enabled_ui(is_there, |ui| {
            ui.horizontal(|ui| overlay_ui(ui, overlay, view, commands));
        });
    }
}

/// A name, and a control that it names.
pub fn row_ui(ui: &mut Ui, name: &str, control: impl FnOnce(&mut Ui) -> Response) {
    ui.horizontal(|ui| {
        name_ui(ui, name);
        let response = control(ui);
        readout::name(&response, name);
    });
}

/// The name at the left of a row.
pub fn name_ui(ui: &mut Ui, name: &str) {
    let size = vec2(NAME_WIDTH, ui.spacing().interact_size.y);
    ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
        ui.set_min_width(NAME_WIDTH);
        let text = RichText::new(name).size(SMALL + 1.0);
        ui.label(text.color(palette(ui.ctx()).weak));
    });
}

/// A named slider over the rest of the width.
fn slider_row_ui(
    ui: &mut Ui,
    name: &str,
    value: &mut f32,
    range: std::ops::RangeInclusive<f32>,
    suffix: &str,
) {
    row_ui(ui, name, |ui| {
        ui.spacing_mut().slider_width = ui.available_width() - VALUE_WIDTH;
        ui.add(Slider::new(value, range).fixed_decimals(0).suffix(suffix))
    });
}

fn picture_ui(ui: &mut Ui, view: &ViewState, commands: &mut Vec<Command>) -> Response {
    let combo = ComboBox::from_id_salt("picture")
        .width(ui.available_width())
        .selected_text(view.picture.label());
    let shown = combo.show_ui(ui, |ui| {
        for kind in PictureKind::ALL {
            if ui
                .selectable_label(view.picture == kind, kind.label())
                .clicked()
            {
                let show = WorkspaceCommand::ShowPicture(kind, view.stem);
                commands.push(show.into());
            }
        }
    });
    shown.response
}

/// Whose picture it is: the recording's, or a stem's.
fn stem_ui(ui: &mut Ui, view: &ViewState, commands: &mut Vec<Command>) -> Response {
    let label = |stem: Option<Stem>| stem.map_or("Recording", Stem::label);
    let combo = ComboBox::from_id_salt("stem")
        .width(ui.available_width())
        .selected_text(label(view.stem));
    let shown = combo.show_ui(ui, |ui| {
        let stems = Stem::ALL.map(Some);
        for stem in std::iter::once(None).chain(stems) {
            let row = ui.selectable_label(view.stem == stem, label(stem));
            if row.clicked() {
                commands.push(WorkspaceCommand::ShowPicture(view.picture, stem).into());
            }
        }
    });
    shown.response
}

fn colors_ui(ui: &mut Ui, view: &ViewState, commands: &mut Vec<Command>) -> Response {
    let label = |map: Option<ColorMap>| map.map_or("As the window", ColorMap::label);
    let combo = ComboBox::from_id_salt("colors")
        .width(ui.available_width())
        .selected_text(label(view.style.map));
    let shown = combo.show_ui(ui, |ui| {
        let all = ColorMap::ALL.map(Some);
        for map in std::iter::once(None).chain(all) {
            if ui
                .selectable_label(view.style.map == map, label(map))
                .clicked()
            {
                let style = PictureStyle { map, ..view.style };
                commands.push(ViewCommand::SetStyle(style).into());
            }
        }
    });
    shown.response
}

fn overlay_ui(ui: &mut Ui, overlay: Overlay, view: &ViewState, commands: &mut Vec<Command>) {
    if switch_ui(ui, overlay, view.overlays.shows(overlay)).clicked() {
        commands.push(ViewCommand::ToggleOverlay(overlay).into());
    }
    let mut percent = 100.0 * view.overlays.opacity(overlay);
    ui.spacing_mut().slider_width = ui.available_width() - VALUE_WIDTH;
    let slider = Slider::new(&mut percent, 0.0..=100.0);
    let slider = ui.add_enabled(
        view.overlays.shows(overlay),
        slider.fixed_decimals(0).suffix(" %"),
    );
    readout::name(&slider, &format!("{} strength", overlay.label()));
    if slider.changed() {
        commands.push(ViewCommand::SetOpacity(overlay, percent / 100.0).into());
    }
}

/// A overlay's sign and name: the legend, and a switch.
fn switch_ui(ui: &mut Ui, overlay: Overlay, shown: bool) -> Response {
    const SIGN_WIDTH: f32 = 18.0;
    let palette = palette(ui.ctx());
    let color = if shown { palette.text } else { palette.weak };
    let font = FontId::proportional(SMALL + 1.0);
    let galley = ui
        .painter()
        .layout_no_wrap(overlay.label().to_owned(), font, color);
    let size = vec2(NAME_WIDTH + 22.0, ui.spacing().interact_size.y);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, enabled, shown, overlay.label()));
    if response.hovered() || response.has_focus() {
        let visuals = ui.style().interact_selectable(&response, false);
        let (fill, edge) = (visuals.weak_bg_fill, visuals.bg_stroke);
        ui.painter()
            .rect(rect, visuals.corner_radius, fill, edge, StrokeKind::Inside);
    }
    let opacity = if shown { 1.0 } else { 0.3 };
    let sign = rect.left_center() + vec2(SIGN_WIDTH / 2.0, 0.0);
    classes::mark(ui.painter(), palette, overlay, sign, opacity);
    let text = rect.left_center() + vec2(SIGN_WIDTH + 1.5 * UNIT, -galley.size().y / 2.0);
    ui.painter().galley(text, galley, color);
    let verb = if shown { "Hide" } else { "Show" };
    response.on_hover_text(format!("{verb}: {}", overlay.label()))
}
