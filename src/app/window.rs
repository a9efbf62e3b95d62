//! The program in the window; how a frame is made.

use std::path::{Path, PathBuf};
use std::time::Duration;

use eframe::egui::{self, Context, Ui};

use super::event::{OwnerEvent, PendingAction};
use super::memory::Memory;
use super::notice::Notice;
use super::pace::{Motion, Pace};
use super::panels::side::AnalysisChoices;
use super::render::{RetainedFrame, SpectrogramPainter, is_software};
use super::shell::{AppSettings, Shell};
use super::sound::Sound;
use super::view_state::{Follow, ViewState};
use super::views::Overview;
use super::workspace::{Session, Workspace, WorkspaceCommand};
use super::{Command, fonts, incoming, keys, storage, theme};
use crate::audio::play::Player;

/// A frame waits no longer for the journal.
const LONGEST_WAIT: Duration = Duration::from_millis(8);

/// The program in the window: it passes commands and events to the owners, and draws them.
pub struct App {
    pub(super) workspace: Workspace,
    pub(super) sound: Sound,
    pub(super) shell: Shell,
    pub(super) spectrogram: SpectrogramPainter,
    /// Draws the voice over it.
    pub(super) voice: SpectrogramPainter,
    pub(super) overview: Overview,
    pub(super) choices: AnalysisChoices,
    pace: Pace,
    ctx: Context,
}

impl App {
    /// The window as it was left, with the first of `files`.
    pub fn new(cc: &eframe::CreationContext<'_>, files: Vec<PathBuf>) -> Self {
        let (settings, memory) = cc.storage.map(storage::restore).unwrap_or_default();
        let journal = storage::folder();
        Self::with_journal(cc, files, (settings, memory), Player::new(), journal)
    }

    /// A window with these settings; begins to analyze the first of `files`. Unsaved work is not
    /// kept.
    pub fn with(
        cc: &eframe::CreationContext<'_>,
        files: Vec<PathBuf>,
        settings: AppSettings,
        memory: Memory,
        player: Player,
    ) -> Self {
        Self::with_journal(cc, files, (settings, memory), player, None)
    }

    /// The same, keeping unsaved work in a folder.
    pub fn with_journal(
        cc: &eframe::CreationContext<'_>,
        files: Vec<PathBuf>,
        (settings, memory): (AppSettings, Memory),
        player: Player,
        journal: Option<PathBuf>,
    ) -> Self {
        let ctx = cc.egui_ctx.clone();
        fonts::install(&ctx);
        theme::install(&ctx);
        let is_software = is_software(cc);
        if is_software && cc.gl.is_some() {
            ctx.add_plugin(RetainedFrame::default());
        }
        let mut app = Self {
            workspace: Workspace::new(ctx.clone(), memory),
            sound: Sound::new(player, ctx.clone(), settings.sound_device.clone()),
            shell: Shell::new(ctx.clone(), settings),
            spectrogram: SpectrogramPainter::new(cc.wgpu_render_state.as_ref()),
            voice: SpectrogramPainter::new(cc.wgpu_render_state.as_ref()),
            overview: Overview::default(),
            choices: AnalysisChoices::default(),
            pace: Pace::new(is_software),
            ctx,
        };
        if let Some(folder) = journal {
            app.workspace.keep_in(folder);
        }
        let n_files = files.len();
        let first: Vec<_> = files.iter().take(1).cloned().collect();
        if let Some(path) = files.into_iter().next() {
            app.apply(WorkspaceCommand::Open(path));
        }
        if n_files > 1 {
            app.shell.show_notice(Notice::info(
                "The first file is open; the window shows one recording at a time.",
            ));
        }
        app.workspace.tell_what_was_left(&first);
        app
    }

    /// The opened recording.
    pub fn session(&self) -> Option<&Session> {
        self.workspace.session()
    }

    /// What is seen of it.
    pub fn view(&self) -> &ViewState {
        self.workspace.view()
    }

    /// What is heard of it.
    pub fn player(&self) -> &Player {
        self.sound.player()
    }

    /// How a person wants the program to be.
    pub fn settings(&self) -> &AppSettings {
        &self.shell.settings
    }

    /// What went wrong and was not yet dismissed, newest last.
    pub fn notices(&self) -> &[Notice] {
        self.shell.notices()
    }

    /// Whether there are edits that are not saved.
    pub fn is_modified(&self) -> bool {
        self.workspace.is_modified()
    }

    /// Has the owner it concerns apply a command, and the others follow.
    pub fn apply(&mut self, command: impl Into<Command>) {
        match command.into() {
            Command::Workspace(command) => self.workspace.apply(command, &self.shell.settings),
            Command::View(command) => self.workspace.apply_view(command),
            Command::Sound(command) => {
                if let Some(open) = self.workspace.active() {
                    self.sound.apply(command, open);
                }
            }
            Command::Shell(command) => self.shell.apply(command, self.session().is_some()),
        }
        self.pass_events();
    }

    /// Passes on what an owner did; what follows from one event comes before the next.
    fn pass_events(&mut self) {
        let mut events = self.workspace.take_events();
        events.extend(self.sound.take_events());
        events.extend(self.shell.take_events());
        for event in events {
            self.pass(event);
            self.pass_events();
        }
    }

    fn pass(&mut self, event: OwnerEvent) {
        match event {
            OwnerEvent::Opened(path, track) => self.opened(&path, track),
            OwnerEvent::Closed => self.closed(),
            OwnerEvent::MelodyChanged => self.melody_changed(),
            OwnerEvent::VoiceChanged => self.voice_changed(),
            OwnerEvent::SeparationWanted => self.apply(WorkspaceCommand::Separate),
            OwnerEvent::SelectionChanged => self.selection_changed(),
            OwnerEvent::Select(selection) => self.workspace.select(selection),
            OwnerEvent::Escape => self.workspace.escape(),
            OwnerEvent::Seek(secs) => self.seek(secs),
            OwnerEvent::ShowTime(secs) => self.workspace.show_time(secs),
            OwnerEvent::Frame(secs) => self.workspace.frame(&secs),
            OwnerEvent::UnsavedEdits(action) => self.shell.ask_about_edits(action),
            OwnerEvent::Proceed(action) => self.proceed(action),
            OwnerEvent::SaveThen(action) => self.workspace.save_then(action),
            OwnerEvent::WouldReplace(replacement) => self.shell.ask_to_replace(replacement),
            OwnerEvent::NetworksChanged => self.apply(WorkspaceCommand::AnalyzeAgain),
            OwnerEvent::SoundDeviceChanged(device) => self.sound.set_device(device),
            OwnerEvent::SettingsOpened => self.sound.list_devices(),
            OwnerEvent::CopyText(text) => self.ctx.copy_text(text),
            OwnerEvent::Notice(notice) => self.shell.show_notice(notice),
        }
    }

    fn opened(&mut self, path: &Path, track: Option<usize>) {
        self.shell.clear_notices();
        self.shell.show_title(Some(path));
        self.sound.open(path, track);
        self.voice_changed();
    }

    fn closed(&mut self) {
        self.shell.show_title(None);
        self.sound.close();
    }

    fn melody_changed(&mut self) {
        if let Some(session) = self.workspace.session() {
            self.sound.set_melody(session);
        }
    }

    fn voice_changed(&mut self) {
        let stems = self.workspace.session().map(|session| &session.stems);
        self.sound.set_vocals(stems);
    }

    fn selection_changed(&mut self) {
        if let Some(open) = self.workspace.active() {
            self.sound.selection_changed(open);
        }
    }

    fn seek(&mut self, secs: f64) {
        if let Some(open) = self.workspace.active() {
            self.sound.seek(secs, open);
        }
    }

    /// Does what waited for an answer; edits that are not saved are lost.
    fn proceed(&mut self, action: PendingAction) {
        let settings = &self.shell.settings;
        match action {
            PendingAction::Open(path) => self.workspace.open_now(path, settings),
            PendingAction::OpenProject(project) => self.workspace.open_project(*project, settings),
            PendingAction::TakeTrack(track) => self.workspace.take_track_now(track, settings),
            PendingAction::CloseWindow => {
                self.workspace.discard_work();
                self.shell.close();
            }
        }
    }

    /// Lets the view go with the playhead while it moves, and draws it again once it looks different.
    fn follow_playhead(&mut self) {
        let mode = self.shell.settings.follow;
        let Some(open) = self.workspace.active_mut() else {
            return;
        };
        if !self.sound.follow(open, mode) {
            return;
        }
        let size = self.ctx.content_rect().size() * self.ctx.pixels_per_point();
        let seen = open.view.secs();
        let player = self.sound.player();
        let motion = Motion {
            secs_per_pixel: (seen.end - seen.start) / f64::from(size.x.max(1.0)),
            playhead_secs: player.playhead_secs(),
            speed: player.speed(),
            is_read_out: self.shell.is_presenting(),
            is_scrolling: mode == Follow::Scroll,
            n_pixels: f64::from(size.x * size.y),
        };
        self.ctx
            .request_repaint_after(self.pace.until_next(&motion));
    }
}

impl eframe::App for App {
    fn logic(&mut self, _ctx: &Context, _frame: &mut eframe::Frame) {
        self.workspace.take_reports(&self.shell.settings);
        self.sound.take_notices();
        self.shell.dismiss_transient();
        self.pass_events();
        self.follow_playhead();
        self.workspace.begin_with_phrase();
        self.workspace.say_what_is_seen();
        self.shell.guard_close(self.workspace.is_modified());
        self.workspace.keep();
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
        // what the person sees is kept, and a disk that hangs holds up no frame for long
        self.workspace.keep();
        self.workspace.settle(LONGEST_WAIT);
    }

    fn save(&mut self, storage: &mut dyn eframe::Storage) {
        self.workspace.remember_views();
        self.shell.settings.text_scale = self.shell.text_scale();
        storage::store(storage, &self.shell.settings, self.workspace.memory());
    }

    fn auto_save_interval(&self) -> Duration {
        Duration::from_secs(60)
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.extreme_bg_color.to_normalized_gamma_f32()
    }
}
