//! Whether to save over a file that was not opened.

use eframe::egui::{Context, Id, Label, Modal, RichText, Ui};

use super::{first_answer_ui, set_width};
use crate::app::Command;
use crate::app::event::Replacement;
use crate::app::shell::ShellCommand;
use crate::app::theme::UNIT;
use crate::app::workspace::WorkspaceCommand;
use crate::files::shown_name;

/// Draws the question.
pub fn replace_ui(ctx: &Context, file: &Replacement, commands: &mut Vec<Command>) {
    let modal = Modal::new(Id::unique("replace")).show(ctx, |ui| question_ui(ui, file, commands));
    if modal.should_close() {
        commands.push(ShellCommand::Stay.into());
    }
}

fn question_ui(ui: &mut Ui, file: &Replacement, commands: &mut Vec<Command>) {
    set_width(ui, 420.0);
    let name = shown_name(&file.path);
    let title = match file.was_opened {
        true => format!("{name} was changed by another program since it was opened here."),
        false => format!("{name} is there already, and was not opened here."),
    };
    ui.add(Label::new(RichText::new(title).strong()).wrap());
    ui.add(Label::new(&file.content).wrap());
    ui.add_space(3.0 * UNIT);
    ui.horizontal_wrapped(|ui| {
        if first_answer_ui(ui, "Save elsewhere…").clicked() {
            let elsewhere = WorkspaceCommand::SaveAs;
            commands.extend([ShellCommand::Stay.into(), elsewhere.into()]);
        }
        if ui.button("Replace it").clicked() {
            let replace = WorkspaceCommand::Replace(file.path.clone());
            commands.extend([ShellCommand::Stay.into(), replace.into()]);
        }
        if ui.button("Stay").clicked() {
            commands.push(ShellCommand::Stay.into());
        }
    });
}
