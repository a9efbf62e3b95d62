//! The menu bar, and the recording's title beside it.

use std::path::PathBuf;

use eframe::egui::{
    Align, Button, DragValue, Frame, Label, Layout, Margin, MenuBar, Panel, Popup, RichText, Ui,
};

use crate::annotation::{Mark, Operation, Selection};
use crate::app::bindings::{NUDGE_DOWN, NUDGE_UP, binding, correction, keys_of};
use crate::app::command::Command;
use crate::app::icon::{self, Icon};
use crate::app::shell::{AppSettings, BarMenu, ShellCommand};
use crate::app::sound::SoundCommand;
use crate::app::theme::{BODY, SMALL, UNIT, palette};
use crate::app::view_state::{Follow, ViewCommand, ViewState};
use crate::app::views::{readout, scrolled_menu_ui};
use crate::app::workspace::{Extent, SeparationState, Session, Workspace, WorkspaceCommand};
use crate::audio::play::Heard;
use crate::files::{shown, shown_name};
use crate::formats::{Content, FORMATS, Format};

/// Draws the menu bar.
pub fn menu_ui(
    ui: &mut Ui,
    workspace: &Workspace,
    (settings, has_panel): (&AppSettings, bool),
    commands: &mut Vec<Command>,
) {
    let session = workspace.session();
    let frame = Frame::new()
        .fill(palette(ui.ctx()).panel)
        .inner_margin(Margin::symmetric(8, 4));
    Panel::top("menu").frame(frame).show(ui, |ui| {
        MenuBar::new().ui(ui, |ui| {
            let selection = &workspace.view().selection;
            let mut menu = Menu {
                commands,
                session,
                selection,
            };
            let asked_for = BarMenu::asked_for(ui.ctx());
            for bar_menu in BarMenu::ALL {
                let shown = ui.menu_button(bar_menu.label(), |ui| {
                    scrolled_menu_ui(ui, |ui| match bar_menu {
                        BarMenu::File => menu.file_ui(ui, workspace.memory().recent()),
                        BarMenu::Edit => menu.edit_ui(ui),
                        BarMenu::View => menu.view_ui(ui, workspace.view(), settings),
                        BarMenu::Play => menu.play_ui(ui),
                        BarMenu::Analysis => menu.analysis_ui(ui),
                        BarMenu::Help => menu.help_ui(ui),
                    });
                });
                if asked_for == Some(bar_menu) {
                    // arrows go on from there
                    shown.response.request_focus();
                    let popup = Popup::default_response_id(&shown.response);
                    Popup::open_id(ui.ctx(), popup);
                }
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                side_button_ui(ui, has_panel, menu.commands);
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
    selection: &'a Selection,
}

impl Menu<'_> {
    /// An entry by the command's own name and keys.
    fn item(&mut self, ui: &mut Ui, command: impl Into<Command>) {
        let command = command.into();
        let label = binding(&command).map_or("", |binding| binding.label);
        self.item_as(ui, label, command, true);
    }

    /// An entry for what needs a recording.
    fn for_recording(&mut self, ui: &mut Ui, command: impl Into<Command>) {
        let command = command.into();
        let label = binding(&command).map_or("", |binding| binding.label);
        self.item_as(ui, label, command, self.session.is_some());
    }

    fn item_as(&mut self, ui: &mut Ui, label: &str, command: impl Into<Command>, enabled: bool) {
        let command = command.into();
        let button = Button::new(label).shortcut_text(keys_of(ui.ctx(), &command));
        if ui.add_enabled(enabled, button).clicked() {
            self.commands.push(command);
            ui.close();
        }
    }

    fn file_ui(&mut self, ui: &mut Ui, recent: &[PathBuf]) {
        self.item(ui, WorkspaceCommand::ChooseFile);
        ui.add_enabled_ui(!recent.is_empty(), |ui| {
            ui.menu_button("Open recent", |ui| self.recent_ui(ui, recent));
        });
        self.item_as(
            ui,
            "Open the demonstration track",
            WorkspaceCommand::OpenDemo,
            true,
        );
        ui.separator();
        self.for_recording(ui, WorkspaceCommand::Save);
        self.for_recording(ui, WorkspaceCommand::SaveAs);
        self.for_recording(ui, WorkspaceCommand::SaveBeside);
        ui.separator();
        self.export_ui(ui);
        self.for_recording(ui, WorkspaceCommand::ExportStems);
        ui.separator();
        self.item(ui, ShellCommand::ToggleSettings);
        ui.separator();
        self.item(ui, ShellCommand::Quit);
    }

    /// Every format there is, of the whole and of the selection, and figures of what is seen.
    fn export_ui(&mut self, ui: &mut Ui) {
        let is_selected = self.selection != &Selection::Nothing;
        ui.add_enabled_ui(self.session.is_some(), |ui| {
            ui.menu_button("Export", |ui| self.formats_ui(ui, Extent::Whole));
        });
        ui.add_enabled_ui(is_selected, |ui| {
            ui.menu_button("Export the selection", |ui| {
                self.formats_ui(ui, Extent::Selection);
            });
        });
        ui.add_enabled_ui(self.session.is_some(), |ui| {
            ui.menu_button("Export the view as a figure", |ui| {
                self.formats_ui(ui, Extent::View);
            });
        });
    }

    fn formats_ui(&mut self, ui: &mut Ui, extent: Extent) {
        let is_view = extent == Extent::View;
        let suits = |format: &&Format| !is_view || format.content == Content::Figure;
        for format in FORMATS.iter().filter(suits) {
            let label = format!("{}: {}", format.name, format.help);
            let export = WorkspaceCommand::Export { format, extent };
            self.item_as(ui, &label, export, true);
        }
    }

    fn recent_ui(&mut self, ui: &mut Ui, recent: &[PathBuf]) {
        for path in recent {
            let name = shown_name(path);
            let folder = path.parent().map(shown_name).unwrap_or_default();
            let button = Button::new(name).shortcut_text(folder);
            let open = WorkspaceCommand::Open(path.clone());
            if ui.add(button).on_hover_text(shown(path)).clicked() {
                self.commands.push(open.into());
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
        self.item_as(
            ui,
            &named("Undo", undo),
            WorkspaceCommand::Undo,
            undo.is_some(),
        );
        self.item_as(
            ui,
            &named("Redo", redo),
            WorkspaceCommand::Redo,
            redo.is_some(),
        );
        ui.separator();
        use Operation as O;
        for group in [
            &[
                O::OctaveUp,
                O::OctaveDown,
                O::FifthUp,
                O::FifthDown,
                NUDGE_UP,
                NUDGE_DOWN,
            ][..],
            &[O::Unvoice, O::Voice, O::Interpolate, O::Smooth],
            &[O::FormNote, O::MergeNotes, O::SnapNotes, O::DeleteNotes],
            &[
                O::Mark(Mark::Accepted),
                O::Unmark(Mark::Accepted),
                O::Mark(Mark::Starred),
                O::Unmark(Mark::Starred),
            ],
        ] {
            for operation in group {
                self.for_recording(ui, correction(operation.clone()));
            }
            ui.separator();
        }
        for command in [
            WorkspaceCommand::SplitNote,
            WorkspaceCommand::ShowCandidates,
            WorkspaceCommand::FindAgain,
        ] {
            self.for_recording(ui, command);
        }
        ui.separator();
        self.for_recording(ui, WorkspaceCommand::CopyTable);
        self.for_recording(ui, WorkspaceCommand::SelectAll);
        self.for_recording(ui, ShellCommand::Escape);
    }

    fn view_ui(&mut self, ui: &mut Ui, view: &ViewState, settings: &AppSettings) {
        for command in [
            ViewCommand::Fit,
            ViewCommand::FitSelection,
            ViewCommand::ZoomIn,
            ViewCommand::ZoomOut,
        ] {
            self.for_recording(ui, command);
        }
        ui.separator();
        ui.menu_button("While playing", |ui| {
            for mode in Follow::ALL {
                if ui.radio(settings.follow == mode, mode.label()).clicked() {
                    self.commands.push(ShellCommand::SetFollow(mode).into());
                    ui.close();
                }
            }
        });
        ui.menu_button("Pitch axis", |ui| self.pitch_axis_ui(ui, view, settings));
        ui.separator();
        self.item(ui, ShellCommand::ToggleSidePanel);
        self.for_recording(ui, ShellCommand::TogglePresentation);
    }

    fn pitch_axis_ui(&mut self, ui: &mut Ui, view: &ViewState, settings: &AppSettings) {
        for (piano, label) in [(true, "Piano"), (false, "Note names")] {
            if ui.radio(settings.piano == piano, label).clicked() {
                let mut settings = settings.clone();
                settings.piano = piano;
                let settings = ShellCommand::SetSettings(Box::new(settings));
                self.commands.push(settings.into());
                ui.close();
            }
        }
        ui.separator();
        for a4_hz in [415.0, 432.0, 440.0, 442.0, 443.0] {
            let chosen = (view.a4_hz - a4_hz).abs() < 0.05;
            if ui.radio(chosen, format!("A4 = {a4_hz} Hz")).clicked() {
                self.commands.push(ViewCommand::SetA4(a4_hz).into());
                ui.close();
            }
        }
        let mut a4_hz = view.a4_hz;
        let field = DragValue::new(&mut a4_hz).range(380.0..=480.0).speed(0.1);
        let field = ui.add(field.prefix("A4 = ").suffix(" Hz").max_decimals(1));
        readout::name(&field, "A4 in Hz");
        if field.changed() {
            self.commands.push(ViewCommand::SetA4(a4_hz).into());
        }
    }

    fn help_ui(&mut self, ui: &mut Ui) {
        self.item(ui, ShellCommand::ToggleHelp);
        self.item(ui, ShellCommand::ToggleKeys);
    }

    fn analysis_ui(&mut self, ui: &mut Ui) {
        let state = self.session.map(|session| session.stems.state);
        let is_running = matches!(state, Some(SeparationState::Running(_)));
        for (command, enabled) in [
            (
                WorkspaceCommand::Separate,
                state == Some(SeparationState::Absent),
            ),
            (WorkspaceCommand::CancelSeparation, is_running),
        ] {
            let command = command.into();
            let label = binding(&command).map_or("", |binding| binding.label);
            self.item_as(ui, label, command, enabled);
        }
        ui.separator();
        self.for_recording(ui, WorkspaceCommand::AnalyzeAgain);
    }

    fn play_ui(&mut self, ui: &mut Ui) {
        use SoundCommand as S;
        for group in [
            &[
                S::TogglePlay,
                S::PlaySelection,
                S::ToggleLoop,
                S::ToggleTone,
            ][..],
            &[S::Hear(Heard::Voice), S::Hear(Heard::Accompaniment)],
            &[S::Slower, S::Faster, S::NormalSpeed],
            &[S::ToStart, S::ToEnd, S::PreviousNote, S::NextNote],
            &[S::PreviousDoubt, S::NextDoubt],
        ] {
            for &command in group {
                self.for_recording(ui, command);
            }
            if group[0] != S::PreviousDoubt {
                ui.separator();
            }
        }
    }
}

fn side_button_ui(ui: &mut Ui, has_panel: bool, commands: &mut Vec<Command>) {
    let (icon, tip) = match has_panel {
        true => (Icon::PanelRightClose, "Close the side panel (F9)"),
        false => (Icon::PanelRightOpen, "Open the side panel (F9)"),
    };
    if icon::button_ui(ui, icon, "Side panel", tip).clicked() {
        commands.push(ShellCommand::ToggleSidePanel.into());
    }
}

/// Title and artist as tagged, else the file's name; a dot while there is something to save.
fn title_ui(ui: &mut Ui, session: &Session) {
    let palette = palette(ui.ctx());
    let file = session.file_name();
    let title = session
        .audio()
        .title
        .clone()
        .unwrap_or_else(|| file.clone());
    let modified = session.is_modified();
    ui.add_space(UNIT);
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 2.0 * UNIT;
        if modified {
            let dot = RichText::new("●").size(SMALL).color(palette.accent);
            ui.label(dot).on_hover_text("Not saved");
        }
        if let Some(artist) = &session.audio().artist {
            let artist = RichText::new(artist).size(SMALL).color(palette.weak);
            ui.add(Label::new(artist).truncate());
        }
        let title = RichText::new(title).size(BODY).color(palette.text);
        let path = shown(&session.path);
        ui.add(Label::new(title).truncate()).on_hover_text(path);
    });
}
