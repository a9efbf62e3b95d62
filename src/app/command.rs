//! What a person can ask for, by button, key or mouse.

use std::path::PathBuf;

use super::notice::Notice;
use super::view_state::Layer;
use super::{App, incoming};

/// Time zoom of one key press.
const ZOOM_STEP: f64 = 1.5;
/// Share of the visible time that one key press scrolls.
const SCROLL_STEP: f64 = 0.2;

/// A wish, applied between frames.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Ask for a file.
    ChooseFile,
    /// Open this file in place of the recording there is.
    Open(PathBuf),
    /// Open the recording that comes with the program.
    OpenDemo,
    /// Analyze the opened recording again from the start.
    AnalyzeAgain,
    /// Stop the analysis; what is there stays.
    Cancel,
    /// Decide voicing anew, without analyzing.
    SetThreshold(f32),
    /// Show the whole recording and every pitch.
    Fit,
    /// Show less time.
    ZoomIn,
    /// Show more time.
    ZoomOut,
    /// Show earlier time.
    ScrollBack,
    /// Show later time.
    ScrollOn,
    /// Show the beginning.
    ToStart,
    /// Show the end.
    ToEnd,
    /// Show or hide a layer.
    Toggle(Layer),
    /// Take a notice away.
    Dismiss(usize),
    /// Tell something.
    Tell(Notice),
}

impl App {
    /// Applies one command.
    pub fn apply(&mut self, command: Command) {
        let bounds = self
            .session
            .as_ref()
            .map(|s| s.bounds())
            .unwrap_or_default();
        match command {
            Command::ChooseFile => self.jobs.choose_file(),
            Command::Open(path) => self.open(path),
            Command::OpenDemo => self.open_demo(),
            Command::AnalyzeAgain => self.analyze_again(),
            Command::Cancel => self.cancel(),
            Command::SetThreshold(threshold) => self.set_threshold(threshold),
            Command::Fit => self.view.fit(&bounds),
            Command::ZoomIn => self.view.zoom_time(ZOOM_STEP, None, &bounds),
            Command::ZoomOut => self.view.zoom_time(1.0 / ZOOM_STEP, None, &bounds),
            Command::ScrollBack => self.view.scroll(-SCROLL_STEP, &bounds),
            Command::ScrollOn => self.view.scroll(SCROLL_STEP, &bounds),
            Command::ToStart => self.view.scroll(f64::NEG_INFINITY, &bounds),
            Command::ToEnd => self.view.scroll(f64::INFINITY, &bounds),
            Command::Toggle(layer) => self.view.layers.toggle(layer),
            Command::Dismiss(index) => self.dismiss(index),
            Command::Tell(notice) => self.notices.push(notice),
        }
    }

    fn open_demo(&mut self) {
        match incoming::demo_track() {
            Some(path) => self.open(path),
            None => self.notices.push(Notice::error(
                "The demonstration track is not beside the program; open a recording of your own.",
            )),
        }
    }

    fn analyze_again(&mut self) {
        if let Some(session) = self.session.take() {
            self.open(session.path);
        }
    }

    fn cancel(&mut self) {
        self.jobs.cancel();
        if let Some(session) = &mut self.session {
            session.stop();
        }
    }

    fn set_threshold(&mut self, threshold: f32) {
        if let Some(session) = &mut self.session {
            session.set_threshold(threshold);
            if let Some(analysis) = &session.analysis {
                self.jobs.segment(session.f0.clone(), analysis.clone());
            }
        }
    }

    fn dismiss(&mut self, index: usize) {
        if index < self.notices.len() {
            self.notices.remove(index);
        }
    }
}
