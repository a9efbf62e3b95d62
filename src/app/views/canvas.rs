//! Time across, pitch up: the spectrogram and the melody over it.

use eframe::egui::accesskit::Role as AccessRole;
use eframe::egui::{
    Align2, Button, CursorIcon, FontId, Id, Modifiers, Pos2, Rect, Response, Role, Sense, Stroke,
    StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use super::pitch_axis::{self, PitchScale};
use super::{gestures, readout, scrolled_menu_ui, time_axis};
use crate::annotation::{Operation, Selection};
use crate::app::Command;
use crate::app::bindings::{binding, correction, keys_of};
use crate::app::keys::canvas_id;
use crate::app::render::series::Series;
use crate::app::render::{
    PictureStyle, Plot, RetainedFrame, ScrolledArea, SpectrogramPainter, candidates, classes,
    contour, hatching, label, notes, preview, series,
};
use crate::app::sound::SoundCommand;
use crate::app::theme::BODY;
use crate::app::tools::{Click, Select, Tool};
use crate::app::view_state::{Overlay, Projection, ViewCommand, ViewState};
use crate::app::workspace::{Session, WorkspaceCommand};
use crate::melody::Partial;
use crate::melody::pitch::{hz_to_midi, midi_to_hz, note_name};

/// Size of what is sung in the presentation, in points.
const SUNG_SIZE: f32 = 48.0;
/// A stretch so wide, in points, says what is missing of it.
const MISSING_WIDTH: f32 = 190.0;
/// More notes than these are not named one by one to screen readers.
const MOST_NODES: usize = 200;

/// What the canvas shows.
pub struct Canvas<'a> {
    /// The recording.
    pub session: &'a Session,
    /// What is heard now.
    pub playhead_secs: f64,
    /// Whether the pitch axis is a piano.
    pub piano: bool,
    /// How the picture is shown.
    pub style: PictureStyle,
    /// Whether it is shown alone, to be seen from afar.
    pub presenting: bool,
}

impl Canvas<'_> {
    /// Draws the canvas and its axes, and moves the view by mouse and wheel.
    pub fn ui(
        &self,
        ui: &mut Ui,
        view: &mut ViewState,
        painters: (&mut SpectrogramPainter, &mut SpectrogramPainter),
        commands: &mut Vec<Command>,
    ) {
        let bounds = self.session.bounds();
        view.follow(&bounds);
        let all = ui.available_rect_before_wrap();
        let corner = all.min + vec2(pitch_axis::WIDTH, time_axis::HEIGHT);
        let rect = Rect::from_min_max(snap(ui, corner), all.max);
        if !rect.is_positive() {
            return;
        }
        view.playhead_secs = self.playhead_secs;
        let ruler = Rect::from_min_max(pos2(rect.left(), all.top()), rect.right_top());
        self.ruler_ui(ui, ruler, rect, view, commands);
        let axis = Rect::from_min_max(pos2(all.left(), rect.top()), rect.left_bottom());
        self.axis_ui(ui, axis, rect, view, commands);
        let response = ui.interact(rect, canvas_id(), Sense::click_and_drag());
        self.context_menu_ui(&response, view, commands);
        gestures::apply(ui, &response, self.session, view, commands);
        let pixels_per_point = ui.pixels_per_point();
        let (projection, first_pixel) = view.projection(rect).on_pixels(pixels_per_point);
        let scale = f64::from(pixels_per_point);
        view.n_pixels = f64::from(rect.width()) * scale;
        let area = ScrolledArea {
            rect,
            pixels_per_sec: projection.points_per_sec() * scale,
            first_pixel,
        };
        RetainedFrame::note_scrolled(ui.ctx(), area);
        view.pointer = response.hover_pos().map(|pos| projection.at(pos));
        if self.presenting {
            view.pointer = None;
            if response.hovered() {
                ui.ctx().set_cursor_icon(CursorIcon::None);
            }
        }
        let scale = PitchScale {
            piano: self.piano,
            tuning: view.tuning(),
        };
        self.paint(ui, view, painters, &projection, scale);
        let now = self.playhead_secs;
        time_axis::time_axis_ui(ui, all, &projection, view.pointer, now);
        let pressed = view.pressed_key.map(|key| f64::from(key) + view.tuning());
        let marked = pressed.or(view.pointer.map(|(_, midi)| midi));
        pitch_axis::pitch_axis_ui(ui, all, &projection, scale, marked);
        self.describe(ui, &response, view, &projection);
    }

    /// A click or a drag on the time axis moves the playhead, with any tool.
    fn ruler_ui(
        &self,
        ui: &Ui,
        ruler: Rect,
        canvas: Rect,
        view: &mut ViewState,
        commands: &mut Vec<Command>,
    ) {
        let ruler = ui.interact(ruler, Id::unique("ruler"), Sense::click_and_drag());
        readout::name(&ruler, "Time axis");
        if let Some(pos) = ruler.interact_pointer_pos() {
            let (secs, _) = view.projection(canvas).at(pos);
            commands.push(SoundCommand::Seek(secs).into());
        }
        gestures::wheel(ui, &ruler, canvas, view, &self.session.bounds());
    }

    /// Over the pitch axis the wheel scrolls and zooms pitch; its keys sound while they are pressed.
    fn axis_ui(
        &self,
        ui: &Ui,
        axis: Rect,
        canvas: Rect,
        view: &mut ViewState,
        commands: &mut Vec<Command>,
    ) {
        let axis = ui.interact(axis, Id::unique("pitch axis"), Sense::click_and_drag());
        readout::name(&axis, "Pitch axis");
        // a press that is over within a frame sounds too
        let is_pressed = axis.is_pointer_button_down_on() || axis.clicked();
        let pressed = axis.interact_pointer_pos().filter(|_| is_pressed);
        let key = pressed.map(|pos| {
            let (_, midi) = view.projection(canvas).at(pos);
            (midi - view.tuning()).round() as i32
        });
        if key != view.pressed_key {
            let hz = key.map(|key| midi_to_hz(f64::from(key) + view.tuning()));
            commands.push(SoundCommand::PressKey(hz).into());
            view.pressed_key = key;
            ui.ctx().request_repaint();
        }
        gestures::pitch_wheel(ui, &axis, canvas, view, &self.session.bounds());
    }

    /// What can be done with the selection; without one, with the note under the mouse.
    fn context_menu_ui(
        &self,
        response: &Response,
        view: &mut ViewState,
        commands: &mut Vec<Command>,
    ) {
        if let Some(pos) = response.interact_pointer_pos()
            && response.secondary_clicked()
        {
            view.menu_at = Some(view.projection(response.rect).at(pos));
        }
        if response.secondary_clicked()
            && view.selection == Selection::Nothing
            && let Some(pos) = response.interact_pointer_pos()
        {
            let click = Click {
                projection: &view.projection(response.rect),
                pos,
                modifiers: Modifiers::NONE,
            };
            commands.push(Select.click(&click, self.session, view));
        }
        response.context_menu(|ui| {
            scrolled_menu_ui(ui, |ui| {
                self.ridge_menu_ui(ui, view, commands);
                if view.selection == Selection::Nothing {
                    ui.label("Select a time or a note for more.");
                    return;
                }
                ui.separator();
                of_selection_ui(ui, commands);
            });
        });
    }

    /// What the ridge may be where the menu was opened.
    fn ridge_menu_ui(&self, ui: &mut Ui, view: &ViewState, commands: &mut Vec<Command>) {
        let Some((secs, midi)) = view.menu_at else {
            return;
        };
        for partial in Partial::ALL {
            let taken_for = Some(partial);
            let Some(ridge) = self.session.ridge_at(secs, midi, taken_for) else {
                return;
            };
            let f0 = readout::note_and_cents(hz_to_midi(ridge.f0_hz) - view.tuning());
            let label = format!("This ridge is the {}", partial.label());
            if ui.add(Button::new(label).shortcut_text(f0)).clicked() {
                let take = WorkspaceCommand::TakeRidge {
                    secs,
                    midi,
                    taken_for,
                };
                commands.push(take.into());
                ui.close();
            }
        }
    }

    fn paint(
        &self,
        ui: &Ui,
        view: &ViewState,
        (spectrogram, voice): (&mut SpectrogramPainter, &mut SpectrogramPainter),
        projection: &Projection,
        scale: PitchScale,
    ) {
        let session = self.session;
        let plot = Plot {
            painter: ui.painter_at(projection.rect),
            projection,
            palette: self.style.palette(),
        };
        let picture = (&session.spectrogram(), session.picture_key());
        spectrogram.paint(&plot.painter, projection, picture, self.style);
        if view.overlays.shows(Overlay::Voice)
            && view.stem.is_none()
            && let Some(picture) = session.voice_picture()
        {
            let opacity = view.overlays.opacity(Overlay::Voice);
            let style = self.style.over(plot.palette.voice, opacity);
            let picture = (&picture, session.voice_key());
            voice.paint(&plot.painter, projection, picture, style);
        }
        pitch_axis::paint_grid(&plot, scale);
        paint_span(&plot, &view.selection);
        let overlay = |overlay: Overlay| {
            let shown = view.overlays.shows(overlay);
            shown.then(|| plot.faded(view.overlays.opacity(overlay)))
        };
        if let Some(plot) = overlay(Overlay::Notes) {
            let selected = |i: usize| match &view.selection {
                Selection::Notes(chosen) => {
                    session.note_id(i).is_some_and(|id| chosen.contains(&id))
                }
                _ => false,
            };
            notes::paint(&plot, session.notes(), selected);
        }
        if !self.presenting {
            classes::paint(&plot, session.classes(), session.f0(), &view.overlays);
        }
        if let Some(plot) = overlay(Overlay::Contour) {
            hatching::paint(&plot, session.f0(), session.provenance());
            let width = match self.presenting {
                true => contour::BOLD_WIDTH,
                false => contour::WIDTH,
            };
            contour::paint(
                &plot,
                session.f0(),
                session.provenance(),
                &session.summary,
                width,
            );
        }
        if let Some(plot) = overlay(Overlay::Notes) {
            notes::paint_names(&plot, session.notes(), self.presenting);
        }
        if let Some(choices) = &view.choices {
            candidates::paint(&plot, session.f0(), choices);
        }
        if let Some(gesture) = &view.gesture {
            preview::paint(&plot, session, gesture);
        }
        self.paint_series(ui, &plot, view);
        self.paint_missing(&plot);
        if self.presenting {
            self.paint_sung(&plot, view);
        }
        paint_crosshair(&plot, view);
        self.paint_playhead(&plot);
    }

    /// The harmonic series of the ridge under the mouse, with a tool that points at ridges.
    fn paint_series(&self, ui: &Ui, plot: &Plot, view: &ViewState) {
        let modifiers = ui.input(|input| input.modifiers);
        let (Some((secs, midi)), Some(taken_for)) = (view.pointer, view.tool.takes_for(modifiers))
        else {
            return;
        };
        let Some(ridge) = self.session.ridge_at(secs, midi, taken_for) else {
            return;
        };
        let f0 = readout::note_and_cents(hz_to_midi(ridge.f0_hz) - view.tuning());
        let text = format!("{}: {f0}", ridge.partial.label());
        let selection = self.session.pointed_selection(&view.selection, ridge.frame);
        let is_passage = view.selection == Selection::Nothing;
        let corrects = selection.filter(|_| is_passage);
        let series = Series {
            secs: self.session.f0().grid.time(ridge.frame),
            f0_hz: ridge.f0_hz,
            hz: ridge.hz,
            text: &text,
            corrects: corrects.and_then(|it| self.session.selected_secs(&it)),
        };
        series::paint(plot, &series);
    }

    /// Says what is missing where the analysis has not come yet.
    fn paint_missing(&self, plot: &Plot) {
        let rect = plot.projection.rect;
        for (secs, missing) in self.session.missing() {
            let [left, right] = [secs.start, secs.end].map(|secs| plot.projection.x(secs));
            let span = Rect::from_x_y_ranges(left..=right, rect.y_range()).intersect(rect);
            if span.width() <= 0.0 {
                continue;
            }
            let shade = plot.palette.canvas.gamma_multiply(0.35);
            plot.painter.rect_filled(span, 0.0, shade);
            if span.width() >= MISSING_WIDTH {
                let font = FontId::proportional(BODY);
                let text = missing.label(self.session);
                label::halo_text(plot, span.center(), Align2::CENTER_CENTER, &text, font);
            }
        }
    }

    /// What is sung at the playhead, large.
    fn paint_sung(&self, plot: &Plot, view: &ViewState) {
        let sung = self.session.f0_at(self.playhead_secs);
        if let Some(frame) = sung.filter(|frame| frame.voiced) {
            let midi = hz_to_midi(f64::from(frame.f0_hz)) - view.tuning();
            let text = readout::note_and_cents(midi);
            let pos = plot.projection.rect.left_top() + vec2(20.0, 12.0);
            label::halo_text(
                plot,
                pos,
                Align2::LEFT_TOP,
                &text,
                FontId::proportional(SUNG_SIZE),
            );
        }
    }

    fn paint_playhead(&self, plot: &Plot) {
        let pixels_per_point = plot.painter.pixels_per_point();
        let x = plot
            .projection
            .pixel_x(self.playhead_secs, pixels_per_point);
        let range = plot.projection.rect.y_range();
        let halo = Stroke::new(3.0, plot.palette.halo);
        plot.painter.vline(x, range, halo);
        let line = Stroke::new(1.5, plot.palette.text);
        plot.painter.vline(x, range, line);
    }

    /// Tells screen readers what the canvas shows, and its notes one by one.
    fn describe(
        &self,
        ui: &mut Ui,
        response: &Response,
        view: &ViewState,
        projection: &Projection,
    ) {
        let seen = view.secs();
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_role(AccessRole::Canvas);
            node.set_label("Spectrogram and melody");
            node.set_description(format!(
                "{} to {}, {} notes",
                readout::clock(seen.start, 1),
                readout::clock(seen.end, 1),
                self.session.notes().len(),
            ));
        });
        let all = self.session.notes();
        let visible = notes::visible(projection, all);
        for i in visible.take(MOST_NODES) {
            let rect = notes::place(projection, &all[i]).intersect(projection.rect);
            let node = ui.interact(rect, Id::unique(("note", i)), Sense::hover());
            node.widget_info(|| {
                let name = note_name(f64::from(all[i].midi) - view.tuning());
                let secs = all[i].offset_secs - all[i].onset_secs;
                let at = readout::clock(all[i].onset_secs, 1);
                let label = format!("{name} at {at}, {secs:.1} seconds");
                WidgetInfo::labeled(Role::Label, true, label)
            });
        }
    }
}

/// Offers what can be done with a selection.
fn of_selection_ui(ui: &mut Ui, commands: &mut Vec<Command>) {
    for command in of_selection() {
        let Some(binding) = binding(&command) else {
            continue;
        };
        let button = Button::new(binding.label).shortcut_text(keys_of(ui.ctx(), &command));
        if ui.add(button).clicked() {
            commands.push(command);
            ui.close();
        }
    }
}

/// What can be done with a selection, in the order of the menu.
fn of_selection() -> impl Iterator<Item = Command> {
    let before = [
        SoundCommand::PlaySelection.into(),
        ViewCommand::FitSelection.into(),
        WorkspaceCommand::ShowCandidates.into(),
        WorkspaceCommand::FindAgain.into(),
        WorkspaceCommand::SplitNote.into(),
    ];
    let operations = Operation::OF_SELECTION.into_iter();
    let operations = operations.map(correction);
    before.into_iter().chain(operations)
}

/// Whole pixels keep the spectrogram's cells and the grid sharp.
fn snap(ui: &Ui, pos: Pos2) -> Pos2 {
    let scale = ui.pixels_per_point();
    pos2(
        (pos.x * scale).round() / scale,
        (pos.y * scale).round() / scale,
    )
}

fn paint_span(plot: &Plot, selection: &Selection) {
    let Projection { rect, .. } = *plot.projection;
    let (secs, midi) = match selection {
        Selection::Span(secs) => (secs, None),
        Selection::Box { secs, midi } => (secs, Some(midi)),
        _ => return,
    };
    let [left, right] = [secs.start, secs.end].map(|secs| plot.projection.x(secs));
    let accent = plot.palette.accent;
    if let Some(midi) = midi {
        let [top, bottom] = [midi.end, midi.start].map(|midi| plot.projection.y(midi));
        let span = Rect::from_min_max(pos2(left, top), pos2(right, bottom));
        let edge = Stroke::new(1.5, accent);
        let fill = accent.gamma_multiply(0.1);
        plot.painter.rect(span, 0.0, fill, edge, StrokeKind::Middle);
        return;
    }
    let span = Rect::from_x_y_ranges(left..=right, rect.y_range());
    plot.painter
        .rect_filled(span, 0.0, accent.gamma_multiply(0.1));
    for x in [left, right] {
        plot.painter
            .vline(x, rect.y_range(), Stroke::new(1.5, accent));
    }
    let secs = secs.end - secs.start;
    if span.intersect(rect).width() > 48.0 {
        let pos = span.intersect(rect).center_top() + vec2(0.0, 4.0);
        let font = FontId::proportional(BODY - 1.0);
        label::halo_text(plot, pos, Align2::CENTER_TOP, &format!("{secs:.2} s"), font);
    }
}

fn paint_crosshair(plot: &Plot, view: &ViewState) {
    if let Some((secs, midi)) = view.pointer {
        let projection = plot.projection;
        let stroke = Stroke::new(1.0, plot.palette.text.gamma_multiply(0.35));
        let (x, y) = (projection.x(secs), projection.y(midi));
        plot.painter.vline(x, projection.rect.y_range(), stroke);
        plot.painter.hline(projection.rect.x_range(), y, stroke);
    }
}
