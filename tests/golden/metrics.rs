//! Melody and note scores against `mir_eval` 0.8.2.

use melograph::evaluation::align::{AlignOptions, Aligned, Interpolation, MelodySeries, align};
use melograph::evaluation::transcription::{self, Criteria, HzNote, Tolerances};
use melograph::evaluation::{EvaluationError, melody};
use serde_json::Value;

fn cases(name: &str) -> Vec<Value> {
    let path = format!("{}/tests/golden/{name}", env!("CARGO_MANIFEST_DIR"));
    let json: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    json["cases"].as_array().unwrap().clone()
}

fn numbers(value: &Value) -> Vec<f64> {
    serde_json::from_value(value.clone()).unwrap()
}

fn assert_close(found: &[f64], expected: &[f64], tolerance: f64, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (i, (a, b)) in found.iter().zip(expected).enumerate() {
        assert!(
            (a - b).abs() <= tolerance,
            "{what}, {i}: {a} instead of {b}"
        );
    }
}

fn align_case(case: &Value) -> Result<Aligned, EvaluationError> {
    let reference = MelodySeries::new(numbers(&case["ref_time"]), numbers(&case["ref_freq"]));
    let mut estimate = MelodySeries::new(numbers(&case["est_time"]), numbers(&case["est_freq"]));
    estimate.voicing = case.get("est_voicing").map(numbers);
    let is_nearest = case["kwargs"]["kind"] == "nearest";
    let options = AlignOptions {
        hop_secs: case["kwargs"]["hop"].as_f64(),
        interpolation: if is_nearest {
            Interpolation::Nearest
        } else {
            Interpolation::Linear
        },
    };
    align(&reference, &estimate, &options)
}

#[test]
fn melody_scores_agree_stage_by_stage() {
    let cases = cases("mir_eval_melody.json");
    assert_eq!(cases.len(), 16);
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let aligned = align_case(&case);
        let Some(scores) = case.get("scores") else {
            assert_empty(name, aligned);
            continue;
        };
        let aligned = aligned.unwrap();
        // the aligned arrays were stored with nine decimals
        for (stage, found) in [
            ("ref_voicing", &aligned.ref_voicing),
            ("ref_cent", &aligned.ref_cents),
            ("est_voicing", &aligned.est_voicing),
            ("est_cent", &aligned.est_cents),
        ] {
            assert_close(
                found,
                &numbers(&case["aligned"][stage]),
                1e-9,
                &format!("{name} {stage}"),
            );
        }
        let found = melody::score(&aligned, melody::TOLERANCE_CENTS);
        for (key, value) in [
            ("Voicing Recall", found.voicing_recall),
            ("Voicing False Alarm", found.voicing_false_alarm),
            ("Raw Pitch Accuracy", found.raw_pitch_accuracy),
            ("Raw Chroma Accuracy", found.raw_chroma_accuracy),
            ("Overall Accuracy", found.overall_accuracy),
        ] {
            assert_close(
                &[value],
                &[scores[key].as_f64().unwrap()],
                1e-9,
                &format!("{name} {key}"),
            );
        }
    }
}

/// Where the library fails, an empty reference is an error and an empty estimate unvoiced.
fn assert_empty(name: &str, aligned: Result<Aligned, EvaluationError>) {
    match name {
        "empty_ref" => assert_eq!(aligned, Err(EvaluationError::EmptyReference)),
        "empty_est" => {
            let scores = melody::score(&aligned.unwrap(), melody::TOLERANCE_CENTS);
            assert_eq!(
                (scores.voicing_recall, scores.raw_pitch_accuracy),
                (0.0, 0.0)
            );
        }
        other => panic!("no scores stored for {other}"),
    }
}

fn notes(case: &Value, side: &str) -> Vec<HzNote> {
    let intervals: Vec<[f64; 2]> =
        serde_json::from_value(case[format!("{side}_intervals")].clone()).unwrap();
    let pitches = numbers(&case[format!("{side}_pitches_hz")]);
    let note = |([onset_secs, offset_secs], hz): ([f64; 2], f64)| HzNote {
        onset_secs,
        offset_secs,
        hz,
    };
    intervals.into_iter().zip(pitches).map(note).collect()
}

#[test]
fn note_scores_agree() {
    let cases = cases("mir_eval_transcription.json");
    assert_eq!(cases.len(), 8);
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let (reference, estimate) = (notes(&case, "ref"), notes(&case, "est"));
        let found = transcription::evaluate(&reference, &estimate, &Tolerances::default()).unwrap();
        for (part, a) in [
            ("", found.onset_pitch_offset),
            ("_no_offset", found.onset_pitch),
            ("Onset_", found.onset),
            ("Offset_", found.offset),
        ] {
            for (key, value) in [
                ("Precision", a.precision),
                ("Recall", a.recall),
                ("F-measure", a.f1),
                ("Average_Overlap_Ratio", a.overlap),
            ] {
                let key = if part.starts_with('_') {
                    format!("{key}{part}")
                } else {
                    format!("{part}{key}")
                };
                if let Some(expected) = case["scores"][&key].as_f64() {
                    assert_close(&[value], &[expected], 1e-9, &format!("{name} {key}"));
                }
            }
        }
        let full = Criteria {
            onset: true,
            pitch: true,
            offset: true,
        };
        for (key, criteria) in [
            ("matching_onset_pitch_offset", full),
            (
                "matching_onset_pitch",
                Criteria {
                    offset: false,
                    ..full
                },
            ),
        ] {
            let pairs =
                transcription::matches(&reference, &estimate, &Tolerances::default(), criteria);
            let expected: Vec<(usize, usize)> = serde_json::from_value(case[key].clone()).unwrap();
            assert_eq!(pairs, expected, "{name} {key}");
        }
    }
}
