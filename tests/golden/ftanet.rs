//! FTANet against the published program's own graph.

use burn::tensor::{Device, Tensor, TensorData};
use melograph::dsp::CfpConfig;
use melograph::models::{AnyNetwork, Features, NetworkConfig};
use serde_json::json;

use super::filler::{Parameter, expected, golden, largest_difference, parameters, safetensors};
use super::npz::Npz;

/// Parameters of the published graph, moving statistics included.
const N_PARAMETERS: usize = 3_387_813;

fn network(device: &Device) -> AnyNetwork {
    let features = Features::Cfp(CfpConfig::hkdsme());
    let config = NetworkConfig::new("ftanet", json!({ "fusion": "last" }), features);
    AnyNetwork::new(&config, device).unwrap()
}

/// This project's name of a parameter, in the order of the path there.
fn name_here(theirs: &str) -> String {
    let parts: Vec<&str> = theirs.split('.').collect();
    let of_layer = |part: &str| match part {
        "w" => "weight",
        "b" => "bias",
        "mean" => "running_mean",
        "var" => "running_var",
        other => panic!("parameter {other}"),
    };
    let of_norm = |part: &str| match part {
        "gamma" | "beta" => part.to_owned(),
        other => of_layer(other).to_owned(),
    };
    match parts[..] {
        ["bn_in", part] => format!("norm.{}", of_norm(part)),
        [bottom, part] => {
            let number = bottom.strip_prefix("bottom").expect("a bottom layer");
            format!("bottom.{number}.conv.{}", of_layer(part))
        }
        [stage, ref rest @ ..] => {
            let number: usize = stage[1..].parse().expect("a stage's number");
            let rest = match *rest {
                ["bn", part] => format!("norm.{}", of_norm(part)),
                ["sf", "bn", part] => format!("fusion.norm.{}", of_norm(part)),
                ["sf", "h", part] => format!("fusion.hidden.{}", of_layer(part)),
                ["sf", weight, part] => {
                    format!("fusion.weights.{}.{}", &weight[1..], of_layer(part))
                }
                ["r", part] => format!("residual.conv.{}", of_layer(part)),
                [layer, part] => {
                    let attention = if layer.starts_with('t') {
                        "time"
                    } else {
                        "frequency"
                    };
                    let layer = match &layer[1..] {
                        "a1" => "weight1",
                        "a2" => "weight2",
                        "3" => "features1",
                        "5" => "features2",
                        other => panic!("layer {other}"),
                    };
                    format!("{attention}.{layer}.conv.{}", of_layer(part))
                }
                _ => panic!("parameter {theirs}"),
            };
            format!("stages.{}.{rest}", number - 1)
        }
        [] => panic!("a parameter without a name"),
    }
}

/// Dense weights lie transposed here; convolutions along one axis have a height and a width.
fn shaped_here(name: &str, (shape, values): Parameter) -> Parameter {
    match shape[..] {
        [outputs, inputs] => {
            let column = |i: usize| values.iter().skip(i).step_by(inputs).copied();
            let transposed = (0..inputs).flat_map(column).collect();
            (vec![inputs, outputs], transposed)
        }
        [outputs, inputs, taps] if name.contains(".time.") => {
            (vec![outputs, inputs, 1, taps], values)
        }
        [outputs, inputs, taps] => (vec![outputs, inputs, taps, 1], values),
        _ => (shape, values),
    }
}

#[test]
fn ftanet_gives_the_golden_scores() {
    let (mut parameters, (shape, values)) = parameters("ftanet");
    let mut archive = Npz::open(&golden("net_ftanet.npz"));
    for (name, (_, values)) in &mut parameters {
        if name.ends_with(".mean") || name.ends_with(".var") {
            *values = archive.array(&name.replace('.', "__"));
        }
    }
    let named = parameters.into_iter().map(|(theirs, parameter)| {
        let name = name_here(&theirs);
        let parameter = shaped_here(&name, parameter);
        (name, parameter)
    });
    let device = Device::flex();
    let mut net = network(&device);
    net.load(safetensors(named)).unwrap();
    let shape: [usize; 4] = shape.try_into().unwrap();
    let input = Tensor::<4>::from_data(TensorData::new(values, shape), &device);
    // the file has the scores of the first two of its four inputs
    let scores = net.forward(input.narrow(0, 0, 2)).swap_remove(0);
    let scores: Vec<f32> = scores.into_data().try_to_vec().unwrap();
    let expected = expected("net_ftanet.npz");
    let scale = expected.iter().fold(0.0f32, |a, b| a.max(b.abs()));
    let difference = largest_difference(&scores, &expected);
    assert!(difference < 1e-4 * scale, "{difference} of {scale}");
}

/// HKDSME's teacher has a head of four maps: 3,389,580 parameters are learned, and the moving statistics
/// of three more channels are counted too.
#[test]
fn the_teacher_has_as_many_parameters_as_the_published_one() {
    use burn::module::Module;
    let features = Features::Cfp(CfpConfig::hkdsme());
    let config = NetworkConfig::new("ftanet", json!({ "maps": 4 }), features);
    let net = AnyNetwork::new(&config, &Device::flex()).unwrap();
    let further = net.num_params() - N_PARAMETERS;
    assert_eq!(further, 3_389_580 - 3_386_007 + 2 * 3);
}

#[test]
fn ftanet_has_as_many_parameters_as_the_published_graph() {
    use burn::module::Module;
    assert_eq!(network(&Device::flex()).num_params(), N_PARAMETERS);
}
