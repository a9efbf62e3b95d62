//! The f0 contour, its opacity by confidence.
//!
//! Where a pixel holds several frames, it shows the range of their pitch; where
//! they leap, only the ends of the range.

use std::ops::Range;

use eframe::egui::{Color32, Mesh, Pos2, Stroke, pos2};

use super::Plot;
use super::ribbon::{self, Knot};
use crate::annotation::Provenance;
use crate::app::view_state::Projection;
use crate::melody::pitch::hz_to_midi;
use crate::melody::{F0Frame, F0Track, FrameGrid};

/// Frames of a block of the summary.
const BLOCK: usize = 64;
/// A leap of more semitones between neighbors is a new phrase, not a glide.
const LARGEST_STEP: f64 = 4.0;
/// Width of the line in points.
pub const WIDTH: f32 = 2.25;
/// Width of a line that is seen from afar.
pub const BOLD_WIDTH: f32 = 5.0;
/// How much wider the dark line behind it is.
const HALO: f32 = 2.75;
/// Distance of the dots on corrected frames in points.
const DOT_SPACING: f64 = 9.0;
/// Opacity of a frame of no confidence.
const FAINTEST: f32 = 0.35;

/// Pitch range and best confidence of some voiced frames.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Extremes {
    low_hz: f32,
    high_hz: f32,
    confidence: f32,
}

impl Extremes {
    fn of(frame: &F0Frame) -> Option<Self> {
        (frame.voiced && frame.f0_hz > 0.0).then_some(Self {
            low_hz: frame.f0_hz,
            high_hz: frame.f0_hz,
            confidence: frame.confidence,
        })
    }

    fn join(self, other: Self) -> Self {
        Self {
            low_hz: self.low_hz.min(other.low_hz),
            high_hz: self.high_hz.max(other.high_hz),
            confidence: self.confidence.max(other.confidence),
        }
    }
}

fn extremes(frames: &[F0Frame]) -> Option<Extremes> {
    let voiced = frames.iter().filter_map(Extremes::of);
    voiced.reduce(Extremes::join)
}

/// Extremes of blocks of frames, so that hours are drawn as fast as seconds.
#[derive(Clone, Debug, Default)]
pub struct ContourSummary {
    blocks: Vec<Option<Extremes>>,
}

impl ContourSummary {
    /// Summarizes the frames of `changed` anew; the contour may have grown or shrunk.
    pub fn update(&mut self, frames: &[F0Frame], changed: Range<usize>) {
        self.blocks.resize(frames.len().div_ceil(BLOCK), None);
        let end = changed.end.min(frames.len()).div_ceil(BLOCK);
        for block in (changed.start / BLOCK).min(end)..end {
            let part = &frames[block * BLOCK..((block + 1) * BLOCK).min(frames.len())];
            self.blocks[block] = extremes(part);
        }
    }

    /// Extremes of the frames in `range`; whole blocks are not looked into.
    fn extremes(&self, frames: &[F0Frame], range: Range<usize>) -> Option<Extremes> {
        let blocks = range.start.div_ceil(BLOCK)..range.end / BLOCK;
        if blocks.is_empty() {
            return extremes(&frames[range]);
        }
        let inner = self.blocks[blocks.clone()].iter().flatten().copied();
        let before = extremes(&frames[range.start..blocks.start * BLOCK]);
        let after = extremes(&frames[blocks.end * BLOCK..range.end]);
        inner.chain(before).chain(after).reduce(Extremes::join)
    }
}

/// The contour at one place of the screen's time axis.
#[derive(Clone, Copy, Debug, PartialEq)]
struct ContourPoint {
    x: f32,
    low_midi: f64,
    high_midi: f64,
    confidence: f32,
}

impl ContourPoint {
    fn new(x: f32, extremes: Extremes) -> Self {
        Self {
            x,
            low_midi: hz_to_midi(f64::from(extremes.low_hz)),
            high_midi: hz_to_midi(f64::from(extremes.high_hz)),
            confidence: extremes.confidence,
        }
    }

    /// Whether there is a leap among the frames.
    fn leaps(&self) -> bool {
        self.high_midi - self.low_midi > LARGEST_STEP
    }

    /// Whether a line may lead from here to there.
    fn reaches(&self, next: &Self) -> bool {
        next.low_midi - self.high_midi < LARGEST_STEP
            && self.low_midi - next.high_midi < LARGEST_STEP
    }

    /// A dash around this place at one pitch.
    fn dash(self, width: f32, midi: f64) -> Vec<Self> {
        let end = |x| Self {
            x,
            low_midi: midi,
            high_midi: midi,
            ..self
        };
        vec![end(self.x - width / 2.0), end(self.x + width / 2.0)]
    }
}

/// Draws the voiced frames that are seen, in a line of this width.
pub fn paint(
    plot: &Plot,
    f0: &F0Track,
    provenance: &[Provenance],
    summary: &ContourSummary,
    width: f32,
) {
    let Plot {
        painter,
        projection,
        palette,
    } = plot;
    let pixel = 1.0 / painter.pixels_per_point();
    let visible = visible_frames(projection, &f0.grid, f0.frames.len());
    let frame_width = (projection.points_per_sec() * f0.grid.hop_secs) as f32;
    let dense = frame_width < pixel;
    let places = if dense {
        pixel_places(projection, f0, summary, pixel)
    } else {
        frame_places(projection, f0, visible)
    };
    let mut halo = Mesh::default();
    let mut line = Mesh::default();
    let step = if dense { pixel } else { frame_width };
    for run in runs(&places, step).flat_map(|run| spread(run, step)) {
        let knots = |width, color: Color32| match dense {
            true => bands(projection, &run, width, color),
            false => stroke(projection, &run, width, color),
        };
        ribbon::append(&mut halo, &knots(width + HALO, palette.halo), 1.5);
        ribbon::append(&mut line, &knots(width, palette.contour), pixel);
    }
    painter.add(halo);
    painter.add(line);
    if !dense {
        paint_provenance(plot, f0, provenance);
    }
}

/// Dots on what a person decided, rings on what was interpolated; as many as are told apart.
fn paint_provenance(plot: &Plot, f0: &F0Track, provenance: &[Provenance]) {
    let projection = plot.projection;
    let n_frames = provenance.len().min(f0.frames.len());
    let frame_width = projection.points_per_sec() * f0.grid.hop_secs;
    let stride = (DOT_SPACING / frame_width).ceil().max(1.0) as usize;
    let visible = visible_frames(projection, &f0.grid, n_frames);
    let first = visible.start.next_multiple_of(stride);
    for i in (first..visible.end).step_by(stride) {
        let frame = &f0.frames[i];
        if !frame.voiced || provenance[i] == Provenance::Model {
            continue;
        }
        let midi = hz_to_midi(f64::from(frame.f0_hz));
        let center = pos2(projection.x(f0.grid.time(i)), projection.y(midi));
        let color = plot.palette.contour;
        plot.painter.circle_filled(center, 3.5, plot.palette.halo);
        match provenance[i] {
            Provenance::Human => plot.painter.circle_filled(center, 2.75, color),
            _ => plot
                .painter
                .circle_stroke(center, 2.5, Stroke::new(1.25, color)),
        };
    }
}

/// Frames of the visible time, and one more on either side.
pub fn visible_frames(projection: &Projection, grid: &FrameGrid, n_frames: usize) -> Range<usize> {
    let frame = |secs: f64| (secs - grid.first_secs) / grid.hop_secs;
    let first = frame(projection.secs.start).floor().max(0.0) as usize;
    let end = (frame(projection.secs.end).ceil() + 1.0).max(0.0) as usize;
    first.min(n_frames)..end.min(n_frames)
}

fn frame_places(projection: &Projection, f0: &F0Track, visible: Range<usize>) -> Vec<ContourPoint> {
    let place = |i: usize| {
        let extremes = Extremes::of(&f0.frames[i])?;
        Some(ContourPoint::new(projection.x(f0.grid.time(i)), extremes))
    };
    visible.filter_map(place).collect()
}

fn pixel_places(
    projection: &Projection,
    f0: &F0Track,
    summary: &ContourSummary,
    pixel: f32,
) -> Vec<ContourPoint> {
    let n_frames = f0.frames.len();
    let frame = |x: f32| {
        let (secs, _) = projection.at(pos2(x, projection.rect.top()));
        let i = (secs - f0.grid.first_secs) / f0.grid.hop_secs + 0.5;
        (i.max(0.0) as usize).min(n_frames)
    };
    let place = |i: usize| {
        let left = projection.rect.left() + i as f32 * pixel;
        let frames = frame(left)..frame(left + pixel);
        let extremes = summary.extremes(&f0.frames, frames)?;
        Some(ContourPoint::new(left + pixel / 2.0, extremes))
    };
    let n_pixels = (projection.rect.width() / pixel).ceil() as usize;
    (0..n_pixels).filter_map(place).collect()
}

/// Stretches without a gap or a leap; neighbors are `step` points apart.
fn runs(places: &[ContourPoint], step: f32) -> impl Iterator<Item = &[ContourPoint]> {
    places.chunk_by(move |a, b| b.x - a.x < 1.5 * step && a.reaches(b) && !a.leaps() && !b.leaps())
}

/// A lone place becomes a short dash, a leap within it two.
fn spread(run: &[ContourPoint], width: f32) -> Vec<Vec<ContourPoint>> {
    match *run {
        [p] if p.leaps() => vec![p.dash(width, p.low_midi), p.dash(width, p.high_midi)],
        [p] => vec![p.dash(width, p.low_midi)],
        _ => vec![run.to_vec()],
    }
}

fn shade(color: Color32, confidence: f32) -> Color32 {
    color.gamma_multiply(FAINTEST + (1.0 - FAINTEST) * confidence.clamp(0.0, 1.0))
}

fn stroke(projection: &Projection, run: &[ContourPoint], width: f32, color: Color32) -> Vec<Knot> {
    let point = |place: &ContourPoint| -> (Pos2, Color32) {
        let pos = pos2(place.x, projection.y(place.low_midi));
        (pos, shade(color, place.confidence))
    };
    ribbon::line(&run.iter().map(point).collect::<Vec<_>>(), width)
}

fn bands(projection: &Projection, run: &[ContourPoint], width: f32, color: Color32) -> Vec<Knot> {
    let band = |place: &ContourPoint| {
        let top = projection.y(place.high_midi);
        let bottom = projection.y(place.low_midi);
        let color = shade(color, place.confidence);
        ribbon::band(place.x, top, bottom, width, color)
    };
    run.iter().map(band).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(n: usize) -> Vec<F0Frame> {
        let frame = |i: usize| F0Frame {
            f0_hz: 220.0 + (i * 37 % 101) as f32,
            confidence: (i % 10) as f32 / 10.0,
            voiced: !i.is_multiple_of(7),
        };
        (0..n).map(frame).collect()
    }

    #[test]
    fn summarized_extremes_are_those_of_the_frames() {
        let frames = frames(1000);
        let mut summary = ContourSummary::default();
        summary.update(&frames[..300], 0..300);
        summary.update(&frames, 300..usize::MAX);
        for range in [0..1000, 3..999, 64..128, 60..70, 5..5, 0..63, 700..1000] {
            let expected = extremes(&frames[range.clone()]);
            assert_eq!(summary.extremes(&frames, range), expected);
        }
    }

    #[test]
    fn leaps_and_gaps_break_the_line() {
        let at = |x, midi| ContourPoint {
            x,
            low_midi: midi,
            high_midi: midi,
            confidence: 1.0,
        };
        let places = [at(0.0, 60.0), at(1.0, 61.0), at(2.0, 73.0), at(5.0, 73.0)];
        let lengths: Vec<_> = runs(&places, 1.0).map(<[_]>::len).collect();
        assert_eq!(lengths, [2, 1, 1]);
    }
}
