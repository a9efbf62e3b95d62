//! Separation from files to stems, by networks with random weights.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::{Arc, Mutex, PoisonError};

use burn::tensor::{Device, Tensor, TensorData};
use common::clips::{harmonics, write_wav};
use common::desk::{Desk, code, files_below, json_lines, stderr};
use melograph::analysis::{AnalysisError, KeptStems, StemCache, VoiceSeparator, separate};
use melograph::audio::Waveform;
use melograph::dsp::stft::mask::VoiceMaps;
use melograph::dsp::{Features, Stft, StftConfig};
use melograph::models::{AnyNetwork, DeviceChoice, ModelConfig, NetworkConfig, store};
use melograph::progress::{Progress, Stage};
use serde_json::json;

/// Random weights come from one generator a process: tests that draw them take turns.
static WEIGHTS: Mutex<()> = Mutex::new(());

fn tfc_tdf() -> NetworkConfig {
    let features = Features::Spectrum(StftConfig::coarse());
    NetworkConfig::new("tfc-tdf", json!({ "width": 2 }), features)
}

/// A model folder with random weights, and its network.
fn write_model(folder: &Path, network: NetworkConfig) -> AnyNetwork {
    let _turn = WEIGHTS.lock().unwrap_or_else(PoisonError::into_inner);
    let device = Device::flex();
    device.seed(5);
    let net = AnyNetwork::new(&network, &device).unwrap();
    let weights = net.weights().unwrap();
    let config = ModelConfig {
        network,
        threshold: 0.5,
        calibration: None,
        weights_sha256: store::checksum(&weights),
        data: "none".into(),
        licence: "none".into(),
        metrics: "none".into(),
    };
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("weights.safetensors"), weights).unwrap();
    fs::write(
        folder.join("config.json"),
        serde_json::to_vec(&config).unwrap(),
    )
    .unwrap();
    net
}

fn separator(folder: &Path, network: NetworkConfig) -> VoiceSeparator {
    write_model(folder, network);
    VoiceSeparator::load(folder.to_str().unwrap(), DeviceChoice::Cpu).unwrap()
}

/// A tone with overtones, another on every second channel.
fn write_tones(path: PathBuf, rate_hz: u32, n_channels: u16, secs: f64) -> PathBuf {
    let n = (secs * f64::from(rate_hz)) as i32;
    let samples = (0..n).flat_map(|i| {
        let at = f64::from(i) / f64::from(rate_hz);
        let channel = move |c: u16| {
            let hz = if c.is_multiple_of(2) { 220.0 } else { 333.0 };
            (harmonics(hz * at, 5) * 5000.0) as i16
        };
        (0..n_channels).map(channel)
    });
    write_wav(path, rate_hz, n_channels, samples)
}

/// The recording and its vocals, channel by channel.
fn stems(path: &Path, separator: &VoiceSeparator) -> (Vec<Vec<f32>>, Vec<Vec<f32>>) {
    let (mut mixture, mut vocals): (Vec<Vec<f32>>, Vec<Vec<f32>>) = Default::default();
    let progress = Progress::silent();
    let (info, warnings) =
        separate::<AnalysisError>(path, None, separator, &progress, &mut |_, block| {
            for (all, new) in [(&mut mixture, &block.mixture), (&mut vocals, &block.vocals)] {
                all.resize(new.len(), Vec::new());
                all.iter_mut()
                    .zip(new)
                    .for_each(|(all, new)| all.extend(new));
            }
            Ok(())
        })
        .unwrap();
    assert!(warnings.is_empty() && info.n_channels == mixture.len());
    (mixture, vocals)
}

#[test]
fn stems_have_the_rate_channels_and_length_of_the_recording() {
    let folder = tempfile::tempdir().unwrap();
    let separator = separator(&folder.path().join("model"), tfc_tdf());
    for (rate_hz, n_channels, secs) in [
        (8000, 1, 1.3),
        (16_000, 2, 0.9),
        (44_100, 2, 3.0),
        (48_000, 6, 0.01),
    ] {
        let path = write_tones(folder.path().join("a.wav"), rate_hz, n_channels, secs);
        let (mixture, vocals) = stems(&path, &separator);
        assert_eq!(mixture, Waveform::read(&path).unwrap().channels);
        let power = |x: &[f32]| x.iter().map(|x| x * x).sum::<f32>();
        for (mixture, vocals) in mixture.iter().zip(&vocals) {
            assert_eq!(vocals.len(), mixture.len());
            // Random masks lie about a half.
            let share = power(vocals) / power(mixture);
            assert!((0.01..1.0).contains(&share), "{rate_hz}: {share}");
        }
    }
}

#[test]
fn blocks_give_what_the_whole_recording_gives_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let net = write_model(&folder.path().join("model"), tfc_tdf());
    let path = write_tones(folder.path().join("a.wav"), 16_000, 1, 25.0);
    let model = folder.path().join("model");
    let separator = VoiceSeparator::load(model.to_str().unwrap(), DeviceChoice::Cpu).unwrap();
    let (mixture, vocals) = stems(&path, &separator);
    let samples = &mixture[0];
    let stft = Arc::new(Stft::new(StftConfig::coarse()));
    let spectrum = stft.forward(samples);
    let power = samples.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>() / samples.len() as f64;
    let level = power.sqrt() as f32;
    let mut heard = spectrum.magnitudes(1024);
    heard.iter_mut().for_each(|x| *x /= level);
    let frames = spectrum.n_frames();
    let data = TensorData::new(heard, [1, 1, 1024, frames]);
    let masks: Tensor<4> = net
        .forward(Tensor::from_data(data, &Device::flex()))
        .remove(0);
    let masks: Vec<f32> = masks.into_data().try_to_vec().unwrap();
    let voice = VoiceMaps::new(&masks, 1, frames).apply(&spectrum, level);
    let expected = stft.inverse(&voice, samples.len());
    let differences = expected.iter().zip(&vocals[0]).map(|(a, b)| (a - b).abs());
    let largest = differences.fold(0.0, f32::max);
    assert!(largest < 1e-4, "{largest}");
}

#[test]
fn a_stationary_tone_has_no_seams() {
    let folder = tempfile::tempdir().unwrap();
    let unet = NetworkConfig::new("unet", json!({}), Features::Spectrum(StftConfig::majl()));
    for (name, network) in [("a", tfc_tdf()), ("b", unet)] {
        let separator = separator(&folder.path().join(name), network);
        // 250 Hz: 64 samples a period, and each window of 64 sees the same.
        let tone = (0..20 * 16_000).map(|i| (harmonics(f64::from(i) / 64.0, 3) * 8000.0) as i16);
        let path = write_wav(folder.path().join("tone.wav"), 16_000, 1, tone);
        let (_, vocals) = stems(&path, &separator);
        let levels: Vec<f32> = vocals[0]
            .chunks_exact(64)
            .map(|x| (x.iter().map(|x| x * x).sum::<f32>() / 64.0).sqrt())
            .collect();
        // Away from the ends, where the recording is mirrored.
        let middle = &levels[500..levels.len() - 500];
        let steps = middle.windows(2).map(|pair| (pair[1] - pair[0]).abs());
        let largest = steps.fold(0.0, f32::max);
        assert!(largest < 1e-3, "{name}: {largest}");
    }
}

#[test]
fn stems_are_kept_and_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let separator = separator(&folder.path().join("model"), tfc_tdf());
    let path = write_tones(folder.path().join("a.wav"), 22_050, 2, 1.0);
    let cache = StemCache {
        folder: folder.path().join("stems"),
        limit: 1 << 30,
    };
    let model = folder.path().join("model");
    let network = model.to_str().unwrap();
    assert_eq!(cache.find(&path, None, network).unwrap(), None);
    let (mut voice, n_reports) = (vec![Vec::new(); 2], Arc::new(Mutex::new(0)));
    let count = Arc::clone(&n_reports);
    let progress = Progress::new(move |stage, _| {
        assert_eq!(stage, Stage::Separation);
        *count.lock().unwrap() += 1;
    });
    let made = cache
        .make(&path, None, &separator, &progress, &mut |_, block| {
            let channels = voice.iter_mut().zip(&block.vocals);
            channels.for_each(|(voice, samples)| voice.extend(samples));
            Ok(())
        })
        .unwrap();
    assert!(*n_reports.lock().unwrap() > 0);
    let vocals = Waveform::read(&made.vocals).unwrap();
    assert_eq!((vocals.rate_hz, vocals.channels.len()), (22_050, 2));
    assert_eq!(
        cache.find(&path, None, network).unwrap(),
        Some(made.clone())
    );
    check_kept(&made, &path, &voice);
}

/// Kept stems are read beside the recording, and add up to it.
fn check_kept(made: &KeptStems, path: &Path, voice: &[Vec<f32>]) {
    let (mut mixture, mut vocals) = (vec![Vec::<f32>::new(); 2], vec![Vec::<f32>::new(); 2]);
    made.read::<AnalysisError>(path, None, &mut |_, block| {
        let rest = block.accompaniment();
        for c in 0..2 {
            mixture[c].extend(&block.mixture[c]);
            vocals[c].extend(&block.vocals[c]);
            let sums = block.vocals[c].iter().zip(&rest[c]).map(|(v, a)| v + a);
            let errors = sums.zip(&block.mixture[c]).map(|(sum, x)| (sum - x).abs());
            assert!(errors.fold(0.0, f32::max) < 1e-6);
        }
        Ok(())
    })
    .unwrap();
    assert_eq!(mixture, Waveform::read(path).unwrap().channels);
    for (found, expected) in vocals.iter().flatten().zip(voice.iter().flatten()) {
        assert!((found - expected).abs() < 1e-6, "{found} {expected}");
    }
}

#[test]
fn a_separation_that_is_stopped_keeps_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let separator = separator(&folder.path().join("model"), tfc_tdf());
    let path = write_tones(folder.path().join("a.wav"), 16_000, 1, 60.0);
    let cache = StemCache {
        folder: folder.path().join("stems"),
        limit: 1 << 30,
    };
    let progress = Progress::silent();
    let canceller = progress.canceller();
    let stopped = cache.make(&path, None, &separator, &progress, &mut |_, _| {
        canceller.cancel();
        Ok(())
    });
    assert!(matches!(stopped, Err(AnalysisError::Cancelled(_))));
    assert_eq!(fs::read_dir(&cache.folder).unwrap().count(), 0);
}

#[test]
fn a_stopped_separation_stops() {
    let folder = tempfile::tempdir().unwrap();
    let separator = separator(&folder.path().join("model"), tfc_tdf());
    let path = write_tones(folder.path().join("a.wav"), 16_000, 1, 1.0);
    let progress = Progress::silent();
    progress.canceller().cancel();
    let stopped = separate::<AnalysisError>(&path, None, &separator, &progress, &mut |_, _| Ok(()));
    assert!(matches!(stopped, Err(AnalysisError::Cancelled(_))));
}

#[test]
fn the_program_writes_stems_that_add_up() {
    let desk = Desk::new();
    write_model(&desk.path("model"), tfc_tdf());
    write_tones(desk.path("in/song.wav"), 44_100, 2, 1.5);
    write_tones(desk.path("in/live/other.wav"), 16_000, 1, 1.0);
    let separate = |options: &str| {
        desk.run(&format!(
            "separate in -o out --model model --device cpu --json {options}"
        ))
    };
    let output = separate("");
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let expected = [
        "live/other/accompaniment.flac",
        "live/other/vocals.flac",
        "song/accompaniment.flac",
        "song/vocals.flac",
    ];
    assert_eq!(files_below(&desk.path("out")), expected);
    let read = |name: &str| Waveform::read(&desk.path(name)).unwrap();
    let (song, vocals) = (read("in/song.wav"), read("out/song/vocals.flac"));
    let accompaniment = read("out/song/accompaniment.flac");
    assert_eq!((vocals.rate_hz, vocals.channels.len()), (44_100, 2));
    for ((song, vocals), other) in song
        .channels
        .iter()
        .zip(&vocals.channels)
        .zip(&accompaniment.channels)
    {
        assert_eq!((vocals.len(), other.len()), (song.len(), song.len()));
        let errors = song.iter().zip(vocals.iter().zip(other));
        let largest = errors
            .map(|(s, (v, a))| (s - v - a).abs())
            .fold(0.0, f32::max);
        assert!(largest < 1e-6, "{largest}");
    }
    let status = |output: Output| -> Vec<String> {
        let lines = json_lines(&output).into_iter();
        lines
            .map(|line| line["status"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(status(separate("")), ["skipped", "skipped"]);
    assert_eq!(status(separate("--force")), ["done", "done"]);
    let scores = desk.run("evaluate --task separation --reference out --estimate out --json");
    assert_eq!(code(&scores), 0, "{}", stderr(&scores));
    assert_eq!(json_lines(&scores).len(), 6);
}

#[test]
fn files_of_others_stay_and_what_fails_leaves_nothing() {
    let desk = Desk::new();
    write_model(&desk.path("model"), tfc_tdf());
    write_tones(desk.path("song.wav"), 16_000, 1, 0.5);
    fs::create_dir_all(desk.path("out/song")).unwrap();
    fs::write(desk.path("out/song/vocals.wav"), "theirs").unwrap();
    let output = desk.run("separate song.wav gone.wav -o out --model model -d cpu -f wav --force");
    assert_eq!(code(&output), 1);
    assert!(
        stderr(&output).contains("gone.wav does not exist"),
        "{}",
        stderr(&output)
    );
    let expected = [
        "song/accompaniment.wav",
        "song/vocals.melograph.wav",
        "song/vocals.wav",
    ];
    assert_eq!(files_below(&desk.path("out")), expected);
    assert_eq!(
        fs::read(desk.path("out/song/vocals.wav")).unwrap(),
        b"theirs"
    );
    assert!(!desk.path("out/gone").exists());
}

#[cfg(unix)]
#[test]
fn an_interrupted_program_leaves_nothing_half_written() {
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    let desk = Desk::new();
    write_model(&desk.path("model"), tfc_tdf());
    write_tones(desk.path("long.wav"), 16_000, 1, 600.0);
    let mut program = Command::new(env!("CARGO_BIN_EXE_melograph"))
        .args("separate long.wav -o out --model model -d cpu --quiet".split(' '))
        .current_dir(desk.path(""))
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    let out = desk.path("out/long");
    while !out.exists() || fs::read_dir(&out).unwrap().count() < 2 {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "nothing is written"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
    let signal = Command::new("kill")
        .args(["-INT", &program.id().to_string()])
        .status();
    assert!(signal.unwrap().success());
    assert_eq!(program.wait().unwrap().code(), Some(1));
    assert!(!out.exists(), "{:?}", files_below(&desk.path("out")));
}
