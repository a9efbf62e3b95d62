//! What is under the mouse: time and pitch there, and the melody at that time.

use eframe::egui::{Align, Color32, FontId, Label, Layout, Response, RichText, Ui, vec2};

use crate::app::theme::{SMALL, UNIT, palette};
use crate::app::view_state::ViewState;
use crate::app::workspace::Session;
use crate::melody::F0Frame;
use crate::melody::pitch::{cents_off, hz_to_midi, midi_to_hz, note_name};

/// Width of what is sung, in points.
const MELODY_WIDTH: f32 = 214.0;

/// With less room, in points, nothing is said.
const LEAST_WIDTH: f32 = 60.0;

/// Draws the read-out, from the right edge to the left, as far as there is room.
pub fn readout_ui(ui: &mut Ui, session: &Session, view: &ViewState) {
    if ui.available_width() < LEAST_WIDTH {
        return;
    }
    let palette = palette(ui.ctx());
    let Some((secs, midi)) = view.pointer else {
        let hints = ["Wheel scrolls · Ctrl+wheel zooms · F fits", "F1 helps"];
        let hint = fitting(ui, hints.map(str::to_owned).into(), ui.available_width());
        let hint = RichText::new(hint).size(SMALL + 1.0).color(palette.weak);
        ui.add(Label::new(hint).truncate());
        return;
    };
    let tuning = view.tuning();
    let sung = session.f0_at(secs).filter(|frame| frame.voiced);
    let width = MELODY_WIDTH.min(ui.available_width());
    let (melody, color) = match &sung {
        Some(frame) => (
            fitting(ui, read_sung(frame, tuning), width),
            palette.contour,
        ),
        None => ("not sung".to_owned(), palette.weak),
    };
    // fixed places, so that numbers do not move as they change; what is sung is the last to go
    let cursor = pitch(midi, midi_to_hz(midi), tuning);
    for (width, text, color) in [
        (width, melody, color),
        (158.0, cursor, palette.text),
        (66.0, clock(secs, 2), palette.weak),
    ] {
        if ui.available_width() >= width {
            fixed_ui(ui, width, RichText::new(text).color(color));
        }
    }
}

/// Gives a control its name for screen readers.
pub fn name(response: &Response, name: &str) {
    let ctx = &response.ctx;
    ctx.accesskit_node_builder(response.id, |node| node.set_label(name));
}

fn fixed_ui(ui: &mut Ui, width: f32, text: RichText) {
    let size = vec2(width, 7.0 * UNIT);
    ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| {
        ui.set_min_width(width);
        ui.add(Label::new(text.size(SMALL + 1.0)).truncate());
    });
}

/// Note name and cents on the instrument's own tuning, and Hz.
fn pitch(midi: f64, hz: f64, tuning: f64) -> String {
    format!("{}   {hz:.1} Hz", note_and_cents(midi - tuning))
}

/// Name of the nearest note, and the cents from it to there.
pub fn note_and_cents(midi: f64) -> String {
    format!("{} {:+.0} ¢", note_name(midi), cents_off(midi)).replace('-', "−")
}

/// What is sung, in full and in fewer words.
fn read_sung(frame: &F0Frame, tuning: f64) -> Vec<String> {
    let hz = f64::from(frame.f0_hz);
    let sure = 100.0 * frame.confidence;
    let midi = hz_to_midi(hz);
    let note = note_and_cents(midi - tuning);
    vec![
        format!("sung {}   {sure:.0} %", pitch(midi, hz, tuning)),
        format!("sung {note}"),
        note,
        note_name(midi - tuning),
    ]
}

/// The first of some texts for which there is room, else the last.
fn fitting(ui: &Ui, texts: Vec<String>, width: f32) -> String {
    let font = FontId::proportional(SMALL + 1.0);
    let needs = |text: &str| {
        let galley = ui
            .painter()
            .layout_no_wrap(text.into(), font.clone(), Color32::WHITE);
        galley.size().x
    };
    let found = texts.iter().find(|text| needs(text) <= width);
    found.or(texts.last()).cloned().unwrap_or_default()
}

/// A time as people write it: `1:02:03`, `4:05.6`.
pub fn clock(secs: f64, decimals: usize) -> String {
    let scale = 10f64.powi(decimals as i32);
    let secs = (secs.max(0.0) * scale).round() / scale;
    let (hours, minutes) = ((secs / 3600.0) as u64, (secs / 60.0) as u64);
    let width = if decimals == 0 { 2 } else { 3 + decimals };
    let rest = secs - 60.0 * minutes as f64;
    match hours {
        0 => format!("{minutes}:{rest:0width$.decimals$}"),
        _ => format!("{hours}:{:02}:{rest:0width$.decimals$}", minutes % 60),
    }
}

/// A length of time as one guesses it: `a few s`, `40 s`, `3 min`.
pub fn duration(secs: f64) -> String {
    match secs {
        s if s < 5.0 => "a few s".to_owned(),
        s if s < 90.0 => format!("{:.0} s", 5.0 * (s / 5.0).round()),
        s if s < 5400.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.1} h", s / 3600.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_like_clocks() {
        assert_eq!(clock(0.0, 0), "0:00");
        assert_eq!(clock(65.25, 1), "1:05.3");
        assert_eq!(clock(59.999, 2), "1:00.00");
        assert_eq!(clock(3723.0, 0), "1:02:03");
        assert_eq!(clock(-1.0, 0), "0:00");
    }

    #[test]
    fn guesses_are_no_finer_than_they_are_sure() {
        let told = [2.0, 12.4, 61.0, 100.0, 8000.0].map(duration);
        assert_eq!(told, ["a few s", "10 s", "60 s", "2 min", "2.2 h"]);
    }
}
