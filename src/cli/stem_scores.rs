//! `melograph evaluate --task separation`: stems against the stems they should be.

use std::path::{Path, PathBuf};

use anyhow::bail;
use serde_json::{Map, Value, json};

use super::Outcome;
use super::console::{Console, told};
use super::pairs::Pair;
use crate::audio::{Waveform, is_recording};
use crate::evaluation::{bss_eval, separation};
use crate::files::{folder_of, shown};

/// The stem that adds up with each to the mixture.
const OTHER: [(&str, &str); 2] = [("vocals", "accompaniment"), ("accompaniment", "vocals")];

/// Columns of the table: names in it and in JSON.
const COLUMNS: [&str; 10] = [
    "SDR", "NSDR", "SI-SDR", "SDR v3", "SIR v3", "SAR v3", "SDR v4", "ISR v4", "SIR v4", "SAR v4",
];

/// A stem's scores in dB, in the order of [`COLUMNS`]; those that nothing tells are not there.
struct StemScores {
    name: String,
    values: [Option<f64>; COLUMNS.len()],
    n_samples: usize,
}

/// Scores every pair, then the mean; of NSDR also the mean by length (GNSDR).
///
/// # Errors
/// If there is nothing to score.
pub fn run(console: &Console, pairs: Vec<Pair>) -> anyhow::Result<Outcome> {
    let n_pairs = pairs.len();
    let mut scored = Vec::new();
    for Pair { name, files } in pairs {
        let files = files.map_err(anyhow::Error::from);
        match files.and_then(|(reference, estimate)| score(name.clone(), &reference, &estimate)) {
            Ok(scores) => scored.push(scores),
            Err(error) => console.error(format_args!("error: {name}: {}", told(&error))),
        }
    }
    if scored.is_empty() {
        bail!("nothing was scored: {n_pairs} stems found, none with a reference and an estimate");
    }
    report(console, &scored);
    if scored.len() == n_pairs {
        return Ok(Outcome::Done);
    }
    let n_left_out = n_pairs - scored.len();
    console.error(format_args!(
        "{n_left_out} of {n_pairs} stems were not scored and are not in the mean"
    ));
    Ok(Outcome::SomeFailed)
}

fn score(name: String, reference: &Path, estimate: &Path) -> anyhow::Result<StemScores> {
    let other = other_stem(reference).map(|path| Waveform::read(&path));
    let other = other.transpose()?;
    let (stem, found) = (Waveform::read(reference)?, Waveform::read(estimate)?);
    let shape = |wave: &Waveform| (wave.rate_hz, wave.channels.len());
    if shape(&stem) != shape(&found) {
        bail!(
            "{} is of {} Hz with {} channels, {} of {} Hz with {}; both must be alike",
            shown(estimate),
            found.rate_hz,
            found.channels.len(),
            shown(reference),
            stem.rate_hz,
            stem.channels.len(),
        );
    }
    let other = other.filter(|other| shape(other) == shape(&stem));
    let whole = |wave: &Waveform, n: usize| -> Vec<f32> {
        let channels = wave.channels.iter();
        channels
            .flat_map(|channel| channel[..n].iter().copied())
            .collect()
    };
    let lengths = [Some(&stem), Some(&found), other.as_ref()]
        .into_iter()
        .flatten();
    let lengths = lengths.flat_map(|wave| wave.channels.iter().map(Vec::len));
    let n = lengths.min().unwrap_or(0);
    let (s, e) = (whole(&stem, n), whole(&found, n));
    let sdr = separation::sdr(&s, &e);
    let nsdr = other.as_ref().map(|other| {
        let mixture: Vec<f32> = s.iter().zip(whole(other, n)).map(|(a, b)| a + b).collect();
        sdr - separation::sdr(&s, &mixture)
    });
    let version_3 = other.as_ref().and_then(|other| {
        let mono = |wave: &Waveform| -> Vec<f64> {
            wave.mono()[..n].iter().map(|&x| f64::from(x)).collect()
        };
        let (stem, other, found) = (mono(&stem), mono(other), mono(&found));
        bss_eval::version_3(&[&stem, &other], &[&found])
            .pop()
            .flatten()
    });
    let version_4 = other.as_ref().and_then(|other| {
        let channels = |wave: &Waveform| -> Vec<Vec<f64>> {
            let channels = wave.channels.iter();
            let double = |channel: &Vec<f32>| channel[..n].iter().map(|&x| x.into()).collect();
            channels.map(double).collect()
        };
        let (sources, found) = ([channels(&stem), channels(other)], channels(&found));
        let rest = rest_of_mixture(&sources, &found);
        let mut scores = bss_eval::version_4(&sources, &[found, rest], stem.rate_hz);
        scores.swap_remove(0)
    });
    Ok(StemScores {
        name,
        values: [
            Some(sdr),
            nsdr,
            Some(separation::si_sdr(&s, &e)),
            version_3.map(|scores| scores.sdr),
            version_3.map(|scores| scores.sir),
            version_3.map(|scores| scores.sar),
            version_4.map(|scores| scores.sdr),
            version_4.map(|scores| scores.isr),
            version_4.map(|scores| scores.sir),
            version_4.map(|scores| scores.sar),
        ],
        n_samples: n,
    })
}

/// What an estimate of the first source leaves of the mixture of both.
fn rest_of_mixture([first, second]: &[Vec<Vec<f64>>; 2], found: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let channels = first.iter().zip(second).zip(found);
    let rest = |((a, b), found): ((&Vec<f64>, &Vec<f64>), &Vec<f64>)| {
        let sums = a.iter().zip(b).map(|(a, b)| a + b);
        sums.zip(found).map(|(sum, found)| sum - found).collect()
    };
    channels.map(rest).collect()
}

/// The recording beside a stem that holds the rest of its mixture.
fn other_stem(path: &Path) -> Option<PathBuf> {
    let stem = path.file_stem()?.to_str()?;
    let (_, other) = OTHER.iter().find(|(own, _)| *own == stem)?;
    let beside = std::fs::read_dir(folder_of(path)).ok()?.flatten();
    let mut paths = beside.map(|entry| entry.path());
    paths.find(|path| is_recording(path) && path.file_stem().is_some_and(|name| name == *other))
}

/// The mean of what is there of a column, each stem counting by `weight`.
fn mean(scored: &[StemScores], column: usize, weight: impl Fn(&StemScores) -> f64) -> Option<f64> {
    let known = scored.iter().filter_map(|scores| {
        let value = scores.values[column].filter(|value| value.is_finite())?;
        Some((value, weight(scores)))
    });
    let (sum, weights) = known.fold((0.0, 0.0), |(sum, weights), (value, weight)| {
        (sum + value * weight, weights + weight)
    });
    (weights > 0.0).then(|| sum / weights)
}

fn report(console: &Console, scored: &[StemScores]) {
    let names = scored.iter().map(|scores| scores.name.chars().count());
    let width = names.chain([5]).max().unwrap_or(0);
    let header: String = COLUMNS.iter().map(|name| format!(" {name:>7}")).collect();
    for (i, scores) in scored.iter().enumerate() {
        let line = line(&scores.name, width, &scores.values);
        let record = record(&scores.name, &scores.values);
        match i {
            0 => console.result(&record, format_args!("{:width$}{header}\n{line}", "")),
            _ => console.result(&record, line),
        }
    }
    if scored.len() > 1 {
        let means: [Option<f64>; COLUMNS.len()] =
            std::array::from_fn(|column| mean(scored, column, |_| 1.0));
        console.result(&record("mean", &means), line("mean", width, &means));
        let mut by_length = [None; COLUMNS.len()];
        by_length[1] = mean(scored, 1, |scores| scores.n_samples as f64);
        console.result(
            &record("GNSDR", &by_length),
            line("GNSDR", width, &by_length),
        );
    }
}

fn line(name: &str, width: usize, values: &[Option<f64>]) -> String {
    let cells = values.iter().map(|value| match value {
        Some(value) => format!(" {value:7.2}"),
        None => format!(" {:>7}", "-"),
    });
    format!("{name:width$}{}", cells.collect::<String>())
}

fn record(name: &str, values: &[Option<f64>]) -> Value {
    let scores = COLUMNS.iter().zip(values);
    let scores: Map<String, Value> = scores
        .filter_map(|(column, value)| Some(((*column).to_owned(), json!((*value)?))))
        .collect();
    json!({ "name": name, "scores": scores })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &Path, channels: usize, sample: impl Fn(usize) -> f32) {
        std::fs::create_dir_all(folder_of(path)).unwrap();
        let spec = hound::WavSpec {
            channels: channels as u16,
            sample_rate: 8000,
            bits_per_sample: 32,
            sample_format: hound::SampleFormat::Float,
        };
        let mut writer = hound::WavWriter::create(path, spec).unwrap();
        (0..16_000).for_each(|i| writer.write_sample(sample(i / channels)).unwrap());
        writer.finalize().unwrap();
    }

    #[test]
    fn a_stem_is_scored_with_the_mixture_that_both_stems_make() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let voice = |i: usize| 0.5 * (i as f32 * 0.2).sin();
        let noise = |i: usize| 0.5 * ((i * 7919 % 1009) as f32 / 504.0 - 1.0);
        write(&at("ref/vocals.wav"), 2, voice);
        write(&at("ref/accompaniment.wav"), 2, noise);
        write(&at("est/vocals.wav"), 2, |i| voice(i) + 0.1 * noise(i));
        let scores = score("a".into(), &at("ref/vocals.wav"), &at("est/vocals.wav")).unwrap();
        let nsdr = scores.values[1].unwrap();
        assert!((nsdr - 20.0).abs() < 0.01, "{nsdr}");
        assert!(scores.values.iter().all(Option::is_some));
        write(&at("est/mono.wav"), 1, voice);
        let error = score("a".into(), &at("ref/vocals.wav"), &at("est/mono.wav"));
        let error = error.err().unwrap().to_string();
        assert!(error.contains("both must be alike"), "{error}");
    }

    #[test]
    fn means_count_alike_or_by_length() {
        let scores = |value: f64, n_samples| StemScores {
            name: String::new(),
            values: std::array::from_fn(|column| (column < 2).then_some(value)),
            n_samples,
        };
        let scored = [scores(1.0, 100), scores(4.0, 200)];
        assert_eq!(mean(&scored, 0, |_| 1.0), Some(2.5));
        assert_eq!(mean(&scored, 1, |it| it.n_samples as f64), Some(3.0));
        assert_eq!(mean(&scored, 2, |_| 1.0), None);
    }
}
