//! The program in the window; how a frame is made.

use std::path::{Path, PathBuf};
use std::time::Duration;

use eframe::egui::{self, CentralPanel, Context, Frame, Panel, Ui, ViewportCommand};

use super::dialogs::{self, Dialogs};
use super::jobs::{Jobs, News, Report};
use super::notice::Notice;
use super::opening::Leaving;
use super::panels::side::Choices;
use super::render::SpectrogramPainter;
use super::session::Session;
use super::settings::Settings;
use super::view_state::ViewState;
use super::views::{Overview, overview};
use super::{Command, fonts, incoming, keys, panels, theme, views};
use crate::audio::play::Player;

/// Name of the settings in the program's storage.
const STORED: &str = "settings";

/// How much larger text is in the presentation.
const PRESENTATION: f32 = 1.4;

/// The window's state: one recording, how it is looked at and heard, and the work under way.
pub struct App {
    pub(super) session: Option<Session>,
    pub(super) view: ViewState,
    pub(super) settings: Settings,
    pub(super) player: Player,
    /// Whether what plays begins again at its end.
    pub(super) looping: bool,
    pub(super) jobs: Jobs,
    pub(super) notices: Vec<Notice>,
    pub(super) dialogs: Dialogs,
    /// Name of the file saved last.
    pub(super) saved: Option<String>,
    /// The file to save in once the notes are there.
    pub(super) to_save: Option<PathBuf>,
    pub(super) spectrogram: SpectrogramPainter,
    pub(super) overview: Overview,
    choices: Choices,
    pub(super) ctx: Context,
}

impl App {
    /// The window as it was left, with the first of `files`.
    pub fn new(cc: &eframe::CreationContext<'_>, files: Vec<PathBuf>) -> Self {
        let stored = cc.storage.and_then(|s| eframe::get_value(s, STORED));
        Self::with(cc, files, stored.unwrap_or_default(), Player::new())
    }

    /// A window with these settings; begins to analyze the first of `files`.
    pub fn with(
        cc: &eframe::CreationContext<'_>,
        files: Vec<PathBuf>,
        settings: Settings,
        player: Player,
    ) -> Self {
        let ctx = cc.egui_ctx.clone();
        fonts::install(&ctx);
        theme::install(&ctx);
        let mut app = Self {
            session: None,
            view: ViewState::default(),
            player: ready(player, &ctx, &settings),
            looping: false,
            jobs: Jobs::new(ctx.clone()),
            notices: Vec::new(),
            dialogs: Dialogs::default(),
            saved: None,
            to_save: None,
            spectrogram: SpectrogramPainter::new(cc.wgpu_render_state.as_ref()),
            overview: Overview::default(),
            choices: Choices::default(),
            settings,
            ctx,
        };
        app.ctx.set_theme(app.settings.appearance.preference());
        app.ctx.set_zoom_factor(app.settings.text_scale);
        if files.len() > 1 {
            app.notices.push(Notice::info(
                "The first file is open; the window shows one recording at a time.",
            ));
        }
        if let Some(path) = files.into_iter().next() {
            app.apply(Command::Open(path));
        }
        app
    }

    /// The window's title for a recording, or for none.
    pub fn title(path: Option<&Path>) -> String {
        match path.and_then(Path::file_name) {
            Some(name) => format!("{} – Melograph", name.to_string_lossy()),
            None => "Melograph".to_owned(),
        }
    }

    /// The opened recording.
    pub fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    /// What is seen of it.
    pub fn view(&self) -> &ViewState {
        &self.view
    }

    /// What is heard of it.
    pub fn player(&self) -> &Player {
        &self.player
    }

    /// What is remembered between two runs.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What went wrong and was not yet dismissed, newest last.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    fn take_reports(&mut self) {
        let mut melody_changed = false;
        while let Some(report) = self.jobs.next_report() {
            match report {
                Report::Chosen(path) => self.apply(Command::Open(path)),
                Report::SaveChosen(path) => self.apply(Command::SaveTo(path)),
                Report::Project(project) => self.take_project(*project),
                Report::Saved(path, annotation) => self.take_saved(&path, &annotation),
                Report::Trouble(notice) => self.notices.push(notice),
                Report::Analysis(News::Failed(notice)) => self.fail(notice),
                Report::Notes(notes, _) => {
                    if let Some(session) = &mut self.session {
                        session.set_notes(notes);
                        melody_changed = true;
                    }
                }
                Report::Columns(kind, first, cells) => {
                    if let Some(session) = &mut self.session {
                        session.take_columns(kind, first, &cells);
                    }
                }
                Report::Analysis(news) => {
                    melody_changed |= matches!(news, News::Done(_));
                    if let Some(session) = &mut self.session {
                        self.notices.extend(session.take(news));
                    }
                }
            }
        }
        if melody_changed {
            self.melody_changed();
        }
        self.save_waiting();
    }

    /// Shows why there is no analysis; a recording of which nothing is known closes again.
    fn fail(&mut self, notice: Notice) {
        self.notices.push(notice);
        match &mut self.session {
            Some(session) if session.has_picture() => session.stop(),
            Some(session) => {
                let path = session.path.clone();
                self.settings.recent.retain(|recent| *recent != path);
                self.session = None;
                self.player.close();
                self.ctx
                    .send_viewport_cmd(ViewportCommand::Title(Self::title(None)));
            }
            None => {}
        }
    }

    fn draw(&mut self, ui: &mut Ui, commands: &mut Vec<Command>) {
        match self.dialogs.presenting {
            // the canvas alone, large and calm
            true => self.draw_canvas(ui, commands),
            false => self.draw_everything(ui, commands),
        }
        dialogs::dialogs_ui(ui, &self.dialogs, &self.settings, &self.player, commands);
        views::drop_hint_ui(ui);
    }

    fn draw_everything(&mut self, ui: &mut Ui, commands: &mut Vec<Command>) {
        let session = self.session.as_ref();
        panels::menu_ui(ui, session, &self.view, &self.settings, commands);
        panels::notices_ui(ui, &self.notices, commands);
        if let Some(session) = &self.session {
            panels::status_ui(ui, session, self.saved.as_deref(), commands);
            let sound = (&self.player, self.looping);
            panels::transport_ui(ui, session, &self.view, &self.settings, sound, commands);
            self.draw_overview(ui);
        }
        if let (Some(session), true) = (&self.session, self.settings.side_panel) {
            let choices = (&self.settings, &mut self.choices);
            panels::side_ui(ui, session, &self.view, choices, &self.player, commands);
        }
        self.draw_canvas(ui, commands);
    }

    fn draw_overview(&mut self, ui: &mut Ui) {
        let Some(session) = &self.session else {
            return;
        };
        let frame = Frame::new().fill(theme::palette(ui.ctx()).panel);
        let panel = Panel::bottom("overview").frame(frame);
        panel.show(ui, |ui| {
            let strip = self.overview.ui(ui, session, &mut self.view);
            let now = self.player.playhead_secs();
            overview::paint_playhead(ui, strip.rect, now, &session.bounds());
        });
    }

    fn draw_canvas(&mut self, ui: &mut Ui, commands: &mut Vec<Command>) {
        let look = self.view.look.suited(ui.ctx().theme());
        let ground = match &self.session {
            Some(_) => look.palette().canvas,
            None => theme::palette(ui.ctx()).canvas,
        };
        let frame = Frame::new().fill(ground);
        CentralPanel::default()
            .frame(frame)
            .show(ui, |ui| match &self.session {
                Some(session) => {
                    let canvas = views::Canvas {
                        session,
                        playhead_secs: self.player.playhead_secs(),
                        piano: self.settings.piano,
                        look,
                    };
                    canvas.ui(ui, &mut self.view, &mut self.spectrogram, commands);
                }
                None => views::empty_ui(ui, &self.settings.recent, commands),
            });
    }

    /// Shows the canvas alone in the whole screen, with larger text; or everything again.
    pub(super) fn present(&mut self, on: bool) {
        let on = on && self.session.is_some();
        if on == self.dialogs.presenting {
            return;
        }
        self.dialogs.presenting = on;
        self.ctx.send_viewport_cmd(ViewportCommand::Fullscreen(on));
        let factor = if on { PRESENTATION } else { 1.0 / PRESENTATION };
        self.ctx.set_zoom_factor(factor * self.ctx.zoom_factor());
    }

    /// Size of text; Ctrl and plus or minus change it besides the settings.
    fn text_scale(&self) -> f32 {
        match self.dialogs.presenting {
            true => self.ctx.zoom_factor() / PRESENTATION,
            false => self.ctx.zoom_factor(),
        }
    }

    pub(super) fn show_settings(&mut self) {
        self.settings.text_scale = self.text_scale();
        self.dialogs.settings = match self.dialogs.settings {
            Some(_) => None,
            None => {
                self.player.list_devices();
                Some(self.settings.cache().map_or(0, |cache| cache.size()))
            }
        };
    }

    pub(super) fn set(&mut self, settings: Settings) {
        let before = std::mem::replace(&mut self.settings, settings);
        self.ctx.set_theme(self.settings.appearance.preference());
        if before.text_scale != self.settings.text_scale {
            self.ctx.set_zoom_factor(self.settings.text_scale);
        }
        if before.sound_device != self.settings.sound_device {
            self.player.set_device(self.settings.sound_device.clone());
        }
        if before.networks() != self.settings.networks() {
            // another network's word is worth hearing at once
            self.apply(Command::AnalyzeAgain);
        }
    }

    pub(super) fn clear_cache(&mut self) {
        if let Some(cache) = self.settings.cache() {
            if let Err(error) = cache.clear() {
                self.notices.push(Notice::from_error(&error));
            }
            self.dialogs.settings = Some(cache.size());
        }
    }

    /// Asks before edits are lost with the window.
    fn guard_close(&mut self) {
        let asked = self.ctx.input(|input| input.viewport().close_requested());
        if asked && self.is_modified() && !self.dialogs.closing {
            self.ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            self.dialogs.leaving = Some(Leaving::Close);
        }
    }
}

/// The player wakes the window, and plays on the chosen device.
fn ready(mut player: Player, ctx: &Context, settings: &Settings) -> Player {
    let ctx = ctx.clone();
    player.set_wake(move || ctx.request_repaint());
    if settings.sound_device.is_some() {
        player.set_device(settings.sound_device.clone());
    }
    player
}

impl eframe::App for App {
    fn logic(&mut self, _ctx: &Context, _frame: &mut eframe::Frame) {
        self.take_reports();
        self.follow();
        self.guard_close();
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        let mut commands = keys::commands(ui.ctx());
        commands.extend(incoming::commands(ui.ctx()));
        for command in commands.drain(..) {
            self.apply(command);
        }
        self.draw(ui, &mut commands);
        if !commands.is_empty() {
            // what they change is drawn by the next frame
            ui.ctx().request_repaint();
        }
        for command in commands {
            self.apply(command);
        }
    }

    fn save(&mut self, storage: &mut dyn eframe::Storage) {
        self.remember_view();
        self.settings.text_scale = self.text_scale();
        eframe::set_value(storage, STORED, &self.settings);
    }

    fn auto_save_interval(&self) -> Duration {
        Duration::from_secs(60)
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.extreme_bg_color.to_normalized_gamma_f32()
    }
}
