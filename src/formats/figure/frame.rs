//! Axes, title and legend.

use plotters::backend::DrawingBackend;

use super::FigureError;
use super::color::{CONTOUR, FAINT_INK, GRID, HARMONIC, INK, SUBHARMONIC, shade};
use super::layers::{class_mark, contour_line, note_bar};
use super::page::{FigurePage, System};
use super::painter::{Anchor, PagePainter};
use crate::formats::Export;
use crate::melody::pitch::note_name;

const TITLE_SIZE: f64 = 30.0;
const LABEL_SIZE: f64 = 17.0;
const SMALL_SIZE: f64 = 15.0;
/// Distances of time labels to choose from, in seconds.
const TIME_STEPS: [f64; 12] = [
    0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0,
];
/// Every white key carries its name from this height of a semitone on.
const NAMED_SEMITONE: f64 = 16.0;
/// Least distance of time labels.
const LABEL_DISTANCE: f64 = 110.0;

/// Title left, networks right, and the legend under them.
pub fn header<B: DrawingBackend>(
    painter: &mut PagePainter<B>,
    page: &FigurePage,
    export: &Export,
) -> Result<(), FigureError> {
    let made_by = format!("Melograph: {}", export.models.join(" + "));
    let room = page.full_right() - page.left() - painter.text_width(&made_by, SMALL_SIZE) - 40.0;
    let title = shortened(painter, &export.heading(), room);
    painter.text(&title, page.left(), 38.0, TITLE_SIZE, INK, Anchor::Left)?;
    painter.text(
        &made_by,
        page.full_right(),
        38.0,
        SMALL_SIZE,
        FAINT_INK,
        Anchor::Right,
    )?;
    legend(painter, page.left(), 84.0)
}

fn shortened<B: DrawingBackend>(painter: &PagePainter<B>, text: &str, room: f64) -> String {
    if painter.text_width(text, TITLE_SIZE) <= room {
        return text.to_owned();
    }
    let mut kept: Vec<char> = text.chars().collect();
    loop {
        kept.pop();
        let short = format!("{}\u{2026}", kept.iter().collect::<String>());
        if kept.is_empty() || painter.text_width(&short, TITLE_SIZE) <= room {
            return short;
        }
    }
}

fn legend<B: DrawingBackend>(
    painter: &mut PagePainter<B>,
    left: f64,
    y: f64,
) -> Result<(), FigureError> {
    let mut x = left;
    let wave: Vec<(f64, f64)> = (0..=22)
        .map(|i| {
            (
                x + 2.0 * f64::from(i),
                y - 4.0 * (f64::from(i) * 0.55).sin(),
            )
        })
        .collect();
    contour_line(painter, &wave, CONTOUR, 2.5)?;
    x = legend_label(
        painter,
        x + 54.0,
        y,
        "sung pitch (f0), paler where less sure",
    )?;
    note_bar(painter, (x, x + 40.0), y, 5.0)?;
    x = legend_label(painter, x + 50.0, y, "note")?;
    for i in 0..3 {
        class_mark(
            painter,
            (x + 4.0 + 10.0 * f64::from(i), y),
            -1.0,
            HARMONIC,
            1.0,
        )?;
    }
    x = legend_label(painter, x + 38.0, y, "harmonic (octave above)")?;
    for i in 0..3 {
        class_mark(
            painter,
            (x + 4.0 + 10.0 * f64::from(i), y),
            1.0,
            SUBHARMONIC,
            1.0,
        )?;
    }
    x = legend_label(painter, x + 38.0, y, "sub-harmonic (octave below)")?;
    for i in 0..12 {
        let (from, to) = (x + 5.0 * f64::from(i), x + 5.0 * f64::from(i + 1));
        let cell = [
            (from, y - 6.0),
            (to, y - 6.0),
            (to, y + 6.0),
            (from, y + 6.0),
        ];
        painter.fill(&cell, shade(f64::from(i) / 11.0), 1.0)?;
    }
    legend_label(painter, x + 70.0, y, "spectrum, louder than usual")?;
    Ok(())
}

/// Writes a label and returns where the next entry starts.
fn legend_label<B: DrawingBackend>(
    painter: &mut PagePainter<B>,
    x: f64,
    y: f64,
    label: &str,
) -> Result<f64, FigureError> {
    painter.text(label, x, y, LABEL_SIZE, INK, Anchor::Left)?;
    Ok(x + painter.text_width(label, LABEL_SIZE) + 36.0)
}

/// Octave lines and time lines, under the melody.
pub fn grid<B: DrawingBackend>(
    painter: &mut PagePainter<B>,
    page: &FigurePage,
    system: &System,
) -> Result<(), FigureError> {
    for midi in semitones(page).filter(|midi| midi % 12 == 0) {
        let y = page.y(system, f64::from(midi));
        painter.line(&[(page.left(), y), (page.right(system), y)], GRID, 0.8, 1.0)?;
    }
    let bottom = page.bottom(system);
    for secs in ticks(system, label_step(page)) {
        let x = page.x(system, secs);
        painter.line(&[(x, system.top), (x, bottom)], GRID, 0.35, 1.0)?;
    }
    Ok(())
}

/// Frame, ticks and labels, over the melody.
pub fn axes<B: DrawingBackend>(
    painter: &mut PagePainter<B>,
    page: &FigurePage,
    system: &System,
) -> Result<(), FigureError> {
    let (left, right) = (page.left(), page.right(system));
    let (top, bottom) = (system.top, page.bottom(system));
    let border = [
        (left, top),
        (right, top),
        (right, bottom),
        (left, bottom),
        (left, top),
    ];
    painter.line(&border, FAINT_INK, 1.0, 1.0)?;
    pitch_axis(painter, page, system)?;
    time_axis(painter, page, system)
}

fn pitch_axis<B: DrawingBackend>(
    painter: &mut PagePainter<B>,
    page: &FigurePage,
    system: &System,
) -> Result<(), FigureError> {
    let left = page.left();
    for midi in semitones(page) {
        let y = page.y(system, f64::from(midi));
        let (length, label) = match midi.rem_euclid(12) {
            0 => (9.0, Some((LABEL_SIZE, INK))),
            7 => (6.0, Some((SMALL_SIZE - 1.0, FAINT_INK))),
            2 | 4 | 5 | 9 | 11 => {
                let has_room = page.units_per_semitone() >= NAMED_SEMITONE;
                (4.0, has_room.then_some((SMALL_SIZE - 1.0, FAINT_INK)))
            }
            _ => continue,
        };
        painter.line(&[(left - length, y), (left, y)], FAINT_INK, 1.0, 1.0)?;
        if let Some((size, color)) = label {
            let name = note_name(f64::from(midi));
            painter.text(&name, left - 13.0, y, size, color, Anchor::Right)?;
        }
    }
    Ok(())
}

fn time_axis<B: DrawingBackend>(
    painter: &mut PagePainter<B>,
    page: &FigurePage,
    system: &System,
) -> Result<(), FigureError> {
    let bottom = page.bottom(system);
    let step = label_step(page);
    for secs in ticks(system, step / 5.0) {
        let x = page.x(system, secs);
        painter.line(&[(x, bottom), (x, bottom + 4.0)], FAINT_INK, 1.0, 1.0)?;
    }
    for secs in ticks(system, step) {
        let x = page.x(system, secs);
        painter.line(&[(x, bottom), (x, bottom + 8.0)], FAINT_INK, 1.0, 1.0)?;
        let label = clock(secs, step);
        painter.text(&label, x, bottom + 12.0, SMALL_SIZE, INK, Anchor::Below)?;
    }
    Ok(())
}

/// Whole MIDI numbers on the pitch axis.
fn semitones(page: &FigurePage) -> impl Iterator<Item = i32> + use<> {
    page.low_midi.ceil() as i32..=page.high_midi.floor() as i32
}

/// Distance of time labels in seconds.
fn label_step(page: &FigurePage) -> f64 {
    TIME_STEPS
        .into_iter()
        .find(|step| step * page.units_per_second() >= LABEL_DISTANCE)
        .unwrap_or(page.system_secs)
}

/// Multiples of `step` in a system, its ends included.
fn ticks(system: &System, step: f64) -> impl Iterator<Item = f64> + use<> {
    let first = (system.start_secs / step - 1e-6).ceil() as i64;
    let last = (system.end_secs / step + 1e-6).floor() as i64;
    (first..=last).map(move |i| i as f64 * step)
}

/// Time as `h:mm:ss`, `m:ss`, or `m:ss.s` where labels are less than a second apart.
fn clock(secs: f64, step: f64) -> String {
    let tenths = (secs * 10.0).round() as u64;
    let (whole, tenth) = (tenths / 10, tenths % 10);
    let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, whole % 60);
    match (hours, step < 1.0) {
        (0, false) => format!("{minutes}:{seconds:02}"),
        (0, true) => format!("{minutes}:{seconds:02}.{tenth}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_read_as_on_a_player() {
        assert_eq!(clock(5.0, 1.0), "0:05");
        assert_eq!(clock(65.5, 0.5), "1:05.5");
        assert_eq!(clock(3661.0, 60.0), "1:01:01");
    }

    #[test]
    fn ticks_include_both_ends() {
        let system = System {
            start_secs: 30.0,
            end_secs: 60.0,
            top: 0.0,
        };
        let times: Vec<f64> = ticks(&system, 10.0).collect();
        assert_eq!(times, [30.0, 40.0, 50.0, 60.0]);
    }
}
