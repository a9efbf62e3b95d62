//! Clips of sound.

use std::f64::consts::TAU;
use std::fs;
use std::path::{Path, PathBuf};

/// Writes a WAV file of 16 bits, its channels interleaved, and the folders above it.
pub fn write_wav(
    path: impl Into<PathBuf>,
    rate_hz: u32,
    n_channels: u16,
    samples: impl IntoIterator<Item = i16>,
) -> PathBuf {
    let path = path.into();
    fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).unwrap();
    let spec = hound::WavSpec {
        channels: n_channels,
        sample_rate: rate_hz,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(&path, spec).unwrap();
    for sample in samples {
        writer.write_sample(sample).unwrap();
    }
    writer.finalize().unwrap();
    path
}

/// A tone after so many cycles: `n_partials` harmonics, each as strong as its wave is long.
pub fn harmonics(cycles: f64, n_partials: u32) -> f64 {
    let partial = |h: f64| (TAU * cycles * h).sin() / h;
    (1..=n_partials).map(f64::from).map(partial).sum()
}
