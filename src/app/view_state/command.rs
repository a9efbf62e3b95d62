//! What a person can ask of the view.

use std::ops::Range;

use super::{Bounds, Overlay, ViewState, phrase};
use crate::app::render::PictureStyle;
use crate::app::tools::Tool;
use crate::melody::F0Track;

/// Time zoom of one key press.
const ZOOM_STEP: f64 = 1.5;
/// Share of the visible time that one key press scrolls.
const SCROLL_STEP: f64 = 0.2;
/// Share of a span that is shown on either side of it.
const MARGIN: f64 = 0.1;

/// Changes of what is seen, and of how it is drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum ViewCommand {
    /// Show the whole recording and every pitch; then the range of the voice, then a phrase.
    Fit,
    /// Show the selected time.
    FitSelection,
    /// Show less time.
    ZoomIn,
    /// Show more time.
    ZoomOut,
    /// Show earlier time.
    ScrollBack,
    /// Show later time.
    ScrollForward,
    /// Show less of the pitch range.
    ZoomPitchIn,
    /// Show more of the pitch range.
    ZoomPitchOut,
    /// Show higher pitch.
    ScrollUp,
    /// Show lower pitch.
    ScrollDown,
    /// Show or hide an overlay.
    ToggleOverlay(Overlay),
    /// Show an overlay more or less strongly.
    SetOpacity(Overlay, f32),
    /// Show the picture in other colors, or brighter.
    SetStyle(PictureStyle),
    /// Tune the pitch axis: A4 in Hz.
    SetA4(f64),
    /// Use the mouse in this way.
    SelectTool(&'static dyn Tool),
}

impl ViewState {
    /// Applies a command; `selected` is the time that the selection spans, in seconds, `sung` the
    /// melody.
    pub fn apply(
        &mut self,
        command: ViewCommand,
        bounds: &Bounds,
        selected: Option<Range<f64>>,
        sung: Option<&F0Track>,
    ) {
        match command {
            ViewCommand::Fit => self.fit_next(bounds, sung),
            ViewCommand::FitSelection => self.fit_selection(selected, bounds),
            ViewCommand::ZoomIn => self.zoom_time(ZOOM_STEP, self.zoom_secs(), bounds),
            ViewCommand::ZoomOut => self.zoom_time(1.0 / ZOOM_STEP, self.zoom_secs(), bounds),
            ViewCommand::ScrollBack => self.scroll(-SCROLL_STEP, bounds),
            ViewCommand::ScrollForward => self.scroll(SCROLL_STEP, bounds),
            ViewCommand::ZoomPitchIn => self.zoom_pitch(ZOOM_STEP, self.zoom_midi(), bounds),
            ViewCommand::ZoomPitchOut => self.zoom_pitch(1.0 / ZOOM_STEP, self.zoom_midi(), bounds),
            ViewCommand::ScrollUp => self.scroll_pitch(SCROLL_STEP, bounds),
            ViewCommand::ScrollDown => self.scroll_pitch(-SCROLL_STEP, bounds),
            ViewCommand::ToggleOverlay(overlay) => self.overlays.toggle(overlay),
            ViewCommand::SetOpacity(overlay, opacity) => {
                self.overlays.set_opacity(overlay, opacity);
            }
            ViewCommand::SetStyle(style) => self.style = style,
            ViewCommand::SetA4(a4_hz) => self.a4_hz = a4_hz,
            ViewCommand::SelectTool(tool) => self.tool = tool,
        }
    }

    /// The time that stays where it is when keys zoom: the mouse's, else the playhead's if it is seen.
    fn zoom_secs(&self) -> Option<f64> {
        let playhead = Some(self.playhead_secs).filter(|secs| self.secs().contains(secs));
        self.pointer.map(|(secs, _)| secs).or(playhead)
    }

    /// The pitch that stays where it is when keys zoom: the mouse's, else the middle.
    fn zoom_midi(&self) -> f64 {
        let midi = self.midi();
        self.pointer
            .map_or((midi.start + midi.end) / 2.0, |(_, midi)| midi)
    }

    /// Everything, then all time in the range of the voice, then the phrase at the playhead.
    fn fit_next(&mut self, bounds: &Bounds, sung: Option<&F0Track>) {
        let all = sung.map_or(0..0, |f0| 0..f0.frames.len());
        let range = |frames| sung.and_then(|f0| phrase::voice_midi(f0, frames));
        let is_all_time = self.secs() == (0.0..bounds.end_secs);
        let is_all_pitch = self.shows_all_pitch(bounds);
        let phrase = sung.and_then(|f0| phrase::phrase_at(f0, self.playhead_secs));
        match (range(all), phrase) {
            (Some(midi), _) if is_all_time && is_all_pitch => self.show_midi(midi, bounds),
            (Some(_), Some((secs, frames))) if is_all_time => {
                let before = (self.secs(), self.midi());
                self.show(secs, bounds);
                if let Some(midi) = range(frames) {
                    self.show_midi(midi, bounds);
                }
                // a phrase that is all there is was shown already
                if (self.secs(), self.midi()) == before {
                    self.fit(bounds);
                }
            }
            _ => self.fit(bounds),
        }
    }

    fn fit_selection(&mut self, selected: Option<Range<f64>>, bounds: &Bounds) {
        if let Some(Range { start, end }) = selected {
            let margin = MARGIN * (end - start);
            self.show(start - margin..end + margin, bounds);
        }
    }
}
