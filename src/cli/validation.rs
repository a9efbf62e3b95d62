//! `melograph evaluate --dataset`: networks on validation sets.

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};

use super::Outcome;
use super::console::Console;
use super::data::DataArgs;
use super::evaluate::EvaluationTask;
use super::network::NetworkArgs;
use crate::analysis::{AnalysisOptions, Models, VoiceSeparator, analyze, separate};
use crate::audio::{Resampler, downmix};
use crate::datasets::validation::{
    Clip, ClipSound, ClipVoice, LabelKind, VALIDATION_SETS, ValidationSet,
};
use crate::datasets::{RATE_HZ, Split};
use crate::evaluation::{
    MelodyReliability, MelodySeries, PublishedScores, Scorecard, score_clip, score_notes,
    score_voice,
};
use crate::progress::{Progress, Stage};

/// Which validation sets, and where their corpora lie.
#[derive(Args, Debug)]
pub struct ValidationArgs {
    /// Validation sets to run networks on, instead of files.
    #[arg(long, value_name = "NAME,...", value_delimiter = ',', value_parser = set_parser())]
    #[arg(requires = "data", conflicts_with = "reference")]
    pub dataset: Vec<ValidationSet>,
    #[command(flatten)]
    data: DataArgs,
    /// Part of the corpora.
    #[arg(long, value_enum, default_value = "dev")]
    split: SplitName,
    /// Tell too whether the confidence of frames means what it says: by tenths, and the expected
    /// calibration error.
    #[arg(long, requires = "dataset")]
    reliability: bool,
}

/// Reads the name of a set; help lists them all.
fn set_parser() -> impl TypedValueParser<Value = ValidationSet> {
    let names = VALIDATION_SETS.map(|set| PossibleValue::new(set.name).help(set.about));
    PossibleValuesParser::new(names).try_map(|name| ValidationSet::named(&name))
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

/// Analyzes or separates every clip of the sets and scores it by what is known of it.
///
/// # Errors
/// A network that cannot be loaded, a corpus that is not there.
pub fn run(
    console: &Console,
    args: &ValidationArgs,
    task: EvaluationTask,
    network: &NetworkArgs,
) -> anyhow::Result<Outcome> {
    let roots = args.data.roots()?;
    let clips = |set: &ValidationSet| Ok((set.name, set.clips(&roots, args.split.into())?));
    let sets = args
        .dataset
        .iter()
        .map(clips)
        .collect::<anyhow::Result<Vec<_>>>()?;
    let candidate = ScoredNetwork::load(task, network)?;
    console.message(format_args!("running on {}", candidate.device_name()));
    let mut outcome = Outcome::Done;
    for (name, clips) in sets {
        let scored = score_all(console, name, &clips, &candidate)?;
        if scored.len() < clips.len() {
            outcome = Outcome::SomeFailed;
        }
        let (scored, reliability): (Vec<_>, Vec<_>) = scored.into_iter().unzip();
        report(console, name, &scored);
        report_published(console, name, &scored);
        if args.reliability {
            let mut all = MelodyReliability::default();
            reliability.iter().for_each(|clip| all.add(clip));
            report_reliability(console, name, &all);
        }
    }
    Ok(outcome)
}

/// A clip's name and scores, and its frames by their confidence.
type ScoredClip = ((String, Scorecard), MelodyReliability);

/// Scores clip by clip, but those that failed, which are named.
fn score_all(
    console: &Console,
    set: &str,
    clips: &[Clip],
    candidate: &ScoredNetwork,
) -> anyhow::Result<Vec<ScoredClip>> {
    let bar = console.bar("");
    let progress = bar.progress();
    let mut scored = Vec::new();
    for (i, clip) in clips.iter().enumerate() {
        bar.rename(format_args!(
            "{set} {} ({} of {})",
            clip.id,
            i + 1,
            clips.len()
        ));
        progress.report(Stage::Evaluation, i as f32 / clips.len() as f32)?;
        match candidate.score(clip) {
            Ok((score, reliability)) => scored.push(((clip.id.clone(), score), reliability)),
            Err(error) => console.error(format_args!("error: {set} {}: {error:#}", clip.id)),
        }
    }
    Ok(scored)
}

/// The networks that are scored.
enum ScoredNetwork {
    /// They find melodies.
    Melody(Box<Models>, AnalysisOptions),
    /// It separates voices.
    Separation(Box<VoiceSeparator>),
}

impl ScoredNetwork {
    fn load(task: EvaluationTask, network: &NetworkArgs) -> anyhow::Result<Self> {
        Ok(match task {
            EvaluationTask::Separation => {
                let separator = VoiceSeparator::load(&network.model, network.device)?;
                Self::Separation(Box::new(separator))
            }
            _ => Self::Melody(Box::new(network.load()?), network.options()),
        })
    }

    fn device_name(&self) -> String {
        match self {
            Self::Melody(models, _) => models.device_name(),
            Self::Separation(separator) => separator.device_name(),
        }
    }

    fn score(&self, clip: &Clip) -> anyhow::Result<(Scorecard, MelodyReliability)> {
        let clip = clip.open()?;
        let (path, _kept) = as_file(clip.sound)?;
        match self {
            Self::Melody(models, options) => {
                let known = models.begin(&path);
                let analysis = analyze(known, models, options, &Progress::silent(), &mut |_| {})?;
                let mut reliability = MelodyReliability::default();
                if clip.reference.known == LabelKind::Notes {
                    let score = score_notes(&clip.reference, &analysis.notes)?;
                    return Ok((score, reliability));
                }
                let score = score_clip(&clip.reference, &MelodySeries::from(&analysis.f0))?;
                reliability.count(&clip.reference, &analysis.f0, &analysis.pitch);
                Ok((score, reliability))
            }
            Self::Separation(separator) => {
                let voice = clip.voice.map(ClipVoice::samples).transpose()?;
                if voice.is_none() && clip.reference.known != LabelKind::NoVoice {
                    bail!("nothing is known of its voice alone");
                }
                let [mixture, vocals] = separated(&path, separator)?;
                let score = score_voice(&mixture, voice.as_deref(), &vocals);
                Ok((score, MelodyReliability::default()))
            }
        }
    }
}

/// A recording and its vocals as 16 kHz mono.
fn separated(path: &Path, separator: &VoiceSeparator) -> anyhow::Result<[Vec<f32>; 2]> {
    let mut mono = [Vec::new(), Vec::new()];
    let progress = Progress::silent();
    let (info, _) = separate(path, None, separator, &progress, &mut |_, block| {
        mono[0].extend(downmix(&block.mixture));
        mono[1].extend(downmix(&block.vocals));
        anyhow::Ok(())
    })?;
    let [mixture, vocals] = mono.map(|samples| {
        let mut resampler = Resampler::new(info.rate_hz, RATE_HZ)?;
        let mut samples = resampler.push(&samples);
        samples.extend(resampler.finish());
        anyhow::Ok(samples)
    });
    Ok([mixture?, vocals?])
}

/// The file of a mixture; one that was made lies in a file as long as the second value lives.
fn as_file(sound: ClipSound) -> anyhow::Result<(PathBuf, Option<tempfile::TempPath>)> {
    let samples = match sound {
        ClipSound::File(path) => return Ok((path, None)),
        ClipSound::Samples(samples) => samples,
        ClipSound::Score(_) => {
            bail!("a score has no sound; `melograph train` scores networks on it")
        }
    };
    let file = tempfile::Builder::new().suffix(".wav").tempfile()?;
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: RATE_HZ,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut writer = hound::WavWriter::create(file.path(), spec)?;
    samples
        .into_iter()
        .try_for_each(|sample| writer.write_sample(sample))?;
    writer.finalize()?;
    let path = file.into_temp_path();
    Ok((path.to_path_buf(), Some(path)))
}

/// Width of the column of names.
fn name_width(set: &str, clips: &[(String, Scorecard)]) -> usize {
    let names = clips.iter().map(|(name, _)| name.chars().count());
    names.chain([set.chars().count()]).max().unwrap_or(0)
}

/// Prints a table of a set's scores in per cent or dB, the mean last.
fn report(console: &Console, set: &str, clips: &[(String, Scorecard)]) {
    let mean = Scorecard::mean(clips.iter().map(|(_, score)| score));
    let rows = clips.iter().map(|(name, score)| (name.as_str(), score));
    let rows = rows.chain((clips.len() > 1).then_some(("mean", &mean)));
    let width = name_width(set, clips);
    for (i, (name, score)) in rows.enumerate() {
        let cells: String = score
            .0
            .iter()
            .map(|(measure, value)| format!(" {:7.2}", measure.shown(*value)))
            .collect();
        let line = format!("{name:width$}{cells}");
        let record = record(set, name, score);
        if i == 0 {
            let columns = score.0.iter().map(|(measure, _)| measure.name());
            let columns: String = columns.map(|name| format!(" {name:>7}")).collect();
            console.result(&record, format_args!("{set:width$}{columns}\n{line}"));
        } else {
            console.result(&record, line);
        }
    }
}

/// Prints what papers report on a set, in the columns of its scores.
fn report_published(console: &Console, set: &str, clips: &[(String, Scorecard)]) {
    let Some((_, first)) = clips.first() else {
        return;
    };
    for published in PublishedScores::of(set) {
        let score = published.scorecard();
        let cells: String = first
            .0
            .iter()
            .map(|(measure, _)| match score.get(*measure) {
                Some(value) => format!(" {:7.2}", measure.shown(value)),
                None => format!(" {:>7}", "-"),
            })
            .collect();
        let name = format!("published: {}", published.system);
        let line = format!(
            "{name}\n{:width$}{cells}",
            "",
            width = name_width(set, clips)
        );
        console.result(&record(set, &name, &score), line);
    }
}

/// Prints how often frames of each tenth of confidence are right, in per cent, and the expected error.
fn report_reliability(console: &Console, set: &str, all: &MelodyReliability) {
    for (what, part) in [("voicing", &all.voicing), ("pitch", &all.pitch)] {
        let Some(error) = part.expected_error() else {
            continue;
        };
        let cell = |[confidence, right]: [f64; 2]| {
            format!(" {:.0}:{:.0}", 100.0 * confidence, 100.0 * right)
        };
        let bins = part.bins().iter().filter_map(|bin| bin.means());
        let cells: String = bins.map(cell).collect();
        let record = json!({
            "dataset": set,
            "reliability": what,
            "expected_calibration_error": error,
            "bins": part.bins(),
        });
        let line = format!(
            "{set} {what}: calibration error {:.2}; confidence:right{cells}",
            100.0 * error
        );
        console.result(&record, line);
    }
}

fn record(set: &str, name: &str, score: &Scorecard) -> Value {
    let scores = score.0.iter();
    let scores: Map<String, Value> = scores
        .map(|(measure, value)| (measure.name().to_owned(), json!(value)))
        .collect();
    json!({ "dataset": set, "name": name, "scores": scores })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::AudioReader;

    #[test]
    fn a_mixture_that_was_made_is_read_back_as_it_is() {
        let samples: Vec<f32> = (0..1000).map(|i| (i as f32 * 0.1).sin()).collect();
        let (path, kept) = as_file(ClipSound::Samples(samples.clone())).unwrap();
        let mut reader = AudioReader::open(&path).unwrap();
        assert_eq!(reader.info().rate_hz, RATE_HZ);
        let block = reader.next_block().unwrap().unwrap();
        assert_eq!(block[0], samples[..block[0].len()]);
        drop(kept);
        assert!(!path.exists());
    }
}
