//! CFP against the public programs' own output.

use std::path::{Path, PathBuf};

use melograph::dsp::filterbank::{Filter, Filterbank};
use melograph::dsp::{Cfp, CfpConfig, FeatureScale, Layers, normalized_stack};
use serde_json::Value;

use super::npz::Npz;

const TONES: [&str; 3] = ["tone220", "glide", "mix"];

/// Tolerance of magnitudes and layers, relative to the golden value.
const RELATIVE: f32 = 1e-5;

/// Values below this are compared absolutely, to 1e-11. Rectified rows near zero are
/// differences of numbers near 1, so they hold the f64 rounding (1e-12) of both programs.
const FLOOR: f32 = 1e-6;

fn path(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("tests/golden").join(name)
}

/// One array of a golden file, in C order.
fn array<T: npyz::Deserialize + Copy>(file: &str, name: &str) -> Vec<T> {
    Npz::open(&path(file)).array(name)
}

/// `[rows, columns]` → `[columns, rows]`.
fn transposed(values: &[f32], n_columns: usize) -> Vec<f32> {
    let column = |c: usize| values.iter().skip(c).step_by(n_columns).copied();
    (0..n_columns).flat_map(column).collect()
}

/// Asserts `|found - golden| <= tolerance * max(|golden|, floor)`.
fn assert_close(what: &str, found: &[f32], golden: &[f32], tolerance: f32, floor: f32) {
    assert_eq!(found.len(), golden.len(), "{what}");
    for (i, (f, g)) in found.iter().zip(golden).enumerate() {
        let allowed = tolerance * g.abs().max(floor);
        assert!((f - g).abs() <= allowed, "{what}[{i}]: {f}, not {g}");
    }
}

fn stack(layers: &Layers) -> Vec<f32> {
    let mut scale = FeatureScale::empty();
    scale.include(layers);
    normalized_stack(layers, &scale)
}

/// Every array of a tone case.
fn check_tone(file: &str, config: &CfpConfig) {
    let samples: Vec<f32> = array(file, "x");
    let cfp = Cfp::new(config.clone());
    let layers = cfp.compute(&samples);
    let (axis, grid) = (config.axis(), config.grid());

    let times: Vec<f64> = array(file, "t");
    assert_eq!(times.len(), layers.n_frames());
    for (i, t) in times.iter().enumerate() {
        let found = grid.time(i) * f64::from(config.rate_hz);
        assert!((found - t).abs() < 1e-6, "{file} t[{i}]");
    }
    let centers: Vec<f64> = array(file, "cenfreq");
    assert_eq!(centers.len(), axis.n_classes());
    for (row, hz) in centers.iter().enumerate() {
        assert!((axis.row_to_hz(row as f64) / hz - 1.0).abs() < 1e-12);
    }
    let magnitudes: Vec<f32> = array(file, "stft_mag_half");
    for (frame, golden) in transposed(&magnitudes, 4)
        .chunks(config.n_fft / 2)
        .enumerate()
    {
        let found: Vec<f32> = cfp.magnitudes(&samples, frame).unwrap()[..config.n_fft / 2]
            .iter()
            .map(|&m| m as f32)
            .collect();
        assert_close(
            &format!("{file} magnitude"),
            &found,
            golden,
            RELATIVE,
            FLOOR,
        );
    }
    let salience = layers.salience();
    let found = [&layers.spectrum, &layers.gcos, &layers.cepstrum, &salience];
    for (name, found) in ["L0", "LF", "LQ", "Z"].into_iter().zip(found) {
        let golden = transposed(&array(file, name), layers.n_frames());
        assert_close(&format!("{file} {name}"), found, &golden, RELATIVE, FLOOR);
    }
    assert_close(
        &format!("{file} W"),
        &stack(&layers),
        &array(file, "W"),
        1e-6,
        1.0,
    );
}

#[test]
fn tones_agree_in_every_array() {
    let sets = [
        ("A_lusu_code", CfpConfig::lu_su()),
        ("A_lusu_paper", CfpConfig::lu_su().paper()),
        ("B_8k_code", CfpConfig::hkdsme()),
        ("B_8k_paper", CfpConfig::hkdsme().paper()),
        ("C_msnet_44k", CfpConfig::msnet()),
    ];
    for (set, config) in sets {
        for tone in TONES {
            check_tone(&format!("cfp_{set}_{tone}.npz"), &config);
        }
    }
}

#[test]
fn speech_agrees() {
    for (file, config) in [
        ("cfp_A_lusu_code_speech.npz", CfpConfig::lu_su()),
        ("cfp_B_8k_code_speech.npz", CfpConfig::hkdsme()),
    ] {
        let layers = Cfp::new(config).compute(&array::<f32>(file, "x"));
        assert_close(file, &stack(&layers), &array(file, "W"), 1e-6, 1.0);
        let golden = transposed(&array(file, "Z"), layers.n_frames());
        let salience = layers.salience();
        assert_close(file, &salience, &golden, RELATIVE, FLOOR);
        let peaks: Vec<i32> = array(file, "argmaxZ");
        for (frame, peak) in salience.chunks(layers.n_rows).zip(peaks) {
            let strongest = frame.iter().copied().fold(0.0, f32::max);
            assert_eq!(
                frame.iter().position(|&v| v == strongest),
                Some(peak as usize)
            );
        }
    }
}

fn check_bank(what: &str, bank: &Filterbank, golden: &Value, empty: &Value) {
    let golden = golden.as_array().unwrap();
    assert_eq!(bank.rows().len(), golden.len(), "{what}");
    for (row, (filter, golden)) in bank.rows().iter().zip(golden).enumerate() {
        let weights = golden[1].as_array().unwrap();
        assert_eq!(filter.weights.len(), weights.len(), "{what} row {row}");
        if !weights.is_empty() {
            assert_eq!(
                filter.first as u64,
                golden[0].as_u64().unwrap(),
                "{what} row {row}"
            );
        }
        for (found, weight) in filter.weights.iter().zip(weights) {
            let weight = weight.as_f64().unwrap();
            assert!(
                (found - weight).abs() < 1e-9,
                "{what} row {row}: {found}, not {weight}"
            );
        }
    }
    let is_empty = |(row, filter): (usize, &Filter)| filter.weights.is_empty().then_some(row);
    let rows: Vec<usize> = bank
        .rows()
        .iter()
        .enumerate()
        .filter_map(is_empty)
        .collect();
    assert_eq!(serde_json::to_value(rows).unwrap(), *empty, "{what}");
}

#[test]
fn filterbanks_agree_weight_by_weight() {
    let text = std::fs::read_to_string(path("cfp_filterbanks.json")).unwrap();
    let golden: Value = serde_json::from_str(&text).unwrap();
    for (set, config) in [
        ("A_16k_352", CfpConfig::lu_su()),
        ("B_8k_320", CfpConfig::hkdsme()),
        ("C_44k_320", CfpConfig::msnet()),
    ] {
        let set = &golden[set];
        let (frequency, quefrency) = (
            Filterbank::frequency(&config),
            Filterbank::quefrency(&config),
        );
        check_bank(
            "frequency",
            &frequency,
            &set["freq_rows"],
            &set["empty_rows_freq"],
        );
        check_bank(
            "quefrency",
            &quefrency,
            &set["quef_rows"],
            &set["empty_rows_quef"],
        );
    }
}
