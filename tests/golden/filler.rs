//! Networks with the documented weights of the golden vectors.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;

use serde_json::{Value, json};

use super::npz::Npz;

/// Folder of the golden vectors.
pub fn golden(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
}

/// The documented filler: a congruential generator seeded by the parameter's number.
fn filled(ordinal: u64, shape: &[usize], fan_in: usize, kind: &str) -> Vec<f32> {
    let mut state = ((ordinal + 1) * 2_654_435_761) % (1 << 32);
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

/// Shape and values of a parameter.
pub type Parameter = (Vec<usize>, Vec<f32>);

/// The parameters of a golden network by their names there, and the batch of its inputs.
pub fn parameters(name: &str) -> (HashMap<String, Parameter>, Parameter) {
    let meta = File::open(golden("net_meta.json")).unwrap();
    let meta: Value = serde_json::from_reader(meta).unwrap();
    let (mut parameters, mut shape, mut inputs) = (HashMap::new(), Vec::new(), Vec::new());
    for parameter in meta[name]["params"].as_array().unwrap() {
        let dims = parameter[2].as_array().unwrap().iter();
        let dims: Vec<usize> = dims.map(|n| n.as_u64().unwrap() as usize).collect();
        let (name, kind) = (
            parameter[1].as_str().unwrap(),
            parameter[3].as_str().unwrap(),
        );
        // transposed kernels lie input first
        let axis = usize::from(!name.contains("(in,out"));
        let fan_in = dims.iter().skip(1).product::<usize>() / dims.get(1).copied().unwrap_or(1)
            * dims.get(axis).copied().unwrap_or(1);
        let values = filled(parameter[0].as_u64().unwrap(), &dims, fan_in, kind);
        if kind == "in" {
            inputs.push(values);
            shape = dims;
        } else {
            parameters.insert(name.to_owned(), (dims, values));
        }
    }
    shape.insert(0, inputs.len());
    (parameters, (shape, inputs.concat()))
}

/// Tensors in the safetensors format: length of the header, header, values.
pub fn safetensors(tensors: impl Iterator<Item = (String, Parameter)>) -> Vec<u8> {
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

/// The scores of a golden network.
pub fn expected(file: &str) -> Vec<f32> {
    Npz::open(&golden(file)).array("scores")
}

/// Largest absolute difference.
pub fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max)
}
