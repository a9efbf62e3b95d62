//! Training, on material made here.

mod common;

use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::{Device, Tensor, TensorData};
use common::clips::{harmonics, write_wav};
use melograph::dsp::CfpConfig;
use melograph::models::{AnyNetwork, Features, ModelFolder, NetworkConfig};
use melograph::progress::Progress;
use melograph::training::{self, Event, TrainArgs, loss};

/// Random weights come from one generator a process: tests that draw them take turns.
static WEIGHTS: Mutex<()> = Mutex::new(());

const CLASSES: usize = 321;
const FRAMES: usize = 16;

/// Ridges that rise row by row: what the melody map must follow.
fn ridges() -> (Vec<f32>, Vec<u16>) {
    let mut input = vec![0.0; 3 * 320 * FRAMES];
    let mut targets = vec![0; FRAMES];
    for t in 2..FRAMES {
        let class = 100 + 3 * t;
        targets[t] = class as u16;
        for channel in 0..3 {
            for row in class - 1..=class + 1 {
                input[(channel * 320 + row) * FRAMES + t] = 1.0;
            }
        }
    }
    (input, targets)
}

#[test]
fn one_batch_is_learned_by_heart() {
    let _turn = WEIGHTS.lock().unwrap_or_else(PoisonError::into_inner);
    let device = Device::flex().autodiff();
    device.seed(7);
    let (input, targets) = ridges();
    let settings = serde_json::json!({ "maps": 4 });
    let config = NetworkConfig::new("msnet", settings, Features::Cfp(CfpConfig::hkdsme()));
    let mut net = AnyNetwork::new(&config, &device).unwrap();
    let mut optimizer = AdamWConfig::new().init();
    let mut losses = Vec::new();
    for _ in 0..60 {
        let x = TensorData::new(input.clone(), [1, 3, 320, FRAMES]);
        let output = net
            .forward(Tensor::from_data(x, &device))
            .swap_remove(0)
            .reshape([4 * CLASSES * FRAMES]);
        let scores: Vec<f32> = output.to_data().try_to_vec().unwrap();
        let loss = loss::harmonic_supervision(&scores, &targets, CLASSES, 60.0, FRAMES);
        losses.push(loss.value);
        let gradient = TensorData::new(loss.gradient, [scores.len()]);
        let surrogate: Tensor<1> = (output * Tensor::from_data(gradient, &device)).sum();
        let gradients = GradientsParams::from_grads(surrogate.backward(), &net);
        net = optimizer.step(3e-3, net, gradients);
    }
    assert!(
        losses[59] < 0.2 * losses[0],
        "from {} to {}",
        losses[0],
        losses[59]
    );
}

/// A stereo clip, accompaniment left and a voice of harmonics right, with its labels.
fn write_clip(data: &Path, split: &str, id: &str, hz: f64) {
    let folder = data.join("mir1k").join(split);
    let labels = data.join("mir1k/labels/pitch");
    fs::create_dir_all(&labels).unwrap();
    let cycles = |hz: f64, i: i32| hz * f64::from(i) / 16_000.0;
    let frame = |i| [harmonics(cycles(131.0, i), 1), harmonics(cycles(hz, i), 5)];
    let samples = (0..48_000).flat_map(frame).map(|it| (it * 6000.0) as i16);
    write_wav(folder.join(format!("{id}.wav")), 16_000, 2, samples);
    let midi = 69.0 + 12.0 * (hz / 440.0).log2();
    let text: String = (0..149).map(|_| format!("{midi:.4}\n")).collect();
    fs::write(labels.join(format!("{id}.pv")), text).unwrap();
}

fn write_data(data: &Path) {
    write_clip(data, "train", "anna_1_01", 220.0);
    write_clip(data, "train", "bert_1_01", 330.0);
    write_clip(data, "dev", "carl_1_01", 260.0);
    for folder in ["fretsonfire", "everything_is_free/song"] {
        let folder = data.join(folder);
        fs::create_dir_all(&folder).unwrap();
        fs::copy(
            data.join("mir1k/train/anna_1_01.wav"),
            folder.join("accompaniment.wav"),
        )
        .unwrap();
    }
}

/// Losses of a run, stopped after `stop` steps.
fn losses(args: &TrainArgs, stop: usize) -> Vec<f32> {
    let progress = Progress::silent();
    let canceller = progress.canceller();
    let mut losses = Vec::new();
    let result = training::run(args, &progress, &mut |event| {
        if let Event::Step(step) = event {
            losses.push(step.loss);
            if step.step == stop {
                canceller.cancel();
            }
        }
    });
    assert_eq!(result.is_ok(), stop == usize::MAX, "{result:?}");
    losses
}

#[test]
fn a_killed_run_goes_on_with_the_same_losses() {
    let _turn = WEIGHTS.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    write_data(&data);
    let recipe = folder.path().join("recipe.toml");
    let text = "
        task = 'voicing'
        seed = 3
        data = { dry = [] }
        pool = { excerpts = 6, seconds = 3.0, recorded_share = 0.5 }
        optimizer = { steps = 8, batch = 2, frames = 100, peak_rate = 1e-3, weight_decay = 1e-2 }
        validation = { every = 4, clip_step = 1 }
    ";
    fs::write(&recipe, text).unwrap();
    let args = |out: &str, resume| TrainArgs {
        recipe: recipe.clone(),
        data: data.clone(),
        out: folder.path().join(out),
        resume,
    };
    let whole = losses(&args("whole", false), usize::MAX);
    assert_eq!(whole.len(), 8);
    let first = losses(&args("parts", false), 5);
    assert_eq!(first, whole[..5]);
    // The checkpoint is of step 4: step 5 is taken again.
    let rest = losses(&args("parts", true), usize::MAX);
    assert_eq!(rest, whole[4..]);
    let best = folder.path().join("parts/best");
    ModelFolder::find(best.to_str().unwrap()).unwrap();
}
