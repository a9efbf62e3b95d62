//! The settings.

use eframe::egui::{ComboBox, Grid, Label, Response, RichText, Slider, Ui};

use crate::app::Command;
use crate::app::shell::{AppSettings, Appearance, ShellCommand};
use crate::app::theme::{SMALL, UNIT, palette};
use crate::app::views::readout;
use crate::audio::play::Player;
use crate::files::shown;

/// Draws the settings; a change is applied at once.
pub fn preferences_ui(
    ui: &mut Ui,
    settings: &AppSettings,
    cache_bytes: u64,
    player: &Player,
    commands: &mut Vec<Command>,
) {
    let mut changed = settings.clone();
    ui.set_width(420.0_f32.min(ui.available_width()));
    Grid::new("settings")
        .num_columns(2)
        .spacing([4.0 * UNIT, 2.0 * UNIT])
        .show(ui, |ui| {
            row_ui(ui, "Appearance", |ui| appearance_ui(ui, &mut changed));
            row_ui(ui, "Size of text", |ui| text_ui(ui, &mut changed));
            row_ui(ui, "Sound output", |ui| sound_ui(ui, &mut changed, player));
            row_ui(ui, "Kept analyses", |ui| cache_ui(ui, &mut changed));
        });
    ui.add_space(UNIT);
    place_ui(ui, settings, cache_bytes, commands);
    if changed != *settings {
        commands.push(ShellCommand::SetSettings(Box::new(changed)).into());
    }
}

fn row_ui(ui: &mut Ui, name: &str, control: impl FnOnce(&mut Ui) -> Response) {
    ui.label(name);
    let response = control(ui);
    readout::name(&response, name);
    ui.end_row();
}

fn appearance_ui(ui: &mut Ui, settings: &mut AppSettings) -> Response {
    let combo = ComboBox::from_id_salt("appearance")
        .width(combo_width(ui))
        .selected_text(settings.appearance.label());
    let shown = combo.show_ui(ui, |ui| {
        for appearance in Appearance::ALL {
            ui.selectable_value(&mut settings.appearance, appearance, appearance.label());
        }
    });
    shown.response
}

fn text_ui(ui: &mut Ui, settings: &mut AppSettings) -> Response {
    let mut percent = 100.0 * settings.text_scale;
    let slider = Slider::new(&mut percent, 75.0..=200.0)
        .step_by(25.0)
        .suffix(" %");
    let response = ui.add(slider);
    if response.drag_stopped() || (response.changed() && !response.dragged()) {
        // while the slider moves, it must not move away from under the mouse
        settings.text_scale = percent / 100.0;
    }
    response
}

fn sound_ui(ui: &mut Ui, settings: &mut AppSettings, player: &Player) -> Response {
    let automatic = "As the system";
    let combo = ComboBox::from_id_salt("sound")
        .width(combo_width(ui))
        .truncate()
        .selected_text(settings.sound_device.as_deref().unwrap_or(automatic));
    let shown = combo.show_ui(ui, |ui| {
        ui.selectable_value(&mut settings.sound_device, None, automatic);
        for name in player.devices() {
            let value = Some(name.clone());
            ui.selectable_value(&mut settings.sound_device, value, name);
        }
    });
    shown.response
}

fn cache_ui(ui: &mut Ui, settings: &mut AppSettings) -> Response {
    let slider = Slider::new(&mut settings.cache_mib, 64..=16_384)
        .logarithmic(true)
        .suffix(" MiB");
    ui.add(slider)
        .on_hover_text("The oldest go when they take more")
}

/// As wide as names of devices are, if the window allows.
fn combo_width(ui: &Ui) -> f32 {
    let most = ui.ctx().content_rect().width() - 190.0;
    most.clamp(80.0, 220.0)
}

fn place_ui(ui: &mut Ui, settings: &AppSettings, bytes: u64, commands: &mut Vec<Command>) {
    let Some(cache) = settings.cache() else {
        return;
    };
    let mib = bytes as f64 / f64::from(1 << 20);
    let text = format!("{mib:.0} MiB in {}", shown(&cache.folder));
    let text = RichText::new(text).size(SMALL);
    ui.add(Label::new(text.color(palette(ui.ctx()).weak)).wrap());
    if ui.button("Forget them").clicked() {
        commands.push(ShellCommand::ClearCache.into());
    }
}
