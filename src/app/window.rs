//! The program in the window; how a frame is made.

use std::path::{Path, PathBuf};

use eframe::egui::{self, CentralPanel, Context, Frame, Ui, ViewportCommand};

use super::jobs::{Jobs, News, Report};
use super::notice::Notice;
use super::render::SpectrogramPainter;
use super::session::Session;
use super::view_state::ViewState;
use super::{Command, fonts, incoming, keys, panels, theme, views};

/// The window's state: one recording, how it is looked at, and the work under way.
pub struct App {
    pub(super) session: Option<Session>,
    pub(super) view: ViewState,
    pub(super) jobs: Jobs,
    pub(super) notices: Vec<Notice>,
    pub(super) spectrogram: SpectrogramPainter,
    pub(super) ctx: Context,
}

impl App {
    /// Sets the looks and begins to analyze the first of `files`.
    pub fn new(cc: &eframe::CreationContext<'_>, files: Vec<PathBuf>) -> Self {
        let ctx = cc.egui_ctx.clone();
        fonts::install(&ctx);
        theme::install(&ctx);
        let mut app = Self {
            session: None,
            view: ViewState::default(),
            jobs: Jobs::new(ctx.clone()),
            notices: Vec::new(),
            spectrogram: SpectrogramPainter::new(cc.wgpu_render_state.as_ref()),
            ctx,
        };
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

    /// What went wrong and was not yet dismissed, newest last.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// Opens `path` in place of the recording there is, and analyzes it.
    pub(super) fn open(&mut self, path: PathBuf) {
        self.ctx
            .send_viewport_cmd(ViewportCommand::Title(Self::title(Some(&path))));
        self.notices.clear();
        self.view = self.view.afresh();
        let revision = self.jobs.analyze(path.clone());
        self.session = Some(Session::new(path, revision));
    }

    fn take_reports(&mut self) {
        while let Some(report) = self.jobs.next_report() {
            match report {
                Report::Chosen(path) => self.apply(Command::Open(path)),
                Report::Trouble(notice) => self.notices.push(notice),
                Report::Analysis(News::Failed(notice)) => self.fail(notice),
                Report::Notes(notes) => {
                    if let Some(session) = &mut self.session {
                        session.set_notes(notes);
                    }
                }
                Report::Analysis(news) => {
                    if let Some(session) = &mut self.session {
                        self.notices.extend(session.take(news));
                    }
                }
            }
        }
    }

    /// Shows why there is no analysis; a recording of which nothing is known closes again.
    fn fail(&mut self, notice: Notice) {
        self.notices.push(notice);
        match &mut self.session {
            Some(session) if session.has_picture() => session.stop(),
            _ => {
                self.session = None;
                self.ctx
                    .send_viewport_cmd(ViewportCommand::Title(Self::title(None)));
            }
        }
    }

    fn draw(&mut self, ui: &mut Ui, commands: &mut Vec<Command>) {
        if let Some(session) = &self.session {
            panels::toolbar_ui(ui, session, &self.view, commands);
            panels::status_ui(ui, session, &self.view, commands);
        }
        panels::notices_ui(ui, &self.notices, commands);
        CentralPanel::default()
            .frame(Frame::new().fill(theme::DARK.canvas))
            .show(ui, |ui| match &self.session {
                Some(session) => {
                    views::canvas_ui(ui, session, &mut self.view, &mut self.spectrogram)
                }
                None => views::empty_ui(ui, commands),
            });
        views::drop_hint_ui(ui);
    }
}

impl eframe::App for App {
    fn logic(&mut self, _ctx: &Context, _frame: &mut eframe::Frame) {
        self.take_reports();
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

    fn clear_color(&self, _visuals: &egui::Visuals) -> [f32; 4] {
        theme::DARK.canvas.to_normalized_gamma_f32()
    }
}
