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

/// The channels of two sources.
type StereoPair = [Vec<Vec<f64>>; 2];

/// Two sources of two channels at 8 kHz, the first silent for a second, and estimates of both.
fn stereo_case() -> (StereoPair, StereoPair) {
    let n = 28_000;
    let channel = |sample: &dyn Fn(usize) -> f64| -> Vec<f64> { (0..n).map(sample).collect() };
    let noise = |step: usize, i: usize| (i * step % 10_007) as f64 / 5003.5 - 1.0;
    let tone = |hz: f64, i: usize| (std::f64::consts::TAU * hz * i as f64 / 8000.0).sin();
    let sings = |i: usize| f64::from(u8::from(!(8000..16_000).contains(&i)));
    let voice = vec![
        channel(&|i| sings(i) * (0.4 * tone(220.0, i) + 0.2 * noise(7919, i))),
        channel(&|i| sings(i) * (0.3 * tone(330.0, i) + 0.2 * noise(6101, i))),
    ];
    let other = vec![
        channel(&|i| 0.3 * noise(3001, i) + 0.2 * tone(97.0, i)),
        channel(&|i| 0.3 * noise(4513, i)),
    ];
    let estimate = |c: usize| {
        let late = |i: usize| i.checked_sub(3).map_or(0.0, |i| voice[c][i]);
        channel(&|i| {
            let wrong = 0.1 * other[c][i] + 0.05 * noise(9973, i).powi(3);
            0.8 * voice[c][i] + 0.2 * late(i) + wrong
        })
    };
    let found: Vec<Vec<f64>> = (0..2).map(estimate).collect();
    let rest = (0..2).map(|c| channel(&|i| voice[c][i] + other[c][i] - found[c][i]));
    let rest = rest.collect();
    ([voice, other], [found, rest])
}

#[test]
fn bss_eval_of_version_4_agrees() {
    let (sources, estimates) = stereo_case();
    let found = bss_eval::version_4(&sources, &estimates, 8000);
    // museval 0.4.1, bss_eval(references, estimates, window=8000, hop=8000), medians over seconds
    let expected = [
        [14.17251131, 14.99133361, 22.77358309, 25.37028566],
        [11.39581538, 18.17442621, 11.92434639, 22.46601912],
    ];
    for (found, expected) in found.into_iter().zip(expected) {
        let found = found.expect("both sound");
        for (found, expected) in [found.sdr, found.isr, found.sir, found.sar]
            .into_iter()
            .zip(expected)
        {
            assert!((found - expected).abs() < 1e-3, "{found} for {expected}");
        }
    }
}
