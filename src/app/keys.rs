//! Which key asks for what.

use eframe::egui::{Context, Id, Key, KeyboardShortcut, Modifiers};

use super::Command;

/// Identity of the canvas: while it has the focus, keys still move the view.
pub fn canvas_id() -> Id {
    Id::unique("canvas")
}

/// Opens the file dialog.
pub const OPEN: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::O);

/// Keys without modifiers, which a focused widget takes first.
const PLAIN: [(Key, Command); 7] = [
    (Key::F, Command::Fit),
    (Key::ArrowUp, Command::ZoomIn),
    (Key::ArrowDown, Command::ZoomOut),
    (Key::ArrowLeft, Command::ScrollBack),
    (Key::ArrowRight, Command::ScrollOn),
    (Key::Home, Command::ToStart),
    (Key::End, Command::ToEnd),
];

/// Commands of the keys pressed since the last frame.
pub fn commands(ctx: &Context) -> Vec<Command> {
    let mut commands = Vec::new();
    if ctx.input_mut(|i| i.consume_shortcut(&OPEN)) {
        commands.push(Command::ChooseFile);
    }
    let focused = ctx.memory(|m| m.focused());
    if focused.is_some_and(|id| id != canvas_id()) {
        return commands;
    }
    ctx.input_mut(|i| {
        for (key, command) in PLAIN {
            let n = i.count_and_consume_key(Modifiers::NONE, key);
            commands.extend(std::iter::repeat_n(command, n));
        }
    });
    commands
}
