//! The networks, and what they run on.

use std::sync::mpsc::{Receiver, channel};
use std::thread;

use eframe::egui::{ComboBox, Context, Label, Response, RichText, Ui};

use super::layers::row_ui;
use crate::app::Command;
use crate::app::session::{Session, Work};
use crate::app::settings::Settings;
use crate::app::theme::{SMALL, UNIT, palette};
use crate::app::views::readout;
use crate::models::{Task, device, store};

/// What can be chosen from: looked up on a thread when it is first shown, for looking for devices
/// takes a while.
#[derive(Default)]
pub struct Choices {
    known: Known,
    coming: Option<Receiver<Known>>,
}

#[derive(Default)]
struct Known {
    pitch: Vec<String>,
    voicing: Vec<String>,
    /// What to say on the command line, and the name.
    devices: Vec<(String, String)>,
}

impl Known {
    fn look_up() -> Self {
        let mut known = Self::default();
        for card in store::list_models().into_iter().flatten() {
            match card.task {
                Task::Melody => known.pitch.push(card.name),
                Task::Voicing => known.voicing.push(card.name),
            }
        }
        known.devices = vec![("auto".to_owned(), "Automatic".to_owned())];
        let all = device::list_devices().into_iter();
        let named = all.map(|device| (device.id.clone(), device.to_string()));
        known.devices.extend(named);
        known
    }
}

impl Choices {
    /// What is known by now.
    fn known(&mut self, ctx: &Context) -> &Known {
        let coming = self.coming.get_or_insert_with(|| {
            let (sender, receiver) = channel();
            let ctx = ctx.clone();
            thread::spawn(move || {
                // the window may be gone, and nobody is left to tell
                let _ = sender.send(Known::look_up());
                ctx.request_repaint();
            });
            receiver
        });
        if let Ok(known) = coming.try_recv() {
            self.known = known;
        }
        &self.known
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
        combo_ui(ui, combo, choices, |ui, known| {
            for name in &known.pitch {
                ui.selectable_value(&mut changed.pitch_network, name.clone(), name);
            }
        })
    });
    row_ui(ui, "Voicing by", |ui| {
        let present = settings.voicing_network.as_deref();
        let combo = combo("voicing", ui, present.unwrap_or("the network itself"));
        combo_ui(ui, combo, choices, |ui, known| {
            for name in &known.voicing {
                let value = Some(name.clone());
                ui.selectable_value(&mut changed.voicing_network, value, name);
            }
            ui.selectable_value(&mut changed.voicing_network, None, "the network itself");
        })
    });
    row_ui(ui, "Runs on", |ui| {
        let devices = &choices.known.devices;
        let known = devices.iter().find(|(id, _)| *id == settings.compute);
        let present = known.map_or(settings.compute.as_str(), |(_, name)| name);
        let combo = combo("device", ui, present);
        combo_ui(ui, combo, choices, |ui, known| {
            for (id, name) in &known.devices {
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
    rows: impl FnOnce(&mut Ui, &Known),
) -> Response {
    let shown = combo.show_ui(ui, |ui| {
        let known = choices.known(ui.ctx());
        if known.devices.is_empty() {
            ui.label("Looking…");
        }
        rows(ui, known);
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
