//! What went wrong: a sentence each, details on demand.

use eframe::egui::{Align, CollapsingHeader, Frame, Label, Layout, Margin, Panel, RichText, Ui};

use crate::app::Command;
use crate::app::notice::{Notice, Severity};
use crate::app::shell::ShellCommand;
use crate::app::theme::{Palette, SMALL, UNIT, palette};

/// Notices shown at a time; older ones wait.
const MOST_SHOWN: usize = 3;

/// Draws the newest notices below the toolbar.
pub fn notices_ui(ui: &mut Ui, notices: &[Notice], commands: &mut Vec<Command>) {
    if notices.is_empty() {
        return;
    }
    let frame = Frame::new()
        .fill(palette(ui.ctx()).panel)
        .inner_margin(Margin::symmetric(12, 6));
    Panel::top("notices").frame(frame).show(ui, |ui| {
        let newest = notices.iter().enumerate().rev().take(MOST_SHOWN);
        for (index, notice) in newest {
            ui.push_id(index, |ui| notice_ui(ui, index, notice, commands));
        }
    });
}

fn notice_ui(ui: &mut Ui, index: usize, notice: &Notice, commands: &mut Vec<Command>) {
    ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
        if ui.button("Dismiss").clicked() {
            commands.push(ShellCommand::DismissNotice(index).into());
        }
        ui.add_space(2.0 * UNIT);
        ui.with_layout(Layout::top_down(Align::Min), |ui| {
            ui.add_space(UNIT);
            ui.horizontal_wrapped(|ui| {
                let color = color(notice.severity, palette(ui.ctx()));
                ui.label(RichText::new(notice.severity.label()).color(color).strong());
                ui.add(Label::new(&notice.text).wrap());
            });
            details_ui(ui, &notice.details);
        });
    });
}

fn details_ui(ui: &mut Ui, details: &str) {
    if details.is_empty() {
        return;
    }
    CollapsingHeader::new(RichText::new("Details").size(SMALL)).show(ui, |ui| {
        let details = RichText::new(details)
            .size(SMALL)
            .color(palette(ui.ctx()).weak);
        ui.add(Label::new(details).wrap().selectable(true));
    });
}

fn color(severity: Severity, palette: &Palette) -> eframe::egui::Color32 {
    match severity {
        Severity::Info => palette.accent,
        Severity::Warning => palette.warning,
        Severity::Error => palette.error,
    }
}
