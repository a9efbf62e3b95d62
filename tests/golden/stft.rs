//! Spectra and their inverse against NumPy's, in f64.

use std::sync::Arc;

use melograph::dsp::stft::mask::VoiceMaps;
use melograph::dsp::{Stft, StftConfig};
use serde_json::Value;

use super::filler::golden;

fn file() -> Value {
    let text = std::fs::read_to_string(golden("stft.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    serde_json::from_value(value.clone()).unwrap()
}

/// The file's signal.
fn signal() -> Vec<f32> {
    let sample = |i: usize| {
        let (i, t) = (i as f64, i as f64 / 16_000.0);
        let angle = std::f64::consts::TAU * 196.0 * t;
        0.5 * angle.sin() + 0.25 * (2.0 * angle + 0.3).sin() + 0.1 * (1e-4 * i * i).cos()
    };
    (0..2600).map(|i| sample(i) as f32).collect()
}

#[test]
fn spectra_are_the_golden_ones() {
    let file = file();
    let stft = Arc::new(Stft::new(StftConfig::majl()));
    let spectrum = stft.forward(&signal());
    let bins: Vec<usize> = serde_json::from_value(file["bins"].clone()).unwrap();
    let (re, im) = (
        file["re"].as_array().unwrap(),
        file["im"].as_array().unwrap(),
    );
    assert_eq!(spectrum.n_frames(), re.len());
    for (t, frame) in spectrum.frames().enumerate() {
        for (i, &bin) in bins.iter().enumerate() {
            let expected = (numbers(&re[t])[i], numbers(&im[t])[i]);
            let found = (f64::from(frame[bin].re), f64::from(frame[bin].im));
            // A millionth of the largest magnitude, 256.
            let near = |a: f64, b: f64| (a - b).abs() < 2.6e-4;
            assert!(
                near(found.0, expected.0) && near(found.1, expected.1),
                "frame {t}, bin {bin}: {found:?} for {expected:?}"
            );
        }
    }
}

#[test]
fn a_masked_spectrum_sounds_like_the_golden_one() {
    let file = file();
    let stft = Arc::new(Stft::new(StftConfig::majl()));
    let samples = signal();
    let spectrum = stft.forward(&samples);
    let frames = spectrum.n_frames();
    let mask: Vec<f32> = (0..1024 * frames)
        .map(|i| (i / frames) as f32 / 1023.0)
        .collect();
    let voice = VoiceMaps::new(&mask, 1, frames).apply(&spectrum, 1.0);
    let found = stft.inverse(&voice, samples.len());
    let expected = numbers(&file["masked"]);
    let every = file["every"].as_u64().unwrap() as usize;
    for (i, expected) in expected.iter().enumerate() {
        let found = f64::from(found[i * every]);
        assert!((found - expected).abs() < 1e-6, "{i}: {found} {expected}");
    }
}
