//! The contour without its jitter.

use std::f64::consts::PI;
use std::ops::Range;

use super::{decided, frame_edit};
use crate::annotation::frame::stretches;
use crate::annotation::{Annotation, Edit, Provenance, Selection};

/// Frames up to so far away, in seconds, take part in the mean. A vibrato of 6 Hz keeps nine tenths
/// of its extent.
const REACH_SECS: f64 = 0.02;

/// A frame more semitones away is another note and takes no part.
const LEAP_SEMITONES: f64 = 2.0;

/// The weighted mean of log frequency around each voiced frame.
pub fn edits(annotation: &Annotation, selection: &Selection) -> Vec<Edit> {
    let frames = &annotation.f0().frames;
    let mut edits = Vec::new();
    for range in selection.frames(annotation) {
        for run in stretches(range, |i| frames[i].voiced && frames[i].f0_hz > 0.0) {
            edits.extend(smoothed(annotation, run));
        }
    }
    edits
}

fn smoothed(annotation: &Annotation, run: Range<usize>) -> Option<Edit> {
    let (frames, hop_secs) = (&annotation.f0().frames, annotation.f0().grid.hop_secs);
    let reach = (REACH_SECS / hop_secs).round().max(1.0) as usize;
    let octaves = |i: usize| f64::from(frames[i].f0_hz).log2();
    let mean = |at: usize| {
        let near = at.saturating_sub(reach)..(at + reach + 1).min(frames.len());
        let is_near = |&i: &usize| {
            let frame = &frames[i];
            let voiced = frame.voiced && frame.f0_hz > 0.0;
            voiced && 12.0 * (octaves(i) - octaves(at)).abs() < LEAP_SEMITONES
        };
        let (mut weights, mut moment) = (0.0, 0.0);
        for i in near.filter(is_near) {
            let place = at.abs_diff(i) as f64 / (reach + 1) as f64;
            let weight = 1.0 + (PI * place).cos();
            weights += weight;
            moment += weight * (octaves(i) - octaves(at));
        }
        (octaves(at) + moment / weights).exp2() as f32
    };
    let present = annotation.frames(run.clone()).zip(run.clone());
    let smooth = present.map(|(frame, at)| decided(frame, mean(at), true, Provenance::Human));
    frame_edit(annotation, run.start, smooth.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation::Operation;
    use crate::melody::{F0Frame, F0Track, FrameGrid};

    fn document(f0_hz: impl Iterator<Item = f64>) -> Annotation {
        let frame = |f0_hz: f64| F0Frame {
            f0_hz: f0_hz as f32,
            confidence: 0.9,
            voiced: f0_hz > 0.0,
        };
        let f0 = F0Track {
            grid: FrameGrid::from_hop(0.01),
            frames: f0_hz.map(frame).collect(),
        };
        Annotation::new(f0, Vec::new()).unwrap()
    }

    fn smooth(annotation: &mut Annotation) {
        let all = Selection::Span(0.0..9.0);
        let step = Operation::Smooth.transaction(annotation, &all).unwrap();
        annotation.apply(step).unwrap();
    }

    fn cents(annotation: &Annotation) -> Vec<f64> {
        let frames = annotation.f0().frames.iter();
        frames
            .map(|it| 1200.0 * (f64::from(it.f0_hz) / 200.0).log2())
            .collect()
    }

    #[test]
    fn jitter_goes_and_steps_and_silence_stay() {
        let jitter = |i: usize| if i.is_multiple_of(2) { 20.0 } else { -20.0 };
        let step = |i: usize| if i < 50 { 0.0 } else { 400.0 };
        let hz = (0..100).map(|i| match i {
            30..35 => 0.0,
            _ => 200.0 * ((step(i) + jitter(i)) / 1200.0f64).exp2(),
        });
        let mut annotation = document(hz);
        smooth(&mut annotation);
        for (i, cents) in cents(&annotation).into_iter().enumerate() {
            match i {
                30..35 => assert_eq!(
                    annotation.f0().frames[i],
                    F0Frame {
                        confidence: 0.9,
                        ..F0Frame::default()
                    }
                ),
                _ => assert!((cents - step(i)).abs() < 10.0, "{i}: {cents}"),
            }
        }
    }

    #[test]
    fn a_vibrato_stays() {
        let hz = (0..200).map(|i| 200.0 * ((60.0 * (i as f64 * 0.377).sin()) / 1200.0).exp2());
        let mut annotation = document(hz);
        smooth(&mut annotation);
        let extent = cents(&annotation)[50..150]
            .iter()
            .fold(0.0f64, |most, it| most.max(*it));
        assert!((52.0..60.0).contains(&extent), "{extent}");
    }
}
