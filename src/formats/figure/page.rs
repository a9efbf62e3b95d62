//! Which seconds and pitches go where on the page.
//!
//! Lengths are in page units: a screen pixel of the PNG.

use std::ops::Range;

use crate::formats::Export;
use crate::melody::F0Track;
use crate::melody::pitch::{hz_to_midi, midi_to_hz};

/// Width of the page.
pub const WIDTH: f64 = 1800.0;
/// Height of a system without its time labels.
const SYSTEM_HEIGHT: f64 = 290.0;
/// The same where there is only one.
const SINGLE_SYSTEM_HEIGHT: f64 = 460.0;
/// Space under a system: its time labels and a margin.
const SYSTEM_GAP: f64 = 44.0;
/// Space above the first system: title and legend.
const HEADER: f64 = 128.0;
/// Left edge of the systems: pitch labels stand left of it.
const LEFT: f64 = 62.0;
/// Space right of a full system.
const RIGHT: f64 = 26.0;
/// Length of a system, in seconds; a shorter recording fills the page.
const SONG_SYSTEM_SECS: f64 = 30.0;
/// Lengths of systems of longer recordings.
const LONG_SYSTEM_SECS: [f64; 5] = [60.0, 120.0, 300.0, 900.0, 3600.0];
/// More systems than this and they get longer instead.
const MAX_SYSTEMS: f64 = 20.0;
/// Shortest time shown, in seconds.
const LEAST_SECS: f64 = 0.05;
/// Room above and below the sung range: an octave for the classes, and a margin.
const RANGE_MARGIN: f64 = 13.5;

/// One stretch of time over the width of the page.
#[derive(Clone, Debug, PartialEq)]
pub struct System {
    /// First second shown.
    pub start_secs: f64,
    /// Where the recording or the system ends.
    pub end_secs: f64,
    /// Upper edge on the page.
    pub top: f64,
}

/// The page: its scales, and its systems from top to bottom.
#[derive(Clone, Debug)]
pub struct FigurePage {
    /// Height of the page.
    pub height: f64,
    /// Height of a system.
    pub system_height: f64,
    /// Seconds a full system holds.
    pub system_secs: f64,
    /// Lowest pitch shown, as a MIDI number.
    pub low_midi: f64,
    /// Highest pitch shown, as a MIDI number.
    pub high_midi: f64,
    /// The systems.
    pub systems: Vec<System>,
}

impl FigurePage {
    /// Lays a recording out: systems of 30 s for a song, longer ones past ten minutes; what is to
    /// be shown of it alone, in one.
    pub fn new(export: &Export) -> Self {
        let secs = export.shown.map(|shown| shown.secs.clone());
        let systems = match &secs {
            Some(secs) => vec![System {
                start_secs: secs.start,
                end_secs: secs.end.max(secs.start + LEAST_SECS),
                top: HEADER,
            }],
            None => systems(duration_secs(export)),
        };
        let midi = export.shown.and_then(|shown| shown.midi.clone());
        let midi = midi.unwrap_or_else(|| pitch_range(export, secs));
        let system_height = height_of(systems.len());
        Self {
            height: HEADER + systems.len() as f64 * (system_height + SYSTEM_GAP) + 10.0,
            system_height,
            system_secs: match export.shown {
                Some(_) => systems[0].end_secs - systems[0].start_secs,
                None => system_secs(duration_secs(export)),
            },
            low_midi: midi.start,
            high_midi: midi.end,
            systems,
        }
    }

    /// Horizontal place of a time in a system.
    pub fn x(&self, system: &System, secs: f64) -> f64 {
        LEFT + (secs - system.start_secs) * self.units_per_second()
    }

    /// Vertical place of a pitch in a system.
    pub fn y(&self, system: &System, midi: f64) -> f64 {
        system.top + (self.high_midi - midi) * self.units_per_semitone()
    }

    /// Lower edge of a system.
    pub fn bottom(&self, system: &System) -> f64 {
        system.top + self.system_height
    }

    /// Left edge of the systems.
    pub fn left(&self) -> f64 {
        LEFT
    }

    /// Right edge of a system, left of the margin where the recording ends in it.
    pub fn right(&self, system: &System) -> f64 {
        self.x(system, system.end_secs)
    }

    /// Right edge of a full system.
    pub fn full_right(&self) -> f64 {
        WIDTH - RIGHT
    }

    /// Length of a second.
    pub fn units_per_second(&self) -> f64 {
        (WIDTH - LEFT - RIGHT) / self.system_secs
    }

    /// Height of a semitone.
    pub fn units_per_semitone(&self) -> f64 {
        self.system_height / (self.high_midi - self.low_midi)
    }

    /// Whether a pitch is inside the systems.
    pub fn shows(&self, midi: f64) -> bool {
        (self.low_midi..=self.high_midi).contains(&midi)
    }

    /// Frequencies of the lower and upper edge in Hz.
    pub fn range_hz(&self) -> (f64, f64) {
        (midi_to_hz(self.low_midi), midi_to_hz(self.high_midi))
    }
}

fn duration_secs(export: &Export) -> f64 {
    let picture = export.picture;
    let columns = picture.grid.time(picture.n_columns());
    let frames = export.f0.grid.time(export.f0.frames.len());
    columns.max(frames).max(0.1)
}

/// The recording's own length if it is short; else the shortest that keeps the page in bounds.
fn system_secs(duration: f64) -> f64 {
    if duration <= SONG_SYSTEM_SECS {
        return duration.max(1.0);
    }
    if duration / SONG_SYSTEM_SECS <= MAX_SYSTEMS {
        return SONG_SYSTEM_SECS;
    }
    LONG_SYSTEM_SECS
        .into_iter()
        .find(|secs| duration / secs <= MAX_SYSTEMS)
        .unwrap_or(duration / MAX_SYSTEMS)
}

fn systems(duration: f64) -> Vec<System> {
    let system_secs = system_secs(duration);
    let n_systems = (duration / system_secs - 1e-6).ceil().max(1.0) as usize;
    let system = |i: usize| System {
        start_secs: i as f64 * system_secs,
        end_secs: ((i + 1) as f64 * system_secs).min(duration),
        top: HEADER + i as f64 * (height_of(n_systems) + SYSTEM_GAP),
    };
    (0..n_systems).map(system).collect()
}

fn height_of(n_systems: usize) -> f64 {
    match n_systems {
        1 => SINGLE_SYSTEM_HEIGHT,
        _ => SYSTEM_HEIGHT,
    }
}

/// The range that is sung, in some seconds or throughout, with room for the classes, within what
/// the picture holds.
fn pitch_range(export: &Export, secs: Option<Range<f64>>) -> Range<f64> {
    let axis = export.picture.axis;
    let lowest = hz_to_midi(axis.fmin_hz);
    let highest = hz_to_midi(axis.row_to_hz(axis.n_rows as f64 - 1.0));
    let mut sung = sung(export.f0, secs);
    if sung.is_empty() {
        return lowest..highest;
    }
    sung.sort_by(f64::total_cmp);
    let quantile = |q: f64| sung[((sung.len() - 1) as f64 * q).round() as usize];
    let low = (quantile(0.005) - RANGE_MARGIN).max(lowest);
    let high = (quantile(0.995) + RANGE_MARGIN).min(highest);
    match low < high {
        true => low..high,
        false => lowest..highest,
    }
}

/// Pitches of the voiced frames as MIDI numbers, in some seconds or throughout.
fn sung(f0: &F0Track, secs: Option<Range<f64>>) -> Vec<f64> {
    let frames = f0.frames.iter().zip(f0.times());
    frames
        .filter(|(_, at)| secs.as_ref().is_none_or(|secs| secs.contains(at)))
        .filter(|(frame, _)| frame.voiced && frame.f0_hz > 0.0)
        .map(|(frame, _)| hz_to_midi(f64::from(frame.f0_hz)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::{Shown, sample};

    #[test]
    fn systems_hold_half_a_minute_of_a_song_and_more_of_a_concert() {
        assert_eq!(system_secs(0.2), 1.0);
        assert_eq!(system_secs(7.0), 7.0);
        assert_eq!(system_secs(290.0), 30.0);
        assert_eq!(system_secs(601.0), 60.0);
        assert_eq!(system_secs(10_800.0), 900.0);
        assert_eq!(system_secs(200_000.0), 10_000.0);
    }

    #[test]
    fn what_is_to_be_shown_fills_one_system() {
        let silence = sample::analysis(sample::no_contour(), &[]);
        let mut shown = Shown {
            secs: 12.5..15.0,
            midi: Some(50.0..62.0),
        };
        let page = FigurePage::new(&Export {
            shown: Some(&shown),
            ..Export::of(&silence)
        });
        assert_eq!((page.low_midi, page.high_midi), (50.0, 62.0));
        let [system] = &page.systems[..] else {
            panic!("{:?}", page.systems);
        };
        assert_eq!(page.x(system, 12.5), page.left());
        assert!((page.x(system, 15.0) - page.full_right()).abs() < 1e-6);
        assert_eq!(page.y(system, 62.0), system.top);
        assert_eq!(page.y(system, 50.0), page.bottom(system));
        shown.midi = None;
        let export = Export {
            shown: Some(&shown),
            ..Export::of(&silence)
        };
        let (low, high) = (
            FigurePage::new(&export).low_midi,
            FigurePage::new(&export).high_midi,
        );
        assert!(low < 50.0 && high > 62.0, "nothing is sung: all there is");
    }
}
