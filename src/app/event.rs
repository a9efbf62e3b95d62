//! What one owner did that concerns the others.
//!
//! Owners do not know each other: they leave events, and `App` passes them on.

use std::ops::Range;
use std::path::PathBuf;

use super::jobs::OpenedProject;
use super::notice::Notice;
use crate::annotation::Selection;

/// Something that other owners must follow.
#[derive(Debug)]
pub enum OwnerEvent {
    /// This recording was opened, or is analyzed again: its file, and which of its tracks of sound.
    Opened(PathBuf, Option<usize>),
    /// No recording is open any more.
    Closed,
    /// Contour or notes changed.
    MelodyChanged,
    /// The separated voice came, or went.
    VoiceChanged,
    /// Voice and accompaniment are to be heard apart.
    SeparationWanted,
    /// Something else is selected.
    SelectionChanged,
    /// This is to be selected.
    Select(Selection),
    /// What is being done is to be taken back: a gesture, candidates, else the selection.
    Escape,
    /// Playing is to go on from this time, in seconds.
    Seek(f64),
    /// This time is to be shown, in seconds.
    ShowTime(f64),
    /// This span is to fill much of the view, in seconds.
    Frame(Range<f64>),
    /// This would lose edits that are not saved.
    UnsavedEdits(PendingAction),
    /// This may go on: edits are saved, or may be lost.
    Proceed(PendingAction),
    /// Edits are to be saved, and then this may go on.
    SaveThen(PendingAction),
    /// Saving would replace a file that was not opened.
    WouldReplace(Replacement),
    /// Other networks, or another device for them, were chosen.
    NetworksChanged,
    /// Another sound device was chosen; none for the system's own choice.
    SoundDeviceChanged(Option<String>),
    /// The settings were opened, which list the sound devices.
    SettingsOpened,
    /// This text goes to the clipboard.
    CopyText(String),
    /// A notice to show.
    Notice(Notice),
}

/// A file that saving would replace.
#[derive(Clone, Debug, PartialEq)]
pub struct Replacement {
    /// The file.
    pub path: PathBuf,
    /// It was opened here, and was changed by another program since.
    pub was_opened: bool,
    /// What is in it, in a sentence.
    pub content: String,
}

/// What waits until the person has decided about edits that are not saved.
#[derive(Debug)]
pub enum PendingAction {
    /// Opening this file.
    Open(PathBuf),
    /// Showing a project that was read meanwhile.
    OpenProject(Box<OpenedProject>),
    /// Reading another of the file's tracks of sound.
    TakeTrack(usize),
    /// Closing the window.
    CloseWindow,
}
