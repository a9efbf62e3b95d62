//! The pipeline from a file to a melody, on sounds made here, with the networks that ship.

mod common;

use std::path::{Path, PathBuf};

use common::clips::write_wav;
use melograph::analysis::{
    Analysis, AnalysisError, AnalysisOptions, FrontEnd, ModelChoice, Models, Part, Product,
    Tracker, analyze, go_on,
};
use melograph::dsp::CfpConfig;
use melograph::melody::pitch::cents_between;
use melograph::melody::{ClassFrame, F0Frame};
use melograph::models::store::{DEFAULT_VOICING, checksum};
use melograph::models::{AnyNetwork, DeviceChoice, Features, ModelConfig, NetworkConfig, device};
use melograph::progress::Progress;

const RATE_HZ: u32 = 22_050;

const TAU: f64 = std::f64::consts::TAU;

fn models() -> Models {
    with_voicing(DEFAULT_VOICING)
}

/// The pitch network that ships with a voicing network.
fn with_voicing(name: &str) -> Models {
    let choice = ModelChoice {
        voicing: Some(name.to_owned()),
        device: DeviceChoice::Cpu,
        ..ModelChoice::default()
    };
    choice.load().unwrap()
}

fn write(folder: &Path, samples: impl Iterator<Item = f64>) -> PathBuf {
    let samples = samples.map(|sample| (sample * 20_000.0) as i16);
    write_wav(folder.join("clip.wav"), RATE_HZ, 1, samples)
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
    let (models, options) = (models(), AnalysisOptions::default());
    let progress = Progress::silent();
    analyze(
        models.begin(path),
        &models,
        &options,
        &progress,
        &mut |_| {},
    )
    .unwrap()
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

/// f0 of a soprano at a time: notes of 0.6 s with vibrato, A5 (880 Hz) to F6, between rests of 0.2 s.
fn soprano_hz(secs: f64) -> Option<f64> {
    let (note, within) = ((secs / 0.8) as usize, secs % 0.8);
    let midi = [81.0, 83.0, 84.0, 86.0, 88.0, 89.0, 86.0, 84.0][note % 8];
    let vibrato = 0.4 * (TAU * 5.6 * secs).sin();
    (within < 0.6).then(|| 440.0 * ((midi + vibrato - 69.0) / 12.0_f64).exp2())
}

/// A few strong partials, the first at a pitch that `hz` tells; over a softer chord.
fn sing(folder: &Path, hz: impl Fn(f64) -> Option<f64>) -> PathBuf {
    let mut turn = 0.0;
    let mut level = 0.0;
    write(
        folder,
        (0..12 * RATE_HZ).map(move |i| {
            let secs = f64::from(i) / f64::from(RATE_HZ);
            let sung = hz(secs);
            turn += sung.unwrap_or(440.0) / f64::from(RATE_HZ);
            level += (f64::from(u8::from(sung.is_some())) - level) * 0.002;
            let partials = [1.0, 0.35, 0.12, 0.05];
            let partial = |(h, amplitude): (f64, f64)| amplitude * (TAU * turn * h).sin();
            let voice: f64 = [1.0, 2.0, 3.0, 4.0]
                .into_iter()
                .zip(partials)
                .map(partial)
                .sum();
            let chord: f64 = [174.6, 220.0, 261.6]
                .map(|hz| (TAU * hz * secs).sin())
                .iter()
                .sum();
            0.4 * level * voice + 0.01 * chord
        }),
    )
}

#[test]
fn a_soprano_above_a5_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let analysis = analyzed(&sing(folder.path(), soprano_hz));
    let frames = analysis.f0.frames.iter().zip(analysis.f0.times());
    let sung: Vec<f64> = frames
        .filter(|(_, secs)| {
            [-0.03, 0.03]
                .iter()
                .all(|near| soprano_hz(secs + near).is_some())
        })
        .map(|(frame, secs)| {
            let hz = soprano_hz(secs).unwrap_or_default();
            cents_between(hz, f64::from(frame.f0_hz))
        })
        .collect();
    let n_right = sung.iter().filter(|cents| cents.abs() < 50.0).count();
    assert!(n_right * 10 > sung.len() * 9, "{n_right} of {}", sung.len());
    assert!(analysis.remarks().is_empty(), "{:?}", analysis.remarks());
}

#[test]
fn whistle_register_is_out_of_range_and_not_folded_down() {
    let folder = tempfile::tempdir().unwrap();
    let whistle = |secs: f64| soprano_hz(secs).map(|hz| 2.2 * hz);
    let path = folder.path().join("clip.wav");
    let mut turn = 0.0;
    let samples = (0..12 * RATE_HZ).map(move |i| {
        let hz = whistle(f64::from(i) / f64::from(RATE_HZ));
        turn += hz.unwrap_or_default() / f64::from(RATE_HZ);
        hz.map_or(0.0, |_| {
            8000.0 * ((TAU * turn).sin() + 0.1 * (2.0 * TAU * turn).sin())
        }) as i16
    });
    write_wav(path.clone(), RATE_HZ, 1, samples);
    let analysis = analyzed(&path);
    let frames = analysis.f0.frames.iter().zip(analysis.f0.times());
    // whole windows of it: where sound sets in or breaks off there is more than a tone
    let within = |secs: f64| {
        let ends = [secs - 0.06, secs + 0.06];
        ends.iter().all(|&end| end > 0.0 && whistle(end).is_some())
    };
    for (frame, secs) in frames.filter(|(_, secs)| within(*secs)) {
        assert!(!frame.voiced && frame.f0_hz == 0.0, "{frame:?} at {secs}");
    }
    let remarks = analysis.remarks();
    assert!(
        remarks.len() == 1 && remarks[0].contains("out of"),
        "{remarks:?}"
    );
}

#[test]
fn channels_that_cancel_are_heard_as_if_they_did_not() {
    let folder = tempfile::tempdir().unwrap();
    let mono = hound::WavReader::open(glide(folder.path())).unwrap();
    let voice: Vec<f64> = mono
        .into_samples::<i16>()
        .map(|it| f64::from(it.unwrap()))
        .collect();
    let backing = |i: usize| {
        let secs = i as f64 / f64::from(RATE_HZ);
        2500.0 * (std::f64::consts::TAU * 1800.0 * secs).sin()
    };
    let stereo = |name: &str, right: &dyn Fn(f64, f64) -> f64| {
        let frames = voice
            .iter()
            .enumerate()
            .map(|(i, voice)| (voice * 0.8, backing(i)));
        let samples = frames.flat_map(|(voice, backing)| [voice + backing, right(voice, backing)]);
        write_wav(
            folder.path().join(name),
            RATE_HZ,
            2,
            samples.map(|it| it as i16),
        )
    };
    // frames whose pitch is that of the voice
    let n_right = |analysis: &Analysis| {
        let is_right = |(frame, secs): &(&F0Frame, f64)| {
            cents_between(glide_hz(*secs), f64::from(frame.f0_hz)).abs() < 50.0
        };
        let frames = analysis.f0.frames.iter().zip(analysis.f0.times());
        frames.filter(is_right).count()
    };
    let right = analyzed(&stereo("right.wav", &|voice, backing| voice + backing));
    assert!(right.warnings.is_empty(), "{:?}", right.warnings);
    let inverted = analyzed(&stereo("inverted.wav", &|voice, backing| -voice - backing));
    assert!(
        inverted.warnings[0].contains("sign"),
        "{:?}",
        inverted.warnings
    );
    let voice_inverted = analyzed(&stereo("voice.wav", &|voice, backing| backing - voice));
    assert!(
        voice_inverted.warnings[0].contains("phases"),
        "{:?}",
        voice_inverted.warnings
    );
    assert!(n_right(&right) * 10 > right.f0.frames.len() * 9);
    for other in [&inverted, &voice_inverted] {
        assert_eq!(other.f0.frames.len(), right.f0.frames.len());
        let found = (n_right(other), n_right(&right));
        assert!(found.0 * 20 > found.1 * 19, "{found:?}");
    }
}

#[test]
fn the_result_does_not_depend_on_the_blocks() {
    assert_blocks_do_not_matter(&models());
}

#[test]
fn a_detector_of_singing_decides_voicing_alone() {
    assert_blocks_do_not_matter(&with_voicing("singing-detector"));
}

fn assert_blocks_do_not_matter(models: &Models) {
    let folder = tempfile::tempdir().unwrap();
    let path = glide(folder.path());
    let in_blocks = |frames| {
        let options = AnalysisOptions {
            block_frames: frames,
            ..AnalysisOptions::default()
        };
        let progress = Progress::silent();
        analyze(
            models.begin(&path),
            models,
            &options,
            &progress,
            &mut |_| {},
        )
        .unwrap()
    };
    let whole = in_blocks(100_000);
    assert_eq!(whole.f0.frames.len(), 1199);
    assert_eq!(whole.remarks(), [""; 0]);
    for frames in [97, 500] {
        let parts = in_blocks(frames);
        assert_eq!(parts.notes, whole.notes);
        assert_eq!(parts.classes, whole.classes);
        assert_eq!(parts.speech, whole.speech);
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
    let (models, options) = (models(), AnalysisOptions::default());
    let stopped = analyze(
        models.begin(&path),
        &models,
        &options,
        &progress,
        &mut |_| {},
    );
    assert_eq!(stopped.unwrap_err().to_string(), "stopped");
}

/// Analyzes in small blocks until so many frames of the melody are found, or to the end.
fn analyze_until(
    n_frames: usize,
    analysis: &mut Analysis,
    models: &Models,
) -> (Result<(), AnalysisError>, Vec<usize>) {
    let options = AnalysisOptions {
        block_frames: 100,
        ..AnalysisOptions::default()
    };
    let progress = Progress::silent();
    let canceller = progress.canceller();
    let mut begun_at = Vec::new();
    let mut on_part = |part: &Part| {
        if let Part::Pitch { first, frames } = part {
            begun_at.push(*first);
            if first + frames.len() >= n_frames {
                canceller.cancel();
            }
        }
    };
    let result = go_on(analysis, models, &options, &progress, &mut on_part);
    (result, begun_at)
}

#[test]
fn a_stopped_analysis_goes_on_from_what_was_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = glide(folder.path());
    let models = models();
    let mut whole = models.begin(&path);
    analyze_until(usize::MAX, &mut whole, &models).0.unwrap();
    for n_frames in [100, 600] {
        let mut analysis = models.begin(&path);
        let (stopped, _) = analyze_until(n_frames, &mut analysis, &models);
        assert_eq!(stopped.unwrap_err().to_string(), "stopped");
        let n_found = analysis.n_found();
        assert!(n_found >= n_frames && n_found < 1100, "{n_found}");
        let (result, begun_at) = analyze_until(usize::MAX, &mut analysis, &models);
        result.unwrap();
        assert_eq!(begun_at[0], n_found, "what was found is not found again");
        assert_eq!(analysis, whole);
    }
}

#[test]
fn what_is_looked_at_is_found_ahead_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let minute = hound::WavReader::open(glide(folder.path())).unwrap();
    let glide: Vec<i16> = minute.into_samples().map(|it| it.unwrap()).collect();
    let samples = std::iter::repeat_n(&glide, 7).flatten().copied();
    let path = write_wav(folder.path().join("long.wav"), RATE_HZ, 1, samples);
    let models = models();
    let firsts = |secs: Option<std::ops::Range<f64>>| {
        let options = AnalysisOptions::default();
        if let Some(secs) = secs {
            options.attention.set(secs);
        }
        let mut firsts = Vec::new();
        let mut on_part = |part: &Part| {
            if let Part::Contour { first, .. } = part {
                firsts.push(*first);
            }
        };
        let (known, progress) = (models.begin(&path), Progress::silent());
        let analysis = analyze(known, &models, &options, &progress, &mut on_part).unwrap();
        (analysis, firsts)
    };
    let (plain, in_turn) = firsts(None);
    assert!(in_turn[..in_turn.len() - 1].is_sorted());
    let (looked_at, firsts) = firsts(Some(70.0..74.0));
    let at_70 = |first: &usize| (6998..=7000).contains(first);
    let ahead = firsts.iter().position(at_70).unwrap();
    assert!(
        firsts[ahead + 1..].iter().any(|&first| first < 4000),
        "{firsts:?}"
    );
    assert_eq!(looked_at, plain);
}

#[test]
fn what_is_looked_at_is_drawn_ahead_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let dozen = hound::WavReader::open(glide(folder.path())).unwrap();
    let glide: Vec<i16> = dozen.into_samples().map(|it| it.unwrap()).collect();
    let samples = std::iter::repeat_n(&glide, 13).flatten().copied();
    let path = write_wav(folder.path().join("long.wav"), RATE_HZ, 1, samples);
    let models = models();
    let drawn = |secs: Option<std::ops::Range<f64>>| {
        let options = AnalysisOptions::default();
        if let Some(secs) = secs {
            options.attention.set(secs);
        }
        let progress = Progress::silent();
        let canceller = progress.canceller();
        let mut firsts = Vec::new();
        let mut on_part = |part: &Part| match part {
            Part::Picture { first, .. } => firsts.push(*first),
            // it was read to its end
            Part::Recording { .. } => canceller.cancel(),
            _ => {}
        };
        let mut analysis = models.begin(&path);
        let result = go_on(&mut analysis, &models, &options, &progress, &mut on_part);
        assert_eq!(result.unwrap_err().to_string(), "stopped");
        (analysis, firsts)
    };
    let (plain, in_turn) = drawn(None);
    assert!(in_turn.is_sorted());
    let (looked_at, firsts) = drawn(Some(140.0..144.0));
    let at_140 = |first: &usize| (13_998..=14_000).contains(first);
    let ahead = firsts.iter().position(at_140).unwrap();
    assert!(
        firsts[ahead + 1..].iter().any(|&first| first < 2000),
        "{firsts:?}"
    );
    assert!(firsts.iter().all(|&first| first < 15_700));
    assert_eq!(looked_at, plain);
}

#[test]
fn products_of_an_earlier_analysis_are_not_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = glide(folder.path());
    for models in [models(), with_voicing("singing-detector")] {
        assert_nothing_is_made_twice(&models, &path);
    }
}

fn assert_nothing_is_made_twice(models: &Models, path: &Path) {
    let again = |known: Analysis| {
        let mut made = std::collections::BTreeSet::new();
        let mut on_part = |part: &Part| {
            made.insert(part.product());
        };
        let progress = Progress::silent();
        let options = AnalysisOptions::default();
        let analysis = analyze(known, models, &options, &progress, &mut on_part).unwrap();
        (analysis, made)
    };
    let (whole, made) = again(models.begin(path));
    assert!(whole.is_complete() && made == Product::ALL.into());
    let mut known = whole.clone();
    for product in [Product::Contour, Product::Notes] {
        known.complete.remove(&product);
    }
    (known.f0.frames, known.notes) = Default::default();
    let (second, made) = again(known);
    assert_eq!(second, whole);
    assert!(!made.contains(&Product::Pitch) && !made.contains(&Product::Picture));
    assert!(again(whole.clone()).1.is_empty());
}

#[test]
fn sound_that_is_heard_once_is_followed_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = glide(folder.path());
    let samples: Vec<f32> = hound::WavReader::open(&path)
        .unwrap()
        .samples::<i16>()
        .map(|sample| f32::from(sample.unwrap()) / 32_768.0)
        .collect();
    let models = models();
    let mut front_end = FrontEnd::new(RATE_HZ, &models.transforms()).unwrap();
    let mut tracker = Tracker::live(&models, models.threshold(), 50);
    let mut live = models.begin(&path);
    for block in samples.chunks(4_000) {
        tracker.push(&front_end.push(block));
        while let Some(parts) = tracker.next(false).unwrap() {
            parts.into_iter().for_each(|part| live.take(part));
        }
    }
    // the contexts of both networks, half a second of the path, and a block
    let behind = 1200 - live.f0.frames.len();
    assert!(behind < 420, "{behind} frames wait at the end");
    let right = |(i, frame): &(usize, &F0Frame)| {
        let expected = glide_hz(live.f0.grid.time(*i));
        cents_between(expected, f64::from(frame.f0_hz)).abs() < 50.0
    };
    let n_right = live.f0.frames.iter().enumerate().filter(right).count();
    assert!(10 * n_right > 9 * live.f0.frames.len(), "{n_right} frames");
}

/// What a network of random weights makes of the glide.
fn analyzed_by_chance(network: &str, settings: serde_json::Value) -> Analysis {
    analyzed_by_chance_with(network, settings, Features::Cfp(CfpConfig::hkdsme()))
}

/// The same of a network with its features, beside the shipped voicing network, which is left out where
/// it has other frames.
fn analyzed_by_chance_with(
    network: &str,
    settings: serde_json::Value,
    features: Features,
) -> Analysis {
    let folder = tempfile::tempdir().unwrap();
    let beside = matches!(features, Features::Salience(_));
    let network = NetworkConfig::new(network, settings, features);
    let cpu = device::choose(DeviceChoice::Cpu).unwrap().device();
    let weights = AnyNetwork::new(&network, &cpu).unwrap().weights().unwrap();
    let config = ModelConfig {
        network,
        threshold: 0.5,
        calibration: None,
        weights_sha256: checksum(&weights),
        data: String::new(),
        licence: String::new(),
        metrics: String::new(),
    };
    let model = folder.path().join("plain");
    std::fs::create_dir(&model).unwrap();
    std::fs::write(model.join("weights.safetensors"), weights).unwrap();
    std::fs::write(
        model.join("config.json"),
        serde_json::to_vec(&config).unwrap(),
    )
    .unwrap();
    let choice = ModelChoice {
        pitch: model.to_string_lossy().into_owned(),
        voicing: beside.then(|| DEFAULT_VOICING.to_owned()),
        device: DeviceChoice::Cpu,
    };
    let models = choice.load().unwrap();
    let known = models.begin(&glide(folder.path()));
    let (options, progress) = (AnalysisOptions::default(), Progress::silent());
    analyze(known, &models, &options, &progress, &mut |_| {}).unwrap()
}

fn assert_pitch_in_every_frame(analysis: &Analysis) {
    assert_eq!(analysis.f0.frames.len(), 1199);
    assert!(
        analysis
            .f0
            .frames
            .iter()
            .all(|frame| (30.0..1300.0).contains(&frame.f0_hz))
    );
}

#[test]
fn a_network_of_one_map_finds_pitch_without_classes() {
    let analysis = analyzed_by_chance("msnet", serde_json::json!({ "maps": 1 }));
    assert_pitch_in_every_frame(&analysis);
    assert!(
        analysis
            .classes
            .frames
            .iter()
            .all(|class| *class == ClassFrame::default())
    );
}

#[test]
fn a_network_of_windows_decides_its_frames_and_their_voicing() {
    let settings = serde_json::json!({ "hop": 128 });
    let features = Features::Salience(CfpConfig::lu_su());
    let analysis = analyzed_by_chance_with("segmentation", settings, features);
    assert_eq!(analysis.f0.frames.len(), 599);
    assert!((analysis.f0.grid.hop_secs - 0.02).abs() < 1e-9);
    let voiced = analysis
        .f0
        .frames
        .iter()
        .filter(|frame| frame.voiced)
        .count();
    assert!(
        (1..599).contains(&voiced),
        "{voiced} frames are above the mean"
    );
}

#[test]
fn a_network_of_segments_that_scores_notes_too_finds_pitch() {
    let settings = serde_json::json!({ "depth": 1, "width": 16, "states": 2 });
    assert_pitch_in_every_frame(&analyzed_by_chance("spectmamba", settings));
}
