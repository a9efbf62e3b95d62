//! Which key asks for what: the one list that keys, menus and the key list (F2) follow.

use eframe::egui::{Context, Event, Id, Key, KeyboardShortcut, Modifiers};

use super::command::{Command, EditCommand, PlayCommand};
use super::view_state::Tool;

/// Identity of the canvas: while it has the focus, keys still move the view.
pub fn canvas_id() -> Id {
    Id::unique("canvas")
}

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
}

impl Group {
    /// All groups.
    pub const ALL: [Self; 4] = [Self::File, Self::Play, Self::View, Self::Edit];

    /// Its name in the window.
    pub fn label(self) -> &'static str {
        match self {
            Group::File => "File",
            Group::Play => "Play",
            Group::View => "View",
            Group::Edit => "Edit",
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
    pub keys: &'static [KeyboardShortcut],
}

const fn key(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::NONE, key)
}

const fn ctrl(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND, key)
}

const fn ctrl_shift(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), key)
}

const fn shift(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::SHIFT, key)
}

const fn alt(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::ALT, key)
}

const fn ctrl_alt(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::ALT), key)
}

const fn bind(
    group: Group,
    label: &'static str,
    command: Command,
    keys: &'static [KeyboardShortcut],
) -> Binding {
    Binding {
        group,
        label,
        command,
        keys,
    }
}

/// Every command that has a key or stands in a menu.
pub static BINDINGS: &[Binding] = {
    use Command::{Edit, Play};
    use EditCommand as E;
    use Group::{Edit as Edits, File, Play as Plays, View};
    use PlayCommand as P;
    &[
        bind(File, "Open…", Command::ChooseFile, &[ctrl(Key::O)]),
        bind(File, "Save", Command::Save, &[ctrl(Key::S)]),
        bind(File, "Save as…", Command::SaveAs, &[ctrl_shift(Key::S)]),
        bind(
            File,
            "Save beside the recording",
            Command::SaveBeside,
            &[ctrl_alt(Key::S)],
        ),
        bind(File, "Settings", Command::ShowSettings, &[ctrl(Key::Comma)]),
        bind(File, "Quit", Command::Quit, &[ctrl(Key::Q)]),
        bind(File, "Help", Command::ShowHelp, &[key(Key::F1)]),
        bind(File, "List of keys", Command::ShowKeys, &[key(Key::F2)]),
        bind(Plays, "Play or pause", Play(P::Toggle), &[key(Key::Space)]),
        bind(
            Plays,
            "Play the selection",
            Play(P::Selection),
            &[key(Key::S)],
        ),
        bind(Plays, "Loop", Play(P::Loop), &[key(Key::L)]),
        bind(
            Plays,
            "Pitch as a tone",
            Play(P::Tone),
            &[shift(Key::Space)],
        ),
        bind(Plays, "Slower", Play(P::Slower), &[ctrl(Key::PageDown)]),
        bind(Plays, "Faster", Play(P::Faster), &[ctrl(Key::PageUp)]),
        bind(
            Plays,
            "Normal speed",
            Play(P::NormalSpeed),
            &[ctrl(Key::Home)],
        ),
        bind(Plays, "Back", Play(P::Back), &[key(Key::ArrowLeft)]),
        bind(Plays, "On", Play(P::On), &[key(Key::ArrowRight)]),
        bind(Plays, "To the start", Play(P::ToStart), &[key(Key::Home)]),
        bind(Plays, "To the end", Play(P::ToEnd), &[key(Key::End)]),
        bind(
            Plays,
            "Previous note",
            Play(P::PreviousNote),
            &[ctrl(Key::ArrowLeft)],
        ),
        bind(
            Plays,
            "Next note",
            Play(P::NextNote),
            &[ctrl(Key::ArrowRight)],
        ),
        bind(View, "Zoom in", Command::ZoomIn, &[key(Key::ArrowUp)]),
        bind(View, "Zoom out", Command::ZoomOut, &[key(Key::ArrowDown)]),
        bind(View, "Show everything", Command::Fit, &[key(Key::F)]),
        bind(
            View,
            "Show the selection",
            Command::FitSelection,
            &[shift(Key::F)],
        ),
        bind(
            View,
            "Scroll back",
            Command::ScrollBack,
            &[alt(Key::ArrowLeft)],
        ),
        bind(
            View,
            "Scroll on",
            Command::ScrollOn,
            &[alt(Key::ArrowRight)],
        ),
        bind(View, "Side panel", Command::ToggleSide, &[key(Key::F9)]),
        bind(View, "Presentation", Command::Present, &[key(Key::F11)]),
        bind(
            View,
            "Navigate",
            Command::Use(Tool::Navigate),
            &[key(Key::Num1)],
        ),
        bind(
            View,
            "Select",
            Command::Use(Tool::Select),
            &[key(Key::Num2)],
        ),
        bind(Edits, "Undo", Command::Undo, &[ctrl(Key::Z)]),
        bind(
            Edits,
            "Redo",
            Command::Redo,
            &[ctrl_shift(Key::Z), ctrl(Key::Y)],
        ),
        bind(Edits, "Octave up", Edit(E::OctaveUp), &[ctrl(Key::ArrowUp)]),
        bind(
            Edits,
            "Octave down",
            Edit(E::OctaveDown),
            &[ctrl(Key::ArrowDown)],
        ),
        bind(
            Edits,
            "Fifth up",
            Edit(E::FifthUp),
            &[ctrl_shift(Key::ArrowUp)],
        ),
        bind(
            Edits,
            "Fifth down",
            Edit(E::FifthDown),
            &[ctrl_shift(Key::ArrowDown)],
        ),
        bind(
            Edits,
            "Make unvoiced",
            Edit(E::Unvoice),
            &[ctrl(Key::Backspace)],
        ),
        bind(Edits, "Make voiced", Edit(E::Voice), &[key(Key::V)]),
        bind(Edits, "Interpolate", Edit(E::Interpolate), &[key(Key::I)]),
        bind(
            Edits,
            "Delete notes",
            Edit(E::DeleteNotes),
            &[key(Key::Backspace), key(Key::Delete)],
        ),
        bind(
            Edits,
            "Select everything",
            Command::SelectAll,
            &[ctrl(Key::A)],
        ),
        bind(
            Edits,
            "Select nothing",
            Command::SelectNothing,
            &[key(Key::Escape)],
        ),
    ]
};

/// Name and keys of a command.
pub fn binding(command: &Command) -> Option<&'static Binding> {
    BINDINGS.iter().find(|binding| binding.command == *command)
}

/// A command's keys, as they are written: `Ctrl+Z`.
pub fn keys_of(ctx: &Context, command: &Command) -> String {
    let keys = binding(command).map_or(&[][..], |binding| binding.keys);
    let written = keys.iter().map(|keys| ctx.format_shortcut(keys));
    written.collect::<Vec<_>>().join(", ")
}

/// Commands of the keys pressed since the last frame.
///
/// A widget that has the focus takes plain keys first, unless it is the canvas.
pub fn commands(ctx: &Context) -> Vec<Command> {
    let focused = ctx.memory(|memory| memory.focused());
    let busy = focused.is_some_and(|id| id != canvas_id()) || ctx.text_edit_focused();
    let mut commands = Vec::new();
    ctx.input_mut(|input| {
        input.events.retain(|event| {
            let command = command_of(event, busy);
            let unknown = command.is_none();
            commands.extend(command);
            unknown
        });
    });
    commands
}

fn command_of(event: &Event, busy: bool) -> Option<Command> {
    let Event::Key {
        key,
        pressed: true,
        modifiers,
        ..
    } = event
    else {
        return None;
    };
    let asks = |keys: &KeyboardShortcut| {
        let plain = !keys.modifiers.command && !is_function(keys.logical_key);
        *key == keys.logical_key && modifiers.matches_exact(keys.modifiers) && !(busy && plain)
    };
    let binding = BINDINGS.iter().find(|b| b.keys.iter().any(asks))?;
    Some(binding.command.clone())
}

fn is_function(key: Key) -> bool {
    matches!(key, Key::F1 | Key::F2 | Key::F9 | Key::F11)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_asks_for_two_things() {
        let all: Vec<_> = BINDINGS.iter().flat_map(|b| b.keys).collect();
        for (i, keys) in all.iter().enumerate() {
            assert!(!all[..i].contains(keys), "{keys:?}");
        }
    }

    #[test]
    fn shift_tells_redo_from_undo_and_a_focused_field_keeps_plain_keys() {
        let press = |key, modifiers| Event::Key {
            key,
            physical_key: None,
            pressed: true,
            repeat: false,
            modifiers,
        };
        let ctrl = Modifiers::CTRL | Modifiers::COMMAND;
        let undo = command_of(&press(Key::Z, ctrl), true);
        let redo = command_of(&press(Key::Z, ctrl | Modifiers::SHIFT), true);
        assert_eq!((undo, redo), (Some(Command::Undo), Some(Command::Redo)));
        let fit = press(Key::F, Modifiers::NONE);
        assert_eq!(command_of(&fit, true), None);
        assert_eq!(command_of(&fit, false), Some(Command::Fit));
    }
}
