//! The singing detector against the published program, from samples to probabilities.

use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};
use melograph::analysis::{AnalysisOptions, ModelChoice, analyze};
use melograph::dsp::{Features, KaldiMel, KaldiMelStream, Stretches};
use melograph::models::{DeviceChoice, ModelFolder, OutputKind};
use melograph::progress::Progress;

use super::common::clips::write_wav;
use super::filler::{golden, largest_difference};
use super::npz::Npz;

const FRAMES: usize = 398;
const BANDS: usize = 80;

/// Bands of the frames that are whole.
fn bands(folder: &ModelFolder) -> Vec<f32> {
    let Features::KaldiMel(config) = &folder.config.network.features else {
        panic!("it reads Kaldi's bands");
    };
    let waveform = Npz::open(&golden("singing_detector.npz")).array::<i16>("waveform");
    let samples: Vec<f32> = waveform.iter().map(|&v| f32::from(v) / 32_768.0).collect();
    KaldiMelStream::new(Arc::new(KaldiMel::new(config.clone())), Stretches::ALL).push(&samples)
}

#[test]
fn samples_give_the_golden_bands_and_probabilities() {
    let folder = ModelFolder::find("singing-detector").unwrap();
    assert_eq!(folder.info().outputs, [OutputKind::SoundLogits]);
    let mut file = Npz::open(&golden("singing_detector.npz"));
    let bands = bands(&folder);
    assert_eq!(bands.len(), FRAMES * BANDS);
    let every_tenth: Vec<f32> = bands.chunks(BANDS).step_by(10).flatten().copied().collect();
    let difference = largest_difference(&every_tenth, &file.array("fbank"));
    assert!(difference < 1e-3, "{difference}");

    let device = Device::flex();
    let net = folder.network(&device).unwrap();
    let input = Tensor::<2>::from_data(TensorData::new(bands, [FRAMES, BANDS]), &device);
    let input = input.transpose().reshape([1, 1, BANDS, FRAMES]);
    let [logits] = net.forward(input).try_into().expect("one output");
    assert_eq!(logits.dims(), [1, 1, 3, FRAMES]);
    let by_frame = logits.reshape([3, FRAMES]).transpose();
    let logits: Vec<f32> = by_frame.into_data().try_to_vec().unwrap();
    let found: Vec<f32> = logits
        .iter()
        .map(|logit| 1.0 / (1.0 + (-logit).exp()))
        .collect();
    let difference = largest_difference(&found, &file.array("probabilities"));
    assert!(difference < 1e-4, "{difference}");
}

/// The synthesized utterance, again and again.
#[test]
fn speech_is_named_as_such() {
    let utterance = Npz::open(&golden("cfp_A_lusu_code_speech.npz")).array::<f32>("x");
    let samples = [utterance, vec![0.0; 1600]].concat().repeat(9);
    let samples = samples.iter().map(|sample| (sample * 32_767.0) as i16);
    let folder = tempfile::tempdir().unwrap();
    let path = write_wav(folder.path().join("speech.wav"), 16_000, 1, samples);
    let choice = ModelChoice {
        device: DeviceChoice::Cpu,
        ..ModelChoice::default()
    };
    let models = choice.load().unwrap();
    let options = AnalysisOptions::default();
    let begun = models.begin(&path);
    let spoken = analyze(begun, &models, &options, &Progress::silent(), &mut |_| {}).unwrap();
    let [remark] = &spoken.remarks()[..] else {
        panic!("{:?}", spoken.remarks());
    };
    assert!(remark.contains("spoken rather than sung"), "{remark}");
    assert!(spoken.speech.spoken_secs > 5.0, "{:?}", spoken.speech);
}
