//! What is heard, and how loud.

use eframe::egui::{Align, Button, DragValue, Layout, RichText, Role, Slider, Ui, WidgetInfo};

use super::layers::name_ui;
use crate::analysis::Stem;
use crate::app::bindings::keys_of;
use crate::app::command::Command;
use crate::app::sound::SoundCommand;
use crate::app::theme::{SMALL, UNIT, palette};
use crate::app::views::readout;
use crate::app::workspace::Session;
use crate::audio::play::{Heard, MixerSettings, Player, Strip};

/// Draws a strip for each sound.
pub fn mixer_ui(ui: &mut Ui, session: &Session, player: &Player, commands: &mut Vec<Command>) {
    let before = player.mixer();
    heard_ui(ui, &before, commands);
    let mut mixer = before;
    strip_ui(ui, "Recording", &mut mixer.mix);
    ui.add_enabled_ui(session.stems.are_there(), |ui| {
        strip_ui(ui, Stem::Vocals.label(), &mut mixer.vocals);
        strip_ui(ui, Stem::Accompaniment.label(), &mut mixer.accompaniment);
    });
    strip_ui(ui, "Pitch tone", &mut mixer.f0_tone);
    strip_ui(ui, "Note tone", &mut mixer.note_tone);
    if mixer != before {
        commands.push(SoundCommand::SetMixer(mixer).into());
    }
    if let Some(device) = player.device_label() {
        let text = RichText::new(device).size(SMALL);
        ui.label(text.color(palette(ui.ctx()).weak));
    } else if player.is_silent() {
        let text = RichText::new("No sound output").size(SMALL);
        ui.label(text.color(palette(ui.ctx()).warning));
    }
}

/// What of the recording is heard, one of three.
fn heard_ui(ui: &mut Ui, mixer: &MixerSettings, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = UNIT;
        for (heard, name) in [
            (Heard::Recording, "Everything"),
            (Heard::Voice, "Voice alone"),
            (Heard::Accompaniment, "Karaoke"),
        ] {
            let is_heard = mixer.heard() == Some(heard);
            let text = RichText::new(name).size(SMALL + 1.0);
            let command = SoundCommand::Hear(heard).into();
            let button = ui.selectable_label(is_heard, text);
            let keys = keys_of(ui.ctx(), &command);
            if !keys.is_empty() {
                button.clone().on_hover_text(keys);
            }
            if button.clicked() && !is_heard {
                commands.push(command);
            }
        }
    });
    ui.add_space(UNIT);
}

fn strip_ui(ui: &mut Ui, name: &str, strip: &mut Strip) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = UNIT;
        name_ui(ui, name);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            pan_ui(ui, name, strip);
            switch_ui(ui, "S", &format!("Solo {name}"), &mut strip.solo);
            switch_ui(ui, "M", &format!("Mute {name}"), &mut strip.mute);
            ui.spacing_mut().slider_width = ui.available_width() - UNIT;
            let level = Slider::new(&mut strip.level_db, -48.0..=6.0).show_value(false);
            let level = ui.add(level);
            readout::name(&level, &format!("{name} level"));
            level.on_hover_text(format!("{:.0} dB", strip.level_db));
        });
    });
}

fn pan_ui(ui: &mut Ui, name: &str, strip: &mut Strip) {
    let mut percent = 100.0 * strip.pan;
    let side = |value: f64, _| match value.round() {
        0.0 => "C".to_owned(),
        v if v < 0.0 => format!("L {:.0}", -v),
        v => format!("R {v:.0}"),
    };
    let pan = DragValue::new(&mut percent)
        .range(-100.0..=100.0)
        .custom_formatter(side);
    let pan = ui.add(pan).on_hover_text("Left or right; drag");
    readout::name(&pan, &format!("{name} pan"));
    strip.pan = percent / 100.0;
}

fn switch_ui(ui: &mut Ui, letter: &str, name: &str, on: &mut bool) {
    let palette = palette(ui.ctx());
    let color = if *on { palette.on_accent } else { palette.text };
    let mut button = Button::new(RichText::new(letter).size(SMALL).color(color));
    if *on {
        button = button.fill(palette.accent);
    }
    let padding = eframe::egui::vec2(2.0 * UNIT, UNIT);
    let before = std::mem::replace(&mut ui.spacing_mut().button_padding, padding);
    let response = ui.add(button).on_hover_text(name);
    ui.spacing_mut().button_padding = before;
    let (enabled, state) = (ui.is_enabled(), *on);
    response.widget_info(|| WidgetInfo::selected(Role::Button, enabled, state, name));
    if response.clicked() {
        *on ^= true;
    }
}
