//! What of a recording is seen, and how: zoom, scroll, selection.

use std::ops::Range;

use eframe::egui::Rect;
use serde::{Deserialize, Serialize};

use super::{Follow, Gesture, Overlays, PitchChoices, Projection, phrase};
use crate::analysis::{PictureKind, Stem};
use crate::annotation::Selection;
use crate::app::render::PictureStyle;
use crate::app::tools::{self, Tool};
use crate::melody::F0Track;

/// Shortest visible time in seconds.
const MIN_SPAN_SECS: f64 = 0.05;
/// Smallest visible pitch range in semitones.
const MIN_SPAN_MIDI: f64 = 5.0;

/// All there is to see of a recording.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Its end in seconds.
    pub end_secs: f64,
    /// Lowest drawn pitch, as a MIDI number.
    pub low_midi: f64,
    /// Highest drawn pitch, as a MIDI number.
    pub high_midi: f64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            end_secs: 1.0,
            low_midi: 36.0,
            high_midi: 84.0,
        }
    }
}

/// What is looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ViewState {
    /// Visible overlays.
    #[serde(alias = "layers")]
    pub overlays: Overlays,
    /// Colors, brightness and opacity of the picture.
    #[serde(alias = "look")]
    pub style: PictureStyle,
    /// What the picture shows.
    pub picture: PictureKind,
    /// Of which stem, once it is separated; none for the recording.
    pub stem: Option<Stem>,
    /// Tuning of the pitch axis.
    pub a4_hz: f64,
    /// Which of the file's tracks of sound is read; none for the default one.
    pub track: Option<usize>,
    /// What is chosen for edits and for playing.
    #[serde(skip)]
    pub selection: Selection,
    /// What the mouse does.
    #[serde(skip, default = "tools::first")]
    pub tool: &'static dyn Tool,
    /// Time and pitch under the mouse: seconds, MIDI number.
    #[serde(skip)]
    pub pointer: Option<(f64, f64)>,
    /// The key of the pitch axis that is pressed, as a MIDI number of the instrument.
    #[serde(skip)]
    pub pressed_key: Option<i32>,
    /// What is heard now, in seconds.
    #[serde(skip)]
    pub playhead_secs: f64,
    /// Pixels across the canvas, as it was drawn last.
    #[serde(skip)]
    pub n_pixels: f64,
    /// The time in seconds at which a drag began that selects.
    #[serde(skip)]
    pub drag_from_secs: Option<f64>,
    /// How far the edge that is dragged lies right of where it was taken hold of, in points.
    #[serde(skip)]
    pub grip_points: f32,
    /// What a tool is doing with the button held.
    #[serde(skip)]
    pub gesture: Option<Gesture>,
    /// Candidates that are shown.
    #[serde(skip)]
    pub choices: Option<PitchChoices>,
    /// Time and pitch where the context menu was opened: seconds, MIDI number.
    #[serde(skip)]
    pub menu_at: Option<(f64, f64)>,
    /// Whether the wheel's present turn zooms pitch and not time.
    #[serde(skip)]
    pub wheel_zooms_pitch: bool,
    start_secs: f64,
    span_secs: f64,
    low_midi: f64,
    span_midi: f64,
    /// Everything is shown, and goes on to be while the recording grows.
    fitted: bool,
    /// It was not moved yet, and begins with the first phrase once that is found.
    #[serde(skip)]
    awaits_phrase: bool,
}

impl Default for ViewState {
    fn default() -> Self {
        let bounds = Bounds::default();
        Self {
            overlays: Overlays::default(),
            style: PictureStyle::default(),
            picture: PictureKind::default(),
            stem: None,
            a4_hz: 440.0,
            track: None,
            selection: Selection::default(),
            tool: tools::first(),
            pointer: None,
            pressed_key: None,
            playhead_secs: 0.0,
            n_pixels: 0.0,
            drag_from_secs: None,
            grip_points: 0.0,
            gesture: None,
            choices: None,
            menu_at: None,
            wheel_zooms_pitch: false,
            start_secs: 0.0,
            span_secs: bounds.end_secs,
            low_midi: bounds.low_midi,
            span_midi: bounds.high_midi - bounds.low_midi,
            fitted: true,
            awaits_phrase: false,
        }
    }
}

impl ViewState {
    /// The view of a newly opened recording, on the same overlays: everything until the first
    /// phrase is found.
    pub fn for_new_recording(&self) -> Self {
        Self {
            overlays: self.overlays,
            style: self.style,
            tool: self.tool,
            awaits_phrase: true,
            ..Self::default()
        }
    }

    /// Semitones by which A4 lies above 440 Hz.
    pub fn tuning(&self) -> f64 {
        12.0 * (self.a4_hz / 440.0).log2()
    }

    /// Visible time in seconds.
    pub fn secs(&self) -> Range<f64> {
        self.start_secs..self.start_secs + self.span_secs
    }

    /// Visible pitch as MIDI numbers.
    pub fn midi(&self) -> Range<f64> {
        self.low_midi..self.low_midi + self.span_midi
    }

    /// Whether all pitches of the bounds are seen.
    pub fn shows_all_pitch(&self, bounds: &Bounds) -> bool {
        self.low_midi <= bounds.low_midi && self.span_midi >= bounds.high_midi - bounds.low_midi
    }

    /// Shows the first phrase once it is found, unless the view was moved before.
    pub fn begin_with_phrase(&mut self, f0: &F0Track, is_whole: bool, bounds: &Bounds) {
        if !self.awaits_phrase {
            return;
        }
        self.awaits_phrase = !is_whole;
        if let Some((secs, frames)) = phrase::first_phrase(f0, is_whole) {
            self.show(secs, bounds);
            if let Some(midi) = phrase::voice_midi(f0, frames) {
                self.show_midi(midi, bounds);
            }
        }
    }

    /// Shows everything.
    pub fn fit(&mut self, bounds: &Bounds) {
        self.awaits_phrase = false;
        self.fitted = true;
        self.follow(bounds);
    }

    /// Adapts to bounds that changed, as while a recording is being read.
    pub fn follow(&mut self, bounds: &Bounds) {
        if self.fitted {
            self.start_secs = 0.0;
            self.span_secs = bounds.end_secs;
            self.low_midi = bounds.low_midi;
            self.span_midi = bounds.high_midi - bounds.low_midi;
        }
    }

    /// Shows `factor` times less time; `at` (by default the center) stays where it is.
    pub fn zoom_time(&mut self, factor: f64, at: Option<f64>, bounds: &Bounds) {
        let at = at.unwrap_or(self.start_secs + self.span_secs / 2.0);
        let span =
            (self.span_secs / factor).clamp(MIN_SPAN_SECS.min(bounds.end_secs), bounds.end_secs);
        self.start_secs = at - (at - self.start_secs) * span / self.span_secs;
        self.span_secs = span;
        self.keep_within(bounds);
    }

    /// Shows `factor` times less pitch range; `at` (a MIDI number) stays where it is.
    pub fn zoom_pitch(&mut self, factor: f64, at: f64, bounds: &Bounds) {
        let all = bounds.high_midi - bounds.low_midi;
        let span = (self.span_midi / factor).clamp(MIN_SPAN_MIDI.min(all), all);
        self.low_midi = at - (at - self.low_midi) * span / self.span_midi;
        self.span_midi = span;
        self.keep_within(bounds);
    }

    /// Moves what is seen by seconds and semitones.
    pub fn pan(&mut self, secs: f64, semitones: f64, bounds: &Bounds) {
        self.start_secs += secs;
        self.low_midi += semitones;
        self.keep_within(bounds);
    }

    /// Shows a span of time.
    pub fn show(&mut self, secs: Range<f64>, bounds: &Bounds) {
        let least = MIN_SPAN_SECS.min(bounds.end_secs);
        self.span_secs = (secs.end - secs.start).clamp(least, bounds.end_secs);
        self.start_secs = secs.start;
        self.keep_within(bounds);
    }

    /// Shows a range of pitch, as MIDI numbers.
    pub fn show_midi(&mut self, midi: Range<f64>, bounds: &Bounds) {
        let all = bounds.high_midi - bounds.low_midi;
        self.span_midi = (midi.end - midi.start).clamp(MIN_SPAN_MIDI.min(all), all);
        self.low_midi = midi.start;
        self.keep_within(bounds);
    }

    /// Shows a time in the middle, as far as the recording's ends allow.
    pub fn center_on(&mut self, secs: f64, bounds: &Bounds) {
        self.pan(secs - self.start_secs - self.span_secs / 2.0, 0.0, bounds);
    }

    /// The share of the view that lies left of the pixel in its middle.
    fn middle(&self) -> f64 {
        match self.n_pixels >= 1.0 {
            true => (self.n_pixels / 2.0).floor() / self.n_pixels,
            false => 0.5,
        }
    }

    /// Keeps the playhead in sight.
    pub fn follow_playhead(&mut self, secs: f64, mode: Follow, bounds: &Bounds) {
        match mode {
            Follow::Off => {}
            Follow::Scroll => {
                let start = secs - self.middle() * self.span_secs;
                self.pan(start - self.start_secs, 0.0, bounds);
            }
            Follow::Page if !self.secs().contains(&secs) => {
                self.pan(secs - self.start_secs, 0.0, bounds);
            }
            Follow::Page => {}
        }
    }

    /// Moves by a share of the visible time; infinities go to the ends.
    pub fn scroll(&mut self, share: f64, bounds: &Bounds) {
        self.pan(share * self.span_secs, 0.0, bounds);
    }

    /// Moves by a share of the visible pitch range.
    pub fn scroll_pitch(&mut self, share: f64, bounds: &Bounds) {
        self.pan(0.0, share * self.span_midi, bounds);
    }

    /// Where time and pitch lie in `rect`.
    pub fn projection(&self, rect: Rect) -> Projection {
        Projection {
            rect,
            secs: self.secs(),
            midi: self.midi(),
        }
    }

    fn keep_within(&mut self, bounds: &Bounds) {
        self.awaits_phrase = false;
        let last = (bounds.end_secs - self.span_secs).max(0.0);
        let top = (bounds.high_midi - self.span_midi).max(bounds.low_midi);
        self.start_secs = self.start_secs.clamp(0.0, last);
        self.low_midi = self.low_midi.clamp(bounds.low_midi, top);
        self.fitted = self.span_secs >= bounds.end_secs
            && self.span_midi >= bounds.high_midi - bounds.low_midi;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SONG: Bounds = Bounds {
        end_secs: 200.0,
        low_midi: 24.0,
        high_midi: 88.0,
    };

    #[test]
    fn zooming_keeps_the_time_under_the_cursor() {
        let mut view = ViewState::default();
        view.fit(&SONG);
        view.zoom_time(4.0, Some(50.0), &SONG);
        assert_eq!(view.secs(), 37.5..87.5);
        view.zoom_time(1e9, Some(50.0), &SONG);
        assert!((view.secs().end - view.secs().start - MIN_SPAN_SECS).abs() < 1e-12);
        assert!(view.secs().contains(&50.0));
    }

    #[test]
    fn the_view_stays_inside_the_recording() {
        let mut view = ViewState::default();
        view.fit(&SONG);
        view.zoom_time(10.0, None, &SONG);
        view.scroll(f64::INFINITY, &SONG);
        assert_eq!(view.secs(), 180.0..200.0);
        view.scroll(f64::NEG_INFINITY, &SONG);
        assert_eq!(view.secs(), 0.0..20.0);
        view.zoom_time(1e-9, None, &SONG);
        assert_eq!(view.secs(), 0.0..200.0);
    }

    #[test]
    fn the_view_follows_the_playhead_as_asked() {
        let mut view = ViewState::default();
        view.fit(&SONG);
        view.zoom_time(10.0, Some(0.0), &SONG);
        view.follow_playhead(25.0, Follow::Off, &SONG);
        assert_eq!(view.secs(), 0.0..20.0);
        view.follow_playhead(19.0, Follow::Page, &SONG);
        assert_eq!(view.secs(), 0.0..20.0);
        view.follow_playhead(25.0, Follow::Page, &SONG);
        assert_eq!(view.secs(), 25.0..45.0);
        view.follow_playhead(60.0, Follow::Scroll, &SONG);
        assert_eq!(view.secs(), 50.0..70.0);
        view.follow_playhead(2.0, Follow::Scroll, &SONG);
        assert_eq!(view.secs(), 0.0..20.0);
    }

    #[test]
    fn a_fitted_view_grows_with_the_recording_until_it_is_moved() {
        let mut view = ViewState::default();
        view.fit(&Bounds {
            end_secs: 10.0,
            ..SONG
        });
        view.follow(&SONG);
        assert_eq!(view.secs(), 0.0..200.0);
        view.zoom_time(2.0, None, &SONG);
        view.follow(&Bounds {
            end_secs: 400.0,
            ..SONG
        });
        assert_eq!(view.secs(), 50.0..150.0);
    }
}
