//! The menu bar, and the recording's title beside it.

use std::path::PathBuf;

use eframe::egui::{Align, Button, Frame, Label, Layout, Margin, MenuBar, Panel, RichText, Ui};

use crate::app::command::{Command, EditCommand, PlayCommand};
use crate::app::icon::{self, Icon};
use crate::app::keys::{binding, keys_of};
use crate::app::session::Session;
use crate::app::settings::Settings;
use crate::app::theme::{BODY, SMALL, UNIT, palette};
use crate::app::view_state::{Follow, ViewState};

/// Draws the menu bar.
pub fn menu_ui(
    ui: &mut Ui,
    session: Option<&Session>,
    view: &ViewState,
    settings: &Settings,
    commands: &mut Vec<Command>,
) {
    let frame = Frame::new()
        .fill(palette(ui.ctx()).panel)
        .inner_margin(Margin::symmetric(8, 4));
    Panel::top("menu").frame(frame).show(ui, |ui| {
        MenuBar::new().ui(ui, |ui| {
            let mut menu = Menu { commands, session };
            ui.menu_button("File", |ui| menu.file_ui(ui, settings));
            ui.menu_button("Edit", |ui| menu.edit_ui(ui));
            ui.menu_button("View", |ui| menu.view_ui(ui, view, settings));
            ui.menu_button("Play", |ui| menu.play_ui(ui));
            ui.menu_button("Help", |ui| {
                menu.item(ui, Command::ShowHelp);
                menu.item(ui, Command::ShowKeys);
            });
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                side_button_ui(ui, settings, menu.commands);
                if let Some(session) = session {
                    title_ui(ui, session);
                }
            });
        });
    });
}

struct Menu<'a> {
    commands: &'a mut Vec<Command>,
    session: Option<&'a Session>,
}

impl Menu<'_> {
    /// An entry by the command's own name and keys.
    fn item(&mut self, ui: &mut Ui, command: Command) {
        let label = binding(&command).map_or("", |binding| binding.label);
        self.item_as(ui, label, command, true);
    }

    /// An entry for what needs a recording.
    fn for_recording(&mut self, ui: &mut Ui, command: Command) {
        let label = binding(&command).map_or("", |binding| binding.label);
        self.item_as(ui, label, command, self.session.is_some());
    }

    fn item_as(&mut self, ui: &mut Ui, label: &str, command: Command, enabled: bool) {
        let button = Button::new(label).shortcut_text(keys_of(ui.ctx(), &command));
        if ui.add_enabled(enabled, button).clicked() {
            self.commands.push(command);
            ui.close();
        }
    }

    fn file_ui(&mut self, ui: &mut Ui, settings: &Settings) {
        self.item(ui, Command::ChooseFile);
        ui.add_enabled_ui(!settings.recent.is_empty(), |ui| {
            ui.menu_button("Open recent", |ui| self.recent_ui(ui, &settings.recent));
        });
        self.item_as(ui, "Open the demonstration track", Command::OpenDemo, true);
        ui.separator();
        self.for_recording(ui, Command::Save);
        self.for_recording(ui, Command::SaveAs);
        self.for_recording(ui, Command::SaveBeside);
        ui.separator();
        self.item(ui, Command::ShowSettings);
        ui.separator();
        self.item(ui, Command::Quit);
    }

    fn recent_ui(&mut self, ui: &mut Ui, recent: &[PathBuf]) {
        for path in recent {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let open = Command::Open(path.clone());
            if ui
                .button(name)
                .on_hover_text(path.display().to_string())
                .clicked()
            {
                self.commands.push(open);
                ui.close();
            }
        }
    }

    fn edit_ui(&mut self, ui: &mut Ui) {
        let document = self.session.and_then(|session| session.document.as_ref());
        let [undo, redo] = document.map_or([None, None], |document| document.labels());
        let named = |verb: &str, label: Option<&str>| match label {
            Some(label) => format!("{verb} {label}"),
            None => verb.to_owned(),
        };
        self.item_as(ui, &named("Undo", undo), Command::Undo, undo.is_some());
        self.item_as(ui, &named("Redo", redo), Command::Redo, redo.is_some());
        ui.separator();
        use EditCommand as E;
        for group in [
            &[E::OctaveUp, E::OctaveDown, E::FifthUp, E::FifthDown][..],
            &[E::Unvoice, E::Voice, E::Interpolate, E::DeleteNotes],
        ] {
            for &command in group {
                self.for_recording(ui, Command::Edit(command));
            }
            ui.separator();
        }
        self.for_recording(ui, Command::SelectAll);
        self.for_recording(ui, Command::SelectNothing);
    }

    fn view_ui(&mut self, ui: &mut Ui, view: &ViewState, settings: &Settings) {
        for command in [
            Command::Fit,
            Command::FitSelection,
            Command::ZoomIn,
            Command::ZoomOut,
        ] {
            self.for_recording(ui, command);
        }
        ui.separator();
        ui.menu_button("While playing", |ui| {
            for mode in Follow::ALL {
                if ui.radio(settings.follow == mode, mode.label()).clicked() {
                    self.commands.push(Command::Follow(mode));
                    ui.close();
                }
            }
        });
        ui.menu_button("Pitch axis", |ui| self.pitch_axis_ui(ui, view, settings));
        ui.separator();
        self.item(ui, Command::ToggleSide);
        self.for_recording(ui, Command::Present);
    }

    fn pitch_axis_ui(&mut self, ui: &mut Ui, view: &ViewState, settings: &Settings) {
        for (piano, label) in [(true, "Piano"), (false, "Note names")] {
            if ui.radio(settings.piano == piano, label).clicked() {
                let mut settings = settings.clone();
                settings.piano = piano;
                self.commands.push(Command::Set(Box::new(settings)));
                ui.close();
            }
        }
        ui.separator();
        for a4_hz in [415.0, 432.0, 440.0, 442.0, 443.0] {
            let chosen = (view.a4_hz - a4_hz).abs() < 0.05;
            if ui.radio(chosen, format!("A4 = {a4_hz} Hz")).clicked() {
                self.commands.push(Command::Tune(a4_hz));
                ui.close();
            }
        }
    }

    fn play_ui(&mut self, ui: &mut Ui) {
        use PlayCommand as P;
        for group in [
            &[P::Toggle, P::Selection, P::Loop, P::Tone][..],
            &[P::Slower, P::Faster, P::NormalSpeed],
            &[P::ToStart, P::ToEnd, P::PreviousNote, P::NextNote],
        ] {
            for &command in group {
                self.for_recording(ui, Command::Play(command));
            }
            if group[0] != P::ToStart {
                ui.separator();
            }
        }
    }
}

fn side_button_ui(ui: &mut Ui, settings: &Settings, commands: &mut Vec<Command>) {
    let (icon, tip) = match settings.side_panel {
        true => (Icon::PanelRightClose, "Close the side panel (F9)"),
        false => (Icon::PanelRightOpen, "Open the side panel (F9)"),
    };
    if icon::button_ui(ui, icon, "Side panel", tip).clicked() {
        commands.push(Command::ToggleSide);
    }
}

/// Title and artist as tagged, else the file's name; a dot while there is something to save.
fn title_ui(ui: &mut Ui, session: &Session) {
    let palette = palette(ui.ctx());
    let file = session.file_name();
    let title = session.audio.title.clone().unwrap_or_else(|| file.clone());
    let modified = session.document.as_ref().is_some_and(|d| d.is_modified());
    ui.add_space(UNIT);
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 2.0 * UNIT;
        if modified {
            let dot = RichText::new("●").size(SMALL).color(palette.accent);
            ui.label(dot).on_hover_text("Not saved");
        }
        if let Some(artist) = &session.audio.artist {
            let artist = RichText::new(artist).size(SMALL).color(palette.weak);
            ui.add(Label::new(artist).truncate());
        }
        let title = RichText::new(title).size(BODY).color(palette.text);
        let path = session.path.display().to_string();
        ui.add(Label::new(title).truncate()).on_hover_text(path);
    });
}
