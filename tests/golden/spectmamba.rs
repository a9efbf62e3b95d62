//! SpectMamba's parts against their formulas, and its size against the published program's.

use std::fs::File;

use burn::module::Module;
use burn::store::{ModuleSnapshot, SafetensorsStore};
use burn::tensor::{Device, Tensor, TensorData, activation};
use melograph::dsp::CfpConfig;
use melograph::melody::NoteRule;
use melograph::models::layers::SelectiveScan;
use melograph::models::networks::spectmamba::decoder::NoteF0Decoder;
use melograph::models::networks::spectmamba::mixer::MixerConfig;
use melograph::models::{AnyNetwork, Features, NetworkConfig};
use serde_json::{Value, json};

use super::filler::{Parameter, golden, largest_difference, safetensors};

fn operation(name: &str) -> Value {
    let file = File::open(golden("ops.json")).unwrap();
    let mut operations: Value = serde_json::from_reader(file).unwrap();
    operations[name].take()
}

/// An array of one or two dimensions.
fn array(value: &Value) -> Parameter {
    let rows = value.as_array().unwrap();
    let Some(columns) = rows[0].as_array().map(Vec::len) else {
        let values = rows.iter().map(|it| it.as_f64().unwrap() as f32);
        return (vec![rows.len()], values.collect());
    };
    let values = rows.iter().flat_map(|row| array(row).1);
    (vec![rows.len(), columns], values.collect())
}

/// Rows as columns.
fn transposed((shape, values): Parameter) -> Parameter {
    let [rows, columns] = shape[..] else {
        panic!("an array of two dimensions");
    };
    let column = |i: usize| values.iter().skip(i).step_by(columns).copied();
    (vec![columns, rows], (0..columns).flat_map(column).collect())
}

fn tensor<const D: usize>((mut shape, values): Parameter) -> Tensor<D> {
    shape.splice(0..0, std::iter::repeat_n(1, D - shape.len()));
    Tensor::from_data(TensorData::new(values, shape), &Device::flex())
}

fn load(module: &mut impl ModuleSnapshot, named: Vec<(String, Parameter)>) {
    let file = safetensors(named.into_iter());
    let mut store = SafetensorsStore::from_bytes(Some(file));
    module.load_from(&mut store).unwrap();
}

fn assert_near<const D: usize>(found: Tensor<D>, expected: &Value) {
    let found: Vec<f32> = found.into_data().try_to_vec().unwrap();
    let difference = largest_difference(&found, &array(expected).1);
    assert!(difference < 1e-5, "{difference}");
}

#[test]
fn the_selective_scan_gives_the_golden_values() {
    let golden = operation("selective_scan");
    // all but the channels' constants lie with the frames last there
    let frames_first = |name: &str| tensor::<3>(transposed(array(&golden[name])));
    let of_channels = |name: &str| tensor::<3>(array(&golden[name]));
    let x = frames_first("u");
    let scan = SelectiveScan {
        x: x.clone(),
        step: activation::softplus(frames_first("delta") + of_channels("delta_bias"), 1.0),
        rate: tensor(array(&golden["A"])),
        input: frames_first("B"),
        output: frames_first("C"),
    };
    let y = scan.run() + x * of_channels("D");
    let y = y * activation::silu(frames_first("z"));
    assert_near(y.swap_dims(1, 2), &golden["y"]);
}

#[test]
fn the_mixer_gives_the_golden_values() {
    let golden = operation("vim_mixer_v2");
    let size = |name: &str| golden[name].as_u64().unwrap() as usize;
    let config = MixerConfig {
        width: size("d_model"),
        states: size("N"),
        step_rank: size("dt_rank"),
        depth: 1,
    };
    let parameters = &golden["params"];
    let mut named = vec![
        (
            "input.weight".into(),
            transposed(array(&parameters["in_proj"])),
        ),
        (
            "output.weight".into(),
            transposed(array(&parameters["out_proj"])),
        ),
    ];
    for (here, there) in [("forward", "fwd"), ("backward", "bwd")] {
        let of = |name: &str| array(&parameters[there][name]);
        named.extend(
            [
                ("conv.weight", transposed(of("conv_w"))),
                ("conv.bias", of("conv_b")),
                ("select.weight", transposed(of("x_proj"))),
                ("step.weight", transposed(of("dt_w"))),
                ("step.bias", of("dt_b")),
                ("log_rate", of("A_log")),
                ("skip", of("D")),
            ]
            .map(|(name, parameter)| (format!("{here}.{name}"), parameter)),
        );
    }
    let mut mixer = config.init(&Device::flex());
    load(&mut mixer, named);
    let y = mixer.forward(tensor(array(&golden["x"])));
    assert_near(y, &golden["y_divide_out"]);
}

#[test]
fn the_decoder_gives_the_golden_values() {
    let golden = operation("note_f0_decoder");
    let of = |name: &str| array(&golden[name]);
    let (tokens, pitches) = (of("tokens"), of("bf").1.len());
    let half = |i: usize| {
        if i.is_multiple_of(pitches + 1) {
            0.5
        } else {
            0.0
        }
    };
    let halves = (0..pitches * pitches).map(half).collect();
    let named = [
        ("pitch.weight", transposed(of("Wf"))),
        ("pitch.bias", of("bf")),
        ("notes.weight", transposed(of("Wn"))),
        ("notes.bias", of("bn")),
        ("output.weight", (vec![pitches, pitches], halves)),
        ("output.bias", (vec![pitches], vec![0.01; pitches])),
    ];
    let named = named.map(|(name, parameter)| (name.to_owned(), parameter));
    let mut decoder = NoteF0Decoder::new(tokens.0[1], NoteRule::Floor, &Device::flex());
    load(&mut decoder, named.into());
    let (scores, notes) = decoder.forward(tensor(tokens));
    assert_near(scores, &golden["out"]);
    assert_near(notes, &golden["note_scores"]);
}

#[test]
fn spectmamba_has_as_many_parameters_as_the_published_program() {
    let count = |depth| {
        let settings = json!({ "depth": depth, "width": 192 });
        let features = Features::Cfp(CfpConfig::hkdsme());
        let config = NetworkConfig::new("spectmamba", settings, features);
        let net = AnyNetwork::new(&config, &Device::flex()).unwrap();
        net.num_params()
    };
    assert_eq!(count(6), 2_067_333);
    assert_eq!(count(12), 3_759_621);
}
