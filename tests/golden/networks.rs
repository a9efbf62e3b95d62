//! MSNet and the HKDSME student against an independent evaluation of their formulas.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;

use burn::tensor::{Device, DeviceKind, DeviceType, Tensor, TensorData};
use melograph::dsp::CfpConfig;
use melograph::models::{AnyNetwork, Features, NetworkConfig};
use serde_json::{Value, json};

use super::npz::Npz;

/// Folder of the golden vectors.
fn golden(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
}

/// The documented filler: a congruential generator seeded by the parameter's number.
fn filled(ordinal: u64, shape: &[usize], kind: &str) -> Vec<f32> {
    let mut state = ((ordinal + 1) * 2_654_435_761) % (1 << 32);
    let fan_in: usize = shape.iter().skip(1).product();
    (0..shape.iter().product())
        .map(|_| {
            state = (1_664_525 * state + 1_013_904_223) % (1 << 32);
            let u = state as f64 / (1u64 << 32) as f64;
            let signed = 2.0 * u - 1.0;
            let value = match kind {
                "w" => signed * (3.0 / fan_in as f64).sqrt(),
                "gamma" => 1.0 + 0.1 * signed,
                "var" => 1.0 + 0.2 * u,
                "in" => u,
                _ => 0.05 * signed,
            };
            value as f32
        })
        .collect()
}

/// This project's name of a parameter.
fn name_here(theirs: &str) -> String {
    const LAYERS: [(&str, &str); 7] = [
        ("c1", "conv1"),
        ("c2", "conv2"),
        ("c3", "conv3"),
        ("bot", "bottom"),
        ("u3", "up3"),
        ("u2", "up2"),
        ("u1", "up1"),
    ];
    let (layer, part) = theirs.split_once('.').expect("layer and part");
    let (_, layer) = LAYERS
        .iter()
        .find(|(name, _)| *name == layer)
        .expect("a known layer");
    let part = match part {
        "w" => "conv.weight",
        "b" => "conv.bias",
        "bn.gamma" => "norm.gamma",
        "bn.beta" => "norm.beta",
        "bn.mean" => "norm.running_mean",
        "bn.var" => "norm.running_var",
        other => panic!("parameter {other}"),
    };
    format!("{layer}.{part}")
}

/// Tensors in the safetensors format: length of the header, header, values.
fn safetensors(tensors: impl Iterator<Item = (String, (Vec<usize>, Vec<f32>))>) -> Vec<u8> {
    let (mut header, mut data) = (serde_json::Map::new(), Vec::new());
    for (name, (shape, values)) in tensors {
        let start = data.len();
        data.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        let offsets = [start, data.len()];
        let entry = json!({ "dtype": "F32", "shape": shape, "data_offsets": offsets });
        header.insert(name, entry);
    }
    let header = Value::Object(header).to_string();
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.into_bytes());
    file.extend(data);
    file
}

/// The network of a golden file with its weights, and the file's input.
fn network(name: &str, maps: usize, device: &Device) -> (AnyNetwork, Tensor<4>) {
    let meta: Value =
        serde_json::from_reader(File::open(golden("net_meta.json")).unwrap()).unwrap();
    let mut parameters = HashMap::new();
    for parameter in meta[name]["params"].as_array().unwrap() {
        let shape: Vec<usize> = parameter[2]
            .as_array()
            .unwrap()
            .iter()
            .map(|n| n.as_u64().unwrap() as usize)
            .collect();
        let kind = parameter[3].as_str().unwrap();
        let values = filled(parameter[0].as_u64().unwrap(), &shape, kind);
        parameters.insert(parameter[1].as_str().unwrap().to_owned(), (shape, values));
    }
    let (shape, values) = parameters.remove("input").expect("an input");
    let input = TensorData::new(values, [1, shape[0], shape[1], shape[2]]);
    parameters.retain(|name, _| !name.starts_with("cc") && !name.starts_with("fc")); // distillation heads
    let parameters = parameters
        .into_iter()
        .map(|(name, values)| (name_here(&name), values));
    let file = safetensors(parameters);
    let settings = json!({ "maps": maps });
    let config = NetworkConfig::new("msnet", settings, Features::Cfp(CfpConfig::hkdsme()));
    let mut net = AnyNetwork::new(&config, device).unwrap();
    net.load(file).unwrap();
    (net, Tensor::from_data(input, device))
}

fn values(outputs: Vec<Tensor<4>>) -> Vec<f32> {
    let [tensor] = outputs.try_into().expect("one output");
    tensor.into_data().try_to_vec().unwrap()
}

fn expected(file: &str) -> Vec<f32> {
    Npz::open(&golden(file)).array("scores")
}

fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max)
}

/// In the golden input two candidates of the third pooling differ by 5e-8 (found in f64), less
/// than f32 resolves, and the place of the larger moves the upper rows. So the scores must agree
/// everywhere for the input itself or for one that differs from it in the last bits.
fn last_bits(input: &Tensor<4>) -> impl Iterator<Item = Tensor<4>> {
    (0..8).map(|bits| input.clone() * (1.0 + bits as f32 * f32::EPSILON))
}

fn assert_golden(name: &str, maps: usize) {
    let (net, input) = network(name, maps, &Device::flex());
    let expected = expected(&format!("net_{name}.npz"));
    let scale = expected.iter().fold(0.0f32, |a, b| a.max(b.abs()));
    let difference = last_bits(&input)
        .map(|input| largest_difference(&values(net.forward(input)), &expected))
        .fold(f32::INFINITY, f32::min);
    assert!(difference < 1e-4 * scale, "{name}: {difference} of {scale}");
}

#[test]
fn msnet_gives_the_golden_scores() {
    assert_golden("msnet", 1);
}

#[test]
fn the_four_map_head_gives_the_golden_scores() {
    assert_golden("hkdsme_student", 4);
}

#[test]
fn a_graphics_adapter_agrees_with_the_processor() {
    let software = Device::wgpu(DeviceKind::Cpu);
    let adapters = Device::enumerate(DeviceType::Wgpu);
    let Some(adapter) = adapters
        .iter()
        .find(|d| **d == software)
        .or(adapters.iter().next())
    else {
        panic!("no graphics adapter; install mesa-vulkan-drivers for a software one");
    };
    let (here, input) = network("hkdsme_student", 4, &Device::flex());
    let (there, _) = network("hkdsme_student", 4, adapter);
    let difference = |input: Tensor<4>| {
        let there = values(there.forward(input.clone().to_device(adapter)));
        let here = values(here.forward(input));
        let scale = here.iter().fold(0.0f32, |a, b| a.max(b.abs()));
        largest_difference(&here, &there) / scale
    };
    let difference = last_bits(&input)
        .map(difference)
        .fold(f32::INFINITY, f32::min);
    assert!(difference < 1e-4, "{difference}");
}
