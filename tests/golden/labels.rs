//! Pitch classes and harmonic labels against the reference programs.

use melograph::melody::PitchAxis;
use melograph::melody::harmonics::{labeled_rows, partial_rows};
use serde_json::Value;

fn ops() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/ops.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn classes_are_the_rounded_bins() {
    let ops = ops();
    for row in ops["label_quantisation_320"]["rows"].as_array().unwrap() {
        let hz = row["f"].as_f64().unwrap();
        let clamped = row["round_bin_clamped"].as_u64().unwrap() as usize;
        if hz > 0.0 {
            // Below the axis the reference falls to "no melody"; a voiced frame stays voiced here.
            assert_eq!(PitchAxis::HKDSME.hz_to_class(hz), clamped.max(1), "{hz} Hz");
        }
    }
}

#[test]
fn harmonic_labels_are_the_references() {
    let labels = &ops()["harmonic_labels_code"];
    let classes = labels["f0_bins"].as_array().unwrap();
    let mut ones = Vec::new();
    for (frame, class) in classes.iter().enumerate() {
        let partials = partial_rows(&[2], 60.0);
        let rows = labeled_rows(class.as_u64().unwrap() as usize, 321, &partials);
        ones.extend(rows.map(|(map, row)| [map, row, frame]));
    }
    ones.sort();
    let expected: Vec<[usize; 3]> = serde_json::from_value(labels["ones"].clone()).unwrap();
    assert_eq!(ones, expected);
    let none = 321 * classes.len() - ones.len();
    assert_eq!(labels["none_class_count"], none);
}
