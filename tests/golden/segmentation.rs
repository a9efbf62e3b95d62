//! Lu and Su's segmentation network against the published program's own graph, and their loss.

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use melograph::dsp::CfpConfig;
use melograph::models::networks::progressive;
use melograph::models::{AnyNetwork, Features, NetworkConfig};
use melograph::training::loss::focal;
use serde_json::{Value, json};

use super::filler::{Parameter, golden, largest_difference, parameters, safetensors};
use super::npz::Npz;

/// Parameters of the published graph, moving statistics included.
const N_PARAMETERS: usize = 12_570_306;

fn network(device: &Device) -> AnyNetwork {
    let features = Features::Salience(CfpConfig::lu_su());
    let config = NetworkConfig::new("segmentation", json!({}), features);
    AnyNetwork::new(&config, device).unwrap()
}

/// This project's name of a parameter.
fn name_here(theirs: &str) -> String {
    let (path, part) = theirs.rsplit_once('.').expect("a layer and a part");
    let conv = match part {
        "w" => "weight",
        "b" => "bias",
        "mean" => "running_mean",
        "var" => "running_var",
        part => part,
    };
    let parts: Vec<&str> = path.split('.').collect();
    let number = |name: &str| name[1..].parse::<usize>().expect("a stage's number") - 1;
    let layer = match parts[..] {
        ["e0"] => "first.conv".to_owned(),
        [stage, block, layer] => {
            let layer = match layer {
                "bn1" => "first.ahead.norm",
                "c1" => "first.conv.conv",
                "bn2" => "second.ahead.norm",
                "c2" => "second.conv.conv",
                _ => "skip.conv",
            };
            format!("encoder.{}.{block}.{layer}", number(stage))
        }
        ["aspp", "bn"] => "pyramid.ahead.norm".to_owned(),
        ["aspp", "proj"] => "pyramid.joined.conv".to_owned(),
        ["aspp", branch] => {
            let order = ["b0", "d1", "d2", "d4"];
            let at = order.iter().position(|name| *name == &branch[..2]);
            let (at, is_norm) = (at.expect("a branch"), branch.ends_with("bn"));
            match is_norm {
                true => format!("pyramid.norms.{at}"),
                false => format!("pyramid.branches.{at}.conv"),
            }
        }
        ["mid", "bn"] => "middle.ahead.norm".to_owned(),
        ["mid"] => "middle.conv.conv".to_owned(),
        ["out", "bn"] => "last.ahead.norm".to_owned(),
        ["out"] => "last.conv.conv".to_owned(),
        [fusion] => format!("fusions.{}.conv.conv", number(&fusion[3..])),
        [fusion, norm] if fusion.starts_with("fuse") => {
            let norm = if norm == "bnd" { "decoded" } else { "encoded" };
            format!("fusions.{}.{norm}", number(&fusion[3..]))
        }
        [stage, layer] => {
            let layer = match layer {
                "bn1" => "first.ahead.norm",
                "c1" => "first.conv.conv",
                "bn2" => "ahead.norm",
                "t2" => "up.conv",
                _ => "skip.conv",
            };
            format!("decoder.{}.{layer}", number(stage))
        }
        _ => panic!("parameter {theirs}"),
    };
    format!("{layer}.{conv}")
}

/// Time lies along the width here, along the height there.
fn turned((shape, values): Parameter) -> Parameter {
    let [first, second, times, rows] = shape[..] else {
        return (shape, values);
    };
    let kernels = values.chunks_exact(times * rows);
    let turned = kernels.flat_map(|kernel| {
        let at = move |i: usize| kernel[i % times * rows + i / times];
        (0..times * rows).map(at)
    });
    (vec![first, second, rows, times], turned.collect())
}

#[test]
fn segmentation_gives_the_golden_logits() {
    let (parameters, (shape, values)) = parameters("lusu_seg");
    let named = parameters.into_iter().map(|(theirs, parameter)| {
        let plain = theirs.split('(').next().expect("a name");
        (name_here(plain), turned(parameter))
    });
    let device = Device::flex();
    let mut net = network(&device);
    net.load(safetensors(named)).unwrap();
    let [_, frames, rows] = shape[..] else {
        panic!("an input of {shape:?}");
    };
    let input = Tensor::<2>::from_data(TensorData::new(values, [frames, rows]), &device);
    let input = input.transpose().reshape([1, 1, rows, frames]);
    let logits = net.forward(input).swap_remove(0); // [1, 2, rows, frames]
    let logits = logits.permute([0, 3, 2, 1]); // as there: frames, rows, maps
    let logits: Vec<f32> = logits.into_data().try_to_vec().unwrap();
    let expected: Vec<f32> = Npz::open(&golden("net_lusu_seg.npz")).array("logits");
    let scale = expected.iter().fold(0.0f32, |a, b| a.max(b.abs()));
    let difference = largest_difference(&logits, &expected);
    assert!(difference < 1e-4 * scale, "{difference} of {scale}");
}

#[test]
fn segmentation_has_as_many_parameters_as_the_published_graph() {
    assert_eq!(network(&Device::flex()).num_params(), N_PARAMETERS);
}

/// Parameters of the symbolic column's last layer, which nothing reads and the published graph lacks.
const N_UNREAD: usize = 194;

#[test]
fn the_progressive_network_has_as_many_parameters_as_the_published_graph() {
    let features = Features::Salience(CfpConfig::lu_su());
    let config = NetworkConfig::new("progressive", json!({}), features);
    let net = AnyNetwork::new(&config, &Device::flex()).unwrap();
    assert_eq!(net.num_params() - N_UNREAD, 28_411_330);
}

#[test]
fn rows_become_semitones_as_the_golden_ones() {
    let ops = std::fs::read_to_string(golden("ops.json")).unwrap();
    let case = &serde_json::from_str::<Value>(&ops).unwrap()["semitone_downsample"];
    let frames = |key: &str| -> Vec<f32> {
        let frames: Vec<Vec<f32>> = serde_json::from_value(case[key].clone()).unwrap();
        frames.concat()
    };
    let x = TensorData::new(frames("x"), [2, 352]);
    let x = Tensor::<2>::from_data(x, &Device::flex()).transpose();
    let y = progressive::semitones(x.reshape([1, 1, 352, 2])).reshape([88, 2]);
    let y: Vec<f32> = y.transpose().into_data().try_to_vec().unwrap();
    assert!(largest_difference(&y, &frames("y")) < 1e-6);
}

#[test]
fn focal_loss_is_the_golden_one() {
    let ops = std::fs::read_to_string(golden("ops.json")).unwrap();
    let focal = &serde_json::from_str::<Value>(&ops).unwrap()["focal"];
    let rows = |key: &str| -> Vec<f64> {
        let rows: Vec<Vec<f64>> = serde_json::from_value(focal[key].clone()).unwrap();
        rows.concat()
    };
    let cases = rows("logits").into_iter().zip(rows("target"));
    for ((logit, target), expected) in cases.zip(rows("per_element")) {
        let (value, _) = focal::element(logit as f32, target == 1.0);
        assert!((f64::from(value) - expected).abs() < 1e-6);
    }
}
