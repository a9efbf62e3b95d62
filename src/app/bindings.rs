//! Names and keys of commands: the one list that keys, menus and the key list (F2) follow.

use std::sync::LazyLock;

use eframe::egui::{Context, Key, KeyboardShortcut, Modifiers};

use super::command::Command;
use super::shell::{BarMenu, ShellCommand};
use super::sound::SoundCommand;
use super::tools::{TOOLS, Tool};
use super::view_state::{ChoiceStep, ViewCommand};
use super::workspace::WorkspaceCommand;
use crate::annotation::{Mark, Operation};
use crate::audio::play::Heard;

/// Where a command stands in the key list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Files and the program.
    File,
    /// Playing.
    Play,
    /// Looking.
    View,
    /// Correcting.
    Edit,
    /// Analyzing and separating.
    Analysis,
}

impl Group {
    /// All groups.
    pub const ALL: [Self; 5] = [
        Self::File,
        Self::Play,
        Self::View,
        Self::Edit,
        Self::Analysis,
    ];

    /// Its name in the window.
    pub fn label(self) -> &'static str {
        match self {
            Group::File => "File",
            Group::Play => "Play",
            Group::View => "View",
            Group::Edit => "Edit",
            Group::Analysis => "Analysis",
        }
    }
}

/// A command, its name and its keys.
pub struct Binding {
    /// Where it stands in the key list.
    pub group: Group,
    /// What it is called.
    pub label: &'static str,
    /// What it asks for.
    pub command: Command,
    /// Any of these asks for it.
    pub keys: Vec<KeyboardShortcut>,
}

fn key(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::NONE, key)
}

fn ctrl(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND, key)
}

fn ctrl_shift(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), key)
}

fn shift(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::SHIFT, key)
}

fn alt(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::ALT, key)
}

fn alt_shift(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::ALT.plus(Modifiers::SHIFT), key)
}

fn ctrl_alt(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::ALT), key)
}

fn bind(
    group: Group,
    label: &'static str,
    command: impl Into<Command>,
    keys: impl Into<Vec<KeyboardShortcut>>,
) -> Binding {
    Binding {
        group,
        label,
        command: command.into(),
        keys: keys.into(),
    }
}

/// Every command that has a key or stands in a menu, in the order of the key list.
pub static BINDINGS: LazyLock<Vec<Binding>> = LazyLock::new(|| {
    let groups = [
        file_bindings(),
        menu_bindings(),
        play_bindings(),
        view_bindings(),
        tool_bindings(),
        edit_bindings(),
        analysis_bindings(),
    ];
    groups.into_iter().flatten().collect()
});

/// A menu opens by Alt and its letter.
fn menu_bindings() -> Vec<Binding> {
    let bind_menu = |menu: BarMenu| {
        let open = ShellCommand::OpenMenu(menu);
        bind(Group::File, menu.binding_label(), open, [alt(menu.key())])
    };
    BarMenu::ALL.into_iter().map(bind_menu).collect()
}

fn file_bindings() -> Vec<Binding> {
    use Group::File;
    vec![
        bind(File, "Open…", WorkspaceCommand::ChooseFile, [ctrl(Key::O)]),
        bind(File, "Save", WorkspaceCommand::Save, [ctrl(Key::S)]),
        bind(
            File,
            "Save as…",
            WorkspaceCommand::SaveAs,
            [ctrl_shift(Key::S)],
        ),
        bind(
            File,
            "Save beside the recording",
            WorkspaceCommand::SaveBeside,
            [ctrl_alt(Key::S)],
        ),
        bind(
            File,
            "Settings",
            ShellCommand::ToggleSettings,
            [ctrl(Key::Comma)],
        ),
        bind(File, "Quit", ShellCommand::Quit, [ctrl(Key::Q)]),
        bind(File, "Help", ShellCommand::ToggleHelp, [key(Key::F1)]),
        bind(
            File,
            "List of keys",
            ShellCommand::ToggleKeys,
            [key(Key::F2)],
        ),
    ]
}

fn play_bindings() -> Vec<Binding> {
    use Group::Play;
    vec![
        bind(
            Play,
            "Play or pause",
            SoundCommand::TogglePlay,
            [key(Key::Space)],
        ),
        bind(
            Play,
            "Play the selection",
            SoundCommand::PlaySelection,
            [key(Key::S)],
        ),
        bind(Play, "Loop", SoundCommand::ToggleLoop, [key(Key::L)]),
        bind(
            Play,
            "Pitch as a tone",
            SoundCommand::ToggleTone,
            [shift(Key::Space)],
        ),
        bind(
            Play,
            "Voice alone",
            SoundCommand::Hear(Heard::Voice),
            [shift(Key::A)],
        ),
        bind(
            Play,
            "Karaoke: all but the voice",
            SoundCommand::Hear(Heard::Accompaniment),
            [shift(Key::K)],
        ),
        bind(Play, "Slower", SoundCommand::Slower, [ctrl(Key::PageDown)]),
        bind(Play, "Faster", SoundCommand::Faster, [ctrl(Key::PageUp)]),
        bind(
            Play,
            "Normal speed",
            SoundCommand::NormalSpeed,
            [ctrl(Key::Home)],
        ),
        bind(Play, "Back", SoundCommand::Back, [key(Key::ArrowLeft)]),
        bind(Play, "On", SoundCommand::Forward, [key(Key::ArrowRight)]),
        bind(
            Play,
            "To the start",
            SoundCommand::ToStart,
            [key(Key::Home)],
        ),
        bind(Play, "To the end", SoundCommand::ToEnd, [key(Key::End)]),
        bind(
            Play,
            "Previous note",
            SoundCommand::PreviousNote,
            [ctrl(Key::ArrowLeft)],
        ),
        bind(
            Play,
            "Next note",
            SoundCommand::NextNote,
            [ctrl(Key::ArrowRight)],
        ),
        bind(
            Play,
            "Back by a frame",
            SoundCommand::StepBack,
            [key(Key::Comma)],
        ),
        bind(
            Play,
            "On by a frame",
            SoundCommand::StepForward,
            [key(Key::Period)],
        ),
        bind(
            Play,
            "Previous doubtful passage",
            SoundCommand::PreviousDoubt,
            [shift(Key::D)],
        ),
        bind(
            Play,
            "Next doubtful passage",
            SoundCommand::NextDoubt,
            [key(Key::D)],
        ),
    ]
}

fn view_bindings() -> Vec<Binding> {
    use Group::View;
    vec![
        bind(View, "Zoom in", ViewCommand::ZoomIn, [key(Key::ArrowUp)]),
        bind(
            View,
            "Zoom out",
            ViewCommand::ZoomOut,
            [key(Key::ArrowDown)],
        ),
        bind(
            View,
            "Show everything, the voice, a phrase",
            ViewCommand::Fit,
            [key(Key::F)],
        ),
        bind(
            View,
            "Show the selection",
            ViewCommand::FitSelection,
            [shift(Key::F)],
        ),
        bind(
            View,
            "Scroll back",
            ViewCommand::ScrollBack,
            [alt(Key::ArrowLeft)],
        ),
        bind(
            View,
            "Scroll on",
            ViewCommand::ScrollForward,
            [alt(Key::ArrowRight)],
        ),
        bind(
            View,
            "Zoom pitch in",
            ViewCommand::ZoomPitchIn,
            [shift(Key::ArrowUp)],
        ),
        bind(
            View,
            "Zoom pitch out",
            ViewCommand::ZoomPitchOut,
            [shift(Key::ArrowDown)],
        ),
        bind(
            View,
            "Scroll to higher pitch",
            ViewCommand::ScrollUp,
            [alt(Key::ArrowUp)],
        ),
        bind(
            View,
            "Scroll to lower pitch",
            ViewCommand::ScrollDown,
            [alt(Key::ArrowDown)],
        ),
        bind(
            View,
            "Side panel",
            ShellCommand::ToggleSidePanel,
            [key(Key::F9)],
        ),
        bind(
            View,
            "Presentation",
            ShellCommand::TogglePresentation,
            [key(Key::F11)],
        ),
    ]
}

fn edit_bindings() -> Vec<Binding> {
    use Group::Edit;
    vec![
        bind(Edit, "Undo", WorkspaceCommand::Undo, [ctrl(Key::Z)]),
        bind(
            Edit,
            "Redo",
            WorkspaceCommand::Redo,
            [ctrl_shift(Key::Z), ctrl(Key::Y)],
        ),
        bind(
            Edit,
            "Octave up",
            correction(Operation::OctaveUp),
            [ctrl(Key::ArrowUp)],
        ),
        bind(
            Edit,
            "Octave down",
            correction(Operation::OctaveDown),
            [ctrl(Key::ArrowDown)],
        ),
        bind(
            Edit,
            "Fifth up",
            WorkspaceCommand::Edit(Operation::FifthUp),
            [ctrl_shift(Key::ArrowUp)],
        ),
        bind(
            Edit,
            "Fifth down",
            WorkspaceCommand::Edit(Operation::FifthDown),
            [ctrl_shift(Key::ArrowDown)],
        ),
        bind(
            Edit,
            "Make unvoiced",
            WorkspaceCommand::Edit(Operation::Unvoice),
            [ctrl(Key::Backspace)],
        ),
        bind(
            Edit,
            "Make voiced",
            WorkspaceCommand::Edit(Operation::Voice),
            [key(Key::V)],
        ),
        bind(
            Edit,
            "Interpolate",
            WorkspaceCommand::Edit(Operation::Interpolate),
            [key(Key::I)],
        ),
        bind(
            Edit,
            "Delete notes",
            WorkspaceCommand::Edit(Operation::DeleteNotes),
            [key(Key::Backspace), key(Key::Delete)],
        ),
        bind(
            Edit,
            "Smooth",
            WorkspaceCommand::Edit(Operation::Smooth),
            [key(Key::M)],
        ),
        bind(
            Edit,
            "Up by 10 cents",
            WorkspaceCommand::Edit(NUDGE_UP),
            [alt_shift(Key::ArrowUp)],
        ),
        bind(
            Edit,
            "Down by 10 cents",
            WorkspaceCommand::Edit(NUDGE_DOWN),
            [alt_shift(Key::ArrowDown)],
        ),
        bind(
            Edit,
            "Show candidates",
            WorkspaceCommand::ShowCandidates,
            [ctrl(Key::Enter)],
        ),
        bind(
            Edit,
            "Find the pitch again, within a box",
            WorkspaceCommand::FindAgain,
            [key(Key::R)],
        ),
        bind(
            Edit,
            "Split the note",
            WorkspaceCommand::SplitNote,
            [key(Key::Slash)],
        ),
        bind(
            Edit,
            "Merge notes",
            WorkspaceCommand::Edit(Operation::MergeNotes),
            [key(Key::Backslash)],
        ),
        bind(
            Edit,
            "Form a note",
            WorkspaceCommand::Edit(Operation::FormNote),
            [key(Key::Equals)],
        ),
        bind(
            Edit,
            "Notes to the contour",
            WorkspaceCommand::Edit(Operation::SnapNotes),
            [key(Key::N)],
        ),
        bind(
            Edit,
            "Accept",
            WorkspaceCommand::Edit(Operation::Mark(Mark::Accepted)),
            [key(Key::A)],
        ),
        bind(
            Edit,
            "Take back acceptance",
            WorkspaceCommand::Edit(Operation::Unmark(Mark::Accepted)),
            [],
        ),
        bind(
            Edit,
            "Star",
            WorkspaceCommand::Edit(Operation::Mark(Mark::Starred)),
            [key(Key::K)],
        ),
        bind(
            Edit,
            "Remove the star",
            WorkspaceCommand::Edit(Operation::Unmark(Mark::Starred)),
            [],
        ),
        bind(
            Edit,
            "Copy as a table",
            WorkspaceCommand::CopyTable,
            [ctrl_shift(Key::C)],
        ),
        bind(
            Edit,
            "Select from the playhead",
            SoundCommand::SelectFrom,
            [key(Key::OpenBracket)],
        ),
        bind(
            Edit,
            "Select up to the playhead",
            SoundCommand::SelectTo,
            [key(Key::CloseBracket)],
        ),
        bind(
            Edit,
            "Select the previous note too",
            SoundCommand::ExtendBack,
            [ctrl_shift(Key::ArrowLeft)],
        ),
        bind(
            Edit,
            "Select the next note too",
            SoundCommand::ExtendForward,
            [ctrl_shift(Key::ArrowRight)],
        ),
        bind(
            Edit,
            "Select everything",
            WorkspaceCommand::SelectAll,
            [ctrl(Key::A)],
        ),
        bind(
            Edit,
            "Select nothing",
            ShellCommand::Escape,
            [key(Key::Escape)],
        ),
    ]
}

fn analysis_bindings() -> Vec<Binding> {
    use Group::Analysis;
    vec![
        bind(
            Analysis,
            "Separate voice and accompaniment",
            WorkspaceCommand::Separate,
            [ctrl(Key::K)],
        ),
        bind(
            Analysis,
            "Stop separating",
            WorkspaceCommand::CancelSeparation,
            Vec::new(),
        ),
        bind(
            Analysis,
            "Analyze again",
            WorkspaceCommand::AnalyzeAgain,
            Vec::new(),
        ),
        bind(
            Analysis,
            "Export voice and accompaniment…",
            WorkspaceCommand::ExportStems,
            [ctrl_shift(Key::K)],
        ),
    ]
}

/// A tool brings its own name and key.
fn tool_bindings() -> Vec<Binding> {
    let bind_tool = |tool: &'static dyn Tool| {
        bind(
            Group::View,
            tool.name(),
            ViewCommand::SelectTool(tool),
            [key(tool.key())],
        )
    };
    TOOLS.into_iter().map(bind_tool).collect()
}

/// The selection up by a little.
pub const NUDGE_UP: Operation = Operation::Shift { cents: 10.0 };
/// The selection down by a little.
pub const NUDGE_DOWN: Operation = Operation::Shift { cents: -10.0 };

/// The command that asks for a correction of the selection: octaves go through candidates first.
pub fn correction(operation: Operation) -> Command {
    let command = match operation {
        Operation::OctaveUp => WorkspaceCommand::StepCandidate(ChoiceStep::Up),
        Operation::OctaveDown => WorkspaceCommand::StepCandidate(ChoiceStep::Down),
        operation => WorkspaceCommand::Edit(operation),
    };
    command.into()
}

/// Name and keys of a command.
pub fn binding(command: &Command) -> Option<&'static Binding> {
    BINDINGS.iter().find(|binding| binding.command == *command)
}

/// A command's keys, as they are written: `Ctrl+Z`.
pub fn keys_of(ctx: &Context, command: &Command) -> String {
    let keys = binding(command).map_or(&[][..], |binding| &binding.keys);
    let written = keys.iter().map(|keys| ctx.format_shortcut(keys));
    written.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_asks_for_two_things() {
        let all: Vec<_> = BINDINGS.iter().flat_map(|b| &b.keys).collect();
        for (i, keys) in all.iter().enumerate() {
            assert!(!all[..i].contains(keys), "{keys:?}");
        }
    }
}
