//! The side panel: layers, mixer, selection, analysis.
//!
//! - [`layers`]: what is drawn, and how.
//! - [`mixer`]: what is heard, and how loud.
//! - [`selection`]: what is selected, and what can be done with it.
//! - [`separation`]: voice and accompaniment.
//! - [`analysis`]: the networks, and what they run on.

pub mod analysis;
pub mod layers;
pub mod mixer;
pub mod selection;
pub mod separation;

use eframe::egui::{
    CentralPanel, CollapsingHeader, Frame, Margin, Panel, RichText, ScrollArea, Ui, vec2,
};

use crate::annotation::Selection;
use crate::app::Command;
use crate::app::panels::is_narrow;
use crate::app::shell::AppSettings;
use crate::app::theme::{UNIT, palette};
use crate::app::workspace::OpenSession;
use crate::audio::play::Player;

pub use analysis::AnalysisChoices;

/// Width of the panel in points, unless it is dragged wider.
const WIDTH: f32 = 276.0;
/// The widest it gets.
const WIDEST: f32 = 420.0;

/// Draws the side panel: right of the canvas, or in its place where there is no room for both.
pub fn side_ui(
    ui: &mut Ui,
    open: &OpenSession,
    (settings, choices): (&AppSettings, &mut AnalysisChoices),
    player: &Player,
    commands: &mut Vec<Command>,
) {
    let OpenSession { session, view } = open;
    let frame = Frame::new()
        .fill(palette(ui.ctx()).panel)
        .inner_margin(Margin::symmetric(12, 8));
    let content = |ui: &mut Ui| {
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            narrow(ui);
            // what can be done now comes first
            let is_selected = view.selection != Selection::Nothing;
            if is_selected {
                section_ui(ui, "Selection", true, |ui| {
                    selection::selection_ui(ui, session, view, commands);
                });
            }
            section_ui(ui, "Layers", true, |ui| {
                layers::layers_ui(ui, session, view, commands)
            });
            section_ui(ui, "Mixer", true, |ui| {
                mixer::mixer_ui(ui, session, player, commands)
            });
            section_ui(ui, "Voice and accompaniment", true, |ui| {
                separation::separation_ui(ui, session, settings, choices, commands);
            });
            if !is_selected {
                section_ui(ui, "Selection", true, |ui| {
                    selection::selection_ui(ui, session, view, commands);
                });
            }
            section_ui(ui, "Analysis", true, |ui| {
                analysis::analysis_ui(ui, session, settings, choices, commands)
            });
        });
    };
    if is_narrow(ui.ctx()) {
        CentralPanel::default().frame(frame).show(ui, content);
        return;
    }
    let panel = Panel::right("side").resizable(true).default_size(WIDTH);
    let panel = panel.size_range(WIDTH..=WIDEST);
    panel.frame(frame).show(ui, content);
}

/// Controls that fit a narrow column.
fn narrow(ui: &mut Ui) {
    let spacing = ui.spacing_mut();
    spacing.button_padding = vec2(2.0 * UNIT, UNIT);
    spacing.interact_size = vec2(44.0, 6.0 * UNIT);
}

fn section_ui(ui: &mut Ui, name: &str, open: bool, content: impl FnOnce(&mut Ui)) {
    let name = RichText::new(name).strong().color(palette(ui.ctx()).text);
    CollapsingHeader::new(name)
        .default_open(open)
        .show_unindented(ui, |ui| {
            ui.add_space(UNIT);
            content(ui);
            ui.add_space(3.0 * UNIT);
        });
}
