//! Whether to go on without saving.

use eframe::egui::{Context, Id, Modal, RichText, Ui};

use super::{first_answer_ui, set_width};
use crate::app::Command;
use crate::app::event::PendingAction;
use crate::app::shell::ShellCommand;
use crate::app::theme::UNIT;

/// Draws the question.
pub fn unsaved_ui(ctx: &Context, pending: &PendingAction, commands: &mut Vec<Command>) {
    let modal =
        Modal::new(Id::unique("unsaved")).show(ctx, |ui| question_ui(ui, pending, commands));
    if modal.should_close() {
        commands.push(ShellCommand::Stay.into());
    }
}

fn question_ui(ui: &mut Ui, pending: &PendingAction, commands: &mut Vec<Command>) {
    set_width(ui, 380.0);
    ui.label(RichText::new("The corrections are not saved.").strong());
    let what = match pending {
        PendingAction::Open(_) | PendingAction::OpenProject(_) => {
            "Opening another recording would lose them."
        }
        PendingAction::TakeTrack(_) => "Reading another track would lose them.",
        PendingAction::CloseWindow => "Closing the window would lose them.",
    };
    ui.label(what);
    ui.add_space(3.0 * UNIT);
    ui.horizontal_wrapped(|ui| {
        if first_answer_ui(ui, "Save").clicked() {
            commands.push(ShellCommand::SaveEdits.into());
        }
        if ui.button("Do not save").clicked() {
            commands.push(ShellCommand::DiscardEdits.into());
        }
        if ui.button("Stay").clicked() {
            commands.push(ShellCommand::Stay.into());
        }
    });
}
