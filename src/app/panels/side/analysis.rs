//! The networks, and what they run on.

use std::sync::mpsc::{Receiver, channel};
use std::thread;

use eframe::egui::{ComboBox, Context, Label, Response, RichText, Ui};

use super::layers::row_ui;
use crate::app::Command;
use crate::app::shell::{AppSettings, ShellCommand};
use crate::app::theme::{SMALL, UNIT, palette};
use crate::app::views::readout;
use crate::app::workspace::{AnalysisState, Session, WorkspaceCommand};
use crate::models::{Task, device, store};

/// What can be chosen from: looked up on a thread when it is first shown, for looking for devices
/// takes a while.
#[derive(Default)]
pub struct AnalysisChoices {
    found: Available,
    coming: Option<Receiver<Available>>,
}

#[derive(Default)]
struct Available {
    pitch: Vec<String>,
    voicing: Vec<String>,
    separation: Vec<String>,
    /// What to say on the command line, and the name.
    devices: Vec<(String, String)>,
}

impl Available {
    fn look_up() -> Self {
        let mut found = Self::default();
        for card in store::list_models().into_iter().flatten() {
            match card.task {
                Task::Melody => found.pitch.push(card.name),
                Task::Voicing => found.voicing.push(card.name),
                Task::Separation => found.separation.push(card.name),
            }
        }
        found.devices = vec![("auto".to_owned(), "Automatic".to_owned())];
        let all = device::list_devices().into_iter();
        let named = all.map(|device| (device.id.clone(), device.to_string()));
        found.devices.extend(named);
        found
    }
}

impl AnalysisChoices {
    /// Networks that separate, as far as they are found by now.
    pub fn separators(&mut self, ctx: &Context) -> &[String] {
        &self.found(ctx).separation
    }

    /// What is found by now.
    fn found(&mut self, ctx: &Context) -> &Available {
        let coming = self.coming.get_or_insert_with(|| {
            let (sender, receiver) = channel();
            let ctx = ctx.clone();
            thread::spawn(move || {
                // the window may be closed by now
                let _ = sender.send(Available::look_up());
                ctx.request_repaint();
            });
            receiver
        });
        if let Ok(found) = coming.try_recv() {
            self.found = found;
        }
        &self.found
    }
}

/// Draws the networks and the device.
pub fn analysis_ui(
    ui: &mut Ui,
    session: &Session,
    settings: &AppSettings,
    choices: &mut AnalysisChoices,
    commands: &mut Vec<Command>,
) {
    track_ui(ui, session, commands);
    let mut changed = settings.clone();
    row_ui(ui, "Network", |ui| {
        let combo = combo("network", ui, &settings.pitch_network);
        combo_ui(ui, combo, choices, |ui, found| {
            for name in &found.pitch {
                ui.selectable_value(&mut changed.pitch_network, name.clone(), name);
            }
        })
    });
    row_ui(ui, "Voicing by", |ui| {
        let present = settings.voicing_network.as_deref();
        let combo = combo("voicing", ui, present.unwrap_or("the network itself"));
        combo_ui(ui, combo, choices, |ui, found| {
            for name in &found.voicing {
                let value = Some(name.clone());
                ui.selectable_value(&mut changed.voicing_network, value, name);
            }
            ui.selectable_value(&mut changed.voicing_network, None, "the network itself");
        })
    });
    row_ui(ui, "Runs on", |ui| {
        let devices = &choices.found.devices;
        let found = devices.iter().find(|(id, _)| *id == settings.compute);
        let present = found.map_or(settings.compute.as_str(), |(_, name)| name);
        let combo = combo("device", ui, present);
        combo_ui(ui, combo, choices, |ui, found| {
            for (id, name) in &found.devices {
                ui.selectable_value(&mut changed.compute, id.clone(), name);
            }
        })
    });
    if changed != *settings {
        commands.push(ShellCommand::SetSettings(Box::new(changed)).into());
    }
    ui.add_space(UNIT);
    run_ui(ui, session, commands);
}

/// Which of the file's tracks of sound is read, where it has several.
fn track_ui(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    let audio = session.audio();
    if audio.tracks.len() < 2 {
        return;
    }
    let name = |number: usize| audio.tracks.get(number - 1).map_or("", String::as_str);
    row_ui(ui, "Track", |ui| {
        let shown = combo("track", ui, name(audio.track.max(1))).show_ui(ui, |ui| {
            for number in 1..=audio.tracks.len() {
                let row = ui.selectable_label(number == audio.track, name(number));
                if row.clicked() && number != audio.track {
                    commands.push(WorkspaceCommand::TakeTrack(number).into());
                }
            }
        });
        shown.response
    });
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
    choices: &mut AnalysisChoices,
    rows: impl FnOnce(&mut Ui, &Available),
) -> Response {
    let shown = combo.show_ui(ui, |ui| {
        let found = choices.found(ui.ctx());
        if found.devices.is_empty() {
            ui.label("Looking…");
        }
        rows(ui, found);
    });
    shown.response
}

fn run_ui(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    if let AnalysisState::Running(..) = session.state {
        if ui.button("Cancel the analysis").clicked() {
            commands.push(WorkspaceCommand::CancelAnalysis.into());
        }
        return;
    }
    let models = &session.analysis().models;
    if !models.is_empty() {
        let text = RichText::new(format!("Made by {}", models.join(" and "))).size(SMALL);
        ui.add(Label::new(text.color(palette(ui.ctx()).weak)).wrap());
    }
    let again = ui.button("Analyze again");
    readout::name(&again, "Analyze again");
    if again.clicked() {
        commands.push(WorkspaceCommand::AnalyzeAgain.into());
    }
}
