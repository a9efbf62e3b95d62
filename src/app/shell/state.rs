//! Dialogs that are open, notices that are shown, settings, and the window's frame.

use std::path::Path;
use std::time::Duration;

use eframe::egui::{Context, Popup, ViewportCommand};

use super::dialogs::Question;
use super::{AppSettings, Dialogs};
use crate::app::event::{OwnerEvent, PendingAction, Replacement};
use crate::app::notice::Notice;
use crate::app::panels::is_narrow;
use crate::files::shown_name;

/// How much larger text is in the presentation.
const PRESENTATION: f32 = 1.4;
/// Seconds that a transient notice is shown.
const TRANSIENT_SECS: f64 = 8.0;

/// Owner of dialogs, notices, settings and the window's frame.
pub struct Shell {
    /// How a person wants the program to be.
    pub settings: AppSettings,
    pub(super) dialogs: Dialogs,
    ctx: Context,
    notices: Vec<Notice>,
    /// When each notice came, in seconds of the toolkit's clock.
    shown_at: Vec<f64>,
    presenting: bool,
    /// The side panel is open in a window so narrow that it hides the canvas.
    is_panel_in_front: bool,
    /// Whether the window closes although edits are not saved.
    closing: bool,
    events: Vec<OwnerEvent>,
}

impl Shell {
    /// The shell of a window that has no recording yet.
    pub fn new(ctx: Context, settings: AppSettings) -> Self {
        ctx.set_theme(settings.appearance.preference());
        ctx.set_zoom_factor(settings.text_scale);
        Self {
            settings,
            dialogs: Dialogs::default(),
            ctx,
            notices: Vec::new(),
            shown_at: Vec::new(),
            presenting: false,
            is_panel_in_front: false,
            closing: false,
            events: Vec::new(),
        }
    }

    /// The window's title for a recording, or for none.
    pub fn title(path: Option<&Path>) -> String {
        match path.map(shown_name) {
            Some(name) => format!("{name} – Melograph"),
            None => "Melograph".to_owned(),
        }
    }

    pub(super) fn context(&self) -> &Context {
        &self.ctx
    }

    /// Which dialogs are open.
    pub fn dialogs(&self) -> &Dialogs {
        &self.dialogs
    }

    /// What went wrong and was not yet dismissed, newest last.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// Whether the canvas is shown alone.
    pub fn is_presenting(&self) -> bool {
        self.presenting
    }

    /// Whether the side panel is open; in a narrow window it takes the canvas's place.
    pub fn shows_side_panel(&self) -> bool {
        match is_narrow(&self.ctx) {
            true => self.is_panel_in_front,
            false => self.settings.side_panel,
        }
    }

    pub(super) fn toggle_side_panel(&mut self) {
        match is_narrow(&self.ctx) {
            true => self.is_panel_in_front ^= true,
            false => self.settings.side_panel ^= true,
        }
    }

    /// Events for the other owners, oldest first.
    pub fn take_events(&mut self) -> Vec<OwnerEvent> {
        std::mem::take(&mut self.events)
    }

    /// A recording was opened, or none is open any more.
    pub fn show_title(&self, path: Option<&Path>) {
        self.send(ViewportCommand::Title(Self::title(path)));
    }

    /// Shows a notice, in place of one that says the same; a transient one replaces an older.
    pub fn show_notice(&mut self, notice: Notice) {
        let gone =
            |shown: &Notice| *shown == notice || shown.is_transient() && notice.is_transient();
        while let Some(index) = self.notices.iter().position(gone) {
            self.dismiss_notice(index);
        }
        if notice.is_transient() {
            self.ctx
                .request_repaint_after(Duration::from_secs_f64(TRANSIENT_SECS));
        }
        self.notices.push(notice);
        self.shown_at.push(self.now());
    }

    /// Takes a transient notice away that has been shown long enough.
    pub fn dismiss_transient(&mut self) {
        let oldest = self.now() - TRANSIENT_SECS;
        let mut old = self.notices.iter().zip(&self.shown_at);
        if let Some(index) = old.position(|(notice, &at)| notice.is_transient() && at <= oldest) {
            self.dismiss_notice(index);
        }
    }

    /// Takes all notices away.
    pub fn clear_notices(&mut self) {
        self.notices.clear();
        self.shown_at.clear();
    }

    /// Asks whether edits may be lost.
    pub fn ask_about_edits(&mut self, pending: PendingAction) {
        self.ask(Question::Unsaved(pending));
    }

    /// Asks whether a file may be replaced.
    pub fn ask_to_replace(&mut self, replacement: Replacement) {
        self.ask(Question::Replace(replacement));
    }

    fn ask(&mut self, question: Question) {
        // nothing stays open above it
        Popup::close_all(&self.ctx);
        self.dialogs.question = Some(question);
    }

    fn now(&self) -> f64 {
        self.ctx.input(|input| input.time)
    }

    /// Closes the window without a further question.
    pub fn close(&mut self) {
        self.closing = true;
        self.send(ViewportCommand::Close);
    }

    /// Asks before edits are lost with the window.
    pub fn guard_close(&mut self, is_modified: bool) {
        let asked = self.ctx.input(|input| input.viewport().close_requested());
        if asked && is_modified && !self.closing {
            self.send(ViewportCommand::CancelClose);
            self.ask_about_edits(PendingAction::CloseWindow);
        } else if asked {
            // what an analysis found is kept behind the closed window
            self.send(ViewportCommand::Visible(false));
        }
    }

    /// Size of text; Ctrl and plus or minus change it besides the settings.
    pub fn text_scale(&self) -> f32 {
        match self.presenting {
            true => self.ctx.zoom_factor() / PRESENTATION,
            false => self.ctx.zoom_factor(),
        }
    }

    /// Shows the canvas alone in the whole screen, with larger text; or everything again.
    pub(super) fn present(&mut self, on: bool) {
        if on == self.presenting {
            return;
        }
        self.presenting = on;
        self.send(ViewportCommand::Fullscreen(on));
        let factor = if on { PRESENTATION } else { 1.0 / PRESENTATION };
        self.ctx.set_zoom_factor(factor * self.ctx.zoom_factor());
    }

    pub(super) fn escape(&mut self) {
        match (self.dialogs.close(), self.presenting) {
            (true, _) => {}
            (false, true) => self.present(false),
            (false, false) => self.events.push(OwnerEvent::Escape),
        }
    }

    pub(super) fn toggle_help(&mut self) {
        Popup::close_all(&self.ctx);
        self.dialogs.help ^= true;
    }

    pub(super) fn toggle_keys(&mut self) {
        Popup::close_all(&self.ctx);
        self.dialogs.keys ^= true;
    }

    pub(super) fn toggle_settings(&mut self) {
        Popup::close_all(&self.ctx);
        self.settings.text_scale = self.text_scale();
        self.dialogs.settings = match self.dialogs.settings {
            Some(_) => None,
            None => {
                self.events.push(OwnerEvent::SettingsOpened);
                Some(self.settings.cache().map_or(0, |cache| cache.size()))
            }
        };
    }

    pub(super) fn set_settings(&mut self, settings: AppSettings) {
        let before = std::mem::replace(&mut self.settings, settings);
        self.ctx.set_theme(self.settings.appearance.preference());
        if before.text_scale != self.settings.text_scale {
            self.ctx.set_zoom_factor(self.settings.text_scale);
        }
        if before.sound_device != self.settings.sound_device {
            let device = self.settings.sound_device.clone();
            self.events.push(OwnerEvent::SoundDeviceChanged(device));
        }
        if before.networks() != self.settings.networks() {
            self.events.push(OwnerEvent::NetworksChanged);
        }
    }

    pub(super) fn clear_cache(&mut self) {
        if let Some(cache) = self.settings.cache() {
            if let Err(error) = cache.clear() {
                self.show_notice(Notice::from_error(&error));
            }
            self.dialogs.settings = Some(cache.size());
        }
    }

    pub(super) fn dismiss_notice(&mut self, index: usize) {
        if index < self.notices.len() {
            self.notices.remove(index);
            self.shown_at.remove(index);
        }
    }

    pub(super) fn save_edits(&mut self) {
        let action = self.answered();
        self.events.extend(action.map(OwnerEvent::SaveThen));
    }

    pub(super) fn discard_edits(&mut self) {
        let action = self.answered();
        self.events.extend(action.map(OwnerEvent::Proceed));
    }

    /// What waited for the answer about edits.
    fn answered(&mut self) -> Option<PendingAction> {
        match self.dialogs.question.take() {
            Some(Question::Unsaved(action)) => Some(action),
            _ => None,
        }
    }

    pub(super) fn send(&self, command: ViewportCommand) {
        self.ctx.send_viewport_cmd(command);
    }
}
