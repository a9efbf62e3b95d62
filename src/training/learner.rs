//! Gradient steps, validation, the best weights kept.

use std::fs;
use std::path::Path;

use burn::module::Module;
use burn::optim::{AdamWConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::Device;
use rand::prelude::*;
use rand_chacha::ChaCha8Rng;

use super::average::AverageWeights;
use super::batch::Batch;
use super::checkpoint::{self, RunState};
use super::excerpt_cache::{CacheRequest, Crop, ExcerptCache};
use super::log::Log;
use super::loss::Term;
use super::objective::{self, Objective};
use super::selection::{SelectedStretches, SelectionSummary};
use super::tasks::{self, TrainingTask};
use super::validation::Validation;
use super::{Event, Recipe, StepReport, TrainingError, TrainingRequest, best, material, runs};
use crate::datasets::DataRoots;
use crate::files;
use crate::melody::harmonics::partial_rows;
use crate::models::{AnyNetwork, DeviceChoice, ModelFolder, NetworkConfig, device};
use crate::progress::{Progress, Stage};

/// Trains the network of a recipe; see [`super::run`].
///
/// # Errors
/// [`TrainingError`].
pub fn train(
    recipe: &Recipe,
    args: &TrainingRequest,
    progress: &Progress,
    on_event: &mut dyn FnMut(Event),
) -> Result<(), TrainingError> {
    let mut learner = Learner::new(recipe, args, progress, on_event)?;
    let steps = recipe.optimizer.steps;
    while learner.state.step < steps {
        if let Some(summary) = learner.select() {
            on_event(Event::Selected(summary));
        }
        let (loss, term) = learner.step()?;
        learner.log.add(loss, &term);
        let step = learner.state.step;
        on_event(Event::Step(StepReport { step, steps, loss }));
        let stopped = progress.report(Stage::Training, step as f32 / steps as f32);
        if step.is_multiple_of(recipe.validation.every) || step == steps {
            on_event(learner.validate()?);
        }
        stopped?;
    }
    Ok(())
}

/// A run under way.
struct Learner<'a> {
    recipe: &'a Recipe,
    out: &'a Path,
    network: NetworkConfig,
    task: Box<dyn TrainingTask>,
    /// What is learned from unlabeled examples as they come.
    further: Option<Box<dyn Objective>>,
    /// A network that guides, which stays as it is.
    guide: Option<AnyNetwork>,
    /// What of the unlabeled examples has labels now.
    selected: SelectedStretches,
    labeled: ExcerptCache,
    unlabeled: Option<ExcerptCache>,
    validation: Validation,
    device: Device,
    net: AnyNetwork,
    average: AverageWeights,
    /// What it began with, if that has a share in what is kept.
    begun: Option<AnyNetwork>,
    optimizer: ModuleOptimizer,
    state: RunState,
    log: Log,
}

impl<'a> Learner<'a> {
    /// Reads or makes what is learned from, and begins or resumes.
    fn new(
        recipe: &'a Recipe,
        args: &'a TrainingRequest,
        progress: &Progress,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<Self, TrainingError> {
        let out = &args.out;
        fs::create_dir_all(out).map_err(TrainingError::io(out))?;
        let kept = out.join(runs::RECIPE);
        let text = fs::read(&args.recipe).map_err(TrainingError::io(&args.recipe))?;
        files::replace(&kept, |file| file.write_all(&text)).map_err(TrainingError::io(&kept))?;
        let network = recipe.network.config();
        let task = tasks::of(&network, recipe)?;
        let roots = DataRoots::open(&args.data)?;
        let mut warn = |warning| on_event(Event::Warning(warning));
        let (labeled, unlabeled) = excerpts(
            recipe,
            &network,
            task.as_ref(),
            &roots,
            out,
            progress,
            &mut warn,
        )?;
        let validation = Validation::open(recipe, &roots)?;
        let device = choose_device(recipe, args.device)?.autodiff();
        device.seed(recipe.seed);
        let mut net = begun_from(&network, args.from.as_deref(), &device)?;
        for (part, name) in &recipe.network.parts {
            ModelFolder::find(name)?.load_into_part(&mut net, part)?;
        }
        let guide = guide(recipe, &network, &device.clone().inner())?;
        let average = AverageWeights::new(net.valid(), recipe.optimizer.average_decay);
        let decay = recipe.optimizer.weight_decay;
        let optimizer = AdamWConfig::new().with_weight_decay(decay).init();
        let text = format!("{recipe:?}");
        let begun = (net, average, optimizer);
        let (net, average, optimizer, state) = if args.resume {
            checkpoint::load(out, begun, &text)?
        } else {
            let state = RunState {
                recipe: text,
                from: args.from.clone(),
                ..RunState::default()
            };
            (begun.0, begun.1, begun.2, state)
        };
        let from = state.from.as_deref();
        let begun = from.filter(|_| recipe.optimizer.begun_share > 0.0);
        let begun = begun.map(|from| begun_from(&network, Some(from), &device));
        Ok(Self {
            recipe,
            out,
            network,
            task,
            further: recipe.unlabeled.as_ref().and_then(objective::of),
            guide,
            selected: SelectedStretches::default(),
            labeled,
            unlabeled,
            validation,
            device,
            net,
            average,
            begun: begun.transpose()?.map(|net| net.valid()),
            optimizer,
            state,
            log: Log::open(out),
        })
    }

    /// Selects anew which unlabeled stretches are learned from, if it is time; says what was taken.
    fn select(&mut self) -> Option<SelectionSummary> {
        let config = self.recipe.selection.as_ref()?;
        let cache = self.unlabeled.as_ref()?;
        let axis = self.network.features.axis()?;
        if !self.state.step.is_multiple_of(config.every) {
            return None;
        }
        let partials = partial_rows(&self.recipe.partials, axis.bins_per_octave);
        let frames = self.recipe.optimizer.frames.min(cache.n_frames);
        let (net, device) = (self.net.valid(), self.device.clone().inner());
        let student = (self.task.as_ref(), &net, &device);
        let labels = (axis, &partials[..]);
        self.selected = SelectedStretches::of(config, cache, frames, student, labels);
        self.log.selected(self.selected.summary);
        Some(self.selected.summary)
    }

    /// One step: its loss, and the term it came from.
    fn step(&mut self) -> Result<(f32, Term), TrainingError> {
        let (labeled, unlabeled) = self.batches();
        // What a network draws in training follows from the step's number too.
        let number = self.state.step as u64 + 1;
        let number = self.recipe.seed.wrapping_add(number << 32);
        self.device.seed(number);
        let step = objective::TrainingStep {
            network: &self.net,
            teacher: self.average.net(),
            guide: self.guide.as_ref(),
            number,
            certainty: self.state.certainty,
            labeled: &labeled,
            unlabeled: unlabeled.as_ref(),
            progress: self.state.step as f64 / self.recipe.optimizer.steps as f64,
            device: &self.device,
        };
        let own: &dyn Objective = self.task.as_ref();
        let further = self.further.as_deref();
        let objectives: Vec<&dyn Objective> = [own].into_iter().chain(further).collect();
        let term =
            objective::total_loss(&objectives, &step).expect("a task's batches have its labels");
        let loss: f32 = term.loss.clone().into_scalar();
        if !loss.is_finite() {
            return Err(TrainingError::Diverged {
                step: self.state.step,
            });
        }
        let gradients = GradientsParams::from_grads(term.loss.backward(), &self.net);
        let rate = self.recipe.rate(self.state.step);
        self.net = self.optimizer.step(rate, self.net.clone(), gradients);
        self.state.step += 1;
        if let Some(now) = term.certainty {
            let so_far = self.state.certainty.unwrap_or(now);
            let mean = CERTAINTY_DECAY * so_far + (1.0 - CERTAINTY_DECAY) * now;
            self.state.certainty = Some(mean.clamp(0.5, 0.95));
        }
        self.average.update(&self.net.valid(), self.state.step);
        Ok((loss, term))
    }

    /// Batches of the next step, which follow from the seed and its number.
    fn batches(&self) -> (Batch, Option<Batch>) {
        let mut rng = ChaCha8Rng::seed_from_u64(self.recipe.seed);
        rng.set_stream(self.state.step as u64 + 1);
        let frames = self.recipe.optimizer.frames;
        let crops = draw(&self.labeled, self.recipe.optimizer.batch, frames, &mut rng);
        let mut labeled = self.task.batch(&crops, &mut rng);
        let config = self.recipe.unlabeled.as_ref();
        let Some((cache, config)) = self.unlabeled.as_ref().zip(config) else {
            return (labeled, None);
        };
        if self.recipe.selection.is_some() {
            if let Some(selected) = self.selected_batch(cache, config.batch, &mut rng) {
                labeled = labeled.joined(selected);
            }
            return (labeled, None);
        }
        let unlabeled = {
            let crops = draw(cache, config.batch, frames, &mut rng);
            self.task.batch(&crops, &mut rng).without_labels()
        };
        (labeled, Some(unlabeled))
    }

    /// Some of the stretches that were selected, with the labels they were given.
    fn selected_batch(
        &self,
        cache: &ExcerptCache,
        amount: usize,
        rng: &mut ChaCha8Rng,
    ) -> Option<Batch> {
        let n = self.selected.len();
        let drawn = rand::seq::index::sample(rng, n, amount.min(n)).into_iter();
        let drawn = drawn.map(|at| self.selected.stretch(at, cache));
        let (crops, counts): (Vec<Crop>, Vec<f32>) = drawn.unzip();
        if crops.is_empty() {
            return None;
        }
        let mut batch = self.task.batch(&crops, rng);
        let frames = batch.frames();
        for (weights, count) in batch.weights.chunks_exact_mut(frames).zip(counts) {
            weights.iter_mut().for_each(|weight| *weight *= count);
        }
        Some(batch)
    }

    /// Scores the average, with a share of what it began with if the recipe says so; keeps it if it is
    /// the best, and saves where the run is.
    fn validate(&mut self) -> Result<Event, TrainingError> {
        let share = self.recipe.optimizer.begun_share;
        let kept = match &self.begun {
            Some(begun) => self.average.with_share_of(begun, share),
            None => self.average.net().clone(),
        };
        let (task, net) = (self.task.as_ref(), &kept);
        let run = self.validation.run(task, net, &self.device.clone().inner());
        let scores = run.scores(task)?;
        let figure = run.figure(&scores)?;
        let best = self.state.best.is_none_or(|best| figure > best);
        if best {
            self.state.best = Some(figure);
            let constants = run.constants(task);
            let (network, recipe) = (&self.network, self.recipe);
            let from = self.state.from.as_deref();
            best::keep(self.out, net, network, recipe, from, constants, &scores)?;
        }
        let Self { net, average, .. } = self;
        checkpoint::save(self.out, net, average, &self.optimizer, &self.state)?;
        let step = self.state.step;
        self.log.write(step, &scores, best)?;
        Ok(Event::Validated { step, scores, best })
    }
}

/// How much of the teacher's certainty so far a step leaves.
const CERTAINTY_DECAY: f32 = 0.99;

/// The network that guides, if the recipe names one, which must read what the other reads.
fn guide(
    recipe: &Recipe,
    network: &NetworkConfig,
    device: &Device,
) -> Result<Option<AnyNetwork>, TrainingError> {
    let Some(config) = &recipe.teacher else {
        return Ok(None);
    };
    let folder = ModelFolder::find(&config.model)?;
    let own = &folder.config.network;
    let maps = |network: &NetworkConfig| network.settings.get("maps").cloned();
    if own.features != network.features || maps(own) != maps(network) {
        return Err(TrainingError::Teacher(config.model.clone()));
    }
    Ok(Some(folder.network(device)?))
}

/// A network with random weights, or with those of another of its kind.
fn begun_from(
    network: &NetworkConfig,
    from: Option<&str>,
    device: &Device,
) -> Result<AnyNetwork, TrainingError> {
    let mut net = AnyNetwork::new(network, device).expect("the recipe was checked");
    if let Some(name) = from {
        ModelFolder::find(name)?.load_into(&mut net, network)?;
    }
    Ok(net)
}

fn choose_device(recipe: &Recipe, asked: Option<DeviceChoice>) -> Result<Device, TrainingError> {
    let choice = match asked {
        Some(choice) => choice,
        None => recipe.device.parse().map_err(TrainingError::Device)?,
    };
    let info = device::choose(choice).map_err(TrainingError::Device)?;
    Ok(info.device())
}

/// Labeled excerpts, and unlabeled ones where the recipe asks for them.
fn excerpts(
    recipe: &Recipe,
    network: &NetworkConfig,
    task: &dyn TrainingTask,
    roots: &DataRoots,
    out: &Path,
    progress: &Progress,
    on_warning: &mut dyn FnMut(String),
) -> Result<(ExcerptCache, Option<ExcerptCache>), TrainingError> {
    let folder = out.join("cache");
    let Recipe {
        seed,
        data,
        excerpts,
        remix,
        ..
    } = recipe;
    let request = |made_by: String, count| CacheRequest {
        made_by: format!("{seed:?} {made_by} {network:?} {}", task.identity()),
        count,
        frames: task.n_frames(excerpts.seconds),
        width: task.width(),
    };
    let labeled = request(format!("{data:?} {excerpts:?} {remix:?}"), excerpts.count);
    let labeled = ExcerptCache::open(&labeled, &folder, progress, &mut || {
        task.labeled(recipe, roots, on_warning)
    })?;
    let Some(config) = &recipe.unlabeled else {
        return Ok((labeled, None));
    };
    let singers = &data.singers;
    let songs = format!("{:?} {:?}", config.songs, excerpts.seconds);
    let songs = format!("{songs} {:?} {singers:?}", config.corpora);
    let songs = request(format!("{songs} {}", config.count), config.count);
    let unlabeled = ExcerptCache::open(&songs, &folder, progress, &mut || {
        let source = material::unlabeled(recipe, config, roots, on_warning)?;
        Ok(Box::new(move |index| task.kept(&source(index))))
    })?;
    Ok((labeled, Some(unlabeled)))
}

/// Crops of different excerpts.
fn draw<'a>(
    cache: &'a ExcerptCache,
    amount: usize,
    frames: usize,
    rng: &mut ChaCha8Rng,
) -> Vec<Crop<'a>> {
    let frames = frames.min(cache.n_frames);
    rand::seq::index::sample(rng, cache.len(), amount.min(cache.len()))
        .into_iter()
        .map(|excerpt| {
            let start = rng.random_range(0..=cache.n_frames - frames);
            cache.crop(excerpt, start, frames)
        })
        .collect()
}
