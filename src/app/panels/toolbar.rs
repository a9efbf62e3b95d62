//! The toolbar: the recording, the layers, the threshold.

use eframe::egui::{
    Align, FontId, Frame, Id, Label, Layout, Margin, Panel, Response, RichText, Role, Sense,
    Slider, StrokeKind, Ui, UiBuilder, WidgetInfo, vec2,
};

use crate::app::Command;
use crate::app::render::classes;
use crate::app::session::Session;
use crate::app::theme::{BODY, DARK, SMALL, UNIT};
use crate::app::view_state::{Layer, ViewState};

/// Narrower windows show the layers by their signs alone.
const ROOM_FOR_NAMES: f32 = 1080.0;

/// Draws the toolbar.
pub fn toolbar_ui(ui: &mut Ui, session: &Session, view: &ViewState, commands: &mut Vec<Command>) {
    let margin = Margin::symmetric(12, 8);
    let frame = Frame::new().fill(DARK.panel).inner_margin(margin);
    Panel::top("toolbar").frame(frame).show(ui, |ui| {
        ui.horizontal(|ui| {
            let open = ui
                .button("Open…")
                .on_hover_text("Open a recording (Ctrl+O)");
            if open.clicked() {
                commands.push(Command::ChooseFile);
            }
            title_and_controls_ui(ui, session, view, commands);
        });
    });
}

/// The title takes what room the controls leave; their width is known from the last frame.
fn title_and_controls_ui(
    ui: &mut Ui,
    session: &Session,
    view: &ViewState,
    commands: &mut Vec<Command>,
) {
    let names = ui.available_width() > ROOM_FOR_NAMES;
    let id = Id::unique(("toolbar controls", names));
    let width = ui.data(|data| data.get_temp(id)).unwrap_or(0.0f32);
    let room = (ui.available_width() - width - 4.0 * UNIT).max(0.0);
    let height = ui.spacing().interact_size.y;
    ui.allocate_ui_with_layout(
        vec2(room, height),
        Layout::left_to_right(Align::Center),
        |ui| {
            ui.set_min_width(room);
            title_ui(ui, session);
        },
    );
    let controls = UiBuilder::new().max_rect(ui.available_rect_before_wrap());
    let drawn = ui.scope_builder(
        controls.layout(Layout::left_to_right(Align::Center)),
        |ui| {
            layers_ui(ui, view, names, commands);
            threshold_ui(ui, session, commands);
            let fit = ui.button("Fit").on_hover_text("Show everything (F)");
            if fit.clicked() {
                commands.push(Command::Fit);
            }
            ui.min_rect().width()
        },
    );
    if drawn.inner != width {
        ui.data_mut(|data| data.insert_temp(id, drawn.inner));
        ui.ctx().request_repaint();
    }
}

fn title_ui(ui: &mut Ui, session: &Session) {
    ui.add_space(UNIT);
    let file = session.file_name();
    let title = session.audio.title.clone().unwrap_or_else(|| file.clone());
    let subtitle = match (&session.audio.title, &session.audio.artist) {
        (Some(_), Some(artist)) => format!("{artist} · {file}"),
        (Some(_), None) => file,
        (None, _) => String::new(),
    };
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        if subtitle.is_empty() {
            ui.add_space(1.5 * UNIT);
        }
        let title = RichText::new(title).size(BODY).color(DARK.text);
        let path = session.path.display().to_string();
        ui.add(Label::new(title).truncate()).on_hover_text(path);
        if !subtitle.is_empty() {
            let subtitle = RichText::new(subtitle).size(SMALL).color(DARK.weak);
            ui.add(Label::new(subtitle).truncate());
        }
    });
}

fn layers_ui(ui: &mut Ui, view: &ViewState, names: bool, commands: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing.x = UNIT;
    for layer in Layer::ALL {
        if layer_ui(ui, layer, view.layers.shows(layer), names).clicked() {
            commands.push(Command::Toggle(layer));
        }
    }
    ui.add_space(3.0 * UNIT);
    ui.spacing_mut().item_spacing.x = 2.0 * UNIT;
}

/// A layer's sign and name: the legend, and a switch.
fn layer_ui(ui: &mut Ui, layer: Layer, shown: bool, named: bool) -> Response {
    const SIGN_WIDTH: f32 = 18.0;
    let color = if shown { DARK.text } else { DARK.weak };
    let font = FontId::proportional(SMALL + 1.0);
    let name = if named { layer.label() } else { "" };
    let galley = ui.painter().layout_no_wrap(name.to_owned(), font, color);
    let gap = if named { 1.5 * UNIT } else { 0.0 };
    let width = 4.0 * UNIT + SIGN_WIDTH + gap + galley.size().x;
    let (rect, response) =
        ui.allocate_exact_size(vec2(width, ui.spacing().interact_size.y), Sense::click());
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, enabled, shown, layer.label()));
    let visuals = ui.style().interact_selectable(&response, false);
    if response.hovered() || response.has_focus() {
        ui.painter().rect(
            rect,
            visuals.corner_radius,
            visuals.weak_bg_fill,
            visuals.bg_stroke,
            StrokeKind::Inside,
        );
    }
    let opacity = if shown { 1.0 } else { 0.3 };
    let sign = rect.left_center() + vec2(2.0 * UNIT + SIGN_WIDTH / 2.0, 0.0);
    classes::mark(ui.painter(), layer, sign, opacity);
    let text = rect.left_center() + vec2(2.0 * UNIT + SIGN_WIDTH + gap, -galley.size().y / 2.0);
    ui.painter().galley(text, galley, color);
    let verb = if shown { "Hide" } else { "Show" };
    response.on_hover_text(format!("{verb}: {}", layer.label()))
}

fn threshold_ui(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    let mut threshold = session.threshold();
    let label = ui.label(RichText::new("Voicing").size(SMALL + 1.0).color(DARK.weak));
    let slider = Slider::new(&mut threshold, 0.0..=1.0)
        .fixed_decimals(2)
        .step_by(0.01);
    let slider = ui
        .add(slider)
        .labelled_by(label.id)
        .on_hover_text("How sure the network must be that there is a voice");
    if slider.changed() {
        commands.push(Command::SetThreshold(threshold));
    }
    ui.add_space(UNIT);
}
