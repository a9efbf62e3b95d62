//! The status line: how far the work is, what came of it, and the voicing threshold.

use eframe::egui::{
    Align, Frame, Label, Layout, Margin, Panel, ProgressBar, Response, RichText, Sense, Slider, Ui,
    vec2,
};

use crate::app::Command;
use crate::app::panels::is_narrow;
use crate::app::theme::{SMALL, UNIT, palette};
use crate::app::views::readout::{self, clock, duration};
use crate::app::workspace::{AnalysisState, Session, WorkspaceCommand};

/// Room that the threshold needs, and its number, in points.
const THRESHOLD_WIDTH: f32 = 150.0;
const VALUE_WIDTH: f32 = 62.0;
/// Presses nearer than this, in seconds, may be a double click.
const DOUBLE_CLICK_SECS: f64 = 0.6;

/// Draws the status line of an opened recording.
pub fn status_ui(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    let margin = if is_narrow(ui.ctx()) { 6 } else { 12 };
    let frame = Frame::new()
        .fill(palette(ui.ctx()).panel)
        .inner_margin(Margin::symmetric(margin, 2));
    Panel::bottom("status").frame(frame).show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.set_min_height(6.0 * UNIT);
            ui.spacing_mut().interact_size.y = 6.0 * UNIT;
            ui.spacing_mut().button_padding.y = 1.0;
            analysis_ui(ui, session, commands);
            if ui.available_width() >= THRESHOLD_WIDTH {
                threshold_ui(ui, session, commands);
            }
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
            let is_narrow = is_narrow(ui.ctx());
            fixed_ui(ui, 78.0, stage.label());
            let bar = ProgressBar::new(done)
                .desired_width(if is_narrow { 40.0 } else { 120.0 })
                .desired_height(6.0);
            ui.add(bar.fill(palette(ui.ctx()).accent));
            fixed_ui(ui, 36.0, &format!("{:.0} %", 100.0 * done));
            if !is_narrow {
                let left = session.remaining_secs().map(duration);
                let left = left.map_or_else(String::new, |left| format!("{left} left"));
                fixed_ui(ui, 84.0, &left);
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
    if !is_narrow(ui.ctx()) {
        ui.add_space(4.0 * UNIT);
    }
    weak_ui(ui, "Voicing");
    let rail = ui.available_width() - VALUE_WIDTH;
    ui.spacing_mut().slider_width = rail.min(ui.spacing().slider_width);
    let slider = Slider::new(&mut threshold, 0.0..=1.0)
        .fixed_decimals(2)
        .step_by(0.01);
    let tip = "How sure the networks must be that there is a voice; double click resets it";
    let slider = ui.add(slider).on_hover_text(tip);
    readout::name(&slider, "Voicing");
    if begins(ui, &slider) {
        commands.push(WorkspaceCommand::SettleThreshold.into());
    }
    // the slider rounds to its steps, which must not count as a change
    if slider.changed() && (threshold - session.threshold()).abs() > 1e-4 {
        commands.push(match slider.is_pointer_button_down_on() {
            true => WorkspaceCommand::DragThreshold(threshold).into(),
            false => WorkspaceCommand::SetThreshold(threshold).into(),
        });
    }
    let rail = slider
        .rect
        .with_max_x(slider.rect.left() + ui.spacing().slider_width);
    let reset = ui.interact(rail, slider.id.with("reset"), Sense::click());
    if reset.double_clicked() {
        // one step with the clicks that it is made of
        let threshold = session.networks_threshold();
        commands.push(WorkspaceCommand::DragThreshold(threshold).into());
    }
}

/// Whether a press on the slider begins a step of its own: not the second press of a double click.
fn begins(ui: &Ui, slider: &Response) -> bool {
    let (is_press, now) = ui.input(|input| (input.pointer.primary_pressed(), input.time));
    if !is_press || !slider.is_pointer_button_down_on() {
        return false;
    }
    let id = slider.id.with("pressed at");
    let before = ui.data_mut(|data| {
        let before: Option<f64> = data.get_temp(id);
        data.insert_temp(id, now);
        before
    });
    before.is_none_or(|before| now - before > DOUBLE_CLICK_SECS)
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
    let notes = if n_notes == 1 { "note" } else { "notes" };
    format!("{n_notes} {notes} · {voiced:.0} % sung")
}
