//! The status line: how far the work is, what came of it, and the voicing threshold.

use eframe::egui::{
    Align, Frame, Label, Layout, Margin, Panel, ProgressBar, RichText, Sense, Slider, Ui, vec2,
};

use crate::app::Command;
use crate::app::theme::{SMALL, UNIT, palette};
use crate::app::views::readout::{self, clock, duration};
use crate::app::workspace::{AnalysisState, Session, WorkspaceCommand};

/// Draws the status line of an opened recording.
pub fn status_ui(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    let frame = Frame::new()
        .fill(palette(ui.ctx()).panel)
        .inner_margin(Margin::symmetric(12, 2));
    Panel::bottom("status").frame(frame).show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.set_min_height(6.0 * UNIT);
            ui.spacing_mut().interact_size.y = 6.0 * UNIT;
            ui.spacing_mut().button_padding.y = 1.0;
            analysis_ui(ui, session, commands);
            ui.add_space(4.0 * UNIT);
            threshold_ui(ui, session, commands);
            if let Some(saved) = &session.saved {
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    weak_ui(ui, &format!("Saved {saved}"));
                });
            }
        });
    });
}

fn analysis_ui(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    match session.state {
        AnalysisState::Running(stage, done) => {
            // a fixed place for each part, so that nothing moves as words and numbers change
            fixed_ui(ui, 78.0, stage.label());
            let bar = ProgressBar::new(done)
                .desired_width(120.0)
                .desired_height(6.0);
            ui.add(bar.fill(palette(ui.ctx()).accent));
            fixed_ui(ui, 36.0, &format!("{:.0} %", 100.0 * done));
            if let Some(secs) = session.remaining_secs() {
                fixed_ui(ui, 96.0, &format!("{} left", duration(secs)));
            }
            if ui.button("Cancel").clicked() {
                commands.push(WorkspaceCommand::CancelAnalysis.into());
            }
        }
        AnalysisState::Stopped => {
            let found = session.f0().grid.time(session.f0().frames.len());
            weak_ui(ui, &format!("Stopped at {}", clock(found, 0)));
            if ui.button("Go on").clicked() {
                commands.push(WorkspaceCommand::GoOn.into());
            }
        }
        AnalysisState::Done => weak_ui(ui, &summary(session)),
    }
}

/// Moves what counts as sung, at once.
fn threshold_ui(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    let mut threshold = session.threshold();
    weak_ui(ui, "Voicing");
    let slider = Slider::new(&mut threshold, 0.0..=1.0)
        .fixed_decimals(2)
        .step_by(0.01);
    let tip = "How sure the networks must be that there is a voice; double click resets it";
    let slider = ui.add(slider).on_hover_text(tip);
    readout::name(&slider, "Voicing");
    // the slider rounds to its steps, which must not count as a change
    if slider.changed() && (threshold - session.threshold()).abs() > 1e-4 {
        commands.push(match slider.dragged() {
            true => WorkspaceCommand::DragThreshold(threshold).into(),
            false => WorkspaceCommand::SetThreshold(threshold).into(),
        });
    }
    if slider.drag_stopped() {
        commands.push(WorkspaceCommand::SettleThreshold.into());
    }
    let rail = slider
        .rect
        .with_max_x(slider.rect.left() + ui.spacing().slider_width);
    let reset = ui.interact(rail, slider.id.with("reset"), Sense::click());
    if reset.double_clicked() {
        let threshold = session.networks_threshold();
        commands.push(WorkspaceCommand::SetThreshold(threshold).into());
    }
}

fn fixed_ui(ui: &mut Ui, width: f32, text: &str) {
    let size = vec2(width, ui.spacing().interact_size.y);
    ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
        ui.set_min_width(width);
        let text = RichText::new(text).size(SMALL);
        ui.label(text.color(palette(ui.ctx()).text));
    });
}

fn weak_ui(ui: &mut Ui, text: &str) {
    let text = RichText::new(text).size(SMALL);
    ui.add(Label::new(text.color(palette(ui.ctx()).weak)).truncate());
}

fn summary(session: &Session) -> String {
    let frames = &session.f0().frames;
    let n_voiced = frames.iter().filter(|frame| frame.voiced).count();
    let voiced = 100.0 * n_voiced as f64 / frames.len().max(1) as f64;
    let n_notes = session.notes().len();
    format!("{n_notes} notes · {voiced:.0} % sung")
}
