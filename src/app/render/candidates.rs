//! Candidates as thin lines with their numbers.

use std::ops::Range;

use eframe::egui::{Align2, FontId, Pos2, Stroke, pos2, vec2};

use super::{Plot, label};
use crate::annotation::frame::stretches;
use crate::app::theme::SMALL;
use crate::app::view_state::{PitchChoices, Projection, ViewState};
use crate::app::workspace::Session;
use crate::melody::pitch::hz_to_midi;
use crate::melody::{Candidate, F0Track};

/// Nearer than this, in points, a click takes a candidate.
const NEAR: f32 = 6.0;
/// Where a candidate leaps by more semitones, its line breaks.
const LEAP_SEMITONES: f64 = 4.0;
/// Width of a line in points.
const WIDTH: f32 = 1.25;
/// Points between two points of a line, at least.
const STEP: f64 = 2.0;

/// Draws the candidates where the contour sounds, each with its number; the one that was taken
/// stands out.
pub fn paint(plot: &Plot, f0: &F0Track, choices: &PitchChoices) {
    for (i, candidate) in choices.all.iter().enumerate() {
        let is_taken = choices.taken == Some(i);
        let color = match is_taken {
            true => plot.palette.accent,
            false => plot.palette.text,
        };
        let lines = lines(plot.projection, f0, choices.start, candidate);
        for line in &lines {
            let halo = Stroke::new(WIDTH + 1.75, plot.palette.halo.gamma_multiply(0.8));
            plot.painter.line(line.clone(), halo);
            plot.painter.line(line.clone(), Stroke::new(WIDTH, color));
        }
        let longest = lines.iter().max_by(|a, b| width(a).total_cmp(&width(b)));
        if let Some(first) = longest.and_then(|line| line.first()) {
            // numbers of lines that run together stand side by side
            let pos = *first + vec2(14.0 * i as f32, -2.0);
            let text = match candidate.kind {
                crate::melody::CandidateKind::Path => format!("{}", i + 1),
                kind => format!("{} {}", i + 1, kind.label()),
            };
            let font = FontId::proportional(SMALL);
            label::halo_text(plot, pos, Align2::LEFT_BOTTOM, &text, font);
        }
    }
}

fn width(line: &[Pos2]) -> f32 {
    line.last().map_or(0.0, |last| last.x - line[0].x)
}

/// The candidate under the mouse.
pub fn at(
    projection: &Projection,
    session: &Session,
    view: &ViewState,
    pos: Pos2,
) -> Option<usize> {
    let choices = view.choices.as_ref()?;
    let frame = session.f0().grid.nearest(projection.at(pos).0)?;
    let place = frame.checked_sub(choices.start)?;
    let distance = |candidate: &Candidate| {
        let hz = f64::from(*candidate.f0_hz.get(place)?);
        Some((projection.y(hz_to_midi(hz)) - pos.y).abs())
    };
    let all = choices.all.iter().enumerate();
    let near = all.filter_map(|(i, it)| Some((i, distance(it)?)));
    let (nearest, distance) = near.min_by(|a, b| a.1.total_cmp(&b.1))?;
    (distance < NEAR).then_some(nearest)
}

/// A candidate's course where the contour sounds, broken where it leaps; all of it where nothing
/// sounds.
fn lines(
    projection: &Projection,
    f0: &F0Track,
    start: usize,
    candidate: &Candidate,
) -> Vec<Vec<Pos2>> {
    let end = (start + candidate.f0_hz.len()).min(f0.frames.len());
    let mut sung = stretches(start..end, |i| f0.frames[i].voiced);
    if sung.is_empty() {
        sung.push(start..end);
    }
    let frame_width = projection.points_per_sec() * f0.grid.hop_secs;
    let step = (STEP / frame_width).ceil().max(1.0) as usize;
    let midi = |i: usize| hz_to_midi(candidate.f0_hz[i - start].into());
    let point = |i: usize| pos2(projection.x(f0.grid.time(i)), projection.y(midi(i)));
    let mut lines: Vec<Vec<Pos2>> = Vec::new();
    for frames in sung {
        let Range { start, end } = frames;
        let mut before: Option<usize> = None;
        for i in (start..end).step_by(step) {
            let goes_on = before.is_some_and(|it| (midi(it) - midi(i)).abs() < LEAP_SEMITONES);
            match lines.last_mut() {
                Some(line) if goes_on => line.push(point(i)),
                _ => lines.push(vec![point(i)]),
            }
            before = Some(i);
        }
    }
    lines.retain(|line| line.len() > 1);
    lines
}
