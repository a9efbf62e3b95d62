//! Voice and accompaniment: how far they are separated, and what can be done with them.

use eframe::egui::{ComboBox, Label, ProgressBar, RichText, Ui};

use super::AnalysisChoices;
use super::layers::row_ui;
use crate::app::bindings::keys_of;
use crate::app::command::Command;
use crate::app::shell::{AppSettings, ShellCommand};
use crate::app::theme::{SMALL, UNIT, palette};
use crate::app::views::readout::{self, duration};
use crate::app::workspace::{SeparationState, Session, WorkspaceCommand};

/// What stands for the network that comes with the program.
const OWN: &str = "the program's own";

/// Draws how far the separation is, and its commands.
pub fn separation_ui(
    ui: &mut Ui,
    session: &Session,
    settings: &AppSettings,
    choices: &mut AnalysisChoices,
    commands: &mut Vec<Command>,
) {
    match session.stems.state {
        SeparationState::Absent => {
            network_ui(ui, settings, choices, commands);
            button_ui(ui, "Separate", WorkspaceCommand::Separate, commands);
        }
        SeparationState::Running(done) => {
            let bar = ProgressBar::new(done).desired_height(2.0 * UNIT);
            ui.add(bar.fill(palette(ui.ctx()).accent));
            let left = session.stems.remaining_secs().map(duration);
            let left = left.map_or_else(String::new, |left| format!(" · {left} left"));
            weak_ui(ui, &format!("{:.0} %{left}", 100.0 * done));
            button_ui(
                ui,
                "Stop separating",
                WorkspaceCommand::CancelSeparation,
                commands,
            );
        }
        SeparationState::Done => {
            let model = session.kept_stems().map_or("", |stems| &stems.model);
            weak_ui(ui, &format!("Separated by {model}"));
            button_ui(ui, "Export both…", WorkspaceCommand::ExportStems, commands);
        }
    }
}

fn network_ui(
    ui: &mut Ui,
    settings: &AppSettings,
    choices: &mut AnalysisChoices,
    commands: &mut Vec<Command>,
) {
    let mut changed = settings.clone();
    row_ui(ui, "Network", |ui| {
        let present = settings.separation_network.as_deref().unwrap_or(OWN);
        let combo = ComboBox::from_id_salt("separation network")
            .width(ui.available_width())
            .truncate()
            .selected_text(present);
        let shown = combo.show_ui(ui, |ui| {
            ui.selectable_value(&mut changed.separation_network, None, OWN);
            for name in choices.separators(ui.ctx()) {
                let value = Some(name.clone());
                ui.selectable_value(&mut changed.separation_network, value, name);
            }
        });
        shown.response
    });
    if changed != *settings {
        commands.push(ShellCommand::SetSettings(Box::new(changed)).into());
    }
}

fn button_ui(ui: &mut Ui, name: &str, command: WorkspaceCommand, commands: &mut Vec<Command>) {
    let command = command.into();
    let button = ui.button(name);
    readout::name(&button, name);
    let keys = keys_of(ui.ctx(), &command);
    let button = match keys.is_empty() {
        true => button,
        false => button.on_hover_text(keys),
    };
    if button.clicked() {
        commands.push(command);
    }
}

fn weak_ui(ui: &mut Ui, text: &str) {
    let text = RichText::new(text).size(SMALL);
    ui.add(Label::new(text.color(palette(ui.ctx()).weak)).wrap());
}
