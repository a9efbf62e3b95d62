//! The networks, and what they run on.

use eframe::egui::{ComboBox, Label, Response, RichText, Ui};

use super::layers::row_ui;
use crate::app::Command;
use crate::app::session::{Session, Work};
use crate::app::settings::Settings;
use crate::app::theme::{SMALL, UNIT, palette};
use crate::app::views::readout;
use crate::models::{device, store};

/// What can be chosen from, looked up when it is first shown: looking for devices takes a while.
#[derive(Default)]
pub struct Choices {
    known: bool,
    pitch: Vec<String>,
    voicing: Vec<String>,
    /// What to say on the command line, and the name.
    devices: Vec<(String, String)>,
}

impl Choices {
    fn look_up(&mut self) {
        if self.known {
            return;
        }
        self.known = true;
        for card in store::list_models().into_iter().flatten() {
            match card.task.as_str() {
                "voicing" => self.voicing.push(card.name),
                _ => self.pitch.push(card.name),
            }
        }
        self.devices = vec![("auto".to_owned(), "Automatic".to_owned())];
        let all = device::list_devices().into_iter();
        self.devices
            .extend(all.map(|device| (device.id.clone(), device.to_string())));
    }
}

/// Draws the networks and the device.
pub fn analysis_ui(
    ui: &mut Ui,
    session: &Session,
    settings: &Settings,
    choices: &mut Choices,
    commands: &mut Vec<Command>,
) {
    let mut changed = settings.clone();
    row_ui(ui, "Network", |ui| {
        let combo = combo("network", ui, &settings.pitch_network);
        combo_ui(ui, combo, choices, |ui, choices| {
            for name in &choices.pitch {
                ui.selectable_value(&mut changed.pitch_network, name.clone(), name);
            }
        })
    });
    row_ui(ui, "Voicing by", |ui| {
        let present = settings.voicing_network.as_deref();
        let combo = combo("voicing", ui, present.unwrap_or("the network itself"));
        combo_ui(ui, combo, choices, |ui, choices| {
            for name in &choices.voicing {
                let value = Some(name.clone());
                ui.selectable_value(&mut changed.voicing_network, value, name);
            }
            ui.selectable_value(&mut changed.voicing_network, None, "the network itself");
        })
    });
    row_ui(ui, "Runs on", |ui| {
        let known = choices
            .devices
            .iter()
            .find(|(id, _)| *id == settings.compute);
        let present = known.map_or(settings.compute.as_str(), |(_, name)| name);
        let combo = combo("device", ui, present);
        combo_ui(ui, combo, choices, |ui, choices| {
            for (id, name) in &choices.devices {
                ui.selectable_value(&mut changed.compute, id.clone(), name);
            }
        })
    });
    if changed != *settings {
        commands.push(Command::Set(Box::new(changed)));
    }
    ui.add_space(UNIT);
    run_ui(ui, session, commands);
}

fn combo(id: &str, ui: &Ui, present: &str) -> ComboBox<'static> {
    ComboBox::from_id_salt(id)
        .width(ui.available_width())
        .truncate()
        .selected_text(present.to_owned())
}

fn combo_ui(
    ui: &mut Ui,
    combo: ComboBox,
    choices: &mut Choices,
    rows: impl FnOnce(&mut Ui, &Choices),
) -> Response {
    let shown = combo.show_ui(ui, |ui| {
        choices.look_up();
        rows(ui, choices);
    });
    shown.response
}

fn run_ui(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    if let Work::Running(..) = session.work {
        if ui.button("Cancel the analysis").clicked() {
            commands.push(Command::Cancel);
        }
        return;
    }
    if let Some(analysis) = &session.analysis {
        let text = format!("Made by {}", analysis.models.join(" and "));
        let text = RichText::new(text).size(SMALL);
        ui.add(Label::new(text.color(palette(ui.ctx()).weak)).wrap());
    }
    let again = ui.button("Analyze again");
    readout::name(&again, "Analyze again");
    if again.clicked() {
        commands.push(Command::AnalyzeAgain);
    }
}
