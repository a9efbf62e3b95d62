//! Notes, classes and contour of one system.

use plotters::backend::DrawingBackend;

use super::FigureError;
use super::color::{CONTOUR, HARMONIC, NOTE, PAPER, Rgb, SUBHARMONIC, tint};
use super::page::{FigurePage, System};
use super::painter::PagePainter;
use crate::melody::pitch::hz_to_midi;
use crate::melody::{ClassFrame, ClassTrack, F0Track, FrameGrid, Note};

/// Distance of class marks along time.
const MARK_SPACING: f64 = 9.0;
/// Half the width of a class mark.
pub const MARK_RADIUS: f64 = 3.6;
/// Weakest class that gets a mark, of 255.
const FAINTEST_MARK: u8 = 64;
/// Steps of confidence that the contour's opacity tells apart.
const N_CONFIDENCE_STEPS: f32 = 6.0;
/// Opacity of the contour where the confidence is 0.
const FAINTEST_CONTOUR: f32 = 0.3;

/// Rounded bars, a semitone high or just high enough to see, clipped to the system.
pub fn notes<B: DrawingBackend>(
    painter: &mut PagePainter<B>,
    page: &FigurePage,
    system: &System,
    notes: &[Note],
) -> Result<(), FigureError> {
    let half_height = (page.units_per_semitone() * 0.5).max(5.5);
    for note in notes {
        let start = note.onset_secs.max(system.start_secs);
        let end = note.offset_secs.min(system.end_secs);
        let midi = f64::from(note.midi);
        if start >= end || !page.shows(midi) {
            continue;
        }
        let y = page.y(system, midi);
        let corners = (page.x(system, start), page.x(system, end));
        note_bar(painter, corners, y, half_height)?;
    }
    Ok(())
}

/// One note from `left` to `right` around `y`.
pub fn note_bar<B: DrawingBackend>(
    painter: &mut PagePainter<B>,
    (left, right): (f64, f64),
    y: f64,
    half_height: f64,
) -> Result<(), FigureError> {
    let mut outline = rounded_bar(left, right.max(left + 1.0), y, half_height);
    painter.fill(&outline, NOTE, 0.28)?;
    outline.push(outline[0]);
    painter.line(&outline, NOTE, 0.75, 1.0)
}

fn rounded_bar(left: f64, right: f64, y: f64, half_height: f64) -> Vec<(f64, f64)> {
    let radius = half_height.min((right - left) / 2.0).min(4.0);
    let (inner_left, inner_right) = (left + radius, right - radius);
    let (upper, lower) = (y - half_height + radius, y + half_height - radius);
    let corners = [
        (inner_right, upper, 0.0),
        (inner_left, upper, 90.0),
        (inner_left, lower, 180.0),
        (inner_right, lower, 270.0),
    ];
    let mut points = Vec::new();
    for (x, y, from_degrees) in corners {
        for step in 0..=3 {
            let angle = f64::to_radians(from_degrees + 30.0 * f64::from(step));
            points.push((x + radius * angle.cos(), y - radius * angle.sin()));
        }
    }
    points
}

/// Thinned marks: the strongest class in each stretch of time.
pub fn classes<B: DrawingBackend>(
    painter: &mut PagePainter<B>,
    page: &FigurePage,
    system: &System,
    classes: &ClassTrack,
) -> Result<(), FigureError> {
    let kinds = [
        (HARMONIC, -1.0, harmonic as fn(&ClassFrame) -> (u16, u8)),
        (SUBHARMONIC, 1.0, subharmonic),
    ];
    let n_marks = ((page.right(system) - page.left()) / MARK_SPACING).ceil() as usize;
    let secs_per_mark = MARK_SPACING / page.units_per_second();
    for mark in 0..n_marks {
        let start = system.start_secs + mark as f64 * secs_per_mark;
        let end = (start + secs_per_mark).min(system.end_secs);
        let frames = span(&classes.grid, classes.frames.len(), start, end);
        for (color, point_up, class_of) in kinds {
            let strongest = frames
                .clone()
                .map(|i| (i, class_of(&classes.frames[i])))
                .filter(|(_, (class, _))| *class > 0)
                .max_by_key(|(_, (_, strength))| *strength);
            let Some((i, (class, strength))) = strongest else {
                continue;
            };
            let midi = hz_to_midi(classes.axis.row_to_hz(f64::from(class)));
            if strength < FAINTEST_MARK || !page.shows(midi) {
                continue;
            }
            let at = (page.x(system, classes.grid.time(i)), page.y(system, midi));
            class_mark(painter, at, point_up, color, f64::from(strength) / 255.0)?;
        }
    }
    Ok(())
}

fn harmonic(frame: &ClassFrame) -> (u16, u8) {
    (frame.harmonic, frame.harmonic_strength)
}

fn subharmonic(frame: &ClassFrame) -> (u16, u8) {
    (frame.subharmonic, frame.subharmonic_strength)
}

/// A triangle: pointing up (`point` = -1) for harmonics, down (1) for sub-harmonics.
pub fn class_mark<B: DrawingBackend>(
    painter: &mut PagePainter<B>,
    (x, y): (f64, f64),
    point: f64,
    color: Rgb,
    opacity: f64,
) -> Result<(), FigureError> {
    let triangle = [
        (x, y + point * MARK_RADIUS),
        (x - MARK_RADIUS, y - point * MARK_RADIUS * 0.8),
        (x + MARK_RADIUS, y - point * MARK_RADIUS * 0.8),
    ];
    painter.fill(&triangle, color, 0.15 + 0.75 * opacity)
}

/// The voiced contour: a line on a pale edge, fainter where the confidence is less.
pub fn contour<B: DrawingBackend>(
    painter: &mut PagePainter<B>,
    page: &FigurePage,
    system: &System,
    f0: &F0Track,
) -> Result<(), FigureError> {
    let strokes = strokes(page, system, f0);
    for stroke in &strokes {
        contour_line(painter, &stroke.points, PAPER, 4.2)?;
    }
    for stroke in &strokes {
        contour_line(painter, &stroke.points, stroke_color(stroke.step), 2.4)?;
    }
    Ok(())
}

/// One connected piece of contour.
pub fn contour_line<B: DrawingBackend>(
    painter: &mut PagePainter<B>,
    points: &[(f64, f64)],
    color: Rgb,
    width: f64,
) -> Result<(), FigureError> {
    painter.line(points, color, 1.0, width)
}

/// Color of a step of confidence, 0 to `N_CONFIDENCE_STEPS`; mixed with paper,
/// since translucent pieces would show where they meet.
fn stroke_color(step: u8) -> Rgb {
    let confidence = f32::from(step) / N_CONFIDENCE_STEPS;
    tint(
        CONTOUR,
        FAINTEST_CONTOUR + (1.0 - FAINTEST_CONTOUR) * confidence,
    )
}

/// Points of one step of confidence without a break.
struct Stroke {
    step: u8,
    points: Vec<(f64, f64)>,
}

/// Cuts the contour where it is unvoiced, and where the step of confidence changes;
/// there the next stroke starts on the last one's end.
fn strokes(page: &FigurePage, system: &System, f0: &F0Track) -> Vec<Stroke> {
    let mut strokes: Vec<Stroke> = Vec::new();
    let mut previous: Option<(f64, f64)> = None;
    for i in span(
        &f0.grid,
        f0.frames.len(),
        system.start_secs,
        system.end_secs,
    ) {
        let frame = &f0.frames[i];
        let midi = hz_to_midi(f64::from(frame.f0_hz));
        if !frame.voiced || !page.shows(midi) {
            previous = None;
            continue;
        }
        let step = (frame.confidence.clamp(0.0, 1.0) * N_CONFIDENCE_STEPS).round() as u8;
        let point = (page.x(system, f0.grid.time(i)), page.y(system, midi));
        let leap =
            previous.is_some_and(|(_, y)| (point.1 - y).abs() > 2.0 * page.units_per_semitone());
        match strokes
            .last_mut()
            .filter(|stroke| previous.is_some() && !leap && stroke.step == step)
        {
            Some(stroke) => stroke.points.push(point),
            None => {
                let start = previous
                    .filter(|_| !leap)
                    .unwrap_or((point.0 - 0.5, point.1));
                strokes.push(Stroke {
                    step,
                    points: vec![start, point],
                });
            }
        }
        previous = Some(point);
    }
    for stroke in &mut strokes {
        stroke.points = simplified(&stroke.points, 0.25);
    }
    strokes
}

/// Drops points that lie within `tolerance` of the line without them (Douglas and Peucker 1973).
fn simplified(points: &[(f64, f64)], tolerance: f64) -> Vec<(f64, f64)> {
    let mut keep = vec![false; points.len()];
    let mut spans = vec![(0, points.len() - 1)];
    keep[0] = true;
    keep[points.len() - 1] = true;
    while let Some((first, last)) = spans.pop() {
        let farthest = (first + 1..last)
            .map(|i| (i, distance(points[i], points[first], points[last])))
            .max_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((i, _)) = farthest.filter(|(_, away)| *away > tolerance) {
            keep[i] = true;
            spans.push((first, i));
            spans.push((i, last));
        }
    }
    let kept = points.iter().zip(keep).filter(|(_, keep)| *keep);
    kept.map(|(&point, _)| point).collect()
}

fn distance(point: (f64, f64), from: (f64, f64), to: (f64, f64)) -> f64 {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let cross = dx * (point.1 - from.1) - dy * (point.0 - from.0);
    cross.abs() / dx.hypot(dy).max(1e-9)
}

/// Frames centered in `start_secs..end_secs`.
fn span(
    grid: &FrameGrid,
    n_frames: usize,
    start_secs: f64,
    end_secs: f64,
) -> std::ops::Range<usize> {
    let at = |secs: f64| {
        ((secs - grid.first_secs) / grid.hop_secs - 1e-6)
            .ceil()
            .max(0.0) as usize
    };
    at(start_secs).min(n_frames)..at(end_secs).min(n_frames)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_neighbors_share_no_frame() {
        let grid = FrameGrid::from_hop(0.01);
        assert_eq!(span(&grid, 5000, 0.0, 30.0), 0..2999);
        assert_eq!(span(&grid, 5000, 30.0, 60.0), 2999..5000);
    }

    #[test]
    fn a_straight_line_keeps_its_ends() {
        let line: Vec<_> = (0..50)
            .map(|i| (f64::from(i), 2.0 * f64::from(i)))
            .collect();
        assert_eq!(simplified(&line, 0.1), vec![line[0], line[49]]);
        let corner = [(0.0, 0.0), (5.0, 4.0), (10.0, 0.0)];
        assert_eq!(simplified(&corner, 0.1).len(), 3);
    }
}
