//! The window, driven by its labels, without a display.

#![cfg(feature = "gui")]

mod common;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::clips::{harmonics, write_wav};
use eframe::egui::accesskit::Role;
use eframe::egui::{
    DroppedFile, Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, PointerButton, Pos2,
    Theme, TouchPhase, pos2, vec2,
};
use egui_kittest::kittest::Queryable;
use egui_kittest::{Harness, SnapshotOptions};
use melograph::analysis::{PictureKind, Stem};
use melograph::annotation::{Operation, Project, Provenance, Selection};
use melograph::app::App;
use melograph::app::memory::Memory;
use melograph::app::notice::Notice;
use melograph::app::shell::{AppSettings, Appearance, Shell, ShellCommand};
use melograph::app::sound::SoundCommand;
use melograph::app::view_state::{Overlay, ViewCommand};
use melograph::app::workspace::{AnalysisState, Extent, SeparationState, WorkspaceCommand};
use melograph::audio::play::{Heard, Player};
use melograph::formats::{FORMATS, Format};
use melograph::melody::Note;
use melograph::melody::pitch::hz_to_midi;
use melograph::progress::Stage;

type Window = Harness<'static, App>;

/// Long enough for the networks to load and run on a busy machine.
const PATIENCE: Duration = Duration::from_secs(180);

/// A sung-like glide of harmonics, in a file of its own folder.
fn clip(folder: &Path, secs: f64) -> PathBuf {
    let mut phase = 0.0f64;
    let samples = (0..(secs * 16_000.0) as usize).map(|i| {
        let t = i as f64 / 16_000.0;
        phase += 220.0 * (0.3 * (t * 0.7).sin() + 0.02 * (t * 34.0).sin()).exp2() / 16_000.0;
        (harmonics(phase, 7) * 9000.0) as i16
    });
    write_wav(folder.join("clip.wav"), 16_000, 1, samples)
}

/// No cache, so that every test analyzes; no sound, so that the playhead runs on any machine.
fn app(cc: &eframe::CreationContext<'_>, files: Vec<PathBuf>) -> App {
    let settings = AppSettings {
        cache_mib: 0,
        ..AppSettings::default()
    };
    App::with(cc, files, settings, Memory::default(), Player::silent())
}

fn window(files: Vec<PathBuf>) -> Window {
    Harness::builder()
        .with_size(vec2(1280.0, 720.0))
        .build_eframe(|cc| app(cc, files))
}

/// Draws frames until `done`.
fn wait(window: &mut Window, done: impl Fn(&App) -> bool) {
    let began = Instant::now();
    while !done(window.state()) {
        assert!(began.elapsed() < PATIENCE, "the window waited in vain");
        std::thread::sleep(Duration::from_millis(10));
        window.step();
    }
    window.run_steps(4);
}

fn is_done(app: &App) -> bool {
    app.session()
        .is_some_and(|s| s.state == AnalysisState::Done)
}

/// A recording that is analyzed and shown as a whole.
fn analyzed(folder: &Path) -> Window {
    let mut window = window(vec![clip(folder, 8.0)]);
    wait(&mut window, is_done);
    show_all(&mut window);
    window
}

/// Shows everything, whatever was found to begin with.
fn show_all(window: &mut Window) {
    for _ in 0..3 {
        let bounds = window.state().session().unwrap().bounds();
        let view = window.state().view();
        if view.secs() == (0.0..bounds.end_secs) && view.shows_all_pitch(&bounds) {
            return;
        }
        window.state_mut().apply(ViewCommand::Fit);
        window.run_steps(2);
    }
    panic!("the same key shows everything within three");
}

fn span(window: &Window) -> f64 {
    let secs = window.state().view().secs();
    secs.end - secs.start
}

#[test]
fn an_empty_window_says_what_to_do() {
    let mut window = window(Vec::new());
    window.run_steps(4);
    window.get_by_label("See the melody in a recording");
    window.get_by_label("Open a recording…");
    assert!(window.query_by_label("Loop").is_none());
    window.check_accessibility();
}

#[test]
fn a_recording_is_analyzed_and_shown() {
    let folder = tempfile::tempdir().unwrap();
    let window = analyzed(folder.path());
    window.get_by_label("clip.wav");
    window.get_by_label("Spectrogram and melody");
    window.get_by_label_contains("% sung");
    assert!(
        window
            .query_all_by_label_contains(" seconds")
            .next()
            .is_some()
    );
    window.check_accessibility();
    let session = window.state().session().unwrap();
    let analysis = session.analysis();
    assert_eq!(
        session.spectrogram().n_columns(),
        analysis.picture.n_columns()
    );
    assert!((span(&window) - 8.0).abs() < 0.1);
    assert_eq!(Shell::title(Some(&session.path)), "clip.wav – Melograph");
    // drawing alone asks for nothing: the threshold is still the networks' own
    let document = session.document.as_ref().unwrap();
    assert_eq!(document.annotation().threshold(), None);
    assert!(!document.is_modified());
}

fn slider(window: &Window) -> egui_kittest::Node<'_> {
    window.get_by_role_and_label(Role::Slider, "Voicing")
}

#[test]
fn the_threshold_moves_voicing_without_analysis() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = analyzed(folder.path());
    let n_voiced = |window: &Window| {
        let frames = &window.state().session().unwrap().f0().frames;
        frames.iter().filter(|frame| frame.voiced).count()
    };
    let before = window.state().session().unwrap().analysis().clone();
    slider(&window).set_value_accesskit(0.0);
    window.run_steps(4);
    let all = n_voiced(&window);
    slider(&window).set_value_accesskit(1.0);
    window.run_steps(4);
    assert!(n_voiced(&window) < all);
    wait(&mut window, |app| app.session().unwrap().notes().is_empty());
    assert!(is_done(window.state()));
    let after = window.state().session().unwrap().analysis().clone();
    assert!(std::sync::Arc::ptr_eq(&before, &after));
}

fn press(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.run_steps(4);
}

#[test]
fn keys_and_wheel_zoom_and_fit() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = analyzed(folder.path());
    let whole = span(&window);
    press(&mut window, Modifiers::NONE, Key::ArrowUp);
    assert!((span(&window) - whole / 1.5).abs() < 1e-6);
    press(&mut window, Modifiers::NONE, Key::End);
    let secs = window.state().view().secs();
    assert!((secs.end - whole).abs() < 1e-6);
    press(&mut window, Modifiers::ALT, Key::ArrowLeft);
    assert!(window.state().view().secs().end < whole - 0.5);
    press(&mut window, Modifiers::NONE, Key::F);
    assert!((span(&window) - whole).abs() < 1e-6);

    let canvas = window.get_by_label("Spectrogram and melody").rect();
    window.hover_at(canvas.center());
    turn_wheel(&mut window, Modifiers::COMMAND);
    assert!(span(&window) < 0.95 * whole);
    let midi = window.state().view().midi();
    turn_wheel(&mut window, Modifiers::COMMAND | Modifiers::SHIFT);
    let zoomed = window.state().view().midi();
    assert!(zoomed.end - zoomed.start < 0.95 * (midi.end - midi.start));
}

#[test]
fn a_pinch_zooms_pitch_about_the_fingers() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = analyzed(folder.path());
    let canvas = window.get_by_label("Spectrogram and melody").rect();
    window.hover_at(canvas.center());
    let (secs, midi) = (window.state().view().secs(), window.state().view().midi());
    window.event(Event::Zoom(1.5));
    window.run_steps(4);
    let zoomed = window.state().view().midi();
    let ratio = (midi.end - midi.start) / (zoomed.end - zoomed.start);
    assert!((ratio - 1.5).abs() < 0.01, "{ratio}");
    let middle = |range: &std::ops::Range<f64>| (range.start + range.end) / 2.0;
    assert!((middle(&zoomed) - middle(&midi)).abs() < 0.5);
    assert_eq!(window.state().view().secs(), secs);
}

#[test]
fn space_plays_and_pauses_on_the_silent_clock() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = analyzed(folder.path());
    let playhead = |window: &Window| window.state().player().playhead_secs();
    press(&mut window, Modifiers::NONE, Key::Space);
    wait(&mut window, |app| app.player().playhead_secs() > 0.3);
    window.get_by_label("Pause").click();
    window.run_steps(4);
    assert!(!window.state().player().is_playing());
    let paused = playhead(&window);
    press(&mut window, Modifiers::NONE, Key::ArrowRight);
    wait(&mut window, |app| {
        (app.player().playhead_secs() - paused - 1.0).abs() < 0.2
    });
    press(&mut window, Modifiers::NONE, Key::Home);
    wait(&mut window, |app| app.player().playhead_secs() == 0.0);
}

/// Median f0 of voiced frames between two times.
fn median_hz(app: &App, secs: std::ops::Range<f64>) -> f32 {
    let f0 = app.session().unwrap().f0();
    let inside = (0..f0.frames.len()).filter(|&i| secs.contains(&f0.grid.time(i)));
    let voiced = inside.map(|i| f0.frames[i]).filter(|frame| frame.voiced);
    let mut hz: Vec<f32> = voiced.map(|frame| frame.f0_hz).collect();
    hz.sort_by(f32::total_cmp);
    hz[hz.len() / 2]
}

#[test]
fn a_span_moves_by_an_octave_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = analyzed(folder.path());
    // How sung a synthetic tone sounds is the networks' affair.
    window
        .state_mut()
        .apply(WorkspaceCommand::SetThreshold(0.0));
    window.state_mut().apply(WorkspaceCommand::SaveBeside);
    wait(&mut window, |app| !app.is_modified());
    let canvas = window.get_by_label("Spectrogram and melody").rect();
    let at = |share: f32| pos2(canvas.left() + share * canvas.width(), canvas.center().y);
    press(&mut window, Modifiers::NONE, Key::Num2);
    window.drag_at(at(0.25));
    for share in [0.4, 0.5] {
        window.hover_at(at(share));
        window.run_steps(2);
    }
    window.drop_at(at(0.5));
    window.run_steps(4);
    let Selection::Span(secs) = window.state().view().selection.clone() else {
        panic!("{:?}", window.state().view().selection);
    };
    assert!(
        (secs.start - 2.0).abs() < 0.1 && (secs.end - 4.0).abs() < 0.1,
        "{secs:?}"
    );
    let before = median_hz(window.state(), secs.clone());
    let beside = median_hz(window.state(), 5.0..7.0);
    press(&mut window, Modifiers::COMMAND, Key::ArrowUp);
    let after = median_hz(window.state(), secs.clone());
    assert!((after / before - 2.0).abs() < 1e-3, "{before} to {after}");
    assert_eq!(median_hz(window.state(), 5.0..7.0), beside);
    let by_hand = |app: &App| {
        app.session()
            .unwrap()
            .provenance()
            .contains(&Provenance::Human)
    };
    assert!(by_hand(window.state()));
    assert!(window.state().is_modified());
    window.get_by_label_contains("decided by hand");
    press(&mut window, Modifiers::COMMAND, Key::Z);
    assert_eq!(median_hz(window.state(), secs.clone()), before);
    assert!(!by_hand(window.state()) && !window.state().is_modified());
    press(&mut window, Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    assert_eq!(median_hz(window.state(), secs), after);
}

#[test]
fn a_saved_project_opens_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = analyzed(folder.path());
    let app = window.state_mut();
    app.apply(WorkspaceCommand::Select(Selection::Span(1.0..2.0)));
    app.apply(WorkspaceCommand::Edit(Operation::Unvoice));
    assert!(app.is_modified());
    wait_for_notes(&mut window);
    let saved = window.state().session().unwrap().document.clone().unwrap();
    press(&mut window, Modifiers::COMMAND | Modifiers::ALT, Key::S);
    wait(&mut window, |app| !app.is_modified());
    let project = folder.path().join("clip.melograph");
    assert!(project.is_file());

    let mut again = self::window(vec![project.clone()]);
    wait(&mut again, is_done);
    let document = again.state().session().unwrap().document.as_ref().unwrap();
    assert_eq!(document.annotation(), saved.annotation());
    assert_eq!(document.file.as_ref().map(|it| &it.path), Some(&project));
    assert!(!again.state().is_modified());
    assert!(
        again.state().notices().is_empty(),
        "{:?}",
        again.state().notices()
    );
}

#[test]
fn what_is_saved_holds_the_notes_of_its_voicing() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = analyzed(folder.path());
    for threshold in [1.0, 0.0] {
        let app = window.state_mut();
        app.apply(WorkspaceCommand::SetThreshold(threshold));
        app.apply(WorkspaceCommand::SaveBeside);
        wait(&mut window, |app| !app.is_modified());
        let project = Project::open(&folder.path().join("clip.melograph")).unwrap();
        let notes = project.annotation.notes();
        assert_eq!(notes, window.state().session().unwrap().notes());
        assert_eq!(notes.is_empty(), threshold == 1.0, "{notes:?}");
    }
}

#[test]
fn opening_another_recording_asks_before_edits_are_lost() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = analyzed(folder.path());
    let app = window.state_mut();
    app.apply(WorkspaceCommand::SelectAll);
    app.apply(WorkspaceCommand::Edit(Operation::OctaveDown));
    app.apply(WorkspaceCommand::OpenDemo);
    window.run_steps(4);
    let path = window.state().session().unwrap().path.clone();
    window.get_by_label("The corrections are not saved.");
    window.get_by_label("Stay").click();
    window.run_steps(4);
    assert_eq!(window.state().session().unwrap().path, path);
    assert!(window.query_by_label("Stay").is_none());
}

/// Saves beside the recording; returns the project's file.
fn save_beside(window: &mut Window) -> PathBuf {
    let path = window.state().session().unwrap().path.clone();
    window.state_mut().apply(WorkspaceCommand::SaveBeside);
    wait(window, |app| app.session().unwrap().saved.is_some());
    path.with_extension("melograph")
}

fn edit_everything(window: &mut Window) {
    let app = window.state_mut();
    app.apply(WorkspaceCommand::SelectAll);
    app.apply(WorkspaceCommand::Edit(Operation::OctaveDown));
    assert!(app.is_modified());
}

/// Draws frames until something is shown by this name.
fn wait_for_label(window: &mut Window, label: &str) {
    let began = Instant::now();
    while window.query_by_label(label).is_none() {
        assert!(began.elapsed() < PATIENCE, "{label} was not shown");
        std::thread::sleep(Duration::from_millis(10));
        window.step();
    }
}

#[test]
fn edits_made_while_a_project_is_read_are_asked_about() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = analyzed(folder.path());
    let project = save_beside(&mut window);
    let open = WorkspaceCommand::Open(project.clone());
    window.state_mut().apply(open);
    edit_everything(&mut window);
    wait_for_label(&mut window, "The corrections are not saved.");
    assert!(window.state().is_modified());
    window.get_by_label("Do not save").click();
    wait(&mut window, |app| !app.is_modified());
    assert!(window.query_by_label("Stay").is_none());
    wait(&mut window, is_done);
}

#[test]
fn a_project_opened_over_edits_is_asked_about_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = analyzed(folder.path());
    let project = save_beside(&mut window);
    edit_everything(&mut window);
    window.state_mut().apply(WorkspaceCommand::Open(project));
    wait_for_label(&mut window, "The corrections are not saved.");
    window.get_by_label("Do not save").click();
    wait(&mut window, |app| !app.is_modified());
    assert!(window.query_by_label("Stay").is_none());
}

#[test]
fn a_project_read_late_does_not_replace_what_was_opened_since() {
    let [folder, other] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let mut window = analyzed(folder.path());
    let project = save_beside(&mut window);
    let path = clip(other.path(), 2.0);
    window.state_mut().apply(WorkspaceCommand::Open(project));
    let open = WorkspaceCommand::Open(path.clone());
    window.state_mut().apply(open);
    wait(&mut window, is_done);
    assert_eq!(window.state().session().unwrap().path, path);
}

#[test]
fn a_save_is_heard_of_although_the_recording_is_analyzed_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = analyzed(folder.path());
    let project = folder.path().join("clip.melograph");
    for edited in [false, true] {
        if edited {
            edit_everything(&mut window);
        }
        window.state_mut().apply(WorkspaceCommand::SaveBeside);
        window.state_mut().apply(WorkspaceCommand::AnalyzeAgain);
        wait(&mut window, is_done);
        let document = window.state().session().unwrap().document.as_ref().unwrap();
        assert_eq!(document.file.as_ref().map(|it| &it.path), Some(&project));
        assert!(!window.state().is_modified(), "edited: {edited}");
        std::fs::remove_file(&project).unwrap();
    }
}

/// An edited recording that was saved before, and the one that is opened next.
fn edited_and_another(folder: &Path, other: &Path) -> (Window, PathBuf, PathBuf) {
    let mut window = analyzed(folder);
    let project = save_beside(&mut window);
    edit_everything(&mut window);
    let other = clip(other, 2.0);
    window
        .state_mut()
        .apply(WorkspaceCommand::Open(other.clone()));
    window.run_steps(4);
    window.get_by_label("The corrections are not saved.");
    (window, project, other)
}

#[test]
fn enter_saves_and_goes_on_with_what_was_asked() {
    let [folder, other] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let (mut window, project, other) = edited_and_another(folder.path(), other.path());
    press(&mut window, Modifiers::NONE, Key::Enter);
    wait(&mut window, |app| {
        app.session().is_some_and(|session| session.path == other)
    });
    let saved = Project::open(&project).unwrap();
    assert!(saved.annotation.provenance().contains(&Provenance::Human));
    assert!(window.query_by_label("Stay").is_none());
}

#[test]
fn escape_stays_with_what_is_not_saved() {
    let [folder, other] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let (mut window, _, other) = edited_and_another(folder.path(), other.path());
    let selection = window.state().view().selection.clone();
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(window.query_by_label("Stay").is_none());
    assert_ne!(window.state().session().unwrap().path, other);
    assert!(window.state().is_modified());
    assert_eq!(window.state().view().selection, selection);
}

#[test]
fn a_project_that_was_not_opened_is_replaced_only_on_a_yes() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = analyzed(folder.path());
    edit_everything(&mut first);
    let project = save_beside(&mut first);
    let before = std::fs::read(&project).unwrap();
    let mut window = window(vec![folder.path().join("clip.wav")]);
    wait(&mut window, is_done);
    window.state_mut().apply(WorkspaceCommand::SaveBeside);
    wait_for_label(&mut window, "Replace it");
    window.get_by_label_contains("99.9 % of the melody was decided by hand");
    window.get_by_label("Stay").click();
    window.run_steps(4);
    assert_eq!(std::fs::read(&project).unwrap(), before);
    window.state_mut().apply(WorkspaceCommand::SaveBeside);
    wait_for_label(&mut window, "Replace it");
    window.get_by_label("Replace it").click();
    wait(&mut window, |app| app.session().unwrap().saved.is_some());
    assert_ne!(std::fs::read(&project).unwrap(), before);
}

#[test]
fn a_project_beside_a_recording_is_offered() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = analyzed(folder.path());
    edit_everything(&mut first);
    let project = save_beside(&mut first);
    let mut window = window(vec![folder.path().join("clip.wav")]);
    wait(&mut window, is_done);
    window.get_by_label("Open the project").click();
    wait(&mut window, |app| {
        let document = app.session().and_then(|it| it.document.as_ref());
        document.is_some_and(|it| it.file.as_ref().is_some_and(|it| it.path == project))
    });
    assert!(window.query_by_label("Open the project").is_none());
}

#[test]
fn a_project_whose_recording_is_gone_asks_where_it_is() {
    let [folder, elsewhere] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let mut first = analyzed(folder.path());
    let project = save_beside(&mut first);
    let moved = elsewhere.path().join("another name.wav");
    std::fs::copy(folder.path().join("clip.wav"), &moved).unwrap();
    std::fs::remove_file(folder.path().join("clip.wav")).unwrap();
    let mut window = window(vec![project.clone()]);
    wait_for_label(&mut window, "Locate…");
    let recording = moved.clone();
    let open = WorkspaceCommand::OpenOn { project, recording };
    window.state_mut().apply(open);
    wait(&mut window, is_done);
    assert_eq!(window.state().session().unwrap().path, moved);
    assert!(window.state().notices().is_empty());
}

#[test]
fn escape_closes_a_menu_before_it_touches_the_selection() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = analyzed(folder.path());
    window.state_mut().apply(WorkspaceCommand::SelectAll);
    let is_selected = |window: &Window| window.state().view().selection != Selection::Nothing;
    window.get_by_label("Edit").click();
    window.run_steps(4);
    assert!(window.query_by_label_contains("Select nothing").is_some());
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(window.query_by_label_contains("Select nothing").is_none());
    assert!(is_selected(&window));
    window.get_by_label("Edit").click();
    window.run_steps(4);
    press(&mut window, Modifiers::NONE, Key::F1);
    assert!(window.query_by_label_contains("Select nothing").is_none());
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(is_selected(&window) && window.query_by_label("Decide voicing").is_none());
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(!is_selected(&window));
}

#[test]
fn a_transient_notice_is_shown_once_and_goes_by_itself() {
    let mut window = window(Vec::new());
    window.run_steps(2);
    for text in ["One.", "Two.", "Two."] {
        let notice = Notice::info(text);
        window.state_mut().apply(ShellCommand::ShowNotice(notice));
    }
    let fault = Notice::error("It broke.");
    for _ in 0..2 {
        let show = ShellCommand::ShowNotice(fault.clone());
        window.state_mut().apply(show);
    }
    assert_eq!(window.state().notices().len(), 2);
    window.run_steps(60);
    assert_eq!(window.state().notices(), [fault]);
}

#[test]
fn a_long_notice_stays_within_the_canvas_at_every_size_of_text() {
    for scale in [1.0, 2.0] {
        let mut window: Window = Harness::builder()
            .with_size(vec2(800.0, 600.0) / scale)
            .with_pixels_per_point(scale)
            .build_eframe(|cc| app(cc, Vec::new()));
        let name = "a-name-without-a-single-blank-".repeat(12);
        let text = format!("/music/{name}.wav could not be read to its end, and so on and on.");
        let notice = Notice::warning(text).with_action("Locate…", WorkspaceCommand::ChooseFile);
        window.state_mut().apply(ShellCommand::ShowNotice(notice));
        window.run_steps(6);
        let screen = window.ctx.content_rect();
        let shown = [
            window.get_by_label_contains("could not be read").rect(),
            window.get_by_label("Dismiss").rect(),
            window.get_by_label("Locate…").rect(),
        ];
        for (i, rect) in shown.iter().enumerate() {
            assert!(screen.contains_rect(*rect), "{rect:?} at {scale}");
            let others = &shown[..i];
            assert!(
                others.iter().all(|other| !other.intersects(*rect)),
                "{shown:?}"
            );
        }
    }
}

#[test]
#[cfg(unix)]
fn a_save_that_fails_says_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = analyzed(folder.path());
    let nowhere = folder.path().join("no/such/place.melograph");
    window.state_mut().apply(WorkspaceCommand::SaveTo(nowhere));
    wait(&mut window, |app| !app.notices().is_empty());
    let text = &window.state().notices()[0].text;
    assert!(
        text.contains("another place") && !text.contains("os error"),
        "{text}"
    );
    window.get_by_label("Save as…");
}

#[test]
fn what_was_found_before_a_cancel_is_corrected_saved_and_gone_on_from() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = window(vec![clip(folder.path(), 40.0)]);
    wait(&mut window, |app| app.session().is_some());
    window.state_mut().apply(WorkspaceCommand::SaveBeside);
    window.run_steps(2);
    window.get_by_label_contains("can be saved once the analysis is done");
    wait(&mut window, |app| {
        let session = app.session().unwrap();
        !session.f0().frames.is_empty() && matches!(session.state, AnalysisState::Running(..))
    });
    window.get_by_label("Cancel").click();
    wait(&mut window, |app| app.session().unwrap().document.is_some());
    window.get_by_label_contains("Stopped at");
    let app = window.state_mut();
    app.apply(WorkspaceCommand::Select(Selection::Span(1.0..2.0)));
    app.apply(WorkspaceCommand::Edit(Operation::Unvoice));
    let project = Project::open(&save_beside(&mut window)).unwrap();
    let n_frames = project.annotation.n_frames();
    assert!(n_frames > 200 && n_frames < 3900, "{n_frames}");
    window.get_by_label("Go on").click();
    window.run_steps(2);
    wait(&mut window, is_done);
    let session = window.state().session().unwrap();
    assert!(session.f0().frames.len() >= 3990);
    assert_eq!(session.provenance()[150], Provenance::Human);
    assert!(!session.f0().frames[150].voiced && window.state().is_modified());
}

#[test]
fn what_is_missing_is_said_and_what_is_looked_at_is_found_first() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = window(vec![clip(folder.path(), 150.0)]);
    wait(&mut window, |app| {
        let state = app.session().map(|session| session.state);
        matches!(state, Some(AnalysisState::Running(Stage::Network, _)))
    });
    let app = window.state_mut();
    assert!(!app.session().unwrap().missing().is_empty());
    app.apply(WorkspaceCommand::Select(Selection::Span(130.0..140.0)));
    app.apply(ViewCommand::FitSelection);
    let is_found = |app: &App, secs: f64| {
        let missing = app.session().unwrap().missing();
        missing.iter().all(|(span, _)| !span.contains(&secs))
    };
    wait(&mut window, |app| is_found(app, 135.0) || is_done(app));
    assert!(!is_done(window.state()), "it was found in its turn");
    assert!(!is_found(window.state(), 100.0));
    assert!(
        window
            .state()
            .session()
            .unwrap()
            .f0_at(135.0)
            .unwrap()
            .f0_hz
            > 0.0
    );
    // what was found ahead is not taken for what lies before it
    window.get_by_label("Cancel").click();
    wait(&mut window, |app| app.session().unwrap().document.is_some());
    assert!(window.state().session().unwrap().f0().frames.len() < 12_000);
    assert!(!is_found(window.state(), 135.0));
}

/// Waits until notes have followed the contour.
fn wait_for_notes(window: &mut Window) {
    wait(window, |app| {
        let session = app.session().unwrap();
        session.contour_of_notes().is_none()
    });
}

#[test]
fn notes_follow_the_threshold_after_an_edit_and_in_an_opened_project() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = analyzed(folder.path());
    let app = window.state_mut();
    app.apply(WorkspaceCommand::SetThreshold(0.0));
    app.apply(WorkspaceCommand::Select(Selection::Span(1.0..2.0)));
    app.apply(WorkspaceCommand::Edit(Operation::OctaveUp));
    wait_for_notes(&mut window);
    let project = save_beside(&mut window);
    let mut opened = self::window(vec![project]);
    wait(&mut opened, is_done);
    for window in [&mut window, &mut opened] {
        let notes = |window: &Window| window.state().session().unwrap().notes().to_vec();
        let before = notes(window);
        assert!(
            before.iter().any(|note| note.onset_secs > 2.5),
            "{before:?}"
        );
        window
            .state_mut()
            .apply(WorkspaceCommand::SetThreshold(1.0));
        wait_for_notes(window);
        let after = notes(window);
        let decided = |note: &Note| note.onset_secs > 0.9 && note.offset_secs < 2.1;
        assert!(!after.is_empty() && after.iter().all(decided), "{after:?}");
        press(window, Modifiers::COMMAND, Key::Z);
        assert_eq!(notes(window), before);
    }
}

#[test]
fn a_drag_of_the_threshold_is_undone_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = analyzed(folder.path());
    let threshold = |window: &Window| window.state().session().unwrap().threshold();
    let own = threshold(&window);
    let rect = slider(&window).rect();
    // the rail, with the number behind it
    let at = |share: f32| pos2(rect.left() + share * 112.0, rect.center().y);
    window.drag_at(at(0.3));
    for share in [0.5, 0.7, 0.9] {
        window.hover_at(at(share));
        window.run_steps(2);
    }
    window.drop_at(at(0.9));
    window.run_steps(2);
    wait_for_notes(&mut window);
    assert!(threshold(&window) > 0.8);
    press(&mut window, Modifiers::COMMAND, Key::Z);
    assert_eq!(threshold(&window), own);
    assert!(!window.state().is_modified());
    window.get_by_label("Undid: voicing threshold.");
}

#[test]
fn a_double_click_sets_the_threshold_back() {
    let folder = tempfile::tempdir().unwrap();
    let files = vec![clip(folder.path(), 2.0)];
    let mut window: Window = Harness::builder()
        .with_size(vec2(1280.0, 720.0))
        .with_step_dt(0.02)
        .build_eframe(|cc| app(cc, files));
    wait(&mut window, is_done);
    let threshold = |window: &Window| window.state().session().unwrap().threshold();
    let own = threshold(&window);
    window
        .state_mut()
        .apply(WorkspaceCommand::SetThreshold(0.9));
    window.run_steps(4);
    let rect = slider(&window).rect();
    let at = pos2(rect.left() + 0.3 * 112.0, rect.center().y);
    window.hover_at(at);
    window.step();
    for pressed in [true, false, true, false] {
        window.event(Event::PointerButton {
            pos: at,
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        });
        window.run_steps(2);
    }
    assert!((threshold(&window) - own).abs() < 1e-6);
    // its clicks are not steps of their own
    press(&mut window, Modifiers::COMMAND, Key::Z);
    assert!((threshold(&window) - 0.9).abs() < 1e-6);
}

#[test]
fn an_undo_shows_its_place_and_says_what_it_took_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = analyzed(folder.path());
    let app = window.state_mut();
    app.apply(WorkspaceCommand::Select(Selection::Span(0.2..0.9)));
    app.apply(ViewCommand::FitSelection);
    app.apply(WorkspaceCommand::Select(Selection::Span(6.0..7.0)));
    app.apply(WorkspaceCommand::Edit(Operation::Unvoice));
    assert!(app.view().secs().end < 2.0);
    press(&mut window, Modifiers::COMMAND, Key::Z);
    assert!(window.state().view().secs().contains(&6.5));
    window.get_by_label("Undid: make unvoiced.");
}

/// Where a time lies on the canvas, a third of the way down.
fn on_canvas(window: &Window, secs: f64) -> Pos2 {
    let canvas = window.get_by_label("Spectrogram and melody").rect();
    let seen = window.state().view().secs();
    let share = (secs - seen.start) / (seen.end - seen.start);
    let y = canvas.top() + canvas.height() / 3.0;
    pos2(canvas.left() + share as f32 * canvas.width(), y)
}

fn click(window: &mut Window, pos: Pos2, button: PointerButton, modifiers: Modifiers) {
    window.hover_at(pos);
    window.step();
    for pressed in [true, false] {
        let click = Event::PointerButton {
            pos,
            button,
            pressed,
            modifiers,
        };
        window.event_modifiers(click, modifiers);
    }
    window.run_steps(4);
}

fn selected_secs(window: &Window) -> std::ops::Range<f64> {
    match &window.state().view().selection {
        Selection::Span(secs) => secs.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_wheel_works_over_both_axes_and_the_overview() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = analyzed(folder.path());
    let seen = |window: &Window| (window.state().view().secs(), window.state().view().midi());
    let width = |range: std::ops::Range<f64>| range.end - range.start;
    for (name, turns_pitch) in [
        ("Time axis", false),
        ("Overview", false),
        ("Pitch axis", true),
    ] {
        show_all(&mut window);
        let (secs, midi) = seen(&window);
        let rect = window.get_by_label(name).rect();
        window.hover_at(rect.center());
        turn_wheel(&mut window, Modifiers::COMMAND);
        let (zoomed_secs, zoomed_midi) = seen(&window);
        let [time, pitch] = [
            width(zoomed_secs.clone()) < 0.95 * width(secs),
            width(zoomed_midi.clone()) < 0.95 * width(midi),
        ];
        assert_eq!((time, pitch), (!turns_pitch, turns_pitch), "{name} zooms");
        turn_wheel(&mut window, Modifiers::NONE);
        let (scrolled_secs, scrolled_midi) = seen(&window);
        let moved = [scrolled_secs != zoomed_secs, scrolled_midi != zoomed_midi];
        assert_eq!(moved, [!turns_pitch, turns_pitch], "{name} scrolls");
    }
}

#[test]
fn a_key_of_the_pitch_axis_is_pressed_and_let_go() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = analyzed(folder.path());
    let axis = window.get_by_label("Pitch axis").rect();
    let midi = window.state().view().midi();
    let at = |midi_there: f64| {
        let up = (midi_there - midi.start) / (midi.end - midi.start);
        pos2(axis.center().x, axis.bottom() - up as f32 * axis.height())
    };
    window.drag_at(at(60.0));
    window.run_steps(2);
    assert_eq!(window.state().view().pressed_key, Some(60));
    window.hover_at(at(64.0));
    window.run_steps(2);
    assert_eq!(window.state().view().pressed_key, Some(64));
    window.drop_at(at(64.0));
    window.run_steps(4);
    assert_eq!(window.state().view().pressed_key, None);
    assert_eq!(window.state().view().midi(), midi);
}

#[test]
fn ruler_and_overview_seek_with_every_tool() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = analyzed(folder.path());
    press(&mut window, Modifiers::NONE, Key::Num2);
    for (name, share, secs) in [("Time axis", 0.5, 4.0), ("Overview", 0.75, 6.0)] {
        let rect = window.get_by_label(name).rect();
        let at = pos2(rect.left() + share * rect.width(), rect.center().y);
        click(&mut window, at, PointerButton::Primary, Modifiers::NONE);
        let now = window.state().player().playhead_secs();
        assert!((now - secs).abs() < 0.1, "{name}: {now}");
        assert_eq!(window.state().view().selection, Selection::Nothing);
    }
}

#[test]
fn a_selection_is_extended_by_shift_and_its_edges_are_dragged() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = analyzed(folder.path());
    let select = WorkspaceCommand::Select(Selection::Span(2.0..3.0));
    window.state_mut().apply(select);
    let at = on_canvas(&window, 4.0);
    click(&mut window, at, PointerButton::Primary, Modifiers::SHIFT);
    let secs = selected_secs(&window);
    assert!(
        (secs.start - 2.0).abs() < 0.01 && (secs.end - 4.0).abs() < 0.05,
        "{secs:?}"
    );
    // the edge is dragged with the tool that moves the picture, which stays where it is
    let seen = window.state().view().secs();
    let edge = on_canvas(&window, 2.0);
    window.drag_at(edge);
    for secs in [1.8, 1.0] {
        let at = on_canvas(&window, secs);
        window.hover_at(at);
        window.run_steps(2);
    }
    let at = on_canvas(&window, 1.0);
    window.drop_at(at);
    window.run_steps(4);
    let secs = selected_secs(&window);
    assert!(
        (secs.start - 1.0).abs() < 0.05 && (secs.end - 4.0).abs() < 0.05,
        "{secs:?}"
    );
    assert_eq!(window.state().view().secs(), seen);
}

#[test]
fn keys_zoom_at_the_mouse_and_move_pitch() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = analyzed(folder.path());
    let at = on_canvas(&window, 2.0);
    window.hover_at(at);
    window.run_steps(2);
    let before = window.state().view().pointer.unwrap();
    press(&mut window, Modifiers::NONE, Key::ArrowUp);
    press(&mut window, Modifiers::SHIFT, Key::ArrowUp);
    let after = window.state().view().pointer.unwrap();
    assert!((before.0 - after.0).abs() < 0.01 && (before.1 - after.1).abs() < 0.05);
    let midi = window.state().view().midi();
    press(&mut window, Modifiers::ALT, Key::ArrowDown);
    assert!(window.state().view().midi().start < midi.start);
}

#[test]
fn a_right_click_offers_what_the_selection_can_have_done_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = analyzed(folder.path());
    let select = WorkspaceCommand::Select(Selection::Span(2.0..3.0));
    window.state_mut().apply(select);
    window.run_steps(2);
    assert!(window.query_by_label_contains("Fifth down").is_none());
    let at = on_canvas(&window, 2.5);
    click(&mut window, at, PointerButton::Secondary, Modifiers::NONE);
    window.run_steps(4); // until a long menu has found its place
    window.get_by_label_contains("Fifth down").click();
    window.run_steps(4);
    assert!(window.state().is_modified());
    assert!(window.query_by_label_contains("Fifth down").is_none());
}

/// Where a time and a pitch in Hz lie on the canvas.
fn at_pitch(window: &Window, secs: f64, hz: f64) -> Pos2 {
    let canvas = window.get_by_label("Spectrogram and melody").rect();
    let seen = window.state().view().midi();
    let share = (seen.end - hz_to_midi(hz)) / (seen.end - seen.start);
    let y = canvas.top() + share as f32 * canvas.height();
    pos2(on_canvas(window, secs).x, y)
}

/// Drags from one place over others, with these keys held; the button stays down.
fn drag_over(window: &mut Window, places: &[Pos2], modifiers: Modifiers) {
    let event = |pressed| Event::PointerButton {
        pos: places[0],
        button: PointerButton::Primary,
        pressed,
        modifiers,
    };
    window.hover_at(places[0]);
    window.step();
    window.event_modifiers(event(true), modifiers);
    window.step();
    for &pos in &places[1..] {
        window.event_modifiers(Event::PointerMoved(pos), modifiers);
        window.run_steps(2);
    }
}

fn let_go(window: &mut Window, pos: Pos2, modifiers: Modifiers) {
    let event = Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed: false,
        modifiers,
    };
    window.event_modifiers(event, modifiers);
    window.run_steps(4);
}

fn undo_label(window: &Window) -> Option<String> {
    let document = window.state().session().unwrap().document.as_ref().unwrap();
    document.labels()[0].map(str::to_owned)
}

fn use_tool(window: &mut Window, key: Key) {
    press(window, Modifiers::NONE, key);
    window.run_steps(2);
}

/// What the step is called by which [`all_sung`] began.
const THRESHOLD_STEP: &str = "voicing threshold";

/// A recording all of whose frames are sung, whatever the networks make of a synthetic tone.
fn all_sung(folder: &Path) -> Window {
    let mut window = analyzed(folder);
    window
        .state_mut()
        .apply(WorkspaceCommand::SetThreshold(0.0));
    wait_for_notes(&mut window);
    window
}

#[test]
fn one_click_on_a_ridge_repairs_an_octave_slip_and_one_undo_brings_it_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = all_sung(folder.path());
    let right = median_hz(window.state(), 2.0..4.0);
    let slip = Selection::Span(2.0..4.0);
    window.state_mut().apply(WorkspaceCommand::Select(slip));
    press(&mut window, Modifiers::COMMAND, Key::ArrowDown);
    press(&mut window, Modifiers::NONE, Key::Escape);
    use_tool(&mut window, Key::Num6);
    let sung = f64::from(window.state().session().unwrap().f0_at(3.0).unwrap().f0_hz);
    let fundamental = at_pitch(&window, 3.0, 2.0 * sung);
    click(
        &mut window,
        fundamental,
        PointerButton::Primary,
        Modifiers::NONE,
    );
    let off = 1200.0 * (median_hz(window.state(), 2.0..4.0) / right).log2();
    assert!(off.abs() < 20.0, "{off}");
    assert_eq!(undo_label(&window).as_deref(), Some("take the ridge"));
    press(&mut window, Modifiers::COMMAND, Key::Z);
    let slipped = median_hz(window.state(), 2.0..4.0);
    assert!((2.0 * slipped / right - 1.0).abs() < 0.01);
    // the octave above the fundamental, said to be the second partial, implies the same
    let second = at_pitch(&window, 3.0, 4.0 * sung);
    click(
        &mut window,
        second,
        PointerButton::Primary,
        Modifiers::COMMAND,
    );
    let off = 1200.0 * (median_hz(window.state(), 2.0..4.0) / right).log2();
    assert!(off.abs() < 20.0, "{off}");
}

#[test]
fn candidates_are_shown_stepped_through_and_clicked_as_one_step_of_undo() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = all_sung(folder.path());
    let right = median_hz(window.state(), 2.0..4.0);
    let times = |window: &Window| median_hz(window.state(), 2.0..4.0) / right;
    let span = Selection::Span(2.0..4.0);
    window.state_mut().apply(WorkspaceCommand::Select(span));
    press(&mut window, Modifiers::COMMAND, Key::Enter);
    let choices = window.state().view().choices.clone().unwrap();
    assert!(choices.all.len() >= 4, "{}", choices.all.len());
    press(&mut window, Modifiers::COMMAND, Key::ArrowUp);
    let one_up = times(&window);
    assert!(one_up > 1.05, "{one_up}");
    press(&mut window, Modifiers::COMMAND, Key::ArrowDown);
    press(&mut window, Modifiers::COMMAND, Key::ArrowDown);
    // one step of the history, however many were tried
    assert_eq!(undo_label(&window).as_deref(), Some("take a candidate"));
    let octave = choices.all.iter().position(|it| {
        let ratio = it.f0_hz[100]
            / window.state().session().unwrap().analysis().f0.frames[choices.start + 100].f0_hz;
        (ratio - 2.0).abs() < 0.02
    });
    let octave = octave.expect("the octave is among them");
    let hz = f64::from(choices.all[octave].f0_hz[100]);
    let secs = window
        .state()
        .session()
        .unwrap()
        .f0()
        .grid
        .time(choices.start + 100);
    let on_line = at_pitch(&window, secs, hz);
    click(
        &mut window,
        on_line,
        PointerButton::Primary,
        Modifiers::NONE,
    );
    assert!((times(&window) - 2.0).abs() < 0.02, "{}", times(&window));
    press(&mut window, Modifiers::COMMAND, Key::Z);
    assert!((times(&window) - 1.0).abs() < 1e-4);
    assert_eq!(undo_label(&window).as_deref(), Some(THRESHOLD_STEP));
    assert_eq!(window.state().view().choices, None);
}

#[test]
fn a_drawn_line_takes_the_ridge_and_escape_takes_the_gesture_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = all_sung(folder.path());
    use_tool(&mut window, Key::Num3);
    let line = |window: &Window| -> Vec<Pos2> {
        let f0 = |secs| {
            f64::from(
                window.state().session().unwrap().analysis().f0.frames[(secs * 100.0) as usize]
                    .f0_hz,
            )
        };
        let places = [2.0, 2.3, 2.6, 3.0];
        places
            .map(|secs| at_pitch(window, secs, 2.0 * f0(secs)))
            .to_vec()
    };
    let places = line(&window);
    drag_over(&mut window, &places, Modifiers::NONE);
    assert!(window.state().view().gesture.is_some());
    press(&mut window, Modifiers::NONE, Key::Escape);
    let_go(&mut window, places[3], Modifiers::NONE);
    assert_eq!(undo_label(&window).as_deref(), Some(THRESHOLD_STEP));
    let before = median_hz(window.state(), 2.2..2.8);
    drag_over(&mut window, &places, Modifiers::NONE);
    let_go(&mut window, places[3], Modifiers::NONE);
    let ratio = median_hz(window.state(), 2.2..2.8) / before;
    assert!((ratio - 2.0).abs() < 0.03, "{ratio}");
    assert_eq!(undo_label(&window).as_deref(), Some("redraw"));
    use_tool(&mut window, Key::Num4);
    let places = [5.0, 5.5, 6.0].map(|secs| on_canvas(&window, secs));
    drag_over(&mut window, &places, Modifiers::NONE);
    let_go(&mut window, places[2], Modifiers::NONE);
    let f0 = window.state().session().unwrap().f0();
    assert!(f0.frames[510..590].iter().all(|frame| !frame.voiced));
}

#[test]
fn a_box_holds_the_pitch_that_is_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = all_sung(folder.path());
    let before = median_hz(window.state(), 2.2..2.8);
    use_tool(&mut window, Key::Num2);
    let [from, to] = [(2.0, 1.6), (3.0, 2.6)]
        .map(|(secs, times)| at_pitch(&window, secs, times * f64::from(before)));
    drag_over(&mut window, &[from, to], Modifiers::COMMAND);
    let_go(&mut window, to, Modifiers::COMMAND);
    assert!(matches!(
        window.state().view().selection,
        Selection::Box { .. }
    ));
    press(&mut window, Modifiers::NONE, Key::R);
    let ratio = median_hz(window.state(), 2.2..2.8) / before;
    assert!((ratio - 2.0).abs() < 0.03, "{ratio}");
}

#[test]
fn a_right_click_says_what_a_ridge_is() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = all_sung(folder.path());
    let before = median_hz(window.state(), 2.2..2.8);
    let hz = f64::from(window.state().session().unwrap().f0_at(2.5).unwrap().f0_hz);
    let at = at_pitch(&window, 2.5, hz);
    click(&mut window, at, PointerButton::Secondary, Modifiers::NONE);
    window
        .get_by_label_contains("This ridge is the 2nd partial")
        .click();
    window.run_steps(4);
    let ratio = median_hz(window.state(), 2.2..2.8) / before;
    assert!((ratio - 0.5).abs() < 0.01, "{ratio}");
}

#[test]
fn the_next_note_is_that_behind_the_selection() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = analyzed(folder.path());
    let app = window.state_mut();
    app.apply(WorkspaceCommand::SetThreshold(0.0));
    wait_for_notes(&mut window);
    let notes = window.state().session().unwrap().notes().to_vec();
    let last = notes.last().unwrap();
    let behind = last.onset_secs - 0.05..last.onset_secs - 0.02;
    let select = WorkspaceCommand::Select(Selection::Span(behind));
    window.state_mut().apply(select);
    press(&mut window, Modifiers::COMMAND, Key::ArrowRight);
    let session = window.state().session().unwrap();
    let id = session.note_id(notes.len() - 1).unwrap();
    assert_eq!(window.state().view().selection, Selection::Notes(vec![id]));
}

#[test]
fn any_span_is_selected_by_keys() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = analyzed(folder.path());
    let near = |window: &Window, start: f64, end: f64| {
        let secs = selected_secs(window);
        let is_near = (secs.start - start).abs() < 0.02 && (secs.end - end).abs() < 0.02;
        assert!(is_near, "{secs:?}, not {start}..{end}");
    };
    let go_to = |window: &mut Window, secs: f64| {
        window.state_mut().apply(SoundCommand::Seek(secs));
        window.run_steps(2);
    };
    go_to(&mut window, 2.0);
    press(&mut window, Modifiers::NONE, Key::OpenBracket);
    near(&window, 2.0, 8.0);
    go_to(&mut window, 3.0);
    for _ in 0..5 {
        press(&mut window, Modifiers::NONE, Key::Period);
    }
    press(&mut window, Modifiers::NONE, Key::Comma);
    press(&mut window, Modifiers::NONE, Key::CloseBracket);
    near(&window, 2.0, 3.04);
    window
        .state_mut()
        .apply(WorkspaceCommand::SetThreshold(0.0));
    wait_for_notes(&mut window);
    let notes = window.state().session().unwrap().notes().to_vec();
    let next = notes.iter().find(|note| note.offset_secs > 3.05).unwrap();
    let shift = Modifiers::COMMAND | Modifiers::SHIFT;
    press(&mut window, shift, Key::ArrowRight);
    near(&window, 2.0, next.offset_secs);
    let before = notes.iter().rfind(|note| note.onset_secs < 1.98).unwrap();
    press(&mut window, shift, Key::ArrowLeft);
    near(&window, before.onset_secs, next.offset_secs);
}

#[test]
fn alt_opens_menus_also_from_a_number_field() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = analyzed(folder.path());
    assert!(window.query_by_label_contains("Undo").is_none());
    press(&mut window, Modifiers::ALT, Key::E);
    window.get_by_label_contains("Undo");
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(window.query_by_label_contains("Undo").is_none());
    let speed = window.state().player().speed();
    window.get_by_label("Speed").focus();
    window.run_steps(2);
    press(&mut window, Modifiers::NONE, Key::Enter);
    window.event_modifiers(Event::Text("e".into()), Modifiers::ALT);
    press(&mut window, Modifiers::ALT, Key::E);
    window.get_by_label_contains("Undo");
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert_eq!(window.state().player().speed(), speed);
}

#[test]
fn a_doubtful_passage_is_selected_framed_and_played() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = analyzed(folder.path());
    let app = window.state_mut();
    app.apply(WorkspaceCommand::SetThreshold(0.0));
    // of a glide without a fault, the least sure frames are doubted
    let passages = app.session().unwrap().doubtful();
    press(&mut window, Modifiers::NONE, Key::D);
    if passages.is_empty() {
        window.get_by_label_contains("is doubtful.");
        return;
    }
    window.get_by_label_contains("Doubtful passage 1 of");
    let secs = selected_secs(&window);
    let seen = window.state().view().secs();
    assert!(seen.start <= secs.start && secs.end <= seen.end);
    assert!(window.state().player().is_playing());
}

#[test]
fn nothing_is_read_out_as_sung_where_nobody_sings() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = analyzed(folder.path());
    for (threshold, said) in [(0.0, "sung "), (1.0, "not sung")] {
        let set = WorkspaceCommand::SetThreshold(threshold);
        window.state_mut().apply(set);
        let at = on_canvas(&window, 3.0);
        window.hover_at(at);
        window.run_steps(4);
        window.get_by_label_contains(said);
    }
}

/// What is written of a melody in a format.
fn exported(window: &mut Window, format: &'static Format, extent: Extent) -> String {
    let folder = tempfile::tempdir().unwrap();
    let name = format!("out{}", format.files[0].suffix);
    let path = folder.path().join(&name);
    window.state_mut().apply(WorkspaceCommand::ExportTo {
        format,
        path: path.clone(),
        extent,
    });
    wait(window, |_| path.is_file());
    wait_for_label(window, &format!("Exported {name}."));
    window.state_mut().apply(ShellCommand::DismissNotice(0));
    std::fs::read_to_string(&path).unwrap()
}

#[test]
fn what_is_corrected_is_exported_whole_and_in_part() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = analyzed(folder.path());
    window.get_by_label("File").click();
    window.run_steps(4);
    window.get_by_label_contains("Export the selection");
    press(&mut window, Modifiers::NONE, Key::Escape);
    let app = window.state_mut();
    app.apply(WorkspaceCommand::Select(Selection::Span(2.0..3.0)));
    let rows = |extent: Extent, window: &mut Window| {
        let text = exported(window, &FORMATS[0], extent);
        text.lines().count()
    };
    let whole = rows(Extent::Whole, &mut window);
    assert!(whole > 790, "{whole}");
    let part = rows(Extent::Selection, &mut window);
    assert!((99..=103).contains(&part), "{part}");
    press(&mut window, Modifiers::COMMAND | Modifiers::SHIFT, Key::C);
    window.get_by_label_contains("Copied 10");
}

#[test]
fn the_view_is_exported_as_a_figure() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = analyzed(folder.path());
    window.get_by_label("File").click();
    window.run_steps(4);
    window.get_by_label_contains("Export the view as a figure");
    press(&mut window, Modifiers::NONE, Key::Escape);
    let app = window.state_mut();
    app.apply(WorkspaceCommand::Select(Selection::Span(2.0..3.0)));
    app.apply(ViewCommand::FitSelection);
    let format = Format::named("svg").unwrap();
    let drawn = |extent: Extent, window: &mut Window| exported(window, format, extent);
    // of two seconds only what is seen is labeled, at tenths
    let view = drawn(Extent::View, &mut window);
    assert!(view.contains("0:02.2") && !view.contains("0:05"), "{view}");
    let whole = drawn(Extent::Whole, &mut window);
    assert!(whole.contains("0:05") && !whole.contains("0:02.2"));
    let selection = drawn(Extent::Selection, &mut window);
    assert!(selection.contains("0:02.2") && !selection.contains("0:05"));
}

#[test]
fn the_key_list_is_searched_by_name_and_key() {
    let mut window = window(Vec::new());
    press(&mut window, Modifiers::NONE, Key::F2);
    let field = window.get_by_label("Search the list of keys");
    field.focus();
    field.type_text("octave");
    window.run_steps(4);
    window.get_by_label("Octave up");
    assert!(window.query_by_label("Interpolate").is_none());
}

#[test]
fn corrections_come_first_once_there_is_a_selection() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = analyzed(folder.path());
    let select = WorkspaceCommand::Select(Selection::Span(2.0..3.0));
    window.state_mut().apply(select);
    window.run_steps(4);
    let button = window.get_by_label("Delete notes").rect();
    assert!(button.bottom() < 500.0, "{button:?}");
}

/// Two sounds of three seconds with silence around them, in a file of its own folder.
fn two_phrases(folder: &Path) -> PathBuf {
    let mut phase = 0.0f64;
    let samples = (0..12 * 16_000).map(|i| {
        let t = f64::from(i) / 16_000.0;
        phase += 220.0 * (0.02 * (t * 34.0).sin()).exp2() / 16_000.0;
        let sounds = (1.0..4.0).contains(&t) || (7.0..10.0).contains(&t);
        (harmonics(phase, 7) * if sounds { 9000.0 } else { 0.0 }) as i16
    });
    write_wav(folder.join("phrases.wav"), 16_000, 1, samples)
}

#[test]
fn a_recording_opens_on_its_first_phrase_unless_the_view_is_moved() {
    let folder = tempfile::tempdir().unwrap();
    for is_moved in [false, true] {
        let mut window = window(vec![two_phrases(folder.path())]);
        let threshold = WorkspaceCommand::SetThreshold(0.01);
        window.state_mut().apply(threshold);
        if is_moved {
            let is_long = |app: &App| app.session().unwrap().bounds().end_secs > 11.9;
            wait(&mut window, is_long);
            window.state_mut().apply(ViewCommand::ZoomPitchIn);
        }
        wait(&mut window, is_done);
        let (secs, midi) = (window.state().view().secs(), window.state().view().midi());
        if is_moved {
            assert_eq!(secs.start, 0.0);
            assert!((secs.end - 12.0).abs() < 0.1, "{secs:?}");
        } else {
            assert!((secs.start - 0.7).abs() < 0.3, "{secs:?}");
            assert!((secs.end - 4.3).abs() < 0.3, "{secs:?}");
            // the pitch around A3
            assert!(
                midi.contains(&57.0) && midi.end - midi.start < 24.0,
                "{midi:?}"
            );
        }
    }
}

#[test]
fn the_same_key_shows_everything_the_voice_and_a_phrase() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = analyzed(folder.path());
    window
        .state_mut()
        .apply(WorkspaceCommand::SetThreshold(0.0));
    let seen = |window: &Window| (window.state().view().secs(), window.state().view().midi());
    let (all_secs, all_midi) = seen(&window);
    press(&mut window, Modifiers::NONE, Key::F);
    let (secs, midi) = seen(&window);
    assert_eq!(secs, all_secs);
    assert!(
        midi.start > all_midi.start && midi.end < all_midi.end,
        "{midi:?}"
    );
    assert!(midi.contains(&57.0));
    // a phrase that is all there is counts as everything
    press(&mut window, Modifiers::NONE, Key::F);
    if seen(&window).0 != all_secs {
        press(&mut window, Modifiers::NONE, Key::F);
    }
    assert_eq!(seen(&window), (all_secs, all_midi));
}

#[test]
fn help_keys_and_settings_open_and_close() {
    let mut window = window(Vec::new());
    window.run_steps(2);
    for (key, modifiers, content) in [
        (Key::F1, Modifiers::NONE, "Decide voicing"),
        (Key::F2, Modifiers::NONE, "Octave up"),
        (Key::Comma, Modifiers::COMMAND, "Appearance"),
    ] {
        press(&mut window, modifiers, key);
        assert!(
            window.query_all_by_label(content).next().is_some(),
            "{content}"
        );
        window.check_accessibility();
        press(&mut window, Modifiers::NONE, Key::Escape);
        assert!(
            window.query_all_by_label(content).next().is_none(),
            "{content}"
        );
    }
}

fn turn_wheel(window: &mut Window, modifiers: Modifiers) {
    let turn = Event::MouseWheel {
        unit: MouseWheelUnit::Line,
        delta: vec2(0.0, 2.0),
        phase: TouchPhase::Move,
        source: MouseWheelSource::Unknown,
        modifiers,
    };
    window.event_modifiers(turn, modifiers);
    window.run_steps(30);
}

#[test]
fn another_network_decides_voicing_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = analyzed(folder.path());
    let models = |app: &App| Some(app.session()?.analysis().models.clone());
    assert_eq!(models(window.state()).unwrap().len(), 2);
    let settings = AppSettings {
        voicing_network: None,
        ..window.state().settings().clone()
    };
    window
        .state_mut()
        .apply(ShellCommand::SetSettings(Box::new(settings)));
    wait(&mut window, |app| {
        models(app).is_some_and(|names| names.len() == 1)
    });
    assert!(is_done(window.state()));
}

#[test]
fn an_analysis_is_cancelled_and_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = window(vec![clip(folder.path(), 60.0)]);
    window.step();
    window.get_by_label("Cancel").click();
    window.run_steps(4);
    window.get_by_label("Go on").click();
    window.run_steps(2);
    wait(&mut window, is_done);
    assert!(window.query_by_label("Cancel").is_none());
}

#[test]
fn another_track_of_sound_is_chosen_and_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tracks.mka");
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/audio/default.mka");
    std::fs::copy(fixture, &path).unwrap();
    let mut window = window(vec![path]);
    wait(&mut window, is_done);
    let audio = |window: &Window| window.state().session().unwrap().audio().clone();
    let read = audio(&window).track;
    assert_eq!(audio(&window).tracks.len(), 2);
    let before = window.state().session().unwrap().analysis().clone();
    window.get_by_role_and_label(Role::ComboBox, "Track");
    let other = 3 - read;
    window.state_mut().apply(WorkspaceCommand::TakeTrack(other));
    wait(&mut window, is_done);
    assert_eq!(audio(&window).track, other);
    assert_eq!(audio(&window).selection.track, Some(other));
    let after = window.state().session().unwrap().analysis().clone();
    assert_ne!(before.level, after.level);
    assert_eq!(window.state().view().track, Some(other));
    // a project says which it is, whoever opens it
    edit_everything(&mut window);
    let project = save_beside(&mut window);
    let mut window = self::window(vec![project]);
    wait(&mut window, is_done);
    assert_eq!(audio(&window).track, other);
}

#[test]
fn a_small_window_with_large_text_shows_the_canvas_and_all_of_its_controls() {
    let folder = tempfile::tempdir().unwrap();
    let path = clip(folder.path(), 2.0);
    let mut window: Window = Harness::builder()
        .with_size(vec2(400.0, 300.0))
        .with_pixels_per_point(2.0)
        .build_eframe(|cc| app(cc, vec![path]));
    wait(&mut window, is_done);
    let screen = window.ctx.content_rect();
    let canvas = window.get_by_label("Spectrogram and melody").rect();
    assert!(
        canvas.width() > 300.0 && canvas.height() > 100.0,
        "{canvas:?}"
    );
    let names = [
        "Pitch as a tone",
        "Loop",
        "Speed",
        "Navigate",
        "Select",
        "Side panel",
    ];
    let mut shown: Vec<_> = names
        .iter()
        .map(|name| (*name, window.get_by_label(name).rect()))
        .collect();
    shown.push(("Voicing", slider(&window).rect()));
    for (i, (name, rect)) in shown.iter().enumerate() {
        assert!(screen.contains_rect(*rect), "{name} is cut off: {rect:?}");
        for (other, over) in &shown[..i] {
            assert!(!over.intersects(*rect), "{other} lies over {name}");
        }
    }
    // the side panel takes the canvas's place, and gives it back
    press(&mut window, Modifiers::NONE, Key::F9);
    assert!(window.query_by_label("Spectrogram and melody").is_none());
    assert!(
        screen.contains_rect(
            window
                .get_by_role_and_label(Role::ComboBox, "Picture")
                .rect()
        )
    );
    press(&mut window, Modifiers::NONE, Key::F9);
    window.get_by_label("Spectrogram and melody");
}

#[test]
fn what_is_no_recording_is_refused_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("words.txt");
    std::fs::write(&path, "no sound in here\n").unwrap();
    let mut window = window(vec![path]);
    wait(&mut window, |app| !app.notices().is_empty());
    let notice = &window.state().notices()[0];
    assert!(
        notice.text.to_lowercase().contains("words.txt"),
        "{notice:?}"
    );
    assert!(notice.text.ends_with('.'));
    window.get_by_label("See the melody in a recording");
    window.get_by_label("Dismiss").click();
    window.run_steps(4);
    assert!(window.state().notices().is_empty());
}

#[test]
fn a_pasted_path_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = clip(folder.path(), 2.0);
    let mut window = window(Vec::new());
    window.event(Event::Paste(format!("\"{}\"\n", path.display())));
    wait(&mut window, is_done);
    assert_eq!(window.state().session().unwrap().path, path);
}

#[test]
fn a_dropped_file_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = clip(folder.path(), 2.0);
    let mut window = window(Vec::new());
    let dropped = Arc::new(Dropped(path.clone()));
    window.input_mut().dropped_files.push(dropped);
    wait(&mut window, is_done);
    assert_eq!(window.state().session().unwrap().path, path);
}

/// A file as a file manager hands it over.
#[derive(Debug)]
struct Dropped(PathBuf);

impl DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }
    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|error| error.to_string())
    }
}

/// What the toolkit's storage keeps, as it would be found by the next run.
#[derive(Default)]
struct Stored(HashMap<String, String>);

impl eframe::Storage for Stored {
    fn get_string(&self, key: &str) -> Option<String> {
        self.0.get(key).cloned()
    }
    fn set_string(&mut self, key: &str, value: String) {
        self.0.insert(key.to_owned(), value);
    }
    fn remove_string(&mut self, key: &str) {
        self.0.remove(key);
    }
    fn flush(&mut self) {}
}

#[test]
fn the_next_run_shows_a_file_as_this_one_did() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = analyzed(folder.path());
    press(&mut first, Modifiers::NONE, Key::ArrowUp);
    first
        .get_by_role_and_label(Role::CheckBox, "Harmonic")
        .click();
    first.run_steps(4);
    let left = (first.state().view().secs(), first.state().view().midi());
    let path = first.state().session().unwrap().path.clone();
    let mut stored = Stored::default();
    eframe::App::save(first.state_mut(), &mut stored);
    let settings: AppSettings = eframe::get_value(&stored, "settings").unwrap();
    let memory: Memory = eframe::get_value(&stored, "memory").unwrap();
    assert_eq!(memory.recent(), std::slice::from_ref(&path));

    let mut next: Window = Harness::builder()
        .with_size(vec2(1280.0, 720.0))
        .build_eframe(|cc| App::with(cc, vec![path], settings, memory, Player::silent()));
    wait(&mut next, is_done);
    let found = (next.state().view().secs(), next.state().view().midi());
    assert_eq!(found, left);
    assert!(!next.state().view().overlays.shows(Overlay::Harmonic));
}

#[test]
fn a_layer_hides_and_shows_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = analyzed(folder.path());
    window
        .get_by_role_and_label(Role::CheckBox, "Harmonic")
        .click();
    window.run_steps(4);
    assert!(!window.state().view().overlays.shows(Overlay::Harmonic));
    assert!(window.state().view().overlays.shows(Overlay::Subharmonic));
}

#[test]
fn shader_and_tiles_draw_the_same_picture() {
    let folder = tempfile::tempdir().unwrap();
    let path = clip(folder.path(), 8.0);
    let mut images = [true, false].map(|shader| {
        let files = vec![path.clone()];
        let mut window: Window = Harness::builder()
            .with_size(vec2(900.0, 600.0))
            .wgpu()
            .build_eframe(move |cc| {
                if !shader {
                    cc.wgpu_render_state = None;
                }
                app(cc, files)
            });
        wait(&mut window, is_done);
        window.render().unwrap()
    });
    let [shader, tiles] = &mut images;
    let differences = shader.pixels().zip(tiles.pixels()).map(|(a, b)| {
        let channels = a.0.iter().zip(b.0);
        channels.map(|(a, b)| f64::from(a.abs_diff(b))).sum::<f64>() / 4.0
    });
    let mean = differences.sum::<f64>() / f64::from(shader.width() * shader.height());
    assert!(mean < 2.0, "mean difference of {mean}");
    let colors: std::collections::HashSet<_> = shader.pixels().map(|p| p.0).collect();
    assert!(colors.len() > 200, "a spectrogram has many colors");
}

/// Compares with a picture of `tests/snapshots`; `UPDATE_SNAPSHOTS=1` takes it anew.
///
/// A few pixels may differ, as processors round differently.
fn snapshot(appearance: Appearance, files: Vec<PathBuf>, name: &str) {
    let n_files = files.len();
    let theme = match appearance {
        Appearance::Light => Theme::Light,
        _ => Theme::Dark,
    };
    let mut window: Window = Harness::builder()
        .with_size(vec2(900.0, 600.0))
        // the harness would set its own
        .with_theme(theme)
        .wgpu()
        .build_eframe(move |cc| {
            let settings = AppSettings {
                cache_mib: 0,
                appearance,
                ..AppSettings::default()
            };
            App::with(cc, files, settings, Memory::default(), Player::silent())
        });
    if n_files > 0 {
        wait(&mut window, is_done);
    }
    window.run_steps(4);
    let options = SnapshotOptions::new().max_failed_pixels(400);
    window.snapshot_options(name, &options);
}

#[test]
fn the_empty_window_looks_as_designed() {
    snapshot(Appearance::Light, Vec::new(), "empty-light");
}

#[test]
fn a_melody_looks_as_designed() {
    let folder = tempfile::tempdir().unwrap();
    let files = vec![clip(folder.path(), 8.0)];
    snapshot(Appearance::Dark, files, "melody-dark");
}

fn stems_are(app: &App, state: SeparationState) -> bool {
    app.session().is_some_and(|s| s.stems.state == state)
}

#[test]
fn voice_and_accompaniment_are_separated_heard_seen_and_exported() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = analyzed(folder.path());
    assert!(stems_are(window.state(), SeparationState::Absent));
    // the teacher's key asks for what it needs
    press(&mut window, Modifiers::SHIFT, Key::K);
    window.run_steps(2);
    wait(&mut window, |app| stems_are(app, SeparationState::Done));
    assert_eq!(
        window.state().player().mixer().heard(),
        Some(Heard::Accompaniment)
    );
    window.get_by_label_contains("Separated by tfc-tdf");
    window.check_accessibility();
    let session = window.state().session().unwrap();
    let n_columns = session.spectrogram().n_columns();
    let voice = session.voice_picture().unwrap();
    assert!(
        voice.n_columns().abs_diff(n_columns) <= 1,
        "{}",
        voice.n_columns()
    );
    assert!(session.is_modified() == session.document.as_ref().unwrap().is_modified());
    // each key again leads back
    press(&mut window, Modifiers::SHIFT, Key::A);
    window.run_steps(2);
    assert_eq!(window.state().player().mixer().heard(), Some(Heard::Voice));
    press(&mut window, Modifiers::SHIFT, Key::A);
    window.run_steps(2);
    assert_eq!(
        window.state().player().mixer().heard(),
        Some(Heard::Recording)
    );
    let show = WorkspaceCommand::ShowPicture(PictureKind::Spectrum, Some(Stem::Accompaniment));
    window.state_mut().apply(show);
    let is_drawn = |app: &App| {
        let picture = app.session().unwrap().spectrogram();
        picture.n_columns().abs_diff(n_columns) <= 1
    };
    wait(&mut window, is_drawn);
    let out = folder.path().join("out");
    let export = WorkspaceCommand::ExportStemsTo(out.clone());
    window.state_mut().apply(export);
    let files = ["vocals.flac", "accompaniment.flac"].map(|name| out.join("clip").join(name));
    wait(&mut window, |_| files.iter().all(|file| file.is_file()));
    // opened again, they are found again
    let path = window.state().session().unwrap().path.clone();
    window.state_mut().apply(WorkspaceCommand::Open(path));
    wait(&mut window, |app| {
        is_done(app) && stems_are(app, SeparationState::Done)
    });
    window.get_by_label_contains("Separated by tfc-tdf");
}

#[test]
fn a_separation_that_is_stopped_lets_the_recording_be_heard_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = window(vec![clip(folder.path(), 60.0)]);
    wait(&mut window, is_done);
    window.state_mut().apply(SoundCommand::Hear(Heard::Voice));
    let is_running = |app: &App| {
        let state = app.session().map(|session| session.stems.state);
        matches!(state, Some(SeparationState::Running(_)))
    };
    wait(&mut window, is_running);
    window.get_by_label("Stop separating").click_accesskit();
    window.run_steps(2);
    wait(&mut window, |app| stems_are(app, SeparationState::Absent));
    assert_eq!(
        window.state().player().mixer().heard(),
        Some(Heard::Recording)
    );
    window.state_mut().apply(WorkspaceCommand::ExportStems);
    window.run_steps(2);
    window.get_by_label_contains("can be exported once they are separated");
}
