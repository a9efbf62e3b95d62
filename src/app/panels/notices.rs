//! What went wrong: a sentence each, details on demand.

use eframe::egui::{
    Align, Area, CollapsingHeader, Frame, Id, Label, Layout, Margin, Rect, RichText, Ui, Vec2, vec2,
};

use crate::app::Command;
use crate::app::notice::{Notice, Severity};
use crate::app::shell::ShellCommand;
use crate::app::theme::{Palette, SMALL, UNIT, palette};
use crate::app::views::{pitch_axis, time_axis};

/// Notices shown at a time; older ones wait.
const MOST_SHOWN: usize = 3;
/// Widest a notice gets, in points.
const WIDTH: f32 = 620.0;
/// With less width, in points, buttons stand below the sentence.
const NARROW: f32 = 420.0;

/// Draws the newest notices at the top of `canvas`, over what is shown there and beside it.
pub fn notices_ui(ui: &Ui, canvas: Rect, notices: &[Notice], commands: &mut Vec<Command>) {
    if notices.is_empty() {
        return;
    }
    let room = ui.ctx().content_rect().right() - canvas.left() - 4.0 * UNIT;
    let axis = if room > WIDTH { pitch_axis::WIDTH } else { 0.0 };
    let corner = canvas.min + vec2(axis, time_axis::HEIGHT) + Vec2::splat(2.0 * UNIT);
    let width = (room - axis).min(WIDTH) - 4.0 * UNIT;
    let area = Area::new(Id::unique("notices")).fixed_pos(corner);
    area.show(ui.ctx(), |ui| {
        ui.set_width(width);
        let newest = notices.iter().enumerate().rev().take(MOST_SHOWN);
        for (index, notice) in newest {
            let frame = Frame::popup(ui.style()).inner_margin(Margin::symmetric(12, 6));
            frame.show(ui, |ui| {
                ui.push_id(index, |ui| notice_ui(ui, index, notice, commands));
            });
        }
    });
}

/// Sentence and buttons beside each other, or below where there is little room.
fn notice_ui(ui: &mut Ui, index: usize, notice: &Notice, commands: &mut Vec<Command>) {
    if ui.available_width() < NARROW {
        sentence_ui(ui, notice);
        ui.horizontal(|ui| buttons_ui(ui, index, notice, commands));
        return;
    }
    ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
        buttons_ui(ui, index, notice, commands);
        ui.add_space(2.0 * UNIT);
        ui.with_layout(Layout::top_down(Align::Min), |ui| {
            ui.add_space(UNIT);
            sentence_ui(ui, notice);
        });
    });
}

fn sentence_ui(ui: &mut Ui, notice: &Notice) {
    ui.horizontal_wrapped(|ui| {
        let color = color(notice.severity, palette(ui.ctx()));
        ui.label(RichText::new(notice.severity.label()).color(color).strong());
        ui.add(Label::new(&notice.text).wrap());
    });
    details_ui(ui, &notice.details);
}

fn buttons_ui(ui: &mut Ui, index: usize, notice: &Notice, commands: &mut Vec<Command>) {
    if ui.button("Dismiss").clicked() {
        commands.push(ShellCommand::DismissNotice(index).into());
    }
    if let Some(action) = &notice.action
        && ui.button(action.label).clicked()
    {
        let dismiss = ShellCommand::DismissNotice(index).into();
        commands.extend([dismiss, action.command.clone()]);
    }
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
