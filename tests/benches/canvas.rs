//! A frame of the canvas on the interface thread: a three-hour recording, whole and zoomed.
//!
//! `cargo bench --bench canvas`

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use eframe::egui::{Context, RawInput, Rect, Theme, Vec2, pos2};
use melograph::analysis::{Analysis, ModelChoice};
use melograph::app::jobs::{AnalysisEvent, RecordingInfo};
use melograph::app::render::SpectrogramPainter;
use melograph::app::view_state::ViewState;
use melograph::app::views::Canvas;
use melograph::app::workspace::{Session, SessionId};
use melograph::audio::AudioInfo;
use melograph::melody::{ClassFrame, F0Frame, FrameGrid, Note, PitchAxis};

const N_FRAMES: usize = 3 * 3600 * 100;

/// Phrases of a gliding voice with pauses, over noise.
fn analysis() -> Analysis {
    let (axis, grid) = (PitchAxis::HKDSME, FrameGrid::from_hop(0.01));
    let frame = |i: usize| F0Frame {
        f0_hz: 220.0 * (0.5 * (i as f32 * 0.013).sin() + 0.02 * (i as f32 * 0.35).sin()).exp2(),
        confidence: 0.5 + 0.5 * (i as f32 * 0.001).sin(),
        voiced: i % 500 < 400,
    };
    let class = |i: usize| ClassFrame {
        harmonic: (200 + i % 40) as u16,
        subharmonic: (80 + i % 40) as u16,
        harmonic_strength: 200,
        subharmonic_strength: 120,
    };
    let note = |i: usize| Note {
        onset_secs: i as f64,
        offset_secs: i as f64 + 0.8,
        midi: 57.0 + (i % 12) as f32,
        confidence: 0.9,
    };
    let cell = |i: usize| (i.wrapping_mul(2_654_435_761) >> 13) as u8 >> (i % 3);
    let mut analysis = Analysis::new(Path::new("three hours.wav"), axis, grid);
    analysis.audio = AudioInfo {
        rate_hz: 44_100,
        n_channels: 2,
        duration_secs: Some(N_FRAMES as f64 / 100.0),
        ..AudioInfo::default()
    };
    analysis.f0.frames = (0..N_FRAMES).map(frame).collect();
    analysis.classes.frames = (0..N_FRAMES).map(class).collect();
    analysis.notes = (0..N_FRAMES / 100).map(note).collect();
    analysis.level = vec![0.1; N_FRAMES];
    analysis.picture.cells = (0..N_FRAMES * axis.n_rows).map(cell).collect();
    analysis
}

fn session() -> Session {
    let analysis = Arc::new(analysis());
    let mut session = Session::new(
        SessionId(1),
        analysis.path.clone(),
        ModelChoice::default(),
        None,
    );
    session.take(AnalysisEvent::Opened(RecordingInfo {
        audio: analysis.audio.clone(),
        axis: analysis.picture.axis,
        grid: analysis.picture.grid,
        threshold: 0.5,
    }));
    session.take(AnalysisEvent::Done(analysis));
    session
}

/// One frame, to triangles.
fn frame(
    ctx: &Context,
    session: &Session,
    view: &mut ViewState,
    painters: &mut [SpectrogramPainter; 2],
) {
    let input = RawInput {
        screen_rect: Some(Rect::from_min_size(
            pos2(0.0, 0.0),
            Vec2::new(1280.0, 720.0),
        )),
        ..RawInput::default()
    };
    let output = ctx.run_ui(input, |ui| {
        let canvas = Canvas {
            session,
            playhead_secs: 1.0,
            piano: true,
            style: view.style.suited(Theme::Dark),
            presenting: false,
        };
        let [picture, voice] = painters;
        canvas.ui(ui, view, (picture, voice), &mut Vec::new());
    });
    black_box(ctx.tessellate(output.shapes, output.pixels_per_point));
}

fn canvas(c: &mut Criterion) {
    let session = session();
    let bounds = session.bounds();
    let ctx = Context::default();
    let mut painters = [SpectrogramPainter::new(None), SpectrogramPainter::new(None)];
    let mut view = ViewState::default();
    view.fit(&bounds);
    let mut group = c.benchmark_group("three hours");
    group.bench_function("whole, nothing moves", |b| {
        b.iter(|| frame(&ctx, &session, &mut view, &mut painters));
    });
    group.bench_function("zooming, whole to a second", |b| {
        let mut zoomed = view.clone();
        b.iter(|| {
            zoomed.zoom_time(1.2, Some(4321.0), &bounds);
            if zoomed.secs().end - zoomed.secs().start < 1.0 {
                zoomed.fit(&bounds);
            }
            frame(&ctx, &session, &mut zoomed, &mut painters);
        });
    });
    group.bench_function("whole, panning through an hour's view", |b| {
        let mut panned = view.clone();
        panned.zoom_time(3.0, None, &bounds);
        let mut step = 20.0;
        b.iter(|| {
            let before = panned.secs().start;
            panned.pan(step, 0.0, &bounds);
            if panned.secs().start == before {
                step = -step;
            }
            frame(&ctx, &session, &mut panned, &mut painters);
        });
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(30);
    targets = canvas
}
criterion_main!(benches);
