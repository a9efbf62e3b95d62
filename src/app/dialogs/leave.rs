//! Whether to go on without saving.

use eframe::egui::{Button, Context, Id, Modal, RichText, Ui};

use crate::app::Command;
use crate::app::opening::Leaving;
use crate::app::theme::{UNIT, palette};

/// Draws the question.
pub fn leave_ui(ctx: &Context, leaving: &Leaving, commands: &mut Vec<Command>) {
    let modal = Modal::new(Id::unique("leave")).show(ctx, |ui| question_ui(ui, leaving, commands));
    if modal.should_close() {
        commands.push(Command::Keep);
    }
}

fn question_ui(ui: &mut Ui, leaving: &Leaving, commands: &mut Vec<Command>) {
    ui.set_width(380.0);
    ui.label(RichText::new("The corrections are not saved.").strong());
    let what = match leaving {
        Leaving::Open(_) => "Opening another recording would lose them.",
        Leaving::Close => "Closing the window would lose them.",
    };
    ui.label(what);
    ui.add_space(3.0 * UNIT);
    ui.horizontal(|ui| {
        let palette = palette(ui.ctx());
        let save = RichText::new("Save").color(palette.on_accent);
        if ui.add(Button::new(save).fill(palette.accent)).clicked() {
            commands.extend([Command::Keep, Command::Save]);
        }
        if ui.button("Do not save").clicked() {
            commands.push(Command::Discard);
        }
        if ui.button("Stay").clicked() {
            commands.push(Command::Keep);
        }
    });
}
