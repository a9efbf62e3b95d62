//! What the window shows: panels around a canvas.

use eframe::egui::{CentralPanel, Frame, Panel, Ui};

use super::shell::dialogs;
use super::sound::SoundCommand;
use super::views::overview;
use super::{App, Command, panels, theme, views};

impl App {
    /// Draws the window, and collects what is asked for by it.
    pub(super) fn draw(&mut self, ui: &mut Ui, commands: &mut Vec<Command>) {
        match self.shell.is_presenting() {
            // in the presentation, the canvas alone
            true => self.draw_canvas(ui, commands),
            false => self.draw_everything(ui, commands),
        }
        dialogs::dialogs_ui(ui, &self.shell, self.sound.player(), commands);
        views::drop_hint_ui(ui);
    }

    fn draw_everything(&mut self, ui: &mut Ui, commands: &mut Vec<Command>) {
        let settings = &self.shell.settings;
        let has_panel = self.shell.shows_side_panel();
        panels::menu_ui(ui, &self.workspace, (settings, has_panel), commands);
        if let Some(open) = self.workspace.active() {
            panels::status_ui(ui, &open.session, commands);
            panels::transport_ui(ui, open, settings, &self.sound, commands);
            self.draw_overview(ui, commands);
        }
        let canvas = ui.available_rect_before_wrap();
        if let (Some(open), true) = (self.workspace.active(), has_panel) {
            let choices = (&self.shell.settings, &mut self.choices);
            panels::side_ui(ui, open, choices, self.sound.player(), commands);
        }
        let is_hidden = has_panel && self.session().is_some() && panels::is_narrow(ui.ctx());
        if !is_hidden {
            self.draw_canvas(ui, commands);
        }
        panels::notices_ui(ui, canvas, self.shell.notices(), commands);
    }

    fn draw_overview(&mut self, ui: &mut Ui, commands: &mut Vec<Command>) {
        let Some(open) = self.workspace.active_mut() else {
            return;
        };
        let frame = Frame::new().fill(theme::palette(ui.ctx()).panel);
        let panel = Panel::bottom("overview").frame(frame);
        panel.show(ui, |ui| {
            let strip = self.overview.ui(ui, &open.session, &mut open.view);
            if strip.clicked()
                && let Some(pos) = strip.interact_pointer_pos()
            {
                let secs = overview::secs_at(strip.rect, pos.x, &open.session.bounds());
                commands.push(SoundCommand::Seek(secs).into());
            }
            let now = self.sound.player().playhead_secs();
            overview::paint_playhead(ui, strip.rect, now, &open.session.bounds());
        });
    }

    fn draw_canvas(&mut self, ui: &mut Ui, commands: &mut Vec<Command>) {
        let style = self.view().style.suited(ui.ctx().theme());
        let frame = match self.workspace.active() {
            // what is covered is not drawn: a processor fills no ground for nothing
            Some(open) if open.session.spectrogram().covers(&open.view.secs()) => Frame::new(),
            Some(_) => Frame::new().fill(style.palette().canvas),
            None => Frame::new().fill(theme::palette(ui.ctx()).canvas),
        };
        let panel = CentralPanel::default().frame(frame);
        let piano = self.shell.settings.piano;
        let presenting = self.shell.is_presenting();
        let playhead_secs = self.sound.player().playhead_secs();
        panel.show(ui, |ui| match self.workspace.active_mut() {
            Some(open) => {
                let canvas = views::Canvas {
                    session: &open.session,
                    playhead_secs,
                    piano,
                    style,
                    presenting,
                };
                let painters = (&mut self.spectrogram, &mut self.voice);
                canvas.ui(ui, &mut open.view, painters, commands);
            }
            None => views::empty_ui(ui, self.workspace.memory().recent(), commands),
        });
    }
}
