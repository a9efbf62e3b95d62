//! What a person can ask for, by button, key or mouse.
//!
//! Each owner has commands of its own, and one `match` that applies them.

use super::shell::ShellCommand;
use super::sound::SoundCommand;
use super::view_state::ViewCommand;
use super::workspace::WorkspaceCommand;

/// A request, applied between frames by the owner it concerns.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Opens, saves, analyzes and corrects recordings.
    Workspace(WorkspaceCommand),
    /// Changes what is seen of the recording.
    View(ViewCommand),
    /// Plays.
    Sound(SoundCommand),
    /// Dialogs, notices and settings.
    Shell(ShellCommand),
}

impl From<WorkspaceCommand> for Command {
    fn from(command: WorkspaceCommand) -> Self {
        Self::Workspace(command)
    }
}

impl From<ViewCommand> for Command {
    fn from(command: ViewCommand) -> Self {
        Self::View(command)
    }
}

impl From<SoundCommand> for Command {
    fn from(command: SoundCommand) -> Self {
        Self::Sound(command)
    }
}

impl From<ShellCommand> for Command {
    fn from(command: ShellCommand) -> Self {
        Self::Shell(command)
    }
}
