//! What is selected, and what can be done with it.

use eframe::egui::{Label, RichText, Ui};

use crate::annotation::{Annotation, Mark, Operation, Provenance, Selection};
use crate::app::bindings::{binding, correction, keys_of};
use crate::app::command::Command;
use crate::app::theme::{SMALL, UNIT, palette};
use crate::app::view_state::ViewState;
use crate::app::views::readout::clock;
use crate::app::workspace::Session;
use crate::melody::pitch::{cents_off, hz_to_midi, note_name};

/// Draws facts about the selection, and its commands.
pub fn selection_ui(ui: &mut Ui, session: &Session, view: &ViewState, commands: &mut Vec<Command>) {
    let Some(document) = &session.document else {
        hint_ui(ui, "The melody can be corrected once the analysis is done.");
        return;
    };
    if view.selection == Selection::Nothing {
        hint_ui(
            ui,
            "Drag over a time with Shift held, or with the Select tool (2); click a note with it.",
        );
        return;
    }
    for line in facts(document.annotation(), &view.selection, view.tuning()) {
        let text = RichText::new(line).size(SMALL + 1.0);
        ui.add(Label::new(text).wrap());
    }
    ui.add_space(UNIT);
    ui.horizontal_wrapped(|ui| {
        use Operation as O;
        ui.spacing_mut().item_spacing.x = UNIT;
        for operation in [
            O::OctaveUp,
            O::OctaveDown,
            O::Unvoice,
            O::Voice,
            O::Interpolate,
            O::Smooth,
            O::DeleteNotes,
        ] {
            let command = correction(operation);
            let name = binding(&command).map_or("", |binding| binding.label);
            let text = RichText::new(name).size(SMALL + 1.0);
            let button = ui.button(text).on_hover_text(keys_of(ui.ctx(), &command));
            if button.clicked() {
                commands.push(command);
            }
        }
    });
}

fn hint_ui(ui: &mut Ui, text: &str) {
    let text = RichText::new(text).size(SMALL + 1.0);
    ui.add(Label::new(text.color(palette(ui.ctx()).weak)).wrap());
}

/// Time, pitch, confidence and origin, a line each.
fn facts(annotation: &Annotation, selection: &Selection, tuning: f64) -> Vec<String> {
    let ranges = selection.frames(annotation);
    let (Some(first), Some(last)) = (ranges.first(), ranges.last()) else {
        return vec!["Nothing is there.".to_owned()];
    };
    let grid = annotation.f0().grid;
    let (start, end) = (grid.time(first.start), grid.time(last.end));
    let frames: Vec<_> = ranges
        .iter()
        .flat_map(|range| annotation.frames(range.clone()))
        .collect();
    let voiced: Vec<_> = frames.iter().filter(|frame| frame.f0.voiced).collect();
    let n_notes = selection.notes(annotation).len();
    let mut lines = vec![
        format!("{} – {}", clock(start, 2), clock(end, 2)),
        format!(
            "{:.2} s · {n_notes} {} · {:.0} % sung",
            end - start,
            if n_notes == 1 { "note" } else { "notes" },
            100.0 * voiced.len() as f64 / frames.len() as f64,
        ),
    ];
    let mut midi: Vec<f64> = voiced
        .iter()
        .map(|frame| hz_to_midi(f64::from(frame.f0.f0_hz)) - tuning)
        .collect();
    midi.sort_by(f64::total_cmp);
    if let Some(&median) = midi.get(midi.len() / 2) {
        let sure: f32 = voiced.iter().map(|frame| frame.f0.confidence).sum();
        let cents = format!("{:+.0} ¢", cents_off(median)).replace('-', "−");
        lines.push(format!(
            "Median {} {cents} · {:.0} % sure",
            note_name(median),
            100.0 * sure / voiced.len() as f32
        ));
    }
    let by_hand = frames
        .iter()
        .filter(|frame| frame.provenance != Provenance::Model)
        .count();
    if by_hand > 0 {
        let share = 100.0 * by_hand as f64 / frames.len() as f64;
        lines.push(format!("{share:.0} % decided by hand"));
    }
    lines.extend(said_of(annotation, selection));
    lines
}

/// The marks that all of a selection carries, and the lyrics of its notes.
fn said_of(annotation: &Annotation, selection: &Selection) -> Vec<String> {
    let notes = selection.notes(annotation).into_iter();
    let tags: Vec<_> = notes.map(|i| &annotation.note_tags()[i]).collect();
    let carries = |mark: Mark| match selection {
        Selection::Span(secs) => annotation
            .marked()
            .iter()
            .any(|it| it.mark == mark && it.start_secs <= secs.start && it.end_secs >= secs.end),
        _ => !tags.is_empty() && tags.iter().all(|it| it.marks.has(mark)),
    };
    let marks = [(Mark::Accepted, "Accepted"), (Mark::Starred, "Starred")];
    let marks = marks.into_iter().filter(|(mark, _)| carries(*mark));
    let mut said: Vec<_> = marks.map(|(_, label)| label.to_owned()).collect();
    let lyrics: Vec<_> = tags.iter().filter_map(|it| it.lyric.as_deref()).collect();
    if !lyrics.is_empty() {
        said.push(format!("Lyrics: {}", lyrics.join(" ")));
    }
    said
}
