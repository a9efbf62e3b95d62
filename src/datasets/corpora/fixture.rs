//! Small corpora made for tests.

use std::f64::consts::TAU;
use std::fs;
use std::path::Path;

use crate::datasets::{Corpus, Example, RATE_HZ, Split, Voice, n_frames};

/// Writes a second of 16 kHz sound, a tone in each channel.
pub fn write_tones(path: &Path, hz: &[f64]) {
    write_secs(path, hz, 1.0);
}

/// Writes some seconds of 16 kHz sound, a tone in each channel.
pub fn write_secs(path: &Path, hz: &[f64], secs: f64) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let spec = hound::WavSpec {
        channels: hz.len() as u16,
        sample_rate: RATE_HZ,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    for i in 0..(secs * f64::from(RATE_HZ)) as usize {
        for hz in hz {
            let sample = (TAU * hz * i as f64 / f64::from(RATE_HZ)).sin();
            writer.write_sample((8000.0 * sample) as i16).unwrap();
        }
    }
    writer.finalize().unwrap();
}

/// Voices of the train split, with their lengths checked.
pub fn train_voices(corpus: &dyn Corpus, folder: &Path) -> Vec<Voice> {
    let examples = corpus.examples(folder, Split::Train).unwrap().into_iter();
    let voices: Vec<Voice> = examples.filter_map(Example::into_voice).collect();
    for voice in &voices {
        let n = voice.samples.len();
        assert_eq!(voice.f0_hz.len(), n_frames(n));
        assert_eq!(voice.mask.len(), n_frames(n));
        assert!(voice.accompaniment.as_ref().is_none_or(|a| a.len() == n));
    }
    voices
}

/// Whether most frames that count have this pitch.
pub fn sings(voice: &Voice, hz: f32) -> bool {
    let counted = voice.f0_hz.iter().zip(&voice.mask).filter(|(_, m)| **m);
    let right = counted
        .clone()
        .filter(|(f0, _)| (**f0 / hz).log2().abs() < 0.02);
    2 * right.count() > counted.count()
}
