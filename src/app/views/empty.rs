//! What to do when nothing is open.

use std::path::PathBuf;

use eframe::egui::{
    Align, Align2, Button, FontId, Id, LayerId, Layout, Link, Order, RichText, ScrollArea, Stroke,
    StrokeKind, Ui, UiBuilder, pos2, vec2,
};

use crate::app::theme::{BODY, SMALL, TITLE, UNIT, palette};
use crate::app::workspace::WorkspaceCommand;
use crate::app::{Command, demo_track};
use crate::files::{shown, shown_name};

/// Size of the block in the middle of the window.
const WIDTH: f32 = 560.0;
const HEIGHT: f32 = 420.0;
/// Recent files shown.
const MOST_RECENT: usize = 4;

/// Draws the page of a window without a recording.
pub fn empty_ui(ui: &mut Ui, recent: &[PathBuf], commands: &mut Vec<Command>) {
    let middle = ui.available_rect_before_wrap();
    let size = vec2(WIDTH, HEIGHT).min(middle.size());
    let block = Align2::CENTER_CENTER.align_size_within_rect(size, middle);
    ui.scope_builder(UiBuilder::new().max_rect(block), |ui| {
        let mut page = |ui: &mut Ui| {
            ui.with_layout(Layout::top_down(Align::Center), |ui| {
                page_ui(ui, recent, commands);
            });
        };
        match block.height() < HEIGHT {
            true => drop(ScrollArea::vertical().show(ui, page)),
            false => page(ui),
        }
    });
}

fn page_ui(ui: &mut Ui, recent: &[PathBuf], commands: &mut Vec<Command>) {
    emblem_ui(ui);
    ui.add_space(5.0 * UNIT);
    ui.label(
        RichText::new("See the melody in a recording")
            .size(TITLE)
            .color(palette(ui.ctx()).text),
    );
    ui.add_space(UNIT);
    ui.label(
        RichText::new("Open a song, or drop it here: what is sung is drawn over its spectrogram.")
            .size(BODY)
            .color(palette(ui.ctx()).weak),
    );
    ui.add_space(6.0 * UNIT);
    let wide = vec2(300.0, 10.0 * UNIT);
    let text = RichText::new("Open a recording…").color(palette(ui.ctx()).on_accent);
    if ui
        .add(
            Button::new(text)
                .fill(palette(ui.ctx()).accent)
                .min_size(wide),
        )
        .clicked()
    {
        commands.push(WorkspaceCommand::ChooseFile.into());
    }
    ui.add_space(UNIT);
    if demo_is_there(ui) {
        let demo = Button::new("Open the demonstration track").min_size(wide);
        if ui.add(demo).clicked() {
            commands.push(WorkspaceCommand::OpenDemo.into());
        }
    }
    ui.add_space(3.0 * UNIT);
    recent_ui(ui, recent, commands);
    for hint in [
        "Ctrl+O opens  ·  drop a file here, or paste its path",
        "WAV  FLAC  MP3  Ogg  Opus  M4A  AIFF  CAF  MKV",
    ] {
        ui.label(
            RichText::new(hint)
                .size(SMALL)
                .color(palette(ui.ctx()).weak),
        );
    }
}

/// The files opened last, a line each.
fn recent_ui(ui: &mut Ui, recent: &[PathBuf], commands: &mut Vec<Command>) {
    for path in recent.iter().take(MOST_RECENT) {
        let name = shown_name(path);
        let link = Link::new(RichText::new(name).size(BODY));
        let link = ui.add(link).on_hover_text(shown(path));
        if link.clicked() {
            commands.push(WorkspaceCommand::Open(path.clone()).into());
        }
    }
    ui.add_space(3.0 * UNIT);
}

/// Whether the demonstration track is installed; looked up once.
fn demo_is_there(ui: &Ui) -> bool {
    let id = Id::unique("demonstration track is there");
    if let Some(known) = ui.data(|data| data.get_temp(id)) {
        return known;
    }
    let there = demo_track().is_some();
    ui.data_mut(|data| data.insert_temp(id, there));
    there
}

/// A sung phrase, as this window draws one.
fn emblem_ui(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(vec2(200.0, 64.0), eframe::egui::Sense::hover());
    let painter = ui.painter_at(rect.expand(4.0));
    for i in 0..5 {
        let y = rect.top() + rect.height() * i as f32 / 4.0;
        painter.hline(rect.x_range(), y, Stroke::new(1.0, palette(ui.ctx()).line));
    }
    let phrase = |i: u8| {
        let t = f32::from(i) / 120.0;
        let rise = 0.62 / (1.0 + (-14.0 * (t - 0.3)).exp());
        let turn = 0.16 * (-((t - 0.16) / 0.07).powi(2)).exp();
        let vibrato = 0.055 * (68.0 * t).sin() * ((t - 0.5) * 5.0).clamp(0.0, 1.0);
        let up = 0.16 + rise + turn + vibrato;
        pos2(
            rect.left() + rect.width() * t,
            rect.bottom() - rect.height() * up,
        )
    };
    painter.line(
        (0..=120).map(phrase).collect(),
        Stroke::new(3.0, palette(ui.ctx()).contour),
    );
}

/// Covers the window while a file is held over it.
pub fn drop_hint_ui(ui: &Ui) {
    if ui.input(|i| i.raw.hovered_files.is_empty()) {
        return;
    }
    let layer = LayerId::new(Order::Foreground, Id::unique("drop hint"));
    let painter = ui.ctx().layer_painter(layer);
    let rect = ui.ctx().content_rect();
    painter.rect_filled(rect, 0.0, palette(ui.ctx()).canvas.gamma_multiply(0.85));
    let frame = rect.shrink(4.0 * UNIT);
    painter.rect_stroke(
        frame,
        8.0,
        Stroke::new(2.0, palette(ui.ctx()).accent),
        StrokeKind::Inside,
    );
    let font = FontId::proportional(TITLE);
    painter.text(
        rect.center(),
        Align2::CENTER_CENTER,
        "Drop to open",
        font,
        palette(ui.ctx()).text,
    );
}
