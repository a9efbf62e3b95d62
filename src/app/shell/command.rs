//! What a person can ask of the window itself.

use eframe::egui::ViewportCommand;

use super::{AppSettings, BarMenu, Shell};
use crate::app::notice::Notice;
use crate::app::view_state::Follow;

/// Dialogs, notices, settings, presentation.
#[derive(Clone, Debug, PartialEq)]
pub enum ShellCommand {
    /// Open a menu of the menu bar.
    OpenMenu(BarMenu),
    /// Open or close the help.
    ToggleHelp,
    /// Open or close the list of keys.
    ToggleKeys,
    /// Open or close the settings.
    ToggleSettings,
    /// Open or close the side panel.
    ToggleSidePanel,
    /// Show the canvas alone, or everything again.
    TogglePresentation,
    /// Close what is open, else leave the presentation, else select nothing.
    Escape,
    /// Go with the playhead in this way.
    SetFollow(Follow),
    /// Take these settings.
    SetSettings(Box<AppSettings>),
    /// Forget all analyses on disk.
    ClearCache,
    /// Show a notice.
    ShowNotice(Notice),
    /// Take a notice away, by its place among them.
    DismissNotice(usize),
    /// Save edits, and go on with what would lose them.
    SaveEdits,
    /// Go on with what would lose edits.
    DiscardEdits,
    /// Do nothing of what was asked about.
    Stay,
    /// Close the window; what is not saved is asked about first.
    Quit,
}

impl Shell {
    /// Applies a command; `is_open`: whether there is a recording to present.
    pub fn apply(&mut self, command: ShellCommand, is_open: bool) {
        match command {
            ShellCommand::OpenMenu(menu) => menu.ask_for(self.context()),
            ShellCommand::ToggleHelp => self.toggle_help(),
            ShellCommand::ToggleKeys => self.toggle_keys(),
            ShellCommand::ToggleSettings => self.toggle_settings(),
            ShellCommand::ToggleSidePanel => self.toggle_side_panel(),
            ShellCommand::TogglePresentation => self.present(is_open && !self.is_presenting()),
            ShellCommand::Escape => self.escape(),
            ShellCommand::SetFollow(mode) => self.settings.follow = mode,
            ShellCommand::SetSettings(settings) => self.set_settings(*settings),
            ShellCommand::ClearCache => self.clear_cache(),
            ShellCommand::ShowNotice(notice) => self.show_notice(notice),
            ShellCommand::DismissNotice(index) => self.dismiss_notice(index),
            ShellCommand::SaveEdits => self.save_edits(),
            ShellCommand::DiscardEdits => self.discard_edits(),
            ShellCommand::Stay => self.dialogs.question = None,
            ShellCommand::Quit => self.send(ViewportCommand::Close),
        }
    }
}
