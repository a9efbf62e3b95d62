//! Losses of semi-supervision against their formulas.

use std::fs::File;

use melograph::training::loss::rows::ScoreLayout;
use melograph::training::loss::{binary, distillation};
use serde_json::Value;

use super::filler::golden;

fn operation(name: &str) -> Value {
    let file = File::open(golden("ops.json")).unwrap();
    let mut operations: Value = serde_json::from_reader(file).unwrap();
    operations[name].take()
}

fn flat(value: &Value) -> Vec<f64> {
    match value.as_array() {
        Some(items) => items.iter().flat_map(flat).collect(),
        None => vec![value.as_f64().unwrap()],
    }
}

fn floats(value: &Value) -> Vec<f32> {
    flat(value).into_iter().map(|x| x as f32).collect()
}

#[test]
fn the_confidence_guided_loss_is_the_golden_one() {
    let case = operation("cgl");
    // four maps of five rows and two frames
    let layout = ScoreLayout {
        maps: 4,
        classes: 5,
        frames: 2,
    };
    let (student, teacher) = (
        floats(&case["student_logits"]),
        floats(&case["teacher_logits"]),
    );
    let right: Vec<u8> = flat(&case["target_class"])
        .iter()
        .map(|&map| map as u8)
        .collect();
    for (alpha, expected) in case["code"].as_object().unwrap() {
        let alpha: f32 = alpha.parse().unwrap();
        let weights = [1.0, 1.0];
        let loss = distillation::guided(
            "guided", &student, &teacher, &right, &weights, layout, alpha,
        );
        let expected = expected.as_f64().unwrap() as f32;
        assert!(
            (loss.value() - expected).abs() < 1e-5,
            "{alpha}: {} {expected}",
            loss.value()
        );
    }
}

/// Probabilities of each frame of `[classes, frames]`.
fn frames(logits: &Value) -> Vec<Vec<f32>> {
    let rows: Vec<Vec<f32>> = logits.as_array().unwrap().iter().map(floats).collect();
    let frame = |t: usize| {
        let exponents: Vec<f32> = rows.iter().map(|row| row[t].exp()).collect();
        let total: f32 = exponents.iter().sum();
        exponents
            .into_iter()
            .map(|exponent| exponent / total)
            .collect()
    };
    (0..rows[0].len()).map(frame).collect()
}

#[test]
fn dominant_classes_have_the_golden_sums() {
    let case = operation("cbr");
    let certainty = case["global_confidence"].as_f64().unwrap() as f32;
    let [student, teacher] = ["student_logits", "teacher_logits"].map(|key| frames(&case[key]));
    let best = |frame: &Vec<f32>| frame.iter().copied().fold(0.0, f32::max);
    let mean = student.iter().map(best).sum::<f32>() / student.len() as f32;
    let threshold = binary::threshold(mean, certainty);
    assert!((threshold - case["tau"].as_f64().unwrap() as f32).abs() < 1e-6);
    for (frames, key) in [(student, "P_dom_student"), (teacher, "P_dom_teacher")] {
        for (frame, expected) in frames.iter().zip(floats(&case[key])) {
            let sum: f32 = binary::dominant(frame, threshold)
                .iter()
                .map(|&at| frame[at])
                .sum();
            assert!((sum - expected).abs() < 1e-5, "{key}: {sum} {expected}");
        }
    }
}
