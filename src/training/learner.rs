//! Gradient steps, validation, the best weights kept.

use std::fs;
use std::io::Write;
use std::path::Path;

use burn::module::Module;
use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::{Device, Tensor, TensorData};
use rand::prelude::*;
use rand_chacha::ChaCha8Rng;

use super::average::Average;
use super::checkpoint::{self, State};
use super::pool::Pool;
use super::task::Task;
use super::{Recipe, TrainArgs, TrainingError};
use crate::datasets::{Split, Voice, mir1k};
use crate::evaluation::{Report, Scores};
use crate::files;
use crate::models::{AnyNetwork, ModelConfig, store};
use crate::progress::{Progress, Stage};

/// One gradient step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Its number, from 1.
    pub step: usize,
    /// Of how many.
    pub steps: usize,
    /// Loss of its batch.
    pub loss: f32,
}

/// What a run tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A step was taken.
    Step(Step),
    /// Something was left out: one sentence.
    Warning(String),
    /// Dev was scored: the step, the mean scores in words, and whether they are the best so far.
    Validated {
        /// After which step.
        step: usize,
        /// Mean scores.
        scores: String,
        /// Whether its weights are kept.
        best: bool,
    },
}

/// Trains a task's network by a recipe; see [`super::run`].
///
/// # Errors
/// [`TrainingError`].
pub fn train<T: Task>(
    task: &T,
    recipe: &Recipe,
    args: &TrainArgs,
    progress: &Progress,
    on_event: &mut dyn FnMut(Event),
) -> Result<(), TrainingError> {
    let out = &args.out;
    fs::create_dir_all(out).map_err(TrainingError::io(out))?;
    let cache = out.join("cache");
    let pool = Pool::open(task, recipe, &args.data, &cache, progress, &mut |warning| {
        on_event(Event::Warning(warning))
    })?;
    let clips = mir1k::clips(&args.data, Split::Dev)?;
    let dev: Vec<Voice> = clips
        .iter()
        .step_by(recipe.validation.clip_step.max(1))
        .map(mir1k::Clip::load)
        .collect::<Result<_, _>>()?;

    let plain = Device::flex();
    let device = plain.clone().autodiff();
    device.seed(recipe.seed);
    let text = format!("{recipe:?}");
    let decay = recipe.optimizer.weight_decay;
    let mut optimizer = AdamWConfig::new().with_weight_decay(decay).init();
    let mut net = AnyNetwork::new(&task.network(), &device).expect("a task's network can be");
    let mut state = State {
        recipe: text.clone(),
        ..State::default()
    };
    let mut average = Average::new(net.valid());
    if args.resume {
        let begun = (net, average, optimizer);
        (net, average, optimizer, state) = checkpoint::load(out, begun, &text)?;
    }
    let steps = recipe.optimizer.steps;
    while state.step < steps {
        let mut rng = ChaCha8Rng::seed_from_u64(recipe.seed);
        rng.set_stream(state.step as u64 + 1);
        let crops = draw(&pool, recipe, &mut rng);
        let (input, dims, targets) = task.batch(&crops, &mut rng);
        let output = task.forward(
            &net,
            Tensor::from_data(TensorData::new(input, dims), &device),
        );
        let scores: Vec<f32> = output.to_data().try_to_vec().expect("outputs are f32");
        let loss = task.loss(&scores, &targets);
        if !loss.value.is_finite() {
            return Err(TrainingError::Diverged { step: state.step });
        }
        // The product's gradient by the output is the loss's gradient.
        let gradient = TensorData::new(loss.gradient, [scores.len()]);
        let surrogate = (output * Tensor::from_data(gradient, &device)).sum();
        let gradients = GradientsParams::from_grads(surrogate.backward(), &net);
        net = optimizer.step(recipe.rate(state.step), net, gradients);
        state.step += 1;
        let step = state.step;
        average = average.update(&net.valid(), step);
        on_event(Event::Step(Step {
            step,
            steps,
            loss: loss.value,
        }));
        let done = step as f32 / steps as f32;
        let stopped = progress.report(Stage::Training, done);
        if step.is_multiple_of(recipe.validation.every) || step == steps {
            let scores = mean_scores(task, average.net(), &dev, &plain);
            let figure = T::figure(&scores);
            let best = state.best.is_none_or(|best| figure > best);
            if best {
                state.best = Some(figure);
                keep(task, average.net(), &format!("{scores}"), out)?;
            }
            checkpoint::save(out, &net, &average, &optimizer, &state)?;
            log(out, step, loss.value, &scores)?;
            on_event(Event::Validated {
                step,
                scores: format!("{scores}"),
                best,
            });
        }
        stopped?;
    }
    Ok(())
}

/// Crops of different excerpts.
fn draw<'a>(pool: &'a Pool, recipe: &Recipe, rng: &mut ChaCha8Rng) -> Vec<super::pool::Crop<'a>> {
    let frames = recipe.optimizer.frames.min(pool.n_frames);
    let amount = recipe.optimizer.batch.min(pool.len());
    rand::seq::index::sample(rng, pool.len(), amount)
        .into_iter()
        .map(|excerpt| {
            let start = rng.random_range(0..=pool.n_frames - frames);
            pool.crop(excerpt, start, frames)
        })
        .collect()
}

fn mean_scores<T: Task>(task: &T, net: &AnyNetwork, dev: &[Voice], device: &Device) -> T::Scores {
    let scores = dev
        .iter()
        .map(|clip| (clip.id.clone(), task.score(net, clip, device)));
    Report::new(scores)
        .mean
        .unwrap_or_else(|| T::Scores::from_values(&vec![0.0; T::Scores::NAMES.len()]))
}

/// Writes a model folder with the weights of `net`.
fn keep<T: Task>(
    task: &T,
    net: &AnyNetwork,
    metrics: &str,
    out: &Path,
) -> Result<(), TrainingError> {
    let folder = out.join("best");
    fs::create_dir_all(&folder).map_err(TrainingError::io(&folder))?;
    let weights = net.weights().map_err(|reason| TrainingError::Checkpoint {
        path: folder.clone(),
        reason,
    })?;
    let config = ModelConfig {
        network: task.network(),
        threshold: 0.5,
        calibration: None,
        weights_sha256: store::checksum(&weights),
        data: "MIR-1K train singers and remixes; see README.md".into(),
        licence: "research: MIR-1K states none".into(),
        metrics: format!("mir1k/dev while training: {metrics}"),
    };
    let config = serde_json::to_vec_pretty(&config).expect("settings are plain values");
    for (name, bytes) in [("weights.safetensors", weights), ("config.json", config)] {
        let path = folder.join(name);
        files::replace(&path, |file| file.write_all(&bytes)).map_err(TrainingError::io(&path))?;
    }
    Ok(())
}

/// Adds a line to `log.csv`.
fn log<S: Scores>(out: &Path, step: usize, loss: f32, scores: &S) -> Result<(), TrainingError> {
    let path = out.join("log.csv");
    let begun = path.exists();
    let append = || {
        let mut file = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)?;
        if !begun {
            writeln!(file, "step,loss,{}", S::NAMES.join(","))?;
        }
        let values: Vec<String> = scores.values().iter().map(|v| format!("{v:.4}")).collect();
        writeln!(file, "{step},{loss:.5},{}", values.join(","))
    };
    append().map_err(TrainingError::io(&path))
}
