//! Commands of the keys that are pressed.

use eframe::egui::{Context, Event, Id, Key, KeyboardShortcut, Popup};

use super::bindings::BINDINGS;
use super::command::Command;
use super::shell::{BarMenu, ShellCommand};

/// Identity of the canvas: while it has the focus, keys still move the view.
pub fn canvas_id() -> Id {
    Id::unique("canvas")
}

/// Commands of the keys pressed since the last frame.
///
/// A widget that has the focus takes plain keys first, unless it is the canvas; Alt and a letter opens
/// a menu wherever the focus is. Escape closes an
/// open menu, or ends typing, before it is a command; while a question waits for its answer, it is
/// the only one.
pub fn commands(ctx: &Context) -> Vec<Command> {
    let asked = ctx.memory(|memory| memory.top_modal_layer().is_some());
    let escapes = !ctx.text_edit_focused() && !Popup::is_any_open(ctx);
    let focused = ctx.memory(|memory| memory.focused());
    let busy = focused.is_some_and(|id| id != canvas_id()) || ctx.text_edit_focused();
    let mut commands = Vec::new();
    ctx.input_mut(|input| {
        input.events.retain(|event| {
            let command = command_of(event, busy).filter(|command| match *command {
                Command::Shell(ShellCommand::Escape) => escapes,
                _ => !asked,
            });
            let unknown = command.is_none();
            commands.extend(command);
            unknown
        });
        if commands.iter().any(opens_menu) {
            // the letter is not typed
            input
                .events
                .retain(|event| !matches!(event, Event::Text(_)));
        }
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
        let plain = plain && !is_letter_of_menu(keys);
        *key == keys.logical_key && modifiers.matches_exact(keys.modifiers) && !(busy && plain)
    };
    let binding = BINDINGS.iter().find(|b| b.keys.iter().any(asks))?;
    Some(binding.command.clone())
}

fn is_letter_of_menu(keys: &KeyboardShortcut) -> bool {
    let is_letter = BarMenu::ALL
        .iter()
        .any(|menu| menu.key() == keys.logical_key);
    is_letter && keys.modifiers.alt
}

fn opens_menu(command: &Command) -> bool {
    matches!(command, Command::Shell(ShellCommand::OpenMenu(_)))
}

fn is_function(key: Key) -> bool {
    matches!(key, Key::F1 | Key::F2 | Key::F9 | Key::F11)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::view_state::ViewCommand;
    use crate::app::workspace::WorkspaceCommand;
    use eframe::egui::Modifiers;

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
        assert_eq!(
            (undo, redo),
            (
                Some(WorkspaceCommand::Undo.into()),
                Some(WorkspaceCommand::Redo.into())
            )
        );
        let fit = press(Key::F, Modifiers::NONE);
        assert_eq!(command_of(&fit, true), None);
        assert_eq!(command_of(&fit, false), Some(ViewCommand::Fit.into()));
        let menu = command_of(&press(Key::F, Modifiers::ALT), true);
        assert_eq!(menu, Some(ShellCommand::OpenMenu(BarMenu::File).into()));
    }
}
