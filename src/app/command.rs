//! What a person can ask for, by button, key or mouse.

use std::path::PathBuf;

use eframe::egui::ViewportCommand;

use super::App;
use super::notice::Notice;
use super::render::Look;
use super::settings::Settings;
use super::view_state::{Follow, Layer, Tool};
use crate::analysis::PictureKind;
use crate::annotation::Selection;
use crate::audio::play::Mixer;

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
    /// Save the annotation where it was saved before, or ask where.
    Save,
    /// Ask where to save the annotation.
    SaveAs,
    /// Save the annotation beside the recording, under its name.
    SaveBeside,
    /// Save the annotation in this file.
    SaveTo(PathBuf),
    /// Analyze the opened recording again from the start.
    AnalyzeAgain,
    /// Stop the analysis; what is there stays.
    Cancel,
    /// Decide voicing anew, without analyzing.
    SetThreshold(f32),
    /// Play, seek, change speed.
    Play(PlayCommand),
    /// Correct the selection.
    Edit(EditCommand),
    /// Take the last edit back.
    Undo,
    /// Make the edit last taken back again.
    Redo,
    /// Choose a span of time or notes.
    Select(Selection),
    /// Choose all there is.
    SelectAll,
    /// Choose nothing; leave the presentation.
    SelectNothing,
    /// Show the whole recording and every pitch.
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
    ScrollOn,
    /// Show or hide a layer.
    Toggle(Layer),
    /// Show a layer more or less strongly.
    Fade(Layer, f32),
    /// Show the picture otherwise.
    Show(Look),
    /// Show another picture.
    Picture(PictureKind),
    /// Tune the pitch axis.
    Tune(f64),
    /// Go with the playhead in this way.
    Follow(Follow),
    /// Use the mouse in this way.
    Use(Tool),
    /// Open or close the side panel.
    ToggleSide,
    /// Show the canvas alone, or everything again.
    Present,
    /// Open or close the help.
    ShowHelp,
    /// Open or close the list of keys.
    ShowKeys,
    /// Open or close the settings.
    ShowSettings,
    /// Take these settings.
    Set(Box<Settings>),
    /// Forget all analyses on disk.
    ClearCache,
    /// Take a notice away.
    Dismiss(usize),
    /// Tell something.
    Tell(Notice),
    /// Close the window; what is not saved is asked about first.
    Quit,
    /// Close without saving, or open what waits for that.
    Discard,
    /// Stay with what is not saved.
    Keep,
}

/// Playing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PlayCommand {
    /// Play or pause.
    Toggle,
    /// Play what is selected.
    Selection,
    /// Play what is selected, or everything, again and again; or no longer.
    Loop,
    /// Hear the contour as a tone, or no longer.
    Tone,
    /// Play slower.
    Slower,
    /// Play faster.
    Faster,
    /// Play at the recording's own speed.
    NormalSpeed,
    /// Play at this speed.
    Speed(f64),
    /// Go to this time in seconds.
    Seek(f64),
    /// Go back a little.
    Back,
    /// Go on a little.
    On,
    /// Go to the start.
    ToStart,
    /// Go to the end.
    ToEnd,
    /// Go to the note before, and select it.
    PreviousNote,
    /// Go to the note after, and select it.
    NextNote,
    /// Mix the sounds like this.
    Mix(Mixer),
}

/// Corrections of what is selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditCommand {
    /// Twice the frequency.
    OctaveUp,
    /// Half the frequency.
    OctaveDown,
    /// Three halves of the frequency.
    FifthUp,
    /// Two thirds of the frequency.
    FifthDown,
    /// Nobody sings there.
    Unvoice,
    /// Somebody sings there.
    Voice,
    /// A line from the pitch before to the pitch after.
    Interpolate,
    /// No notes there.
    DeleteNotes,
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
            Command::Open(path) => self.ask_to_open(path),
            Command::OpenDemo => self.open_demo(),
            Command::Save => self.save(),
            Command::SaveAs => self.save_as(),
            Command::SaveBeside => self.save_beside(),
            Command::SaveTo(path) => self.save_to(path),
            Command::AnalyzeAgain => self.analyze_again(),
            Command::Cancel => self.cancel(),
            Command::SetThreshold(threshold) => self.set_threshold(threshold),
            Command::Play(command) => self.play(command),
            Command::Edit(command) => self.edit(command),
            Command::Undo => self.undo_or_redo(false),
            Command::Redo => self.undo_or_redo(true),
            Command::Select(selection) => self.select(selection),
            Command::SelectAll => self.select(Selection::Span(0.0..bounds.end_secs)),
            Command::SelectNothing => self.select_nothing(),
            Command::Fit => self.view.fit(&bounds),
            Command::FitSelection => self.fit_selection(&bounds),
            Command::ZoomIn => self.view.zoom_time(ZOOM_STEP, None, &bounds),
            Command::ZoomOut => self.view.zoom_time(1.0 / ZOOM_STEP, None, &bounds),
            Command::ScrollBack => self.view.scroll(-SCROLL_STEP, &bounds),
            Command::ScrollOn => self.view.scroll(SCROLL_STEP, &bounds),
            Command::Toggle(layer) => self.view.layers.toggle(layer),
            Command::Fade(layer, opacity) => self.view.layers.set_opacity(layer, opacity),
            Command::Show(look) => self.view.look = look,
            Command::Picture(kind) => self.show_picture(kind),
            Command::Tune(a4_hz) => self.view.a4_hz = a4_hz,
            Command::Follow(mode) => self.settings.follow = mode,
            Command::Use(tool) => self.view.tool = tool,
            Command::ToggleSide => self.settings.side_panel ^= true,
            Command::Present => self.present(!self.dialogs.presenting),
            Command::ShowHelp => self.dialogs.help ^= true,
            Command::ShowKeys => self.dialogs.keys ^= true,
            Command::ShowSettings => self.show_settings(),
            Command::Quit => self.ctx.send_viewport_cmd(ViewportCommand::Close),
            Command::Set(settings) => self.set(*settings),
            Command::ClearCache => self.clear_cache(),
            Command::Dismiss(index) => self.dismiss(index),
            Command::Tell(notice) => self.notices.push(notice),
            Command::Discard => self.discard(),
            Command::Keep => self.dialogs.leaving = None,
        }
    }

    fn dismiss(&mut self, index: usize) {
        if index < self.notices.len() {
            self.notices.remove(index);
        }
    }
}
