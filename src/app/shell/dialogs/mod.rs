//! Windows within the window.
//!
//! - [`help`]: how to begin (F1).
//! - [`key_list`]: every key (F2).
//! - [`preferences`]: the settings.
//! - [`replace`]: whether to save over a file that was not opened.
//! - [`unsaved`]: whether to go on without saving.

pub mod help;
pub mod key_list;
pub mod preferences;
pub mod replace;
pub mod unsaved;

use eframe::egui::{Align2, Button, Context, Id, Response, RichText, Ui, Vec2, Window};

use super::{Shell, ShellCommand};
use crate::app::event::{PendingAction, Replacement};
use crate::app::{Command, theme};
use crate::audio::play::Player;

/// Width of a dialog, and height of one that scrolls, in points where the window is large enough.
const WIDTH: f32 = 460.0;
const HEIGHT: f32 = 580.0;

/// A window lower than this, in points, has no room for a whole dialog.
const LEAST_HEIGHT: f32 = 380.0;

/// Which of them are open.
#[derive(Debug, Default)]
pub struct Dialogs {
    /// How to begin.
    pub help: bool,
    /// Every key.
    pub keys: bool,
    /// Settings, with the bytes the cache took when they were opened.
    pub settings: Option<u64>,
    /// What waits for an answer.
    pub question: Option<Question>,
}

/// What is asked before something is lost.
#[derive(Debug)]
pub enum Question {
    /// Whether edits may be lost by this.
    Unsaved(PendingAction),
    /// Whether this file may be replaced.
    Replace(Replacement),
}

impl Dialogs {
    /// Closes what is open; false if nothing was.
    pub fn close(&mut self) -> bool {
        let open = self.help || self.keys || self.settings.is_some() || self.question.is_some();
        *self = Self::default();
        open
    }
}

/// Draws those that are open.
pub fn dialogs_ui(ui: &Ui, shell: &Shell, player: &Player, commands: &mut Vec<Command>) {
    let ctx = ui.ctx();
    let dialogs = shell.dialogs();
    if dialogs.help && !shown(ctx, "Help", true, help::help_ui) {
        commands.push(ShellCommand::ToggleHelp.into());
    }
    if dialogs.keys && !shown(ctx, "Keys", true, key_list::key_list_ui) {
        commands.push(ShellCommand::ToggleKeys.into());
    }
    if let Some(cache_bytes) = dialogs.settings
        && !shown(ctx, "Settings", false, |ui| {
            preferences::preferences_ui(ui, &shell.settings, cache_bytes, player, commands);
        })
    {
        commands.push(ShellCommand::ToggleSettings.into());
    }
    match &dialogs.question {
        Some(Question::Unsaved(pending)) => unsaved::unsaved_ui(ctx, pending, commands),
        Some(Question::Replace(file)) => replace::replace_ui(ctx, file, commands),
        None => {}
    }
}

/// Makes a question so wide, or as wide as the window allows.
fn set_width(ui: &mut Ui, points: f32) {
    let most = ui.ctx().content_rect().width() - 16.0 * theme::UNIT;
    ui.set_width(points.min(most));
}

/// The answer that Enter gives, unless another has the focus.
fn first_answer_ui(ui: &mut Ui, text: &str) -> Response {
    let palette = theme::palette(ui.ctx());
    let text = RichText::new(text).color(palette.on_accent);
    let answer = ui.add(Button::new(text).fill(palette.accent));
    if ui.memory(|memory| memory.focused().is_none()) {
        answer.request_focus();
    }
    theme::focus_ring(&answer);
    answer
}

/// Draws a dialog as high as its content, or as the window allows; false once it was closed.
fn shown(ctx: &Context, title: &str, scrolls: bool, content: impl FnOnce(&mut Ui)) -> bool {
    let mut open = true;
    let name = RichText::new(title).size(theme::BODY + 1.5).strong();
    let most = ctx.content_rect().size() - Vec2::splat(12.0 * theme::UNIT);
    // a dialog that is higher than the window scrolls
    let scrolls = scrolls || most.y < LEAST_HEIGHT;
    Window::new(name)
        .id(Id::unique(title))
        .open(&mut open)
        .collapsible(false)
        .resizable(false)
        .pivot(Align2::CENTER_CENTER)
        .default_pos(ctx.content_rect().center())
        .default_width(WIDTH.min(most.x))
        .default_height(if scrolls { most.y.min(HEIGHT) } else { 0.0 })
        .max_size(most)
        .vscroll(scrolls)
        .show(ctx, content);
    open
}
