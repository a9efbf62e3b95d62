//! MSNet and the HKDSME student against an independent evaluation of their formulas.

use burn::tensor::{Device, DeviceKind, DeviceType, Tensor, TensorData};
use melograph::dsp::CfpConfig;
use melograph::models::{AnyNetwork, Features, NetworkConfig};
use serde_json::json;

use super::filler::{Parameter, expected, golden, largest_difference, parameters, safetensors};
use super::npz::Npz;

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
    if layer.starts_with(['c', 'f']) && layer.len() > 2 {
        let number: usize = layer[2..3].parse().expect("a projection's number");
        let layer = match &layer[..2] {
            "cc" => "conv.conv",
            _ if layer.ends_with("_2") => "further",
            _ => "rows",
        };
        let part = if part == "w" { "weight" } else { "bias" };
        return format!("projections.projections.{}.{layer}.{part}", number - 1);
    }
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

/// The network of a golden file with its weights, and the file's input.
fn network(
    name: &str,
    maps: usize,
    projection: Option<usize>,
    device: &Device,
) -> (AnyNetwork, Tensor<4>) {
    let (mut parameters, (shape, values)) = parameters(name);
    let shape: [usize; 4] = shape.try_into().unwrap();
    if projection.is_none() {
        parameters.retain(|name, _| !name.starts_with("cc") && !name.starts_with("fc"));
    }
    let parameters = parameters.into_iter();
    let named = |(name, parameter): (String, Parameter)| match name.starts_with(['f']) {
        true => (name_here(&name), transposed(parameter)),
        false => (name_here(&name), parameter),
    };
    let file = safetensors(parameters.map(named));
    let settings = match projection {
        Some(kernel) => json!({ "maps": maps, "projection": kernel }),
        None => json!({ "maps": maps }),
    };
    let config = NetworkConfig::new("msnet", settings, Features::Cfp(CfpConfig::hkdsme()));
    let mut net = AnyNetwork::new(&config, device).unwrap();
    net.load(file).unwrap();
    (
        net,
        Tensor::from_data(TensorData::new(values, shape), device),
    )
}

fn values(outputs: Vec<Tensor<4>>) -> Vec<f32> {
    let [tensor] = outputs.try_into().expect("one output");
    tensor.into_data().try_to_vec().unwrap()
}

/// In the golden input two candidates of the third pooling differ by 5e-8 (found in f64), less
/// than f32 resolves, and the place of the larger moves the upper rows. So the scores must agree
/// everywhere for the input itself or for one that differs from it in the last bits.
fn last_bits(input: &Tensor<4>) -> impl Iterator<Item = Tensor<4>> {
    (0..8).map(|bits| input.clone() * (1.0 + bits as f32 * f32::EPSILON))
}

fn assert_golden(name: &str, maps: usize) {
    let (net, input) = network(name, maps, None, &Device::flex());
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

/// Dense weights lie transposed here.
fn transposed((shape, values): Parameter) -> Parameter {
    let [outputs, inputs] = shape[..] else {
        return (shape, values);
    };
    let column = |i: usize| values.iter().skip(i).step_by(inputs).copied();
    (
        vec![inputs, outputs],
        (0..inputs).flat_map(column).collect(),
    )
}

#[test]
fn projections_give_the_golden_scores() {
    let (net, input) = network("hkdsme_student", 4, Some(5), &Device::flex());
    let mut archive = Npz::open(&golden("net_hkdsme_student.npz"));
    for (output, name) in ["scores", "aux1", "aux2", "aux3"].into_iter().enumerate() {
        let expected: Vec<f32> = archive.array(name);
        let scale = expected.iter().fold(0.0f32, |a, b| a.max(b.abs()));
        let found = |input: Tensor<4>| {
            let tensor = net.forward(input).swap_remove(output);
            tensor.into_data().try_to_vec::<f32>().unwrap()
        };
        let difference = last_bits(&input)
            .map(|input| largest_difference(&found(input), &expected))
            .fold(f32::INFINITY, f32::min);
        assert!(difference < 1e-4 * scale, "{name}: {difference} of {scale}");
    }
}

/// Those of the published student that are learned: the moving statistics, two a channel of seven
/// normalizations, are not.
#[test]
fn the_student_has_as_many_parameters_as_the_published_one() {
    use burn::module::Module;
    let (net, _) = network("hkdsme_student", 4, Some(5), &Device::flex());
    let statistics = 2 * (3 + 32 + 64 + 128 + 128 + 64 + 32);
    assert_eq!(net.num_params() - statistics, 720_250);
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
    let (here, input) = network("hkdsme_student", 4, None, &Device::flex());
    let (there, _) = network("hkdsme_student", 4, None, adapter);
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
