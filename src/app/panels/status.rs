//! The status line: progress, and what is under the mouse.

use eframe::egui::{Align, Frame, Layout, Margin, Panel, ProgressBar, RichText, Ui};

use crate::app::Command;
use crate::app::session::{Session, Work};
use crate::app::theme::{DARK, SMALL, UNIT};
use crate::app::view_state::ViewState;
use crate::app::views::readout;

/// Draws the status line of an opened recording.
pub fn status_ui(ui: &mut Ui, session: &Session, view: &ViewState, commands: &mut Vec<Command>) {
    let margin = Margin::symmetric(12, 4);
    let frame = Frame::new().fill(DARK.panel).inner_margin(margin);
    Panel::bottom("status").frame(frame).show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.set_min_height(7.0 * UNIT);
            work_ui(ui, session, commands);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                readout::readout_ui(ui, session, view);
            });
        });
    });
}

fn work_ui(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    match session.work {
        Work::Running(stage, done) => {
            // a fixed place for each part, so that nothing moves as words and numbers change
            fixed_ui(ui, 78.0, stage.label());
            let bar = ProgressBar::new(done)
                .desired_width(120.0)
                .desired_height(6.0);
            ui.add(bar.fill(DARK.accent));
            fixed_ui(ui, 36.0, &format!("{:.0} %", 100.0 * done));
            if ui.button("Cancel").clicked() {
                commands.push(Command::Cancel);
            }
        }
        Work::Stopped => {
            ui.label(small("Stopped before the end"));
            if ui.button("Analyze again").clicked() {
                commands.push(Command::AnalyzeAgain);
            }
        }
        Work::Done => {
            ui.label(small(&summary(session)));
        }
    }
}

fn fixed_ui(ui: &mut Ui, width: f32, text: &str) {
    let size = eframe::egui::vec2(width, ui.spacing().interact_size.y);
    ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
        ui.set_min_width(width);
        ui.label(RichText::new(text).size(SMALL + 1.0).color(DARK.text));
    });
}

fn small(text: &str) -> RichText {
    RichText::new(text).size(SMALL + 1.0).color(DARK.weak)
}

fn summary(session: &Session) -> String {
    let frames = &session.f0.frames;
    let n_voiced = frames.iter().filter(|frame| frame.voiced).count();
    let voiced = 100.0 * n_voiced as f64 / frames.len().max(1) as f64;
    let n_notes = session.notes().len();
    format!("{n_notes} notes · {voiced:.0} % sung")
}
