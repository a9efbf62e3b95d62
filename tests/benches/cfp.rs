//! How fast features of five minutes are made; an element is a second of sound,
//! so elements a second are times real time.

use std::f64::consts::TAU;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use melograph::dsp::{Cfp, CfpConfig, FeatureScale, LogMel, LogMelConfig, normalized_stack};

const SECS: u64 = 300;

/// A sung-like tone with vibrato over a little noise.
fn track(rate_hz: u32) -> Vec<f32> {
    let (mut phase, mut seed) = (0.0_f64, 12_345_u32);
    let mut sample = |i: u64| {
        let t = i as f64 / f64::from(rate_hz);
        let hz = 220.0 + 90.0 * (0.7 * t).sin() + 5.0 * (TAU * 5.5 * t).sin();
        phase += TAU * hz / f64::from(rate_hz);
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise = f64::from(seed) / f64::from(u32::MAX) - 0.5;
        let tone: f64 = (1..7)
            .map(|k| (phase * f64::from(k)).sin() / f64::from(k))
            .sum();
        (0.2 * tone + 0.02 * noise) as f32
    };
    (0..SECS * u64::from(rate_hz)).map(&mut sample).collect()
}

fn features(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("five minutes");
    group.throughput(Throughput::Elements(SECS)).sample_size(10);

    let (cfp, samples) = (Cfp::new(CfpConfig::hkdsme()), track(8000));
    group.bench_function("cfp set B", |b| b.iter(|| cfp.compute(black_box(&samples))));

    let layers = cfp.compute(&samples);
    group.bench_function("normalized stack", |b| {
        b.iter(|| {
            let mut scale = FeatureScale::empty();
            scale.include(black_box(&layers));
            normalized_stack(&layers, &scale)
        })
    });

    let log_mel = LogMel::new(LogMelConfig::voicing());
    let samples = track(16_000);
    group.bench_function("log-mel", |b| {
        b.iter(|| log_mel.compute(black_box(&samples)))
    });
    group.finish();
}

criterion_group!(benches, features);
criterion_main!(benches);
