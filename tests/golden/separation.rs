//! Measures of separated voices against those of public programs.

use melograph::evaluation::{bss_eval, separation};
use melograph::training::loss::dynamic_weights::FrameCase;
use serde_json::Value;

use super::filler::golden;

/// Voice, accompaniment and the cases of the golden file.
pub fn read() -> (Vec<f64>, Vec<f64>, Vec<Value>) {
    let text = std::fs::read_to_string(golden("separation.json")).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    let accompaniment: Vec<f64> = serde_json::from_value(file["accompaniment"].clone()).unwrap();
    let sample = |i: usize| {
        let angle = std::f64::consts::TAU * 220.0 * i as f64 / 8000.0;
        0.5 * angle.sin() + 0.1 * (2.0 * angle).sin()
    };
    let voice = (0..accompaniment.len()).map(sample).collect();
    (
        voice,
        accompaniment,
        file["cases"].as_array().unwrap().clone(),
    )
}

/// The estimate of the voice in a case, as the golden file's note has it.
pub fn estimate(name: &str, voice: &[f64], accompaniment: &[f64]) -> Vec<f64> {
    let both = |share: f64| -> Vec<f64> {
        let pairs = voice.iter().zip(accompaniment);
        pairs.map(|(v, a)| v + share * a).collect()
    };
    match name {
        "perfect_plus_leak" => both(0.1),
        "scaled" => voice.iter().map(|v| 0.5 * v).collect(),
        "mixture_as_estimate" => both(1.0),
        "delayed" => [&[0.0; 5], &voice[..voice.len() - 5]].concat(),
        other => panic!("case {other}"),
    }
}

#[test]
fn plain_and_scale_invariant_measures_agree() {
    let (voice, accompaniment, cases) = read();
    let mixture = estimate("mixture_as_estimate", &voice, &accompaniment);
    assert_eq!(cases.len(), 4);
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let estimate = estimate(name, &voice, &accompaniment);
        let sdr = separation::sdr(&voice, &estimate);
        let nsdr = sdr - separation::sdr(&voice, &mixture);
        let si_sdr = separation::si_sdr(&voice, &estimate);
        // The accompaniment was stored with nine decimals.
        let near = |found: f64, key: &str| match case[key].as_f64() {
            Some(expected) => (found - expected).abs() < 1e-6,
            None => found > 200.0,
        };
        assert!(near(sdr, "plain_SDR_voice"), "{name}: SDR {sdr}");
        assert!(near(nsdr, "NSDR_plain"), "{name}: NSDR {nsdr}");
        assert!(near(si_sdr, "SI_SDR_voice"), "{name}: SI-SDR {si_sdr}");
    }
}

#[test]
fn bss_eval_of_version_3_agrees() {
    let (voice, accompaniment, cases) = read();
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let voice_estimate = estimate(name, &voice, &accompaniment);
        let share = if name == "perfect_plus_leak" {
            0.9
        } else {
            1.0
        };
        let other: Vec<f64> = match name {
            "mixture_as_estimate" => voice_estimate.clone(),
            _ => accompaniment.iter().map(|a| share * a).collect(),
        };
        let sources = [&voice[..], &accompaniment];
        let found = bss_eval::version_3(&sources, &[&voice_estimate, &other]);
        for (source, found) in found.into_iter().enumerate() {
            let found = found.expect("both sound");
            for (key, found) in [("SDR", found.sdr), ("SIR", found.sir), ("SAR", found.sar)] {
                let expected = case["bss_eval_v3_512tap"][key][source].as_f64().unwrap();
                // Beyond 150 dB there is nothing but rounding.
                let agrees = (found - expected).abs() < 1e-4 || found.min(expected) > 150.0;
                assert!(
                    agrees,
                    "{name}, source {source}: {key} {found} for {expected}"
                );
            }
        }
    }
}

#[test]
fn dynamic_weights_have_the_losses_of_their_cases() {
    let text = std::fs::read_to_string(golden("ops.json")).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    for case in file["dwhs"].as_array().unwrap() {
        let number = |key: &str| case[key].as_f64().unwrap();
        let (separation, pitch) = (number("w_mss"), number("w_pe"));
        for (key, right) in [
            ("case1", (true, true)),
            ("case2", (true, false)),
            ("case3", (false, true)),
            ("case4", (false, false)),
        ] {
            let found = FrameCase::of(right.0, right.1).loss(separation, pitch);
            assert!((found - number(key)).abs() < 1e-12, "{key}: {found}");
        }
    }
}
