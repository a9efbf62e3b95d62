//! `melograph evaluate --dataset`: a network on a labeled corpus.

use std::path::Path;

use clap::ValueEnum;

use super::Outcome;
use super::console::Console;
use super::evaluate::report;
use super::network::NetworkArgs;
use crate::analysis::{Models, Options, analyze};
use crate::datasets::Split;
use crate::datasets::mir1k::{self, Clip, LABEL_GRID};
use crate::evaluation::report::ClipScores;
use crate::evaluation::{MelodyScores, MelodySeries, melody};
use crate::progress::{Progress, Stage};

/// A corpus that can be scored on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Dataset {
    /// MIR-1K: mixtures of left (accompaniment) and right (voice), labels every 20 ms.
    Mir1k,
}

/// A part of a corpus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SplitName {
    /// Singers to learn from.
    Train,
    /// Singers to choose by.
    Dev,
}

impl From<SplitName> for Split {
    fn from(name: SplitName) -> Self {
        match name {
            SplitName::Train => Self::Train,
            SplitName::Dev => Self::Dev,
        }
    }
}

/// Analyzes every clip of a split and scores it strictly: against the labels as they are.
///
/// # Errors
/// A network that cannot be loaded, a corpus that is not there.
pub fn run(
    console: &Console,
    Dataset::Mir1k: Dataset,
    data: &Path,
    split: SplitName,
    network: &NetworkArgs,
) -> anyhow::Result<Outcome> {
    let clips = mir1k::clips(data, split.into())?;
    let models = network.load()?;
    console.message(format_args!("running on {}", models.device_name()));
    let mut scored = Vec::new();
    let mut outcome = Outcome::Done;
    let bar = console.bar("");
    let progress = bar.progress();
    for (i, clip) in clips.iter().enumerate() {
        bar.rename(format_args!("{} ({} of {})", clip.id, i + 1, clips.len()));
        progress.report(Stage::Evaluation, i as f32 / clips.len() as f32)?;
        match score(clip, &models, &network.options()) {
            Ok(scores) => scored.push(ClipScores {
                name: clip.id.clone(),
                scores,
            }),
            Err(error) => {
                console.error(format_args!("error: {}: {error:#}", clip.id));
                outcome = Outcome::SomeFailed;
            }
        }
    }
    drop(bar);
    report(console, scored);
    Ok(outcome)
}

/// Scores the clip's mixture: the mean of its channels, at 0 dB.
fn score(clip: &Clip, models: &Models, options: &Options) -> anyhow::Result<MelodyScores> {
    let labels = clip.reference_hz()?;
    let times = (0..labels.len()).map(|i| LABEL_GRID.time(i)).collect();
    let reference = MelodySeries::new(times, labels);
    let progress = Progress::silent();
    let known = models.begin(&clip.path);
    let analysis = analyze(known, models, options, &progress, &mut |_| {})?;
    Ok(melody::evaluate(
        &reference,
        &MelodySeries::from(&analysis.f0),
    )?)
}
