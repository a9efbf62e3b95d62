//! Under the overview: playing, speed, what follows what.

use eframe::egui::{Align, ComboBox, DragValue, Frame, Layout, Margin, Panel, RichText, Ui, vec2};

use crate::app::bindings::keys_of;
use crate::app::command::Command;
use crate::app::icon::{self, Icon};
use crate::app::panels::is_narrow;
use crate::app::shell::{AppSettings, ShellCommand};
use crate::app::sound::{Sound, SoundCommand};
use crate::app::theme::{BODY, UNIT, palette};
use crate::app::tools::{TOOLS, Tool};
use crate::app::view_state::{Follow, ViewCommand, ViewState};
use crate::app::views::readout::{self, clock};
use crate::app::workspace::{OpenSession, Session};
use crate::audio::play::{MAX_SPEED, MIN_SPEED, Player};

/// Draws the transport of an opened recording.
pub fn transport_ui(
    ui: &mut Ui,
    open: &OpenSession,
    settings: &AppSettings,
    sound: &Sound,
    commands: &mut Vec<Command>,
) {
    let OpenSession { session, view } = open;
    let player = sound.player();
    let is_narrow = is_narrow(ui.ctx());
    let frame = Frame::new()
        .fill(palette(ui.ctx()).panel)
        .inner_margin(Margin::symmetric(if is_narrow { 6 } else { 12 }, 6));
    Panel::bottom("transport").frame(frame).show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = UNIT;
            play_ui(ui, player, sound.is_looping(), commands);
            ui.add_space(if is_narrow { 0.0 } else { 2.0 * UNIT });
            time_ui(ui, session, player);
            speed_ui(ui, player, commands);
            ui.add_space(if is_narrow { 0.0 } else { 2.0 * UNIT });
            tools_ui(ui, view, commands);
            follow_ui(ui, settings, commands);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                readout::readout_ui(ui, session, view);
            });
        });
    });
}

fn play_ui(ui: &mut Ui, player: &Player, looping: bool, commands: &mut Vec<Command>) {
    // the Play menu has it too
    if !is_narrow(ui.ctx()) {
        let start = icon::button_ui(ui, Icon::SkipBack, "To the start", "To the start (Home)");
        if start.clicked() {
            commands.push(SoundCommand::ToStart.into());
        }
    }
    let (icon, name) = match player.is_playing() {
        true => (Icon::Pause, "Pause"),
        false => (Icon::Play, "Play"),
    };
    if icon::button_ui(ui, icon, name, &format!("{name} (Space)")).clicked() {
        commands.push(SoundCommand::TogglePlay.into());
    }
    let tip = "Loop the selection, or everything (L)";
    if icon::switch_ui(ui, Icon::Repeat, "Loop", tip, looping).clicked() {
        commands.push(SoundCommand::ToggleLoop.into());
    }
    let on = !player.mixer().f0_tone.mute;
    let tip = "Hear the pitch as a tone (Shift+Space)";
    if icon::switch_ui(ui, Icon::AudioLines, "Pitch as a tone", tip, on).clicked() {
        commands.push(SoundCommand::ToggleTone.into());
    }
}

/// A fixed place, so that nothing moves as the numbers change.
fn time_ui(ui: &mut Ui, session: &Session, player: &Player) {
    let end = session.bounds().end_secs;
    let now = clock(player.playhead_secs().min(end), 1);
    let is_narrow = is_narrow(ui.ctx());
    let width = match (end < 3600.0, is_narrow) {
        (true, false) => 116.0,
        (false, false) => 148.0,
        (true, true) => 66.0,
        (false, true) => 88.0,
    };
    let size = vec2(width, ui.spacing().interact_size.y);
    ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
        ui.set_min_width(width);
        let palette = palette(ui.ctx());
        let now = RichText::new(now).size(BODY + 1.5).monospace();
        ui.label(now.color(palette.text));
        if !is_narrow {
            let whole = RichText::new(clock(end, 0)).monospace().size(BODY - 2.0);
            ui.label(whole.color(palette.weak));
        }
    });
}

fn speed_ui(ui: &mut Ui, player: &Player, commands: &mut Vec<Command>) {
    let mut speed = player.speed();
    let field = DragValue::new(&mut speed)
        .range(MIN_SPEED..=MAX_SPEED)
        .speed(0.01)
        .fixed_decimals(1)
        .suffix("×");
    let tip = "Speed, the pitch stays (Ctrl+Page Up, Ctrl+Page Down; Ctrl+Home: normal)";
    let field = ui.add(field).on_hover_text(tip);
    readout::name(&field, "Speed");
    if field.changed() {
        commands.push(SoundCommand::SetSpeed(speed).into());
    }
}

/// The tools; in a narrow window those that correct are in a menu.
fn tools_ui(ui: &mut Ui, view: &ViewState, commands: &mut Vec<Command>) {
    let n_shown = if is_narrow(ui.ctx()) { 2 } else { TOOLS.len() };
    let (shown, others) = TOOLS.split_at(n_shown);
    tool_switches_ui(ui, shown, view, commands);
    if !others.is_empty() {
        let menu = ui.menu_button(icon::text(Icon::Pencil), |ui| {
            tool_switches_ui(ui, others, view, commands);
        });
        readout::name(&menu.response, "Tools that correct");
    }
}

fn tool_switches_ui(
    ui: &mut Ui,
    tools: &[&'static dyn Tool],
    view: &ViewState,
    commands: &mut Vec<Command>,
) {
    for &tool in tools {
        let select = ViewCommand::SelectTool(tool).into();
        let tip = format!("{} ({})", tool.tip(), keys_of(ui.ctx(), &select));
        let chosen = view.tool == tool;
        if icon::switch_ui(ui, tool.icon(), tool.name(), &tip, chosen).clicked() {
            commands.push(select);
        }
    }
}

fn follow_ui(ui: &mut Ui, settings: &AppSettings, commands: &mut Vec<Command>) {
    if ui.available_width() < 470.0 {
        return; // the View menu has it too
    }
    let shown = ComboBox::from_id_salt("follow")
        .width(112.0)
        .truncate()
        .selected_text(settings.follow.label());
    let combo = shown.show_ui(ui, |ui| {
        for mode in Follow::ALL {
            let row = ui.selectable_label(settings.follow == mode, mode.label());
            if row.clicked() {
                commands.push(ShellCommand::SetFollow(mode).into());
            }
        }
    });
    readout::name(&combo.response, "While playing");
    combo
        .response
        .on_hover_text("What the view does while playing");
}
