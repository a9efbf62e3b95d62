//! Candidates for ten seconds, from a picture and what a network said: what a person waits for.
//!
//! `cargo bench --bench candidates`

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use melograph::analysis::Analysis;
use melograph::melody::{ClassFrame, FrameGrid, PitchAxis, PitchFrame, candidates, ridge};

/// Ten seconds.
const N_FRAMES: usize = 1000;

/// Two gliding voices with partials over noise, the first as the network heard it.
fn analysis() -> Analysis {
    let axis = PitchAxis::HKDSME;
    let hz = |i: usize| 220.0 * (0.4 * (i as f64 * 0.013).sin()).exp2();
    let mut analysis = Analysis::new(
        Path::new("ten seconds.wav"),
        axis,
        FrameGrid::from_hop(0.01),
    );
    let row = |hz: f64| axis.hz_to_row(hz).round() as usize;
    for i in 0..N_FRAMES {
        let noise = |row: usize| ((i * 320 + row).wrapping_mul(2_654_435_761) >> 13) as u8 >> 2;
        let mut column: Vec<u8> = (0..axis.n_rows).map(noise).collect();
        for partial in (1..9).flat_map(|h| [hz(i) * f64::from(h), 277.0 * f64::from(h)]) {
            if let Some(cell) = column.get_mut(row(partial)) {
                *cell = cell.saturating_add(120);
            }
        }
        analysis.picture.cells.extend(column);
        analysis.pitch.push(PitchFrame {
            f0_hz: hz(i) as f32,
            own_hz: hz(i) as f32,
            confidence: 0.9,
        });
        analysis.classes.frames.push(ClassFrame {
            harmonic: row(2.0 * hz(i)) as u16,
            subharmonic: row(0.5 * hz(i)) as u16,
            harmonic_strength: 200,
            subharmonic_strength: 120,
        });
    }
    analysis
}

fn ten_seconds(criterion: &mut Criterion) {
    let analysis = analysis();
    let present: Vec<f32> = analysis.pitch.iter().map(|it| it.f0_hz).collect();
    let mut group = criterion.benchmark_group("ten seconds");
    group.sample_size(20);
    group.bench_function("candidates", |b| {
        b.iter(|| {
            let salience = black_box(&analysis).salience(0..N_FRAMES);
            candidates(&salience, &present)
        });
    });
    group.bench_function("a ridge", |b| {
        b.iter(|| {
            let salience = black_box(&analysis).salience(0..N_FRAMES);
            ridge(&salience, 500, f64::from(present[500]))
        });
    });
    group.finish();
}

criterion_group!(benches, ten_seconds);
criterion_main!(benches);
