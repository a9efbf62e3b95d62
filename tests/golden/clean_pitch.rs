//! CREPE and HarmoF0, their inputs and how they are decoded, against the public program and an
//! independent evaluation of the formulas.

use std::f64::consts::TAU;

use burn::tensor::{Device, Tensor, TensorData};
use melograph::dsp::pitch_input::decibels;
use melograph::dsp::{LogSpectrum, LogSpectrumConfig, WaveFrames};
use melograph::melody::CentRows;
use melograph::models::{AnyNetwork, Features, NetworkConfig};
use serde_json::{Value, json};

use super::filler::{Parameter, golden, largest_difference, parameters, safetensors};
use super::npz::Npz;

fn json_file(name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(golden(name)).unwrap()).unwrap()
}

/// What one network makes of `[rows, frames]`, with a golden file's weights under our names.
fn output(
    config: &NetworkConfig,
    weights: Vec<(String, Parameter)>,
    input: Vec<f32>,
    frames: usize,
) -> Vec<f32> {
    let device = Device::flex();
    let mut net = AnyNetwork::new(config, &device).unwrap();
    net.load(safetensors(weights.into_iter())).unwrap();
    let rows = config.features.n_rows();
    let data = TensorData::new(input, [1, 1, rows, frames]);
    let found: Tensor<4> = net.forward(Tensor::from_data(data, &device)).remove(0);
    found.into_data().try_to_vec().unwrap()
}

fn part_here(theirs: &str) -> &'static str {
    match theirs {
        "w" => "weight",
        "b" => "bias",
        "gamma" => "gamma",
        "beta" => "beta",
        "mean" => "running_mean",
        "var" => "running_var",
        other => panic!("parameter {other}"),
    }
}

/// Swaps the last two axes of a weight: its file has time ahead of frequency.
fn transposed((shape, values): Parameter) -> Parameter {
    let &[o, i, time, frequency] = &shape[..] else {
        return (shape, values);
    };
    let at = |k: usize| {
        let (first, f, t) = (k / (time * frequency), k / time % frequency, k % time);
        values[(first * time + t) * frequency + f]
    };
    let swapped = (0..values.len()).map(at).collect();
    (vec![o, i, frequency, time], swapped)
}

#[test]
fn crepe_gives_the_golden_activations() {
    let (weights, _) = parameters("crepe_tiny");
    let weights = weights.into_iter().map(|(name, (mut shape, values))| {
        let (layer, part) = name.split_once('.').unwrap();
        let number = || layer[layer.len() - 1..].parse::<usize>().unwrap() - 1;
        let part = part_here(part);
        let name = match layer {
            "out" => format!("out.{part}"),
            _ if layer.starts_with("bn") => format!("norms.{}.{part}", number()),
            _ => format!("convs.{}.conv.{part}", number()),
        };
        if name.starts_with("convs") && part == "weight" {
            shape.insert(2, 1);
        }
        // Dense weights lie input by output here.
        if name == "out.weight" {
            let (o, i) = (shape[0], shape[1]);
            let at = |k: usize| values[k % o * i + k / o];
            return (name, (vec![i, o], (0..values.len()).map(at).collect()));
        }
        (name, (shape, values))
    });
    let sample = |i: usize| {
        let angle = TAU * 220.0 * i as f64 / 16_000.0;
        (angle.sin() + 0.5 * (2.0 * angle + 0.3).sin()) as f32
    };
    let frame = WaveFrames::normalized((0..1024).map(sample).collect());
    let features = Features::WaveFrames(WaveFrames::crepe());
    let config = NetworkConfig::new("crepe", json!({ "capacity": "tiny" }), features);
    // Two frames at once: a frame does not depend on its neighbor.
    let input = frame.iter().flat_map(|&x| [x, 0.5 * x]).collect();
    let found = output(&config, weights.collect(), input, 2);
    let found: Vec<f32> = found
        .iter()
        .step_by(2)
        .map(|x| 1.0 / (1.0 + (-x).exp()))
        .collect();
    let expected = &json_file("net_meta.json")["crepe_tiny"]["output"];
    let expected: Vec<f32> = serde_json::from_value(expected.clone()).unwrap();
    let difference = largest_difference(&found, &expected);
    assert!(difference < 1e-5, "{difference}");
}

#[test]
fn crepe_activations_are_decoded_as_by_its_program() {
    let golden = &json_file("ops.json")["crepe_decode"];
    let mut rows = vec![vec![0.0f32; 360]; 4];
    for entry in golden["nonzero"].as_array().unwrap() {
        let at = |i: usize| entry[i].as_u64().unwrap() as usize;
        rows[at(0)][at(1)] = entry[2].as_f64().unwrap() as f32;
    }
    for (row, expected) in rows.iter().zip(golden["hz"].as_array().unwrap()) {
        let (found, expected) = (CentRows::CREPE.decode(row), expected.as_f64().unwrap());
        let ratio = f64::from(found.f0_hz) / expected;
        assert!((ratio - 1.0).abs() < 1e-6, "{} {expected}", found.f0_hz);
    }
    let last = CentRows::CREPE.cents(359.0);
    assert!((last - golden["cents_of_bin359"].as_f64().unwrap()).abs() < 1e-8);
}

/// Decibels of the golden file's four frames, frame after frame.
fn spectra(swapped: bool) -> Vec<f32> {
    let sample = |i: usize| {
        let angle = TAU * 196.0 * i as f64 / 16_000.0;
        let harmonics = 0.5 * angle.sin() + 0.25 * (2.0 * angle).sin() + 0.1 * (3.0 * angle).sin();
        harmonics as f32
    };
    let samples: Vec<f32> = (0..1024 + 3 * 320).map(sample).collect();
    let config = LogSpectrumConfig {
        swapped,
        ..LogSpectrumConfig::harmof0()
    };
    let spectrum = LogSpectrum::new(config);
    let frames = (0..4).map(|t| spectrum.power(&samples[t * 320..][..1024]));
    let mut rows = frames.collect::<Vec<_>>().concat();
    decibels(&mut rows);
    rows
}

#[test]
fn log_spectra_are_the_golden_ones_in_either_interpolation() {
    let mut golden = Npz::open(&golden("net_harmof0.npz"));
    for (name, swapped) in [("front_reference", true), ("front_corrected", false)] {
        let expected: Vec<f32> = golden.array(name);
        let difference = largest_difference(&spectra(swapped), &expected);
        // Of a range of 80.
        assert!(difference < 5e-2, "{name}: {difference}");
    }
}

#[test]
fn harmof0_gives_the_golden_scores() {
    let (weights, _) = parameters("harmof0");
    let weights = weights.into_iter().map(|(name, parameter)| {
        let parts: Vec<&str> = name.split('.').collect();
        let part = part_here(parts[parts.len() - 1]);
        let block = |name: &str| name[1..].parse::<usize>().unwrap() - 1;
        let name = match parts[..] {
            ["out1", _] => format!("gather.conv.{part}"),
            ["out2", _] => format!("out.conv.{part}"),
            [b, "conv", _] => format!("near.{}.conv.{part}", block(b)),
            [b, "dil", _] => format!("octaves.{}.conv.{part}", block(b) - 1),
            ["b4", "bn", _] => format!("gather.norm.{part}"),
            [b, "bn", _] => format!("near.{}.norm.{part}", block(b) + 1),
            [_, rate, _] => {
                let number: usize = rate.trim_start_matches("rate").parse().unwrap();
                format!("harmonics.{}.conv.{part}", number - 1)
            }
            _ => panic!("parameter {name}"),
        };
        (name, transposed(parameter))
    });
    let mut golden = Npz::open(&golden("net_harmof0.npz"));
    let by_frame: Vec<f32> = golden.array("front_corrected");
    let input = (0..4 * 352)
        .map(|i| by_frame[i % 4 * 352 + i / 4] / 40.0)
        .collect();
    let features = Features::LogSpectrum(LogSpectrumConfig::harmof0());
    let config = NetworkConfig::new("harmof0", json!({}), features);
    let found = output(&config, weights.collect(), input, 4);
    let found: Vec<f32> = (0..4 * 352).map(|i| found[i % 352 * 4 + i / 352]).collect();
    let expected: Vec<f32> = golden.array("logits");
    let scale = expected.iter().fold(0.0f32, |a, b| a.max(b.abs()));
    let difference = largest_difference(&found, &expected);
    assert!(difference < 1e-4 * scale, "{difference} of {scale}");
}
