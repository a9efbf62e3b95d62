//! The pipeline from a file to a melody, on sounds made here, with the networks that ship.

use std::path::{Path, PathBuf};

use melograph::analysis::pipeline::analyze_in_blocks;
use melograph::analysis::{Analysis, Models, analyze};
use melograph::melody::pitch::cents_between;
use melograph::models::DeviceChoice;
use melograph::models::store::{DEFAULT_PITCH, DEFAULT_VOICING};
use melograph::progress::Progress;

const RATE_HZ: u32 = 22_050;

fn models() -> Models {
    Models::load(DEFAULT_PITCH, Some(DEFAULT_VOICING), DeviceChoice::Cpu).unwrap()
}

fn write(folder: &Path, samples: impl Iterator<Item = f64>) -> PathBuf {
    let path = folder.join("clip.wav");
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: RATE_HZ,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(&path, spec).unwrap();
    for sample in samples {
        writer.write_sample((sample * 20_000.0) as i16).unwrap();
    }
    writer.finalize().unwrap();
    path
}

/// f0 of the glide at a time: an octave and a half up in twelve seconds.
fn glide_hz(secs: f64) -> f64 {
    140.0 * (secs / 8.0).exp2()
}

/// Harmonics under two formants, on the glide.
fn glide(folder: &Path) -> PathBuf {
    let mut phase = 0.0;
    write(
        folder,
        (0..12 * RATE_HZ).map(move |i| {
            let hz = glide_hz(f64::from(i) / f64::from(RATE_HZ));
            phase += hz / f64::from(RATE_HZ);
            let formant = |at: f64, center: f64| (-((at - center) / 250.0).powi(2)).exp();
            let partial = |h: u32| {
                let at = hz * f64::from(h);
                let level = 0.1 + formant(at, 600.0) + 0.5 * formant(at, 1400.0);
                level * (std::f64::consts::TAU * phase * f64::from(h)).sin() / f64::from(h)
            };
            (1..20).map(partial).sum::<f64>() * 0.4
        }),
    )
}

fn analyzed(path: &Path) -> Analysis {
    analyze(path, &models(), None, &Progress::silent(), &mut |_| {}).unwrap()
}

#[test]
fn a_glide_is_followed_finer_than_a_row() {
    let folder = tempfile::tempdir().unwrap();
    let analysis = analyzed(&glide(folder.path()));
    let times = analysis.f0.times();
    let mut errors: Vec<f64> = analysis
        .f0
        .frames
        .iter()
        .zip(times)
        .map(|(frame, secs)| cents_between(glide_hz(secs), f64::from(frame.f0_hz)).abs())
        .collect();
    errors.sort_by(f64::total_cmp);
    let median = errors[errors.len() / 2];
    assert!(median < 5.0, "median error {median} cents");
}

#[test]
fn the_result_does_not_depend_on_the_blocks() {
    let folder = tempfile::tempdir().unwrap();
    let path = glide(folder.path());
    let models = models();
    let in_blocks = |frames| {
        let progress = Progress::silent();
        analyze_in_blocks(&path, &models, None, frames, &progress, &mut |_| {}).unwrap()
    };
    let whole = in_blocks(100_000);
    for frames in [97, 500] {
        let parts = in_blocks(frames);
        assert_eq!(parts.notes, whole.notes);
        assert_eq!(parts.classes, whole.classes);
        for (part, whole) in parts.f0.frames.iter().zip(&whole.f0.frames) {
            assert_eq!(part.voiced, whole.voiced);
            assert!((part.f0_hz / whole.f0_hz - 1.0).abs() < 1e-5);
            assert!((part.confidence - whole.confidence).abs() < 1e-5);
        }
    }
}

#[test]
fn silence_is_unvoiced_throughout() {
    let folder = tempfile::tempdir().unwrap();
    let analysis = analyzed(&write(folder.path(), (0..2 * RATE_HZ).map(|_| 0.0)));
    assert_eq!(analysis.f0.frames.len(), 199);
    assert!(
        analysis
            .f0
            .frames
            .iter()
            .all(|frame| !frame.voiced && frame.f0_hz == 0.0)
    );
    assert!(analysis.notes.is_empty());
}

#[test]
fn a_stopped_analysis_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = glide(folder.path());
    let progress = Progress::silent();
    progress.canceller().cancel();
    let stopped = analyze(&path, &models(), None, &progress, &mut |_| {});
    assert_eq!(stopped.unwrap_err().to_string(), "stopped");
}
